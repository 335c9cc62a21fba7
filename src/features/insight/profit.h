/* profit.h: what members bring after what they cost: who the best are, and what the rest takes away again. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_PROFIT_H
#define PATRON_FEATURES_INSIGHT_PROFIT_H

#include <stddef.h>
#include <stdint.h>

#include "foundation/arena.h"

enum { PROFIT_SAMPLES = 200 };

/* A member's sums. profit = sales - goods - serving. */
struct profit_member {
    double purchases, sales, goods, serving, profit;
};

/* The best `share` of the members by profit; a part of a member counts in part. */
struct profit_part {
    double members, sales, serving, profit;
    double of_sales, of_profit;           /* as shares of all; NaN where all is not above 0 */
    double of_profit_low, of_profit_high; /* 90 % interval, by a bootstrap of members */
};

struct profit_summary {
    struct profit_member all;
    double members, losing;         /* bring less than they cost */
    double lost;                    /* their losses, above 0 */
    double peak_share, peak_profit; /* the best members up to the last one who brings something */
};

void profit_summarise(const struct profit_member *members, size_t count, struct profit_summary *out);
void profit_best(struct arena *arena, const struct profit_member *members, size_t count, double share, uint64_t seed,
                 struct profit_part *out);

/* Order of members from the most profitable on. */
void profit_rank(struct arena *arena, const struct profit_member *members, size_t count, uint32_t **out);

#endif
