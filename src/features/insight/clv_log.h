/* clv_log.h: purchases of customers summed up to what the models of lifetime value need. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_CLV_LOG_H
#define PATRON_FEATURES_INSIGHT_CLV_LOG_H

#include "features/insight/clv_rows.h"

struct clv_purchase {
    uint32_t customer; /* 0 .. customer_count - 1 */
    int32_t day;
    double amount;
};

/* All purchases of a base, in any order. */
struct clv_purchases {
    const struct clv_purchase *list;
    size_t count;
    size_t customer_count;
};

/* How much a customer spends: repeat purchases above 0, and their mean. */
struct clv_spend {
    uint32_t purchases;
    double mean;
};

/* Customers who bought by the end of the observation, in the order of their numbers. */
struct clv_history {
    uint32_t *numbers; /* of `customer` */
    struct clv_customer *customers;
    struct clv_spend *spends;
    uint32_t *later;       /* purchases after the end, up to `until`; NULL without a holdout */
    double *later_amounts; /* their sum; NULL without a holdout */
    size_t count;
    double log_gaps;   /* for clv_rows */
    double regularity; /* k by Wheat and Morrison (1990); NaN with fewer than three customers of two gaps */
    int32_t end, until;
};

struct clv_period {
    int32_t end;   /* last day observed */
    int32_t until; /* last day of the holdout; `end`: none */
};

/*
 * Sums up purchases in any order. Purchases of a customer on one day are one, their amounts are added; times are in weeks
 * of 7 days. A mean spend leaves the first purchase out, as the models do, and counts days with an amount above 0.
 */
void clv_log_sum(struct arena *arena, const struct clv_purchase *purchases, size_t count, size_t customer_count,
                 const struct clv_period *period, struct clv_history *out);

/* The day of the last purchase observed of the i-th customer. */
int32_t clv_last_day(const struct clv_history *history, size_t i);

/* The rows of a history, with its gaps. */
enum status clv_history_rows(struct arena *arena, const struct clv_history *history, struct clv_rows *out,
                             struct error *err);

#endif
