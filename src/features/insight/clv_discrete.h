/* clv_discrete.h: the BG/BB model for purchases at given opportunities, such as yearly gifts (Fader, Hardie, Shang 2010). Pure. */
#ifndef PATRON_FEATURES_INSIGHT_CLV_DISCRETE_H
#define PATRON_FEATURES_INSIGHT_CLV_DISCRETE_H

#include <stdbool.h>
#include <stdint.h>

#include "features/insight/clv_log.h"
#include "features/insight/clv_model.h"

enum { CLV_OPPORTUNITIES_MAX = 1000 };

/* Customers who used `repeats` of `opportunities`, the last one used being the `last`-th; 0: none. */
struct clv_chance {
    uint32_t repeats, last, opportunities;
    double count;
};

struct clv_chances {
    struct clv_chance *list;
    size_t count;
    uint32_t *chance_of; /* by customer */
};

struct clv_discrete_fit {
    double parameters[CLV_PARAMETERS]; /* alpha, beta of using an opportunity; gamma, delta of leaving before it */
    double errors[CLV_PARAMETERS];
    double covariance[CLV_PARAMETERS * CLV_PARAMETERS];
    double log_likelihood;
    bool converged;
    bool at_limit;
};

/* STATUS_INVALID `clv.times` unless repeats <= last <= opportunities, `clv.repeats` when nobody came back. */
enum status clv_discrete_fit(const struct clv_chance *chances, size_t count, struct clv_discrete_fit *out,
                             struct error *err);

/*
 * The answers of clv_model.h within the next `opportunities`. `discount` is per opportunity: the n-th from now counts
 * (1 + discount)^-n; 0: not asked.
 */
struct clv_score clv_discrete_score(const struct clv_discrete_fit *fit, const struct clv_chance *chance,
                                    uint32_t opportunities, double discount);

/* P(X(n) = x) of a customer who has just bought for the first time: x of the next n opportunities used. */
double clv_discrete_probability(const struct clv_discrete_fit *fit, uint32_t opportunities, uint32_t used);

/* The total over all customers within the next `opportunities`, as clv_total of clv_model.h. */
void clv_discrete_total(const struct clv_chance *chances, size_t count, const struct clv_discrete_fit *fit,
                        uint32_t opportunities, struct clv_total *out);

/* ---- opportunities from purchases ---- */

enum clv_step { CLV_WEEK, CLV_MONTH, CLV_QUARTER, CLV_YEAR, CLV_STEPS };

bool clv_step_from(const char *name, enum clv_step *out); /* "year" */

/*
 * Each period after a customer's first is an opportunity, used when there is a purchase in it; the period of `last_day` is
 * the last one. Equal customers are gathered; `chance_of` has customer_count elements. STATUS_LIMIT `clv.periods` past
 * CLV_OPPORTUNITIES_MAX periods.
 */
enum status clv_chances_build(struct arena *arena, const struct clv_purchases *purchases, enum clv_step step,
                              int32_t last_day, struct clv_chances *out, struct error *err);

#endif
