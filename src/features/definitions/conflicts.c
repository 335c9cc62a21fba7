#include "features/definitions/conflicts.h"

void conflicts_with(struct conflicts *conflicts, const struct definition_kind *kind, const struct definition *one,
                    const struct definition *items, size_t count)
{
    for (size_t i = 0; kind->conflicts != NULL && i < count && conflicts->count < CONFLICTS_MAX; i++) {
        const struct definition *other = &items[i];
        struct text reason = {NULL, 0};

        if (!definitions_overlap(one, other) || text_equal(one->code, other->code) ||
            !kind->conflicts(conflicts->arena, one, other, &reason))
            continue;
        conflicts->items = arena_grow(conflicts->arena, conflicts->items, &conflicts->capacity, conflicts->count + 1,
                                      sizeof *conflicts->items);
        conflicts->items[conflicts->count++] = (struct definition_conflict){one, other, reason};
    }
}

void conflicts_among(struct conflicts *conflicts, const struct definition_kind *kind, const struct definition *items,
                     size_t count)
{
    for (size_t i = 0; i + 1 < count; i++)
        conflicts_with(conflicts, kind, &items[i], &items[i + 1], count - i - 1);
}
