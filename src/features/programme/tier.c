/*
 * Tiers over time. The qualifying sum counts within a period; reaching a threshold raises the tier at once; the end of a
 * period keeps it, starts the grace, or lowers it.
 *
 * Periods. From the start: the period begins with the tier and lasts N months; what was needed to reach the tier does not
 * count again for keeping it. From the joining day, or by calendar year: fixed cycles, in which everything counts. A
 * period ends at the start of its last day's successor, so that periods follow each other without drift.
 */
#include <assert.h>

#include "features/programme/programme.h"

static size_t level_of(const struct tier_ladder *ladder, struct text code)
{
    for (size_t i = 0; i < ladder->level_count; i++)
        if (text_equal(ladder->levels[i].code, code))
            return i;
    return 0; /* a level that the programme no longer has */
}

/* The highest level that `qualifying` reaches. */
static size_t level_at(const struct tier_ladder *ladder, int64_t qualifying)
{
    size_t level = 0;

    for (size_t i = 1; i < ladder->level_count; i++)
        if (qualifying >= ladder->levels[i].qualify)
            level = i;
    return level;
}

/* The first instant after `at` at which a cycle of N months from the joining day ends. */
static int64_t cycle_end(const struct programme *programme, int64_t registered_at, int64_t at)
{
    int32_t joined = zone_day(programme->zone, registered_at), today = zone_day(programme->zone, at);
    int months = programme->ladder.validity_months;
    struct date first = date_from_day(joined), now = date_from_day(today);
    int passed = (now.year - first.year) * 12 + now.month - first.month;
    int cycles = passed / months;

    if (cycles < 0)
        cycles = 0;
    for (;; cycles++) {
        int64_t end = zone_day_start(programme->zone, day_add_months(joined, cycles * months));
        if (end > at && cycles > 0)
            return end;
    }
}

static int64_t period_end(const struct programme *programme, int64_t registered_at, int64_t at)
{
    int32_t day = zone_day(programme->zone, at);

    switch (programme->ladder.validity) {
    case TIER_FROM_START:
        return zone_day_start(programme->zone, day_add_months(day, programme->ladder.validity_months));
    case TIER_FROM_JOIN:
        return cycle_end(programme, registered_at, at);
    case TIER_CALENDAR_YEAR:
        return zone_day_start(programme->zone, day_from_date((struct date){date_from_day(day).year + 1, 1, 1}));
    case TIER_FOREVER:
        return INSTANT_NEVER;
    }
    assert(false); /* not a validity */
    return INSTANT_NEVER;
}

static void start_period(const struct programme *programme, struct standing *standing, int64_t registered_at,
                         int64_t at)
{
    standing->qualifying = 0;
    standing->qualifying_from = at;
    standing->tier_until = period_end(programme, registered_at, at);
    standing->tier_grace = false;
}

/* What counts for keeping the tier: see the head of this file. */
static int64_t counted(const struct programme *programme, const struct standing *standing, size_t level)
{
    bool reached_within = standing->qualifying_from < standing->tier_since;

    if (programme->ladder.validity == TIER_FROM_START && reached_within)
        return standing->qualifying - programme->ladder.levels[level].qualify;
    return standing->qualifying;
}

static void set_tier(const struct tier_ladder *ladder, struct standing *standing, size_t level, int64_t at)
{
    standing->tier = ladder->levels[level].code;
    standing->tier_since = at;
}

void tier_start(const struct programme *programme, struct standing *standing, int64_t at)
{
    standing->tier_until = INSTANT_NEVER;
    standing->tier_grace = false;
    if (programme->ladder.level_count == 0)
        return;
    set_tier(&programme->ladder, standing, 0, at);
    start_period(programme, standing, at, at);
}

void tier_take_over(const struct programme *programme, struct standing *standing, int64_t registered_at,
                    const struct tier_taken *taken, int64_t now)
{
    const struct tier_ladder *ladder = &programme->ladder;

    assert(ladder->level_count > 0);
    set_tier(ladder, standing, level_of(ladder, taken->tier), taken->since);
    standing->tier_until = taken->until != 0 ? taken->until : period_end(programme, registered_at, now);
    standing->tier_grace = taken->grace;
    standing->qualifying = taken->qualifying;
    standing->qualifying_from = taken->since; /* all of it counts for keeping the tier */
}

/* Adds and upgrades; returns the reason of a change that is to be told, or NULL. */
static const char *qualify(const struct programme *programme, struct standing *standing, int64_t registered_at,
                           int64_t amount, int64_t now)
{
    const struct tier_ladder *ladder = &programme->ladder;

    if (ladder->level_count == 0)
        return NULL;
    if (standing->tier.size == 0) {
        set_tier(ladder, standing, 0, now);
        start_period(programme, standing, registered_at, now);
    }
    if (!checked_add(standing->qualifying, amount, &standing->qualifying))
        standing->qualifying = amount > 0 ? INT64_MAX : INT64_MIN;
    size_t held = level_of(ladder, standing->tier), reached = level_at(ladder, standing->qualifying);
    if (amount > 0 && reached > held) {
        set_tier(ladder, standing, reached, now);
        standing->tier_grace = false;
        standing->tier_until = period_end(programme, registered_at, now);
        if (standing->qualifying_from >= now) /* in the instant in which its period began: still within it */
            standing->qualifying_from = now - 1;
        return "qualified";
    }
    if (standing->tier_grace && counted(programme, standing, held) >= ladder->levels[held].keep) {
        start_period(programme, standing, registered_at, now);
        return "kept";
    }
    return NULL;
}

