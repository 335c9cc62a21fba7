/* jet.h: a value with its exact first and second derivatives by up to four parameters. */
#ifndef PATRON_MATHEMATICS_JET_H
#define PATRON_MATHEMATICS_JET_H

#include <math.h>
#include <stddef.h>

enum { JET_PARAMETERS = 4, JET_PAIRS = 10 };

/* Pairs (i, j) with i <= j lie in the order 00 01 02 03 11 12 13 22 23 33. */
struct jet {
    double value;
    double gradient[JET_PARAMETERS];
    double hessian[JET_PAIRS];
};

/* sum += weight * term */
static inline void jet_add(struct jet *sum, double weight, const struct jet *term)
{
    sum->value += weight * term->value;
    for (int i = 0; i < JET_PARAMETERS; i++)
        sum->gradient[i] += weight * term->gradient[i];
    for (int i = 0; i < JET_PAIRS; i++)
        sum->hessian[i] += weight * term->hessian[i];
}

/* into = hessian + scale * gradient gradient' */
static inline void jet_outer(double into[JET_PAIRS], const double hessian[JET_PAIRS],
                             const double gradient[JET_PARAMETERS], double scale)
{
    for (int i = 0, pair = 0; i < JET_PARAMETERS; i++)
        for (int j = i; j < JET_PARAMETERS; j++, pair++)
            into[pair] = hessian[pair] + scale * gradient[i] * gradient[j];
}

/* sum += weight * exp(term - shift); `shift` is a constant that keeps the exponential in range. */
static inline void jet_add_exp(struct jet *sum, double weight, const struct jet *term, double shift)
{
    double size = weight * exp(term->value - shift);
    struct jet grown = {.value = 1};

    for (int i = 0; i < JET_PARAMETERS; i++)
        grown.gradient[i] = term->gradient[i];
    jet_outer(grown.hessian, term->hessian, term->gradient, 1);
    jet_add(sum, size, &grown);
}

/* sum += weight * (shift + log(raw)); raw is above 0. */
static inline void jet_add_log(struct jet *sum, double weight, const struct jet *raw, double shift)
{
    struct jet term = {.value = shift + log(raw->value)};
    double inverse = 1 / raw->value, scaled[JET_PAIRS];

    for (int i = 0; i < JET_PARAMETERS; i++)
        term.gradient[i] = raw->gradient[i] * inverse;
    for (int i = 0; i < JET_PAIRS; i++)
        scaled[i] = raw->hessian[i] * inverse;
    jet_outer(term.hessian, scaled, term.gradient, -1);
    jet_add(sum, weight, &term);
}

/* sum += weight * log gamma(argument), where the argument is linear in the parameters with these coefficients. */
void jet_add_log_gamma(struct jet *sum, double weight, double argument, const double coefficients[JET_PARAMETERS]);

/* sum += weight * log(argument), likewise. */
void jet_add_log_linear(struct jet *sum, double weight, double argument, const double coefficients[JET_PARAMETERS]);

/* Writes gradient and Hessian into arrays of `count` and `count` x `count` numbers. */
void jet_spread(const struct jet *jet, size_t count, double *gradient, double *hessian);

#endif
