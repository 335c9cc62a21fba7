#include "features/redemption/velocity.h"

#include <string.h>

/* A row's number: the period, then the count, then the points. */
enum { POINTS_BITS = 27, COUNT_BITS = 16 };

static const int64_t POINTS_FULL = ((int64_t)1 << POINTS_BITS) - 1, COUNT_FULL = ((int64_t)1 << COUNT_BITS) - 1;

static const char *const subjects[] = {"member", "till", "employee"};
static const char *const actions[] = {"earning", "redeeming"};
static const char *const periods[] = {"hour", "day"};

int64_t velocity_pack(struct velocity_sum sum)
{
    int64_t count = sum.count < COUNT_FULL ? sum.count : COUNT_FULL;
    int64_t points = sum.points < POINTS_FULL ? sum.points : POINTS_FULL;

    return (sum.period << (COUNT_BITS + POINTS_BITS)) | (count << POINTS_BITS) | points;
}

struct velocity_sum velocity_unpack(int64_t used)
{
    return (struct velocity_sum){.period = used >> (COUNT_BITS + POINTS_BITS),
                                 .count = (used >> POINTS_BITS) & COUNT_FULL,
                                 .points = used & POINTS_FULL};
}

/* ---- where it is counted ---- */

static bool is_told(const struct velocity_limit *limit, const struct velocity_place *place)
{
    switch (limit->subject) {
    case VELOCITY_MEMBER:
        return true;
    case VELOCITY_TILL:
        return place->till.size > 0;
    case VELOCITY_EMPLOYEE:
        return place->employee.size > 0;
    }
    return false;
}

/* "velocity:redeeming:hour:till:soho/3"; of a member without what follows the period. */
static struct text limit_id(struct arena *arena, const struct velocity_limit *limit, const struct velocity_place *place)
{
    struct builder id = {.arena = arena};

    builder_format(&id, "velocity:%s:%s", actions[limit->action], periods[limit->period]);
    if (limit->subject == VELOCITY_MEMBER)
        return builder_done(&id);
    builder_format(&id, ":%s:", subjects[limit->subject]);
    if (limit->subject == VELOCITY_EMPLOYEE) {
        builder_text(&id, place->employee);
        return builder_done(&id);
    }
    builder_text(&id, place->store);
    builder_char(&id, '/');
    builder_text(&id, place->till);
    return builder_done(&id);
}

void velocity_counters(const struct programme *programme, enum velocity_action action,
                       const struct velocity_place *place, struct command *command, struct arena *arena)
{
    for (size_t i = 0; i < programme->limit_count; i++) {
        const struct velocity_limit *limit = &programme->limits[i];
        if (limit->action == action && limit->subject != VELOCITY_MEMBER && is_told(limit, place) &&
            command->counter_count < COMMAND_COUNTERS_MAX)
            command->counters[command->counter_count++] = text_string(arena, limit_id(arena, limit, place));
    }
}

bool velocity_limits_members(const struct programme *programme, enum velocity_action action)
{
    for (size_t i = 0; i < programme->limit_count; i++)
        if (programme->limits[i].action == action && programme->limits[i].subject == VELOCITY_MEMBER)
            return true;
    return false;
}

/* ---- counting ---- */

static int64_t period_of(const struct velocity_limit *limit, const struct zone *zone, int64_t at)
{
    return limit->period == VELOCITY_HOUR ? at / INSTANT_HOUR : zone_day(zone, at);
}

static int64_t period_end(const struct velocity_limit *limit, const struct zone *zone, int64_t period)
{
    return limit->period == VELOCITY_HOUR ? (period + 1) * INSTANT_HOUR : zone_day_start(zone, (int32_t)period + 1);
}

/* What is used of the newest period of `before` and that of now. */
static void add_row(struct velocity_sum *sum, int64_t used)
{
    struct velocity_sum row = velocity_unpack(used);

    if (row.period > sum->period)
        *sum = row;
    else if (row.period == sum->period) {
        sum->count += row.count;
        sum->points += row.points;
    }
}

