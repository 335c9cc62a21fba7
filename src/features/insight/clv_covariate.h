/* clv_covariate.h: Pareto/NBD where what is known of customers changes how often they buy and how soon they leave. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_CLV_COVARIATE_H
#define PATRON_FEATURES_INSIGHT_CLV_COVARIATE_H

#include "features/insight/clv_model.h"

enum { CLV_COVARIATES_MAX = 16, CLV_COVARIATE_PARAMETERS = CLV_PARAMETERS + 2 * CLV_COVARIATES_MAX };

/* Customers with what is known of them and does not change. */
struct clv_known {
    const struct clv_customer *customers;
    const double *values; /* customer by customer, `width` numbers each */
    size_t count, width;
};

/*
 * A customer with values z buys at a rate gamma (r, alpha exp(-z'purchase)) and leaves at one gamma (s, beta exp(-z'leave)):
 * an effect of .1 makes either a tenth more frequent (Fader, Hardie 2007; CLVTools). Parameters in the order r, alpha, s,
 * beta, effects on buying, effects on leaving.
 */
struct clv_covariate_fit {
    size_t width, parameter_count;
    double parameters[CLV_COVARIATE_PARAMETERS], errors[CLV_COVARIATE_PARAMETERS];
    double covariance[CLV_COVARIATE_PARAMETERS * CLV_COVARIATE_PARAMETERS];
    double log_likelihood;
    double plain; /* log-likelihood without covariates */
    bool converged, at_limit;
};

/* Customers of equal values, each kind with its rows. */
struct clv_kinds;

/*
 * STATUS_INVALID as clv_rows_build; `clv.covariates` with none or too many, values that are not numbers, or a covariate that
 * is the same for all or made of the others, so that its effect cannot be told.
 */
enum status clv_kinds_build(struct arena *arena, const struct clv_known *known, struct clv_kinds **out,
                            struct error *err);

/* The parameters of greatest likelihood. STATUS_INVALID `clv.repeats`, `clv.fit` as clv_fit. */
enum status clv_covariate_fit(struct arena *arena, const struct clv_kinds *kinds, struct clv_covariate_fit *out,
                              struct error *err);

/* Answers for each customer. */
void clv_covariate_score(struct arena *arena, const struct clv_kinds *kinds, const struct clv_covariate_fit *fit,
                         const struct clv_question *question, struct clv_score *out);

/* The total with its 90 % interval, as clv_total. */
void clv_covariate_total(struct arena *arena, const struct clv_kinds *kinds, const struct clv_covariate_fit *fit,
                         double time, struct clv_total *out);

#endif
