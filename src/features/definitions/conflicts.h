/* conflicts.h: definitions of one kind that contradict each other. Pure. */
#ifndef PATRON_FEATURES_DEFINITIONS_CONFLICTS_H
#define PATRON_FEATURES_DEFINITIONS_CONFLICTS_H

#include "features/definitions/definition.h"

enum { CONFLICTS_MAX = 1000 }; /* found at once; there may be more */

struct definition_conflict {
    const struct definition *a, *b; /* version 0: a draft */
    struct text reason;
};

struct conflicts {
    struct arena *arena;
    struct definition_conflict *items;
    size_t count, capacity;
};

/* Adds what of `items` contradicts `one`: of other codes, in force at the same time as it, by the kind's own rule. */
void conflicts_with(struct conflicts *conflicts, const struct definition_kind *kind, const struct definition *one,
                    const struct definition *items, size_t count);

/* Adds every pair of `items` that contradict each other. */
void conflicts_among(struct conflicts *conflicts, const struct definition_kind *kind, const struct definition *items,
                     size_t count);

#endif
