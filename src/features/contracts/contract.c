#include "features/contracts/contract.h"

#include <assert.h>

#include "foundation/zone.h"

const char *const contract_metrics[] = {"term", "spend", "purchases", "nights", NULL};
const char *const contract_shortfalls[] = {"nothing", "pay", "extend", "lose", NULL};
const char *const contract_counted[] = {"members", "named", NULL};

enum { PERCENT = 100 };

/* ---- reading ---- */

struct contract_period *contract_current(const struct contract *contract)
{
    assert(contract->period_count > 0);
    return &contract->periods[contract->period_count - 1];
}

int32_t contract_period_end(const struct contract_period *period)
{
    return period->extended_day != DAY_NONE ? period->extended_day : period->until_day;
}

static int64_t counted(const struct contract *contract, const struct contract_period *period)
{
    switch ((enum contract_metric)contract->metric) {
    case CONTRACT_TERM:
        return 0;
    case CONTRACT_SPEND:
        return period->spend;
    case CONTRACT_PURCHASES:
        return period->purchases;
    case CONTRACT_NIGHTS:
        return period->nights;
    }
    return 0;
}

int64_t contract_achieved(const struct contract *contract, const struct contract_period *period)
{
    return period->carried + counted(contract, period);
}

const char *contract_state(const struct contract *contract, int32_t today)
{
    if (contract->ended_at != 0)
        return "ended";
    return today < contract->from_day ? "planned" : "running";
}

const struct contract_terms *contract_terms_on(const struct contract *contract, int32_t day)
{
    const struct contract_terms *found = NULL;

    for (size_t i = 0; i < contract->term_count; i++)
        if (contract->terms[i].from_day <= day)
            found = &contract->terms[i];
    return found;
}

bool contract_covers(const struct contract *contract, int32_t day)
{
    return day >= contract->from_day && day < contract_period_end(contract_current(contract));
}

int64_t contract_projected(const struct contract *contract, const struct contract_period *period, int32_t today)
{
    int64_t sum = counted(contract, period), all = contract_period_end(period) - period->from_day;
    int64_t gone = (int64_t)today - period->from_day + 1;

    if (gone < 1)
        return period->carried;
    if (gone >= all || period->closed_at != 0)
        return period->carried + sum;
    /* Whole and rest apart, so that no product is out of range. */
    return period->carried + sum / gone * all + sum % gone * all / gone;
}

int64_t contract_percent(int64_t part, int64_t whole)
{
    if (whole <= 0)
        return PERCENT;
    return part <= 0 ? 0 : part / whole * PERCENT + part % whole * PERCENT / whole;
}

bool contract_is_waived(const struct contract_change *due)
{
    return due->collected_at != 0 && due->reference.size == 0;
}

/* ---- times ---- */

static int64_t end_instant(const struct zone *zone, const struct contract *contract)
{
    return zone_day_start(zone, contract_period_end(contract_current(contract)));
}

/* Nobody knows yet that the period that runs will be the last. */
static bool may_go_on(const struct contract *contract)
{
    const struct contract_period *period = contract_current(contract);
    bool extends = contract->shortfall == SHORTFALL_EXTEND && period->extended_day == DAY_NONE &&
                   contract->metric != CONTRACT_TERM;

    if (contract->end_day != DAY_NONE)
        return contract->end_day > contract_period_end(period);
    return contract->automatic || contract->renews || extends;
}

static bool wants_reminder(const struct contract *contract)
{
    return contract->ended_at == 0 && contract->remind_days > 0 && contract->end_day == DAY_NONE && !contract->renews &&
           contract->reminded_day != contract_period_end(contract_current(contract));
}

static int64_t reminder_instant(const struct zone *zone, const struct contract *contract)
{
    int32_t day = contract_period_end(contract_current(contract)) - (int32_t)contract->remind_days;
    int64_t at = zone_day_start(zone, day);

    return at > contract->agreed_at ? at : contract->agreed_at;
}

bool contract_reminds(const struct contract_clock *clock, const struct contract *contract)
{
    return wants_reminder(contract) && reminder_instant(clock->zone, contract) <= clock->now;
}

int64_t contract_due_at(const struct zone *zone, const struct contract *contract)
{
    if (contract->ended_at != 0)
        return INSTANT_NEVER;
    int64_t end = end_instant(zone, contract);
    int64_t reminder = wants_reminder(contract) ? reminder_instant(zone, contract) : INSTANT_NEVER;
    return reminder < end ? reminder : end;
}

