/* loyalty_base.h: the loyalty index of all members on any day, and whether it foretells who buys. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_LOYALTY_BASE_H
#define PATRON_FEATURES_INSIGHT_LOYALTY_BASE_H

#include "features/insight/clv_log.h"
#include "features/insight/loyalty.h"
#include "mathematics/ranking.h"

enum { LOYALTY_USUAL_DAYS = 30, LOYALTY_DECILES = 10, LOYALTY_CHECK_MIN = 100 };

#define LOYALTY_UNDATED INT32_MIN

/* What a member said or showed; parts between 0 and 1, NaN: nothing. */
struct loyalty_answer {
    uint32_t customer;
    int32_t day; /* LOYALTY_UNDATED: holds on every day */
    double parts[LOYALTY_PARTS];
};

/* Everything that is known, by customer and day. */
struct loyalty_base {
    const struct clv_purchase *purchases;
    size_t purchase_count;
    const struct loyalty_answer *answers;
    size_t answer_count;
    size_t customer_count;
    double usual; /* days */
    struct loyalty_weights weights;
};

/*
 * Copies and sorts. The usual interval is the median of all gaps between purchase days, LOYALTY_USUAL_DAYS when nobody has
 * bought twice.
 */
void loyalty_base_build(struct arena *arena, const struct clv_purchases *purchases,
                        const struct loyalty_answer *answers, size_t answer_count,
                        const struct loyalty_weights *weights, struct loyalty_base *out);

struct loyalty_member {
    bool here; /* bought or answered by then */
    double parts[LOYALTY_PARTS];
    struct loyalty_score score;
};

/* Each customer as of a day; the newest answer to each question counts. `out` has customer_count elements. */
void loyalty_measure(const struct loyalty_base *base, int32_t now, struct loyalty_member *out);

/* A mean over members with its 90 % interval. */
struct loyalty_mean {
    double members, mean, low, high; /* NaN without members */
};

struct loyalty_summary {
    struct loyalty_mean index, sides[LOYALTY_SIDES], parts[LOYALTY_PARTS];
    double known; /* mean share of the weights that is known */
};

/* `groups` (may be NULL: all) numbers the group of each customer; only `group` counts. */
void loyalty_summarise(const struct loyalty_member *members, size_t count, const uint32_t *groups, uint32_t group,
                       struct loyalty_summary *out);

/* Whether behaviour's index foretells purchases better than scores of recency, frequency and money. */
struct loyalty_check {
    int32_t end; /* what was known ended here */
    double members, buyers;
    struct ranking_difference five, ten; /* index first; then the sum of scores 1 to 5, 1 to 10 */
    double rates[LOYALTY_DECILES]; /* who bought, in tenths of the members by index; equal indexes are shared out */
    bool rises;                    /* no tenth buys less than the one below */
};

/*
 * Learns the usual interval from every other customer up to the end of `period`, scores the rest, who played no part in it,
 * and looks who of them bought after it. STATUS_INVALID `loyalty.check` with fewer than LOYALTY_CHECK_MIN members, or when
 * all or none bought.
 */
enum status loyalty_check(struct arena *arena, const struct clv_purchases *purchases,
                          const struct loyalty_weights *weights, const struct clv_period *period,
                          struct loyalty_check *out, struct error *err);

#endif
