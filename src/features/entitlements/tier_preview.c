#include "features/entitlements/tier_preview.h"

static void add_alternative(struct tier_goal *goal, const struct tier_minimums *needs, const int64_t *sums)
{
    struct tier_missing *entry = &goal->alternatives[goal->count++];

    *entry = (struct tier_missing){.needs = *needs, .met = true};
    for (size_t i = 0; i < TIER_METRICS; i++) {
        if (sums[i] >= needs->at_least[i])
            continue;
        entry->missing.at_least[i] = needs->at_least[i] - sums[i];
        entry->met = false;
    }
    goal->met = goal->met || entry->met;
}

static void set_goal(struct tier_goal *goal, const struct tier_ladder *ladder,
                     const struct tier_requirement *requirement, int64_t plain, const int64_t *sums)
{
    struct tier_minimums needs = {{0}};

    for (size_t i = 0; i < requirement->count; i++)
        add_alternative(goal, &requirement->any_of[i], sums);
    if (requirement->count > 0)
        return;
    needs.at_least[ladder->metric] = plain;
    if (plain > 0)
        add_alternative(goal, &needs, sums);
    else
        goal->met = true;
}

void tier_preview_make(const struct programme *programme, const struct tier_ladder *ladder, const struct held *held,
                       const struct member *leader, int64_t now, struct tier_preview *out)
{
    int64_t counted[TIER_METRICS];

    *out = (struct tier_preview){.ladder = ladder,
                                 .state = held_state(programme, ladder, held, leader->registered_at, now)};
    size_t level = held_level(programme, ladder, held, &out->given);
    size_t earned = ladder_level(ladder, out->state.tier);
    out->level = &ladder->levels[level];
    out->earned = &ladder->levels[earned];
    out->since = out->given != NULL ? out->given->from : out->state.since;
    out->until = out->given != NULL ? out->given->until : out->state.until;
    out->next.by = out->keep.by = out->state.until;
    for (size_t i = level + 1; i < ladder->level_count && out->next.level == NULL; i++)
        if (!ladder->levels[i].invitation_only)
            out->next.level = &ladder->levels[i];
    if (out->next.level != NULL)
        set_goal(&out->next, ladder, &out->next.level->to_qualify, out->next.level->qualify, out->state.sums);
    if (earned == 0)
        return;
    out->keep.level = out->earned;
    ladder_counted(ladder, &out->state, counted);
    set_goal(&out->keep, ladder, &out->earned->to_keep, out->earned->keep, counted);
}

void trial_preview(const struct right *right, struct tier_goal *out)
{
    *out = (struct tier_goal){.by = right->until};
    for (size_t i = 0; i < right->kept_by_count; i++)
        add_alternative(out, &right->kept_by[i], right->sums);
}
