/* clv_future.h: the next purchases of a customer who is still here, in the models of clv_beta.c. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_CLV_FUTURE_H
#define PATRON_FEATURES_INSIGHT_CLV_FUTURE_H

#include <stdbool.h>

/*
 * The rate of phases is gamma (shape, scale), the chance of leaving at each purchase beta (a, b); `phase` of the
 * `regularity` phases of the gap are over. P(Y >= n) = E[(1 - p)^(n - 1)] P(N >= n k - phase), where N, the phases in the
 * time, is negative binomial: all answers are sums of positive terms.
 */
struct clv_future {
    double shape, scale, a, b;
    int regularity, phase;
    bool leaves; /* false: a and b play no part */
};

/* log P(N = n) */
double clv_future_log_mass(const struct clv_future *future, double time, double n);

/* E[Y] and E[Y (Y - 1)] within `time`. */
void clv_future_moments(const struct clv_future *future, double time, double *mean, double *pairs);

/* What discounted sums of futures with the same a, b and shape (up to phases) share, whatever their scale. */
struct clv_rates;

/* For scales from `future`'s to `observed_max` more. NULL without memory. */
struct clv_rates *clv_rates_new(const struct clv_future *future, double observed_max, double discount);
void clv_rates_free(struct clv_rates *rates); /* accepts NULL */

/*
 * E[sum of exp(-discount t_n) over all next purchases]: given the rate, with y = (rate / (rate + discount))^k, it is
 * y^(1 - phase / k) 2F1(1, b; a + b; y); the mean over the rate is a trapezoid sum over its logarithm, which converges
 * faster than any power of the step.
 */
double clv_future_discounted(struct clv_rates *rates, const struct clv_future *future);

#endif
