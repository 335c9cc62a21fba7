/*
 * breakage.h: what of the points that are out will still be redeemed, learned from how the points of each month of issue
 * were redeemed as they grew older. Pure.
 *
 * The figures of a month of issue by age are a row of a triangle; the chain ladder (mathematics/chain_ladder.h) carries
 * them on. A month of issue that has hardly begun to be redeemed takes the rate of all months instead (Cape Cod: what was
 * redeemed over what was issued, each month weighted by how far it has developed).
 */
#ifndef PATRON_FEATURES_FINANCE_BREAKAGE_H
#define PATRON_FEATURES_FINANCE_BREAKAGE_H

#include "features/finance/fold.h"
#include "mathematics/chain_ladder.h"

enum { BREAKAGE_MONTHS_MIN = 6, BREAKAGE_MONTHS_MAX = CHAIN_LADDER_SIZE_MAX, BREAKAGE_CONFIDENCE_PERCENT = 90 };

struct finance_vintage {
    int32_t month;  /* of issue */
    int64_t issued; /* with what was adjusted, taken over and clawed back: what could be redeemed */
    int64_t redeemed;
    int64_t expired;
    int64_t outstanding;
    double expected;     /* of the outstanding, to be redeemed */
    double developed;    /* share of its redemption that its age has usually seen */
    bool by_rate;        /* by the rate of all months: too little was redeemed yet */
    const int64_t *ages; /* redeemed by age in months, month_count - index of them; not cumulative */
    size_t age_count;
};

struct finance_breakage {
    bool enough;  /* there is enough history to estimate from; otherwise all that is outstanding counts */
    bool growing; /* the oldest months of issue are still being redeemed: the estimate is rather too low */
    int32_t as_of;
    struct finance_vintage *vintages; /* oldest first */
    size_t count;
    double *factors; /* by age: redeemed up to the next age over redeemed so far; count - 1 of them */
    int64_t outstanding;
    double expected, standard_error, low, high; /* points; the range holds so many percent */
    double rate;                                /* of redemption in the end, over all months of issue */
    struct text sentence;
};

/* The points account of `sums` (SUM_VINTAGE, one wallet, any order) at the end of the month `as_of`. */
struct finance_breakage *finance_breakage_estimate(struct arena *arena, const struct finance_sum *sums, size_t count,
                                                   int32_t as_of);

#endif
