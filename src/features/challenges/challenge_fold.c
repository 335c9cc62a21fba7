/* Where a person stands in a challenge: the counted rows by time, window by window, round by round. */
#include <stdlib.h>
#include <string.h>

#include "features/challenges/challenge.h"

/* ---- time ---- */

int64_t challenge_period_number(enum challenge_period period, int32_t day)
{
    enum { DAYS_OF_WEEK = 7, MONDAY = 3 /* 1 January 1970 was a Thursday */, MONTHS = 12, QUARTERS = 4 };
    struct date date = date_from_day(day);
    int64_t shifted = (int64_t)day + MONDAY;

    switch (period) {
    case PERIOD_DAY:
        return day;
    case PERIOD_WEEK:
        return shifted >= 0 ? shifted / DAYS_OF_WEEK : -((-shifted + DAYS_OF_WEEK - 1) / DAYS_OF_WEEK);
    case PERIOD_MONTH:
        return (int64_t)date.year * MONTHS + date.month - 1;
    case PERIOD_QUARTER:
        return (int64_t)date.year * QUARTERS + (date.month - 1) / 3;
    case PERIOD_YEAR:
        return date.year;
    }
    return 0;
}

/* The first day of the period with that number. */
static int32_t period_start(enum challenge_period period, int64_t number)
{
    enum { DAYS_OF_WEEK = 7, MONDAY = 3, MONTHS = 12, QUARTERS = 4 };

    switch (period) {
    case PERIOD_DAY:
        return (int32_t)number;
    case PERIOD_WEEK:
        return (int32_t)(number * DAYS_OF_WEEK - MONDAY);
    case PERIOD_MONTH:
        return day_from_date((struct date){(int)(number / MONTHS), (int)(number % MONTHS) + 1, 1});
    case PERIOD_QUARTER:
        return day_from_date((struct date){(int)(number / QUARTERS), (int)(number % QUARTERS) * 3 + 1, 1});
    case PERIOD_YEAR:
        return day_from_date((struct date){(int)number, 1, 1});
    }
    return 0;
}

struct span {
    int64_t from, until;
};

static struct span calendar_span(const struct challenge *challenge, const struct zone *zone, int64_t at)
{
    int64_t number = challenge_period_number(challenge->period, zone_day(zone, at));

    return (struct span){zone_day_start(zone, period_start(challenge->period, number)),
                         zone_day_start(zone, period_start(challenge->period, number + 1))};
}

int64_t challenge_window_end(const struct challenge *challenge, const struct zone *zone, int64_t at)
{
    switch (challenge->window) {
    case WINDOW_OPEN:
        return INSTANT_NEVER;
    case WINDOW_FIXED:
        return challenge->ends_at;
    case WINDOW_CALENDAR:
        return calendar_span(challenge, zone, at).until;
    case WINDOW_ROLLING:
    case WINDOW_SLIDING:
        return at + challenge->days * INSTANT_DAY;
    }
    return INSTANT_NEVER;
}

bool challenge_in_time(const struct challenge *challenge, const struct zone *zone, int64_t at, int64_t recorded_at)
{
    int64_t end = challenge_window_end(challenge, zone, at);

    if (challenge->window == WINDOW_FIXED && (at < challenge->starts_at || at >= challenge->ends_at))
        return false;
    return end == INSTANT_NEVER || recorded_at < end || recorded_at - end < challenge->late_days * INSTANT_DAY;
}

/* ---- a round ---- */

struct values {
    const struct text **items;
    size_t count, capacity;
};

/* What a step has in the round under way. */
struct tally {
    int64_t sum;
    int64_t last_event; /* MEASURE_EVENTS: counted already */
    struct values values;
    int64_t run, last_period, missed; /* MEASURE_STREAK */
    bool done;
};

struct fold {
    struct arena *arena;
    const struct challenge *challenge;
    const struct zone *zone;
    struct tally tallies[CHALLENGE_STEPS_MAX];
    struct challenge_progress *out;
    struct span span; /* of the window at hand; from = until: none yet */
    int64_t enrolled_at;
};

static void reset_round(struct fold *fold)
{
    for (size_t i = 0; i < fold->challenge->step_count; i++)
        fold->tallies[i] = (struct tally){.last_period = INT64_MIN};
}

static bool is_sum(const struct challenge_step *step)
{
    return step->measure == MEASURE_EVENTS || step->measure == MEASURE_QUANTITY || step->measure == MEASURE_AMOUNT;
}

static int64_t reached(const struct challenge_step *step, const struct tally *tally)
{
    return is_sum(step) ? tally->sum : step->measure == MEASURE_STREAK ? tally->run : (int64_t)tally->values.count;
}

