/*
 * rfm.h: recency, frequency and monetary value as scores 1 .. bins over a base. Pure, on plain arrays.
 *
 * A value's score is 1 + floor(bins x (values strictly below it) / n): equal values always get equal scores, the best
 * score is `bins`, and a bin may be empty when many values are equal. With distinct values the bins are quantiles.
 * After A. M. Hughes, Strategic Database Marketing (1994), with ties kept together.
 */
#ifndef PATRON_FEATURES_INSIGHT_RFM_H
#define PATRON_FEATURES_INSIGHT_RFM_H

#include <stddef.h>
#include <stdint.h>

#include "foundation/arena.h"

enum { RFM_BINS_MIN = 2, RFM_BINS_MAX = 10, RFM_BINS_DEFAULT = 5 };

/* The values at which scores 2, 3 ... bins begin; INT64_MAX: nobody reaches that score. */
struct rfm_cuts {
    int bins;
    int64_t starts[RFM_BINS_MAX - 1];
};

/* Sorts `values` (of `count`, changed in place) and finds the cuts. bins between RFM_BINS_MIN and RFM_BINS_MAX. */
struct rfm_cuts rfm_cut(int64_t *values, size_t count, int bins);

/* 1 .. bins; higher is better: of recency pass what grows with it, such as the day of the last purchase. */
int rfm_score(const struct rfm_cuts *cuts, int64_t value);

struct rfm_value {
    int64_t recency; /* the later the larger */
    int64_t frequency;
    int64_t monetary;
};
struct rfm_scores {
    int recency, frequency, monetary;
};

/* Scores every one of `count` customers into `scores`; `scratch` holds the sorted copies. */
void rfm_score_all(struct arena *scratch, const struct rfm_value *values, size_t count, int bins,
                   struct rfm_scores *scores);

#endif