static enum status refuse(const struct velocity_use *use, const struct velocity_limit *limit,
                          const struct velocity_sum *used, struct error *err)
{
    const struct zone *zone = programme_at(use->decision->programmes, use->decision->now)->zone;
    bool earning = use->action == VELOCITY_EARNING, often = used->count + 1 > limit->count;
    char until[INSTANT_TEXT_SIZE];

    instant_format(period_end(limit, zone, used->period), until);
    return error_set(err, STATUS_LIMIT, earning ? "earning.velocity" : "redemption.velocity", subjects[limit->subject],
                     "this %s has %s %lld %s this %s, of at most %lld; it works again at %s", subjects[limit->subject],
                     earning ? "earned" : "spent", (long long)(often ? used->count : used->points),
                     often ? "times" : "points", periods[limit->period],
                     (long long)(often ? limit->count : limit->points), until);
}

static enum status check(const struct velocity_use *use, const struct velocity_limit *limit,
                         const struct velocity_sum *used, struct error *err)
{
    bool over = used->count + 1 > limit->count || used->points > limit->points - use->points;

    return over ? refuse(use, limit, used, err) : STATUS_OK;
}

static enum status changed_meanwhile(struct error *err)
{
    return error_set(err, STATUS_BUSY, "programme.changed", "",
                     "the programme changed while this was on its way; send it again");
}

static enum status take_counter(const struct velocity_use *use, const struct velocity_limit *limit, int64_t period,
                                struct error *err)
{
    struct text id = limit_id(use->decision->arena, limit, &use->place);
    struct counter *counter = NULL;

    for (size_t i = 0; i < use->command->counter_count; i++)
        if (text_equals(id, use->command->counters[i]))
            counter = use->decision->counters[i];
    if (counter == NULL)
        return changed_meanwhile(err);
    struct velocity_sum used = {.period = period};
    add_row(&used, counter->used);
    enum status status = check(use, limit, &used, err);
    if (status != STATUS_OK)
        return status;
    counter->used = velocity_pack((struct velocity_sum){used.period, used.count + 1, used.points + use->points});
    counter->changed = true;
    return STATUS_OK;
}

/* Limits do not grow by merging: all members of the person count. */
static enum status take_progress(const struct velocity_use *use, const struct velocity_limit *limit, int64_t period,
                                 struct error *err)
{
    const struct person *person = use->person;
    struct text id = limit_id(use->decision->arena, limit, &use->place);
    struct velocity_sum used = {.period = period};

    for (size_t i = 0; i < person->group->member_count; i++) {
        const struct member *member = &person->group->members[i];
        if (member->leader != person->leader->id)
            continue;
        if (!member->progress_loaded && !member->fresh)
            return changed_meanwhile(err);
        for (size_t p = 0; p < member->progress_count; p++)
            if (text_equal(member->progress[p].id, id))
                add_row(&used, member->progress[p].used);
    }
    enum status status = check(use, limit, &used, err);
    if (status != STATUS_OK)
        return status;
    struct progress *own = member_progress(use->decision, person->member, id);
    struct velocity_sum sum = velocity_unpack(own->used);
    if (sum.period != used.period)
        sum = (struct velocity_sum){.period = used.period};
    own->used = velocity_pack((struct velocity_sum){sum.period, sum.count + 1, sum.points + use->points});
    own->changed = true;
    return STATUS_OK;
}

enum status velocity_take(const struct velocity_use *use, struct error *err)
{
    const struct programme *programme = programme_at(use->decision->programmes, use->decision->now);
    enum status status = STATUS_OK;

    for (size_t i = 0; i < programme->limit_count && status == STATUS_OK; i++) {
        const struct velocity_limit *limit = &programme->limits[i];
        if (limit->action != use->action || !is_told(limit, &use->place))
            continue;
        int64_t period = period_of(limit, programme->zone, use->at);
        status = limit->subject == VELOCITY_MEMBER ? take_progress(use, limit, period, err)
                                                   : take_counter(use, limit, period, err);
    }
    return status;
}
