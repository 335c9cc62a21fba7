#include "mathematics/special.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_sf_psi.h>
#include <math.h>

void mathematics_start(void)
{
    gsl_set_error_handler_off();
}

enum { HYPERGEOMETRIC_TERMS_MAX = 10000000 };

double log_gamma(double x)
{
    int sign;

    return lgamma_r(x, &sign);
}

double digamma(double x)
{
    return gsl_sf_psi(x);
}

double trigamma(double x)
{
    return gsl_sf_psi_1(x);
}

double log_beta(double a, double b)
{
    return log_gamma(a) + log_gamma(b) - log_gamma(a + b);
}

double log_add_exp(double a, double b)
{
    double high = a > b ? a : b, low = a > b ? b : a;

    return isinf(high) ? high : high + log1p(exp(low - high));
}

void log_gamma_array(const double *x, size_t count, double *out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = log_gamma(x[i]);
}

void log_beta_array(const double *a, const double *b, size_t count, double *out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = log_beta(a[i], b[i]);
}

/* The power series, scaled down whenever it grows past what a double holds. */
static double log_series(double a, double b, double c, double z, int *sign)
{
    double term = 1, sum = 1, scale = 0;

    for (int n = 0; n < HYPERGEOMETRIC_TERMS_MAX; n++) {
        double ratio = (a + n) * (b + n) / ((c + n) * (1.0 + n)) * z;

        term *= ratio;
        sum += term;
        if (fabs(sum) > 1e200) {
            sum *= 1e-200;
            term *= 1e-200;
            scale += 200 * M_LN10;
        }
        /* What remains is below a geometric series once the ratio falls below 1. */
        if (term == 0 || (fabs(ratio) < 1 && fabs(term) < 1e-17 * fabs(sum) * (1 - fabs(ratio)))) {
            *sign = sum < 0 ? -1 : 1;
            return log(fabs(sum)) + scale;
        }
    }
    *sign = 1;
    return NAN;
}

double log_hypergeometric(double a, double b, double c, double z, int *sign)
{
    if (z == 0) {
        *sign = 1;
        return 0;
    }
    /* 2F1(a, b; c; z) = (1 - z)^-a 2F1(a, c - b; c; z / (z - 1)); the smaller of a and b leaves the shorter series. */
    if (z < 0) {
        double low = a < b ? a : b, high = a < b ? b : a;

        return -low * log1p(-z) + log_hypergeometric(low, c - high, c, z / (z - 1), sign);
    }
    /* 2F1(a, b; c; z) = (1 - z)^(c - a - b) 2F1(c - a, c - b; c; z) */
    if (c < a + b && c > a && c > b)
        return (c - a - b) * log1p(-z) + log_series(c - a, c - b, c, z, sign);
    return log_series(a, b, c, z, sign);
}

double hypergeometric(double a, double b, double c, double z)
{
    int sign;
    double size = log_hypergeometric(a, b, c, z, &sign);

    return sign * exp(size);
}

double normal_quantile(double probability)
{
    return gsl_cdf_ugaussian_Pinv(probability);
}

double normal_probability(double x)
{
    return gsl_cdf_ugaussian_P(x);
}
