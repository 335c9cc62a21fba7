/* ranking.h: how well scores tell two classes apart: the area under the curve, and the difference of two of them. */
#ifndef PATRON_MATHEMATICS_RANKING_H
#define PATRON_MATHEMATICS_RANKING_H

#include <stdbool.h>
#include <stddef.h>

#include "foundation/arena.h"

/*
 * The chance that one of the class scores above one that is not, equal scores counting half: the area under the receiver
 * operating characteristic. NaN unless both kinds are there.
 *
 * `placements` (may be NULL; `count` elements): of one in the class the share of the others below it, of one of the others
 * the share of the class above it, which is what comparisons of two areas are made of.
 */
double ranking_area(struct arena *arena, const double *scores, const bool *in_class, size_t count, double *placements);

struct ranking_difference {
    double first, second; /* areas */
    double error;         /* standard error of first - second, on the same members */
};

/* Two scores of the same members (DeLong, DeLong, Clarke-Pearson 1988). */
void ranking_compare(struct arena *arena, const double *first, const double *second, const bool *in_class, size_t count,
                     struct ranking_difference *out);

#endif
