/*
 * Tiers over time. Sums count within a period; reaching what a level asks for raises the tier at once; the end of a period
 * keeps it, starts the grace, or lowers it. Each ladder goes its own way.
 *
 * Periods. From the start: the period begins with the tier and lasts N months; what was needed to reach the tier does not
 * count again for keeping it. From the joining day, or by calendar year: fixed cycles, in which everything counts. A
 * period ends at the start of its last day's successor, so that periods follow each other without drift.
 *
 * Rights. A tier that was given lies over the earned one, which goes on below it; the higher of both counts. A trial becomes
 * an earned tier, with a period of its own, when what keeps it has been done.
 */
#include <assert.h>
#include <string.h>

#include "features/programme/tier_walk.h"

void tier_start(const struct programme *programme, struct standing *standing, int64_t at)
{
    struct ladder_state state = {.since = 0};
    const struct walk walk = {programme, &programme->ladder, &state, at};

    standing->tier_until = INSTANT_NEVER;
    standing->tier_grace = false;
    if (programme->ladder.level_count == 0)
        return;
    walk_begin(&walk, at);
    standing->tier = state.tier;
    standing->tier_since = state.since;
    standing->tier_until = state.until;
    standing->qualifying = 0;
    standing->qualifying_from = at;
}

void tier_take_over(struct arena *arena, const struct programme *programme, struct standing *standing,
                    int64_t registered_at, const struct tier_taken *taken, int64_t now)
{
    const struct tier_ladder *ladder = &programme->ladder;
    struct held held;

    assert(ladder->level_count > 0);
    held_read(standing, ladder->metric, &held);
    struct ladder_state *state = &held.ladders[0];
    const struct walk walk = {programme, ladder, state, registered_at};
    walk_set_tier(&walk, ladder_level(ladder, taken->tier), taken->since);
    state->until = taken->until != 0 ? taken->until : walk_period_end(&walk, now);
    state->grace = taken->grace;
    walk_clear(state->sums);
    state->sums[ladder->metric] = taken->qualifying;
    state->from = taken->since; /* all of it counts for keeping the tier */
    held_write(arena, programme, &held, standing);
}

/* ---- qualifying ---- */

/* What `gain` adds, by metric. */
static void gain_amounts(const struct tier_ladder *ladder, const struct tier_gain *gain, int64_t *out)
{
    memset(out, 0, TIER_METRICS * sizeof *out);
    out[TIER_SPEND] = gain->spend;
    out[TIER_VISITS] = gain->visits;
    out[TIER_NIGHTS] = gain->nights;
    out[TIER_STAYS] = gain->stays;
    out[TIER_PURCHASES] = gain->purchases;
    for (size_t i = 0; i < gain->point_count; i++)
        if (text_equal(gain->points[i].wallet, ladder->wallet))
            out[TIER_POINTS] += gain->points[i].points;
}

static void add_up(int64_t *sums, const int64_t *amounts, bool bounded)
{
    for (size_t i = 0; i < TIER_METRICS; i++) {
        int64_t amount = amounts[i];
        if (bounded && amount < 0 && -amount > sums[i])
            amount = sums[i] > 0 ? -sums[i] : 0;
        if (!checked_add(sums[i], amount, &sums[i]))
            sums[i] = amount > 0 ? INT64_MAX : INT64_MIN;
    }
}

