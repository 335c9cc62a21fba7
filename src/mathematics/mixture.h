/* mixture.h: points as a mixture of normal distributions, by expectation and maximisation. */
#ifndef PATRON_MATHEMATICS_MIXTURE_H
#define PATRON_MATHEMATICS_MIXTURE_H

#include "mathematics/clusters.h"

struct mixture {
    size_t count, width;
    double *weights;            /* of the components; they add up to 1 */
    double *means;              /* count x width */
    double *factors;            /* of each component: Cholesky's factor of the covariances, width x width */
    double *logs;               /* of each: the logarithm of its weight and density at the mean */
    double log_likelihood, bic; /* -2 log_likelihood + parameters x log(points): the least is the best */
};

/*
 * The most likely of `starts` runs from k-means, with covariances of all kinds (Dempster, Laird, Rubin 1977). A thousandth of the
 * variance of all points is added to each, so that no component shrinks to a point. `count` and points.count are above 0.
 */
void mixture_find(struct arena *arena, const struct points *points, size_t count, int starts, struct random *random,
                  struct mixture *out);

/* The component from which a point most likely comes. */
size_t mixture_place(const struct mixture *mixture, const double *point);

extern const struct grouper mixture_grouper;

#endif