int64_t contract_terms_until(const struct zone *zone, const struct contract *contract, size_t index)
{
    int64_t end = contract->ended_at != 0         ? contract->ended_at
                  : contract->end_day != DAY_NONE ? zone_day_start(zone, contract->end_day)
                                                  : (may_go_on(contract) ? INSTANT_NEVER : end_instant(zone, contract));

    if (index + 1 == contract->term_count)
        return end;
    int64_t next = zone_day_start(zone, contract->terms[index + 1].from_day);
    return next < end ? next : end;
}

/* ---- history ---- */

struct contract_change *contract_note(const struct contract_clock *clock, struct contract *contract, const char *what,
                                      int64_t at)
{
    contract->changes = arena_grow(clock->arena, contract->changes, &contract->loaded_capacity,
                                   contract->loaded_count + 1, sizeof *contract->changes);
    struct contract_change *change = &contract->changes[contract->loaded_count++];
    *change = (struct contract_change){
        .number = ++contract->change_count, .at = at, .what = text_from(what), .day = DAY_NONE, .changed = true};
    return change;
}

/* ---- periods ---- */

static int32_t months_after(const struct contract *contract, int64_t months)
{
    return day_add_months(contract->from_day, (int)months);
}

/* A period that would go on after the notice is cut, and its commitment with it. */
static void cut(const struct contract *contract, struct contract_period *period)
{
    int32_t day = contract->end_day;
    int64_t all = (int64_t)months_after(contract, contract->months_over) - period->from_day;
    int64_t rest = (int64_t)day - period->from_day, commitment = contract->commitment;

    if (day == DAY_NONE || day >= contract_period_end(period))
        return;
    if (period->extended_day != DAY_NONE) { /* the commitment was for the days before */
        period->extended_day = day > period->until_day ? day : DAY_NONE;
        if (day >= period->until_day)
            return;
    }
    rest = rest > 0 ? rest : 0;
    period->commitment = commitment / all * rest + commitment % all * rest / all;
    period->until_day = day;
}

static void open_period(const struct contract_clock *clock, struct contract *contract,
                        const struct contract_period *last)
{
    bool by_hand = contract->renews;
    int64_t commitment = by_hand ? contract->renew_commitment : contract->commitment;
    struct contract_period next = {.number = last != NULL ? last->number + 1 : 1,
                                   .from_day = last != NULL ? contract_period_end(last) : contract->from_day,
                                   .extended_day = DAY_NONE,
                                   .commitment = commitment,
                                   .changed = true};

    contract->months_over += by_hand ? contract->renew_months : contract->months;
    next.until_day = months_after(contract, contract->months_over);
    contract->commitment = commitment;
    if (by_hand)
        contract->months = contract->renew_months;
    cut(contract, &next);
    contract->renews = false;
    contract->periods = arena_grow(clock->arena, contract->periods, &contract->period_capacity,
                                   contract->period_count + 1, sizeof *contract->periods);
    contract->periods[contract->period_count++] = next;
}

void contract_begin(const struct contract_clock *clock, struct contract *contract)
{
    open_period(clock, contract, NULL);
}

/* ---- settling ---- */

static int64_t policy_of(const struct contract *contract)
{
    return contract->shortfall == SHORTFALL_EXTEND ? contract->after_extension : contract->shortfall;
}

static int64_t missing_of(const struct contract *contract, const struct contract_period *period)
{
    int64_t achieved = contract_achieved(contract, period);

    return contract->metric != CONTRACT_TERM && achieved < period->commitment ? period->commitment - achieved : 0;
}

/* What is to be paid for it in all; minor units. */
static int64_t owed(const struct contract *contract, const struct contract_period *period)
{
    int64_t missing = missing_of(contract, period), limit = CONTRACT_COMMITMENT_MAX;

    if (policy_of(contract) != SHORTFALL_PAY)
        return 0;
    if (contract->metric == CONTRACT_SPEND)
        return missing;
    return contract->price > 0 && missing > limit / contract->price ? limit : missing * contract->price;
}

/* A period that is closed: what is owed, and what goes on to the next one. */
static void settle(const struct contract_clock *clock, struct contract *contract, size_t index, int64_t at)
{
    struct contract_period *period = &contract->periods[index];
    int64_t due = owed(contract, period);

    if (due != period->due) {
        struct contract_change *change =
            contract_note(clock, contract, at == period->closed_at ? CONTRACT_DUE : CONTRACT_CORRECTED, at);
        change->period = period->number;
        change->amount = due - period->due;
        period->due = due;
        period->changed = true;
    }
    if (index + 1 == contract->period_count || !contract->carry)
        return;
    int64_t surplus = contract_achieved(contract, period) - period->commitment;
    struct contract_period *next = &contract->periods[index + 1];
    surplus = surplus > 0 && contract->metric != CONTRACT_TERM ? surplus : 0;
    next->changed |= next->carried != surplus;
    next->carried = surplus;
}

