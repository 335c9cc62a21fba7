/* One person out of what several members hold. */
#include "features/programme/tier_walk.h"

/* The higher tier with its dates; sums of both, from the later start. */
static void fold_state(const struct tier_ladder *ladder, struct ladder_state *folded, const struct ladder_state *share)
{
    size_t mine = ladder_level(ladder, folded->tier), theirs = ladder_level(ladder, share->tier);
    struct ladder_state higher = theirs > mine || (theirs == mine && share->until > folded->until) ? *share : *folded;

    for (size_t i = 0; i < TIER_LOYALTY; i++)
        higher.sums[i] = folded->sums[i] + share->sums[i];
    higher.sums[TIER_LOYALTY] =
        folded->sums[TIER_LOYALTY] > share->sums[TIER_LOYALTY] ? folded->sums[TIER_LOYALTY] : share->sums[TIER_LOYALTY];
    higher.from = folded->from > share->from ? folded->from : share->from;
    *folded = higher;
}

static void fold_held(const struct programme *programme, struct held *folded, const struct held *share)
{
    for (size_t i = 0; i < share->ladder_count; i++) {
        const struct tier_ladder *ladder = ladder_of(programme, &share->ladders[i]);
        size_t at = 0;
        while (at < folded->ladder_count && !text_equal(folded->ladders[at].ladder, share->ladders[i].ladder))
            at++;
        if (at == folded->ladder_count && at <= LADDERS_MAX)
            folded->ladders[folded->ladder_count++] = share->ladders[i];
        else if (at < folded->ladder_count && ladder != NULL)
            fold_state(ladder, &folded->ladders[at], &share->ladders[i]);
    }
    for (size_t i = 0; i < share->right_count; i++) {
        size_t at = 0;
        while (at < folded->right_count && folded->rights[at].id != share->rights[i].id)
            at++;
        if (at == folded->right_count && at < RIGHTS_MAX)
            folded->rights[folded->right_count++] = share->rights[i];
    }
}

void tier_fold(struct arena *arena, const struct programme *programme, struct standing *folded,
               const struct standing *shares, size_t count)
{
    struct held *held = arena_alloc(arena, 2 * sizeof *held);
    bool any = false;

    for (size_t i = 0; i < count; i++)
        any = any || shares[i].held.size > 0;
    folded->held = (struct text){NULL, 0};
    if (!any)
        return;
    held_read(&shares[0], programme->ladder.metric, &held[0]);
    for (size_t i = 1; i < count; i++) {
        held_read(&shares[i], programme->ladder.metric, &held[1]);
        fold_held(programme, &held[0], &held[1]);
    }
    held_write(arena, programme, &held[0], folded);
}
