/* newton.h: the maximum of a smooth function of positive or free parameters by its exact derivatives. */
#ifndef PATRON_MATHEMATICS_NEWTON_H
#define PATRON_MATHEMATICS_NEWTON_H

#include <stdbool.h>
#include <stddef.h>

enum { NEWTON_PARAMETERS_MAX = 36 };

/* What to maximise. Derivatives are by the natural parameters; the Hessian is full, row by row. */
struct objective {
    size_t parameter_count;
    size_t positive_count; /* the first so many are above 0 and searched by their logarithm; the rest are free */
    double (*evaluate)(const void *context, const double *parameters, double *gradient, double *hessian);
    const void *context;
};

struct optimum {
    double value;
    double parameters[NEWTON_PARAMETERS_MAX];
    double covariance[NEWTON_PARAMETERS_MAX * NEWTON_PARAMETERS_MAX]; /* inverse of the negative Hessian, row by row */
    double errors[NEWTON_PARAMETERS_MAX];                             /* standard errors; NaN where not identified */
    int evaluations;
    bool converged;
    bool at_limit; /* a parameter ran to 0 or to infinity: the data do not hold it */
};

/*
 * Newton's method with the eigenvalues of the Hessian made positive, a step of at most 2 on the scale searched and
 * halving until the value rises; it ends when the rise that a step promises is below 1e-9. `start` is any sensible point.
 */
void newton_maximise(const struct objective *objective, const double *start, struct optimum *out);

/* Inverse of a symmetric matrix scaled to a unit diagonal first; false when it is not positive definite. */
bool invert_positive(const double *matrix, size_t count, double *inverse);

#endif