static void settle_from(const struct contract_clock *clock, struct contract *contract, size_t index)
{
    for (; index < contract->period_count && contract->periods[index].closed_at != 0; index++)
        settle(clock, contract, index, clock->now);
}

/* ---- time ---- */

static void end_contract(const struct contract_clock *clock, struct contract *contract, const char *why, int64_t at)
{
    contract->ended_at = at;
    if (contract->end_reason.size == 0)
        contract->end_reason = text_from(why);
    struct contract_change *change = contract_note(clock, contract, "ended", at);
    change->period = contract_current(contract)->number;
    change->reason = text_from(why);
}

static bool extend(const struct contract_clock *clock, struct contract *contract, int64_t at)
{
    struct contract_period *period = contract_current(contract);
    bool notice = contract->end_day != DAY_NONE && contract->end_day <= period->until_day;

    if (contract->shortfall != SHORTFALL_EXTEND || period->extended_day != DAY_NONE || notice ||
        missing_of(contract, period) == 0)
        return false;
    contract->months_over += contract->extend_months;
    period->extended_day = months_after(contract, contract->months_over);
    if (contract->end_day != DAY_NONE && contract->end_day < period->extended_day)
        period->extended_day = contract->end_day;
    period->changed = true;
    struct contract_change *change = contract_note(clock, contract, "extended", at);
    change->period = period->number;
    change->day = period->extended_day;
    change->amount = 0;
    return true;
}

static void close_period(const struct contract_clock *clock, struct contract *contract, int64_t at)
{
    size_t index = contract->period_count - 1;
    struct contract_period *period = &contract->periods[index];
    bool is_short = missing_of(contract, period) > 0;
    struct contract_change *change = contract_note(clock, contract, is_short ? "short" : "met", at);

    change->period = period->number;
    period->closed_at = at;
    period->changed = true;
    bool lost = is_short && policy_of(contract) == SHORTFALL_LOSE;
    bool notice = contract->end_day != DAY_NONE && contract->end_day <= contract_period_end(period);
    bool full = contract->period_count == CONTRACT_PERIODS_MAX;
    bool goes_on = !lost && !notice && !full && (contract->automatic || contract->renews);
    if (goes_on) {
        open_period(clock, contract, period);
        change = contract_note(clock, contract, "renewed", at);
        change->period = contract_current(contract)->number;
        change->day = contract_period_end(contract_current(contract));
    }
    settle(clock, contract, index, at);
    if (!goes_on)
        end_contract(clock, contract, lost ? "shortfall" : notice ? "notice" : "expired", at);
}

void contract_advance(const struct contract_clock *clock, struct contract *contract)
{
    while (contract->ended_at == 0) {
        int64_t end = end_instant(clock->zone, contract);
        if (end > clock->now)
            return;
        if (!extend(clock, contract, end))
            close_period(clock, contract, end);
    }
}

/* ---- events ---- */

static void add(struct contract *contract, const struct contract_count *count, int64_t sign, size_t *lowest)
{
    for (size_t i = 0; i < contract->period_count; i++) {
        struct contract_period *period = &contract->periods[i];
        if (count->day < period->from_day || count->day >= contract_period_end(period))
            continue;
        period->spend += sign * count->spend;
        period->purchases += sign * count->purchases;
        period->nights += sign * count->nights;
        period->changed = true;
        if (i < *lowest)
            *lowest = i;
    }
}

void contract_recount(const struct contract_clock *clock, struct contract *contract,
                      const struct contract_count *before, const struct contract_count *after)
{
    size_t lowest = contract->period_count;

    add(contract, before, -1, &lowest);
    add(contract, after, 1, &lowest);
    settle_from(clock, contract, lowest);
}

/* ---- notice ---- */

int32_t contract_notice_day(const struct contract *contract, int32_t today)
{
    int32_t end = contract_period_end(contract_current(contract));
    int64_t months = contract->months_over;

    /* In time for the end of the period, or else of the next one that has long enough to go. */
    while (contract->automatic && end < today + (int32_t)contract->notice_days) {
        months += contract->months;
        end = months_after(contract, months);
    }
    return end;
}

void contract_give_notice(const struct contract_clock *clock, struct contract *contract, int32_t day)
{
    struct contract_period *period = contract_current(contract);
    struct contract_change *change = contract_note(clock, contract, "notice", clock->now);

    change->day = day;
    contract->end_day = day;
    contract->renews = false;
    if (day < contract_period_end(period)) {
        cut(contract, period);
        period->changed = true;
    }
}
