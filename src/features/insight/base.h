/* base.h: figures over all standings: active members, buyers, stages and the RFM grid. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_BASE_H
#define PATRON_FEATURES_INSIGHT_BASE_H

#include "features/customers/standing.h"
#include "features/insight/rfm.h"

enum { STAGE_COUNT = STAGE_WON_BACK + 1 };

/* Counts as one standing after the other is added. */
struct base_counts {
    int64_t now;
    int32_t today;
    int64_t median_interval;
    const struct lifecycle *rules; /* NULL: the usual ones */
    int64_t standings, active;
    int64_t buyers, repeat_buyers; /* ever */
    int64_t stages[STAGE_COUNT];
    int64_t stage_spend[STAGE_COUNT];
};
void base_count(void *counts, const struct standing *standing);

/* The buyers of a base as arrays for RFM; people without a purchase have no scores. */
struct rfm_base {
    struct arena *arena;
    struct rfm_value *values;
    size_t count, capacity;
};
void rfm_base_add(void *base, const struct standing *standing);
struct rfm_value rfm_value_of(const struct standing *standing);

/* Customers and their value in one cell of the grid. */
struct rfm_cell {
    int64_t count, monetary;
};
struct rfm_grid {
    struct rfm_cuts recency, frequency, monetary;
    /* recency x frequency x monetary, each from 1: cells[((r - 1) * bins + f - 1) * bins + m - 1] */
    struct rfm_cell *cells;
    size_t count;
};
struct rfm_grid rfm_grid_make(const struct rfm_base *base, int bins);
struct rfm_scores rfm_grid_score(const struct rfm_grid *grid, struct rfm_value value);

#endif
