/* What time alone does to tiers and rights. */
#include <assert.h>
#include <string.h>

#include "features/programme/tier_walk.h"

int64_t tier_due(const struct standing *standing)
{
    int64_t due = standing->tier.size > 0 ? standing->tier_until : INSTANT_NEVER;
    struct held held;

    if (standing->held.size == 0)
        return due;
    held_read(standing, TIER_POINTS, &held); /* the sums do not matter */
    due = INSTANT_NEVER;
    for (size_t i = 0; i < held.ladder_count; i++)
        if (held.ladders[i].tier.size > 0 && held.ladders[i].until < due)
            due = held.ladders[i].until;
    for (size_t i = 0; i < held.right_count; i++)
        if (held.rights[i].until < due)
            due = held.rights[i].until;
    return due;
}

/* The level after a period in which the tier was not kept. */
static size_t lowered(const struct tier_ladder *ladder, size_t level, const int64_t *counted)
{
    size_t below = level - 1, earned;

    while (below > 0 && ladder->levels[below].invitation_only)
        below--;
    if (ladder->downgrade == DOWNGRADE_BY_BALANCE) {
        earned = walk_level(ladder, counted);
        below = earned < below ? earned : below;
    }
    return level >= ladder->floor && below < ladder->floor ? ladder->floor : below;
}

/* The period is over: keeps, gives grace or lowers. Returns what is to be told; NULL: nothing. */
static const char *end_period(const struct walk *walk)
{
    const struct tier_ladder *ladder = walk->ladder;
    struct ladder_state *state = walk->state;
    int64_t at = state->until, counted[TIER_METRICS];
    size_t level = ladder_level(ladder, state->tier);

    ladder_counted(ladder, state, counted);
    if (level == 0 || tier_met(ladder, &ladder->levels[level].to_keep, ladder->levels[level].keep, counted)) {
        bool renamed = !text_equal(state->tier, ladder->levels[level].code);
        state->tier = ladder->levels[level].code;
        walk_start_period(walk, at);
        return level > 0 ? "kept" : renamed ? "period" : NULL;
    }
    if (!state->grace && ladder->grace_days > 0) {
        state->grace = true;
        state->until = zone_day_start(walk->programme->zone, zone_day(walk->programme->zone, at) + ladder->grace_days);
        return "grace";
    }
    size_t to = lowered(ladder, level, counted);
    if (to != level) /* the floor is where it stands */
        walk_set_tier(walk, to, at);
    walk_start_period(walk, at);
    return to != level ? "not_kept" : "floor";
}

/* A ladder that the programme no longer has. */
static void withdraw(struct held *held, size_t index)
{
    if (index == 0) {
        held->ladders[0] = (struct ladder_state){.until = INSTANT_NEVER};
        return;
    }
    held->ladder_count--;
    memmove(&held->ladders[index], &held->ladders[index + 1], (held->ladder_count - index) * sizeof held->ladders[0]);
}

/* Ends the period of ladder `index`, which is due. */
static void end_ladder(const struct programme *programme, struct held *held, size_t index, struct tier_change *change)
{
    struct ladder_state *state = &held->ladders[index];
    const struct tier_ladder *ladder = ladder_of(programme, state);
    const struct walk walk = {programme, ladder, state, change->registered_at};

    change->from = state->tier;
    if (ladder == NULL) {
        change->reason = "withdrawn";
        withdraw(held, index);
        return;
    }
    bool hidden = tier_hidden(programme, ladder, held);
    if (hidden)
        change->from = tier_counting(programme, ladder, held);
    change->ladder = ladder;
    change->reason = end_period(&walk);
    change->to = tier_counting(programme, ladder, held);
    if (hidden && text_equal(change->from, change->to))
        change->reason = NULL;
}

static void journal_right_end(struct decision *decision, const struct programme *programme, const struct member *leader,
                              const struct right *right)
{
    struct builder facts = {.arena = decision->arena};

    if (right->kind == RIGHT_TIER)
        return;
    struct journal_row *row = journal_add(decision, leader, 0, right_ended_kind(right->kind), right->until);
    builder_string(&facts, "{\"code\":");
    tier_write_code(&facts, right->code);
    builder_char(&facts, '}');
    row->facts = builder_done(&facts);
    row->day = zone_day(programme->zone, right->until);
    row->cause = right->id;
}

/* One change that is due at `at`: ladders first, in their order. The right that ended, if one did, in `*ended`. */
static bool settle_one(const struct programme *programme, struct held *held, struct tier_change *change,
                       struct right *ended)
{
    for (size_t i = 0; i < held->ladder_count; i++)
        if (held->ladders[i].tier.size > 0 && held->ladders[i].until == change->at) {
            end_ladder(programme, held, i, change);
            return false;
        }
    for (size_t i = 0; i < held->right_count; i++)
        if (held->rights[i].until == change->at) {
            *ended = right_lapse(programme, held, i, change);
            return true;
        }
    assert(false); /* nothing is due then */
    return false;
}

enum status tier_advance(struct decision *decision, struct member *leader, const struct programme *programme,
                         struct error *err)
{
    struct tier_change change = {.at = tier_due(&leader->standing), .registered_at = leader->registered_at};
    struct right ended;
    struct held held;

    (void)err;
    assert(change.at != INSTANT_NEVER);
    held_read(&leader->standing, programme->ladder.metric, &held);
    if (settle_one(programme, &held, &change, &ended))
        journal_right_end(decision, programme, leader, &ended);
    if (change.reason != NULL)
        tier_change_journal(decision, programme, leader, &change);
    held_write(decision->arena, programme, &held, &leader->standing);
    leader->standing_changed = true;
    return STATUS_OK;
}

void tier_settle_share(struct arena *arena, const struct programme *programme, struct standing *standing,
                       int64_t registered_at, int64_t now)
{
    for (int64_t due = tier_due(standing); due <= now; due = tier_due(standing)) {
        struct tier_change change = {.at = due, .registered_at = registered_at};
        struct right ended;
        struct held held;
        held_read(standing, programme->ladder.metric, &held);
        settle_one(programme, &held, &change, &ended);
        held_write(arena, programme, &held, standing);
    }
}
