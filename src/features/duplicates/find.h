/* find.h: the pairs of a base that are probably one person, by a model learned from the base itself. Pure. */
#ifndef PATRON_FEATURES_DUPLICATES_FIND_H
#define PATRON_FEATURES_DUPLICATES_FIND_H

#include "features/duplicates/compare.h"
#include "foundation/error.h"

/* Above it a pair is shown and counted, unless another threshold is asked for. */
#define DUPLICATE_THRESHOLD 0.9

struct duplicate_pair {
    uint32_t a, b; /* indexes of records, a < b */
    uint64_t code;
    double weight; /* bits for being one person, rarity included */
    double rarity; /* the part of it that is not of the levels */
    double probability;
    bool implied; /* not near itself: both are one person with a third */
};

struct duplicate_search {
    size_t threads;   /* 0: as many as there are processors */
    double threshold; /* of probability; 0: DUPLICATE_THRESHOLD */
    bool whole;       /* with the implied pairs, and without those that a group of records speaks against */
    /* Between steps; false ends the search. May be NULL. */
    bool (*go_on)(void *context, size_t done, size_t total);
    void *context;
};

struct duplicate_result {
    struct linkage_model model;
    struct duplicate_pair *pairs; /* the most probable first */
    size_t pair_count;
    uint32_t *groups; /* of each record: the index of the first record that is the same person */
    size_t compared;  /* near pairs that were worth a look */
    int steps;        /* of learning */
    bool stopped;     /* by go_on: nothing else is set */
};

/* STATUS_LIMIT `duplicates.memory` when there is no memory. */
enum status duplicates_find(struct arena *arena, const struct duplicate_base *base,
                            const struct duplicate_search *search, struct duplicate_result *out, struct error *err);

#endif