/* Adds what the ladder counts, and upgrades; returns the reason of a change that is to be told, or NULL. */
static const char *qualify(const struct walk *walk, const int64_t *amounts, bool bounded, int64_t now)
{
    const struct tier_ladder *ladder = walk->ladder;
    struct ladder_state *state = walk->state;
    int64_t counted[TIER_METRICS];
    bool rises = false;

    for (size_t i = 0; i < TIER_METRICS; i++)
        rises = rises || amounts[i] > 0;
    add_up(state->sums, amounts, bounded);
    size_t held = ladder_level(ladder, state->tier), reached = walk_level(ladder, state->sums);
    if (rises && reached > held) {
        walk_set_tier(walk, reached, now);
        state->grace = false;
        state->until = walk_period_end(walk, now);
        if (state->from >= now) /* in the instant in which its period began: still within it */
            state->from = now - 1;
        return "qualified";
    }
    ladder_counted(ladder, state, counted);
    if (state->grace && tier_met(ladder, &ladder->levels[held].to_keep, ladder->levels[held].keep, counted)) {
        walk_start_period(walk, now);
        return "kept";
    }
    return NULL;
}

/* A decision that writes anything has a row. */
static void journal_measure(struct decision *decision, const struct programme *programme, const struct member *leader,
                            int64_t loyalty)
{
    struct journal_row *row = journal_add(decision, leader, 0, "tier_measure", decision->now);
    struct builder facts = {.arena = decision->arena};

    builder_format(&facts, "{\"loyalty\":%lld}", (long long)loyalty);
    row->facts = builder_done(&facts);
    row->day = zone_day(programme->zone, decision->now);
}

/* ---- trials ---- */

static bool trial_met(const struct tier_ladder *ladder, const struct right *right)
{
    const struct tier_requirement requirement = {right->kept_by, right->kept_by_count};

    return right->kept_by_count > 0 && tier_met(ladder, &requirement, 0, right->sums);
}

/* The trials on a ladder go on; one that is met becomes the earned tier. True: one did. */
static bool go_on_trial(const struct walk *walk, struct held *held, const int64_t *amounts, bool bounded, int64_t now)
{
    bool kept = false;

    for (size_t i = 0; i < held->right_count; i++) {
        struct right *right = &held->rights[i];
        if (right->kept_by_count == 0 || !ladder_is(walk->programme, walk->ladder, right->ladder))
            continue;
        add_up(right->sums, amounts, bounded);
        if (!trial_met(walk->ladder, right))
            continue;
        size_t level = ladder_level(walk->ladder, right->tier);
        if (level > ladder_level(walk->ladder, walk->state->tier)) {
            walk_set_tier(walk, level, now);
            walk_start_period(walk, now);
        }
        right_drop(held, i--);
        kept = true;
    }
    return kept;
}

/* ---- an event ---- */

/* Adds a gain on one ladder, and fills what is to be told. */
static void qualify_on(const struct programme *programme, const struct tier_ladder *ladder, struct held *held,
                       const struct tier_gain *gain, struct tier_change *change)
{
    int64_t all[TIER_METRICS], counted[TIER_METRICS];
    bool any = false, trial = false;

    gain_amounts(ladder, gain, all);
    for (size_t i = 0; i < TIER_METRICS; i++) {
        counted[i] = (ladder->counts >> i & 1) != 0 ? all[i] : 0;
        any = any || counted[i] != 0;
    }
    for (size_t i = 0; i < held->right_count; i++)
        trial = trial || (held->rights[i].kept_by_count > 0 && ladder_is(programme, ladder, held->rights[i].ladder));
    if (!any && !trial)
        return;
    struct ladder_state *state = walk_state(programme, ladder, held, change->registered_at, change->at);
    if (state == NULL)
        return;
    const struct walk walk = {programme, ladder, state, change->registered_at};
    change->from = tier_counting(programme, ladder, held);
    if (any)
        change->reason = qualify(&walk, counted, gain->bounded, change->at);
    if (trial && go_on_trial(&walk, held, all, gain->bounded, change->at))
        change->reason = "trial_kept";
    change->to = tier_counting(programme, ladder, held);
}

