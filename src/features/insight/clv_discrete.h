/* clv_discrete.h: the BG/BB model for purchases at given opportunities, such as yearly gifts (Fader, Hardie, Shang 2010). Pure. */
#ifndef PATRON_FEATURES_INSIGHT_CLV_DISCRETE_H
#define PATRON_FEATURES_INSIGHT_CLV_DISCRETE_H

#include <stdbool.h>
#include <stdint.h>

#include "features/insight/clv_model.h"

enum { CLV_OPPORTUNITIES_MAX = 1000 };

/* Customers who used `repeats` of `opportunities`, the last one used being the `last`-th; 0: none. */
struct clv_chance {
    uint32_t repeats, last, opportunities;
    double count;
};

struct clv_discrete_fit {
    double parameters[CLV_PARAMETERS]; /* alpha, beta of using an opportunity; gamma, delta of leaving before it */
    double errors[CLV_PARAMETERS];
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

#endif
