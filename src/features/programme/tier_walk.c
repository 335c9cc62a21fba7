#include <assert.h>

#include "features/programme/tier_walk.h"

size_t walk_level(const struct tier_ladder *ladder, const int64_t *sums)
{
    size_t level = 0;

    for (size_t i = 1; i < ladder->level_count; i++)
        if (!ladder->levels[i].invitation_only &&
            tier_met(ladder, &ladder->levels[i].to_qualify, ladder->levels[i].qualify, sums))
            level = i;
    return level;
}

/* The first instant after `at` at which a cycle of N months from the joining day ends. */
static int64_t cycle_end(const struct walk *walk, int64_t at)
{
    const struct zone *zone = walk->programme->zone;
    int32_t joined = zone_day(zone, walk->registered_at), today = zone_day(zone, at);
    int months = walk->ladder->validity_months;
    struct date first = date_from_day(joined), now = date_from_day(today);
    int passed = (now.year - first.year) * 12 + now.month - first.month;
    int cycles = passed / months;

    if (cycles < 0)
        cycles = 0;
    for (;; cycles++) {
        int64_t end = zone_day_start(zone, day_add_months(joined, cycles * months));
        if (end > at && cycles > 0)
            return end;
    }
}

int64_t walk_period_end(const struct walk *walk, int64_t at)
{
    const struct zone *zone = walk->programme->zone;
    int32_t day = zone_day(zone, at);

    switch (walk->ladder->validity) {
    case TIER_FROM_START:
        return zone_day_start(zone, day_add_months(day, walk->ladder->validity_months));
    case TIER_FROM_JOIN:
        return cycle_end(walk, at);
    case TIER_CALENDAR_YEAR:
        return zone_day_start(zone, day_from_date((struct date){date_from_day(day).year + 1, 1, 1}));
    case TIER_FOREVER:
        return INSTANT_NEVER;
    }
    assert(false); /* not a validity */
    return INSTANT_NEVER;
}

void walk_clear(int64_t *sums)
{
    for (size_t i = 0; i < TIER_LOYALTY; i++) /* the index is no sum */
        sums[i] = 0;
}

void walk_start_period(const struct walk *walk, int64_t at)
{
    walk_clear(walk->state->sums);
    walk->state->from = at;
    walk->state->until = walk_period_end(walk, at);
    walk->state->grace = false;
}

void walk_set_tier(const struct walk *walk, size_t level, int64_t at)
{
    walk->state->tier = walk->ladder->levels[level].code;
    walk->state->since = at;
}

void walk_begin(const struct walk *walk, int64_t at)
{
    walk_set_tier(walk, 0, at);
    walk_start_period(walk, at);
}

struct ladder_state held_state(const struct programme *programme, const struct tier_ladder *ladder,
                               const struct held *held, int64_t registered_at, int64_t now)
{
    struct ladder_state state = {.ladder = ladder == &programme->ladder ? (struct text){NULL, 0} : ladder->code};
    const struct walk walk = {programme, ladder, &state, registered_at};

    for (size_t i = 0; i < held->ladder_count; i++)
        if (ladder_is(programme, ladder, held->ladders[i].ladder) && held->ladders[i].tier.size > 0)
            return held->ladders[i];
    walk_begin(&walk, now);
    return state;
}

struct ladder_state *walk_state(const struct programme *programme, const struct tier_ladder *ladder, struct held *held,
                                int64_t registered_at, int64_t now)
{
    if (ladder == &programme->ladder) {
        if (held->ladders[0].tier.size == 0)
            held->ladders[0] = held_state(programme, ladder, held, registered_at, now);
        return &held->ladders[0];
    }
    for (size_t i = 1; i < held->ladder_count; i++)
        if (text_equal(held->ladders[i].ladder, ladder->code))
            return &held->ladders[i];
    if (held->ladder_count > LADDERS_MAX)
        return NULL;
    held->ladders[held->ladder_count] = held_state(programme, ladder, held, registered_at, now);
    return &held->ladders[held->ladder_count++];
}

const struct tier_ladder *ladder_of(const struct programme *programme, const struct ladder_state *state)
{
    return programme->ladder.level_count > 0 ? programme_ladder_find(programme, state->ladder) : NULL;
}

struct text tier_counting(const struct programme *programme, const struct tier_ladder *ladder, const struct held *held)
{
    return ladder->levels[held_level(programme, ladder, held, NULL)].code;
}

bool tier_hidden(const struct programme *programme, const struct tier_ladder *ladder, const struct held *held)
{
    const struct right *by = NULL;

    held_level(programme, ladder, held, &by);
    return by != NULL;
}

/* ---- telling ---- */

void tier_write_code(struct builder *builder, struct text code)
{
    builder_char(builder, '"');
    builder_text(builder, code); /* codes hold no character that JSON escapes */
    builder_char(builder, '"');
}

void tier_change_journal(struct decision *decision, const struct programme *programme, const struct member *leader,
                         const struct tier_change *change)
{
    struct journal_row *row = journal_add(decision, leader, 0, "tier", change->at);
    struct builder facts = {.arena = decision->arena};

    builder_string(&facts, "{\"from\":");
    tier_write_code(&facts, change->from);
    builder_string(&facts, ",\"to\":");
    tier_write_code(&facts, change->to);
    builder_string(&facts, ",\"reason\":");
    tier_write_code(&facts, text_from(change->reason));
    if (change->ladder != NULL && change->ladder != &programme->ladder) {
        builder_string(&facts, ",\"ladder\":");
        tier_write_code(&facts, change->ladder->code);
    }
    builder_char(&facts, '}');
    row->facts = builder_done(&facts);
    row->day = zone_day(programme->zone, change->at);
    row->cause = change->cause;
}