enum status tier_qualify(struct decision *decision, struct member *leader, const struct programme *programme,
                         const struct tier_gain *gain, int64_t cause, struct error *err)
{
    struct held held;

    (void)err;
    if (programme->ladder.level_count == 0)
        return STATUS_OK;
    held_read(&leader->standing, programme->ladder.metric, &held);
    for (size_t i = 0; i < programme_ladder_count(programme); i++) {
        const struct tier_ladder *ladder = programme_ladder(programme, i);
        struct tier_change change = {
            .ladder = ladder, .at = decision->now, .cause = cause, .registered_at = leader->registered_at};
        qualify_on(programme, ladder, &held, gain, &change);
        if (change.reason != NULL && (!text_equal(change.from, change.to) || !tier_hidden(programme, ladder, &held)))
            tier_change_journal(decision, programme, leader, &change);
    }
    held_write(decision->arena, programme, &held, &leader->standing);
    leader->standing_changed = true;
    standing_due(leader, tier_due(&leader->standing));
    return STATUS_OK;
}

enum status tier_measure(struct decision *decision, struct member *leader, const struct programme *programme,
                         int64_t loyalty, bool *changed)
{
    struct held held;

    held_read(&leader->standing, programme->ladder.metric, &held);
    for (size_t i = 0; i < programme_ladder_count(programme); i++) {
        const struct tier_ladder *ladder = programme_ladder(programme, i);
        int64_t amounts[TIER_METRICS] = {0};
        struct tier_change change = {.ladder = ladder, .at = decision->now};
        if ((ladder->counts >> TIER_LOYALTY & 1) == 0)
            continue;
        struct ladder_state *state = walk_state(programme, ladder, &held, leader->registered_at, decision->now);
        if (state == NULL || state->sums[TIER_LOYALTY] == loyalty)
            continue;
        const struct walk walk = {programme, ladder, state, leader->registered_at};
        amounts[TIER_LOYALTY] = loyalty - state->sums[TIER_LOYALTY];
        change.from = tier_counting(programme, ladder, &held);
        change.reason = qualify(&walk, amounts, false, decision->now);
        change.to = tier_counting(programme, ladder, &held);
        *changed = true;
        if (change.reason != NULL && (!text_equal(change.from, change.to) || !tier_hidden(programme, ladder, &held)))
            tier_change_journal(decision, programme, leader, &change);
        else
            journal_measure(decision, programme, leader, loyalty);
    }
    if (!*changed)
        return STATUS_OK;
    held_write(decision->arena, programme, &held, &leader->standing);
    leader->standing_changed = true;
    standing_due(leader, tier_due(&leader->standing));
    return STATUS_OK;
}

void tier_qualify_share(struct arena *arena, const struct programme *programme, struct standing *standing,
                        int64_t registered_at, const struct tier_gain *gain, int64_t now)
{
    struct held held;

    tier_settle_share(arena, programme, standing, registered_at, now);
    if (programme->ladder.level_count == 0)
        return;
    held_read(standing, programme->ladder.metric, &held);
    for (size_t i = 0; i < programme_ladder_count(programme); i++) {
        struct tier_change change = {.at = now, .registered_at = registered_at};
        qualify_on(programme, programme_ladder(programme, i), &held, gain, &change);
    }
    held_write(arena, programme, &held, standing);
}

void tier_reach(struct arena *arena, const struct programme *programme, struct standing *standing,
                int64_t registered_at, int64_t now)
{
    struct held held;

    if (programme->ladder.level_count == 0)
        return;
    held_read(standing, programme->ladder.metric, &held);
    for (size_t i = 0; i < programme_ladder_count(programme); i++) {
        const struct tier_ladder *ladder = programme_ladder(programme, i);
        int64_t together[TIER_METRICS];
        struct ladder_state *state = walk_state(programme, ladder, &held, registered_at, now);
        if (state == NULL)
            continue;
        const struct walk walk = {programme, ladder, state, registered_at};
        memcpy(together, state->sums, sizeof together);
        memset(state->sums, 0, sizeof state->sums);
        qualify(&walk, together, false, now);
    }
    held_write(arena, programme, &held, standing);
}
