#include "features/feeds/feed.h"

#include <stdlib.h>

void advertisements_add(struct arena *arena, const struct definition_kind *kind, const struct definition *definition,
                        struct text channel, struct advertisements *out)
{
    struct advertisement one;

    if (!advertisement_of(kind, definition, channel, &one))
        return;
    out->items = arena_grow(arena, out->items, &out->capacity, out->count + 1, sizeof *out->items);
    out->items[out->count++] = one;
}

void advertisements_gather(struct arena *arena, const struct programme_set *set, struct text channel,
                           struct advertisements *out)
{
    const struct definition_set *all = set->definitions;

    *out = (struct advertisements){.count = 0};
    for (size_t i = 0; all != NULL && i < all->count; i++)
        for (size_t d = 0; all->lists[i].kind->advertised != NULL && d < all->lists[i].count; d++)
            advertisements_add(arena, all->lists[i].kind, &all->lists[i].items[d], channel, out);
}

static bool is_shown(const struct advertisement *one, int64_t at)
{
    return one->from <= at && at < one->until;
}

struct feed feed_at(struct arena *arena, const struct advertisements *all, int64_t at)
{
    struct feed feed = {
        .items = arena_array(arena, all->count + 1, sizeof *feed.items), .from = INT64_MIN, .until = INSTANT_NEVER};

    for (size_t i = 0; i < all->count; i++) {
        const int64_t changes[] = {all->items[i].from, all->items[i].until};
        for (size_t c = 0; c < 2; c++) {
            if (changes[c] <= at && changes[c] > feed.from)
                feed.from = changes[c];
            if (changes[c] > at && changes[c] < feed.until)
                feed.until = changes[c];
        }
        if (is_shown(&all->items[i], at))
            feed.items[feed.count++] = &all->items[i];
    }
    return feed;
}

static int latest_first(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;

    return (*a < *b) - (*a > *b);
}

size_t feed_changes(struct arena *arena, const struct advertisements *all, int64_t before, size_t max,
                    const int64_t **out)
{
    int64_t *changes = arena_array(arena, 2 * all->count + 1, sizeof *changes);
    size_t found = 0, count = 0;

    for (size_t i = 0; i < all->count; i++) {
        if (all->items[i].from < before)
            changes[found++] = all->items[i].from;
        if (all->items[i].until < before)
            changes[found++] = all->items[i].until;
    }
    if (found > 1)
        qsort(changes, found, sizeof *changes, latest_first);
    for (size_t i = 0; i < found && count < max; i++)
        if (i == 0 || changes[i] != changes[count - 1])
            changes[count++] = changes[i];
    *out = changes;
    return count;
}

struct feed_proof feed_prove(const struct advertisements *all, const struct definition_kind *kind, struct text code,
                             int64_t at)
{
    struct feed_proof proof = {NULL, NULL, NULL};

    for (size_t i = 0; i < all->count; i++) {
        const struct advertisement *one = &all->items[i];
        if ((kind != NULL && one->kind != kind) || !text_equal(one->definition->code, code))
            continue;
        if (is_shown(one, at) && proof.shown == NULL)
            proof.shown = one;
        if (one->until <= at && (proof.before == NULL || one->until > proof.before->until))
            proof.before = one;
        if (one->from > at && (proof.after == NULL || one->from < proof.after->from))
            proof.after = one;
    }
    if (proof.shown != NULL)
        proof.before = proof.after = NULL;
    return proof;
}