int64_t tier_due(const struct standing *standing)
{
    return standing->tier.size > 0 ? standing->tier_until : INSTANT_NEVER;
}

static void write_code(struct builder *builder, struct text code)
{
    builder_char(builder, '"');
    builder_text(builder, code); /* codes hold no character that JSON escapes */
    builder_char(builder, '"');
}

struct tier_change {
    struct text from;
    const char *reason;
    int64_t at, cause;
};

static void journal_tier(struct decision *decision, const struct programme *programme, const struct member *leader,
                         struct tier_change change)
{
    struct journal_row *row = journal_add(decision, leader, 0, "tier", change.at);
    struct builder facts = {.arena = decision->arena};

    builder_string(&facts, "{\"from\":");
    write_code(&facts, change.from);
    builder_string(&facts, ",\"to\":");
    write_code(&facts, leader->standing.tier);
    builder_string(&facts, ",\"reason\":");
    write_code(&facts, text_from(change.reason));
    builder_char(&facts, '}');
    row->facts = builder_done(&facts);
    row->day = zone_day(programme->zone, change.at);
    row->cause = change.cause;
}

enum status tier_qualify(struct decision *decision, struct member *leader, const struct programme *programme,
                         int64_t amount, int64_t cause, struct error *err)
{
    struct text from = leader->standing.tier;

    (void)err;
    if (programme->ladder.level_count == 0 || amount == 0)
        return STATUS_OK;
    const char *reason = qualify(programme, &leader->standing, leader->registered_at, amount, decision->now);
    leader->standing_changed = true;
    standing_due(leader, tier_due(&leader->standing));
    if (reason != NULL)
        journal_tier(decision, programme, leader, (struct tier_change){from, reason, decision->now, cause});
    return STATUS_OK;
}

/* The level after a period in which the tier was not kept. */
static size_t lowered(const struct tier_ladder *ladder, size_t level, int64_t qualifying)
{
    size_t below = level - 1, earned;

    switch (ladder->downgrade) {
    case DOWNGRADE_ONE:
        return below;
    case DOWNGRADE_BY_BALANCE:
        earned = level_at(ladder, qualifying);
        return earned < below ? earned : below;
    }
    assert(false); /* not a way to downgrade */
    return below;
}

/* The period is over: keeps, gives grace or lowers. Returns what is to be told; NULL: nothing. */
static const char *end_period(const struct programme *programme, struct standing *standing, int64_t registered_at)
{
    const struct tier_ladder *ladder = &programme->ladder;
    int64_t at = standing->tier_until;

    if (ladder->level_count == 0) { /* the programme no longer has tiers */
        standing->tier = (struct text){NULL, 0};
        standing->tier_until = INSTANT_NEVER;
        standing->tier_grace = false;
        return "withdrawn";
    }
    size_t level = level_of(ladder, standing->tier);
    int64_t counts = counted(programme, standing, level);
    if (level == 0 || counts >= ladder->levels[level].keep) {
        bool renamed = !text_equal(standing->tier, ladder->levels[level].code);
        standing->tier = ladder->levels[level].code;
        start_period(programme, standing, registered_at, at);
        return level > 0 ? "kept" : renamed ? "period" : NULL;
    }
    if (!standing->tier_grace && ladder->grace_days > 0) {
        standing->tier_grace = true;
        standing->tier_until = zone_day_start(programme->zone, zone_day(programme->zone, at) + ladder->grace_days);
        return "grace";
    }
    set_tier(ladder, standing, lowered(ladder, level, counts), at);
    start_period(programme, standing, registered_at, at);
    return "not_kept";
}

enum status tier_advance(struct decision *decision, struct member *leader, const struct programme *programme,
                         struct error *err)
{
    int64_t at = leader->standing.tier_until;
    struct text from = leader->standing.tier;

    (void)err;
    assert(at != INSTANT_NEVER);
    leader->standing_changed = true;
    const char *reason = end_period(programme, &leader->standing, leader->registered_at);
    if (reason != NULL)
        journal_tier(decision, programme, leader, (struct tier_change){from, reason, at, 0});
    return STATUS_OK;
}

void tier_settle_share(const struct programme *programme, struct standing *standing, int64_t registered_at, int64_t now)
{
    while (standing->tier.size > 0 && standing->tier_until <= now)
        end_period(programme, standing, registered_at);
}

void tier_qualify_share(const struct programme *programme, struct standing *standing, int64_t registered_at,
                        int64_t amount, int64_t now)
{
    tier_settle_share(programme, standing, registered_at, now);
    qualify(programme, standing, registered_at, amount, now);
}

void tier_reach(const struct programme *programme, struct standing *standing, int64_t registered_at, int64_t now)
{
    int64_t together = standing->qualifying;

    if (programme->ladder.level_count == 0)
        return;
    standing->qualifying = 0;
    qualify(programme, standing, registered_at, together, now);
}