static void add_value(struct fold *fold, struct tally *tally, const struct text *value)
{
    for (size_t i = 0; i < tally->values.count; i++)
        if (text_equal(*tally->values.items[i], *value))
            return;
    tally->values.items = arena_grow(fold->arena, tally->values.items, &tally->values.capacity, tally->values.count + 1,
                                     sizeof(const struct text *));
    tally->values.items[tally->values.count++] = value;
}

static void add_period(const struct challenge_step *step, struct tally *tally, int64_t period)
{
    if (tally->last_period != INT64_MIN && period <= tally->last_period)
        return;
    int64_t missed = tally->last_period == INT64_MIN ? 0 : period - tally->last_period - 1;
    bool goes_on = tally->last_period != INT64_MIN && tally->missed + missed <= step->grace;

    tally->run = goes_on ? tally->run + 1 : 1;
    tally->missed = goes_on ? tally->missed + missed : 0;
    tally->last_period = period;
}

static void add_row(struct fold *fold, const struct challenge_step *step, struct tally *tally,
                    const struct challenge_row *row)
{
    int64_t period = 0;

    switch (step->measure) {
    case MEASURE_EVENTS:
        tally->sum += tally->last_event != row->event;
        tally->last_event = row->event;
        break;
    case MEASURE_QUANTITY:
    case MEASURE_AMOUNT:
        tally->sum += row->units;
        break;
    case MEASURE_DISTINCT:
        add_value(fold, tally, &row->value);
        break;
    case MEASURE_STREAK:
        if (text_to_integer(row->value, &period))
            add_period(step, tally, period);
        break;
    }
    tally->done |= reached(step, tally) >= step->target;
}

/* The rows of one event. In order, a step waits for those before it, which other events have done. */
static void add_event(struct fold *fold, const struct challenge_row *rows, size_t count)
{
    size_t open_from = fold->challenge->step_count;

    for (size_t i = 0; i < fold->challenge->step_count && open_from == fold->challenge->step_count; i++)
        if (!fold->tallies[i].done)
            open_from = i + 1;
    for (size_t r = 0; r < count; r++)
        for (size_t i = 0; i < fold->challenge->step_count; i++)
            if (text_equal(fold->challenge->steps[i].code, rows[r].step) &&
                (!fold->challenge->in_order || i < open_from))
                add_row(fold, &fold->challenge->steps[i], &fold->tallies[i], &rows[r]);
}

static bool all_done(const struct fold *fold)
{
    for (size_t i = 0; i < fold->challenge->step_count; i++)
        if (!fold->tallies[i].done)
            return false;
    return true;
}

/* Ends the rounds that are full: what is over of a single sum counts for the next one. */
static bool end_rounds(struct fold *fold, int64_t at)
{
    const struct challenge_step *first = &fold->challenge->steps[0];
    bool carries = fold->challenge->step_count == 1 && is_sum(first) && fold->challenge->window != WINDOW_SLIDING;
    bool ended = false;

    while (fold->out->completed_here < fold->challenge->repeat && all_done(fold)) {
        int64_t over = fold->tallies[0].sum - first->target, event = fold->tallies[0].last_event;
        fold->out->completed++;
        fold->out->completed_here++;
        fold->out->completed_at = at;
        reset_round(fold);
        if (carries) {
            fold->tallies[0].sum = over;
            fold->tallies[0].last_event = event;
            fold->tallies[0].done = over >= first->target;
        }
        ended = true;
    }
    return ended;
}

/* ---- windows ---- */

static struct span span_at(const struct fold *fold, int64_t at)
{
    const struct challenge *challenge = fold->challenge;
    int64_t length = challenge->days * INSTANT_DAY;

    switch (challenge->window) {
    case WINDOW_OPEN:
    case WINDOW_SLIDING:
        return (struct span){INT64_MIN, INSTANT_NEVER};
    case WINDOW_FIXED:
        return (struct span){challenge->starts_at, challenge->ends_at};
    case WINDOW_CALENDAR:
        return calendar_span(challenge, fold->zone, at);
    case WINDOW_ROLLING:
        if (fold->span.from != fold->span.until && at >= fold->span.from && at < fold->span.until)
            return fold->span;
        if (fold->span.from == fold->span.until && fold->enrolled_at != INT64_MIN && at >= fold->enrolled_at &&
            at < fold->enrolled_at + length)
            return (struct span){fold->enrolled_at, fold->enrolled_at + length};
        return (struct span){at, at + length};
    }
    return (struct span){INT64_MIN, INSTANT_NEVER};
}

