/* special.h: special functions of one number, of arrays, and Gauss's hypergeometric function, for positive parameters. */
#ifndef PATRON_MATHEMATICS_SPECIAL_H
#define PATRON_MATHEMATICS_SPECIAL_H

#include <stddef.h>

/* Once, before anything else: what GSL cannot compute is NaN from then on and does not end the process. */
void mathematics_start(void);

double log_gamma(double x); /* x > 0; safe in threads */
double digamma(double x);   /* its first derivative */
double trigamma(double x);  /* its second */
double log_beta(double a, double b);
double log_add_exp(double a, double b); /* log(exp(a) + exp(b)) without overflow */

/* out[i] = log_gamma(x[i]); `out` may be `x`. */
void log_gamma_array(const double *x, size_t count, double *out);
void log_beta_array(const double *a, const double *b, size_t count, double *out);

/*
 * 2F1(a, b; c; z) for c > 0 and z < 1, as its logarithm times the sign in `*sign`: a sum of terms of one sign wherever
 * a transformation reaches one. z < 0 goes through Pfaff's, c < a + b with both above it through Euler's transformation
 * (Abramowitz and Stegun 15.3.3-15.3.5). NaN when 10 million terms do not converge.
 */
double log_hypergeometric(double a, double b, double c, double z, int *sign);
double hypergeometric(double a, double b, double c, double z);

double normal_quantile(double probability); /* 0 < probability < 1 */
double normal_probability(double x);        /* P(X <= x) */

#endif
