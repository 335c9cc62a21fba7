/* sample.h: mean and variance as numbers come in, tests of two means, ranks, and many tests at once. */
#ifndef PATRON_MATHEMATICS_SAMPLE_H
#define PATRON_MATHEMATICS_SAMPLE_H

#include <stddef.h>

#include "foundation/arena.h"

struct sample {
    double count, mean;
    double squares; /* about the mean */
};

void sample_add(struct sample *sample, double value); /* Welford 1962: digits are kept for any mean */
double sample_variance(const struct sample *sample);  /* NaN below two numbers */

/* A mean with its interval by Student's t; the bounds are NaN below two numbers. */
void sample_interval(const struct sample *sample, double confidence, double *low, double *high);
/* P that two means from samples of equal mean differ as much (Welch 1947); NaN when neither varies or one is too small. */
double sample_differ(const struct sample *first, const struct sample *second);
/* P that a mean lies so far from 0. */
double sample_differs_from_zero(const struct sample *sample);

/* Holm 1979: p-values for which the chance of any false finding is the level they are held against. NaN stays. */
void holm_adjust(struct arena *arena, double *p_values, size_t count);

/* Ranks from 1, ties in the middle. */
void ranks_find(struct arena *arena, const double *values, size_t count, double *ranks);
/* Spearman's correlation of ranks, with its interval (Bonett, Wright 2000); NaN when a side does not vary. */
double rank_correlation(struct arena *arena, const double *first, const double *second, size_t count, double confidence,
                        double interval[2]);

#endif