static void enter(struct fold *fold, struct span span)
{
    if (span.from == fold->span.from && span.until == fold->span.until)
        return;
    fold->span = span;
    fold->out->completed_here = 0;
    reset_round(fold);
}

static int by_time(const void *left, const void *right)
{
    const struct challenge_row *a = left, *b = right;

    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    if (a->event != b->event)
        return a->event < b->event ? -1 : 1;
    int steps = text_compare(a->step, b->step);
    return steps != 0 ? steps : text_compare(a->value, b->value);
}

static size_t event_end(const struct challenge_row *rows, size_t count, size_t from)
{
    size_t end = from + 1;

    while (end < count && rows[end].event == rows[from].event)
        end++;
    return end;
}

/* A sliding window is looked at anew from each event on: what lies too far back, or ended a round, is out. */
static void replay(struct fold *fold, const struct challenge_row *rows, size_t from, size_t end, int64_t after)
{
    reset_round(fold);
    for (size_t i = from; i < end; i = event_end(rows, end, i))
        if (rows[i].at > after)
            add_event(fold, &rows[i], event_end(rows, end, i) - i);
}

static void fold_rows(struct fold *fold, const struct challenge_row *rows, size_t count, int64_t now)
{
    bool sliding = fold->challenge->window == WINDOW_SLIDING;
    int64_t length = fold->challenge->days * INSTANT_DAY;
    size_t since = 0;

    for (size_t i = 0; i < count; i = event_end(rows, count, i)) {
        size_t end = event_end(rows, count, i);
        if (rows[i].at < fold->enrolled_at)
            continue;
        enter(fold, span_at(fold, rows[i].at));
        if (fold->out->completed_here >= fold->challenge->repeat)
            continue;
        if (sliding)
            replay(fold, rows, since, end, rows[i].at - length);
        else
            add_event(fold, &rows[i], end - i);
        if (end_rounds(fold, rows[i].at) && sliding)
            since = end;
    }
    if (sliding)
        replay(fold, rows, since, count, now - length);
}

/* ---- now ---- */

/* The window of now: a calendar period begins by itself, a rolling one is over by itself. */
static void enter_now(struct fold *fold, int64_t now)
{
    switch (fold->challenge->window) {
    case WINDOW_OPEN:
    case WINDOW_SLIDING:
    case WINDOW_FIXED:
    case WINDOW_CALENDAR:
        enter(fold, span_at(fold, now));
        break;
    case WINDOW_ROLLING:
        if (fold->span.from != fold->span.until && now >= fold->span.until)
            enter(fold, (struct span){0, 0});
        if (fold->span.from == fold->span.until && fold->enrolled_at != INT64_MIN && now >= fold->enrolled_at)
            enter(fold, now < fold->enrolled_at + fold->challenge->days * INSTANT_DAY ? span_at(fold, now)
                                                                                      : (struct span){0, 0});
        break;
    }
}

static void report(struct fold *fold, int64_t now)
{
    const struct challenge *challenge = fold->challenge;
    struct challenge_progress *out = fold->out;

    for (size_t i = 0; i < challenge->step_count; i++) {
        const struct challenge_step *step = &challenge->steps[i];
        struct tally *tally = &fold->tallies[i];
        int64_t period = challenge_period_number(step->period, zone_day(fold->zone, now));
        bool broken = step->measure == MEASURE_STREAK && !tally->done && tally->last_period != INT64_MIN &&
                      period - tally->last_period - 1 > step->grace - tally->missed;
        bool full = out->completed_here >= challenge->repeat;
        out->reached[i] = full ? step->target : broken ? 0 : reached(step, tally);
        out->done[i] = full || tally->done;
        if (out->reached[i] > step->target)
            out->reached[i] = step->target;
    }
    out->window_from = fold->span.from;
    out->window_until = fold->span.until;
    out->finished =
        out->completed_here >= challenge->repeat || (challenge->window == WINDOW_FIXED && now >= challenge->ends_at);
}

void challenge_fold(struct arena *arena, const struct challenge *challenge, const struct challenge_folding *folding,
                    struct challenge_progress *out)
{
    struct fold fold = {
        .arena = arena, .challenge = challenge, .zone = folding->zone, .out = out, .enrolled_at = folding->enrolled_at};
    struct challenge_row *sorted = arena_array(arena, folding->count + 1, sizeof *sorted);

    *out = (struct challenge_progress){0};
    if (folding->count > 0)
        memcpy(sorted, folding->rows, folding->count * sizeof *sorted);
    qsort(sorted, folding->count, sizeof *sorted, by_time);
    reset_round(&fold);
    fold_rows(&fold, sorted, folding->count, folding->now);
    enter_now(&fold, folding->now);
    report(&fold, folding->now);
}
