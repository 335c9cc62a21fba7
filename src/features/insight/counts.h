/* counts.h: what is counted on purchases: gaps, baskets, the value pyramid, lifecycle stages and how they change. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_COUNTS_H
#define PATRON_FEATURES_INSIGHT_COUNTS_H

#include "features/customers/standing.h"
#include "features/insight/clv_log.h"

/* How numbers spread. */
struct spread {
    double count, mean, deviation; /* of a sample */
    double least, quarter, median, three_quarters, nine_tenths, most;
};

/* Sorts `values` in place; quantiles lie between neighbours in proportion. All but count NaN without values. */
void spread_measure(double *values, size_t count, struct spread *out);

/* Days between the purchase days of customers: all gaps, or one mean for each customer with three purchase days or more. */
void counts_gaps(struct arena *arena, const struct clv_purchases *purchases, struct spread *all,
                 struct spread *by_customer);

/* One line of a basket: baskets[i] of purchase i; UINT32_MAX: of no basket. */
struct basket_lines {
    const struct clv_purchases *purchases;
    const uint32_t *baskets;  /* NULL: the purchases of a customer on one day are a basket */
    const double *quantities; /* NULL, or NaN: one item a line */
    size_t basket_count;      /* with `baskets` */
};

void counts_baskets(struct arena *arena, const struct basket_lines *lines, struct spread *items, struct spread *values);

/* ---- the value pyramid ---- */

enum { PYRAMID_LAYERS = 4 };

/* The best 1 %, the next 4 %, the next 15 % and the other 80 % of the customers (Curry 1992). */
struct pyramid_layer {
    double from, to; /* shares of the customers, from the best */
    double customers, value, share, mean;
};

void counts_pyramid(struct arena *arena, const double *values, size_t count, struct pyramid_layer out[PYRAMID_LAYERS]);

/* ---- lifecycle stages ---- */

enum { STAGES = STAGE_WON_BACK + 1 };

/* Customers by their stage on one day (row) and on a later one (column), by the rule of standing.h counted in days. */
struct stage_changes {
    double from[STAGES], to[STAGES];
    double changes[STAGES][STAGES];
    double usual; /* median of the usual intervals of those with three purchase days; NaN: nobody has */
};

void counts_stages(struct arena *arena, const struct clv_purchases *purchases, int32_t from, int32_t to,
                   struct stage_changes *out);

#endif
