/* change_point.h: where the level of a series jumps, with a chance of false alarm that is known. */
#ifndef PATRON_MATHEMATICS_CHANGE_POINT_H
#define PATRON_MATHEMATICS_CHANGE_POINT_H

#include <stddef.h>
#include <stdint.h>

#include "foundation/arena.h"

enum { CHANGE_POINTS_MAX = 100 };

/* Values in order of time. Those of one moment have no order among them: moment i holds values starts[i] .. starts[i+1] - 1. */
struct change_series {
    const double *values;
    const size_t *starts; /* moment_count + 1 */
    size_t moment_count;
};

struct change_options {
    double level;   /* the chance of any change told in a series that has none, such as 0.01 */
    size_t draws;   /* rearrangements, such as 999 */
    size_t minimum; /* values on each side of a change */
    uint64_t seed;
};

struct change_point {
    size_t moment; /* the first of the new level */
    double p_value;
};

/*
 * Binary segmentation: the split that explains most of the variance is told when it explains more than in all but a share
 * `level` of random rearrangements of the values; then each side is searched alike. Without any change values are
 * exchangeable, so the first test, and with it the whole, has the level named, whatever the distribution. Pieces of more
 * than 20,000 values draw the sums of moments from their normal limit instead. Returns how many were found, in order of time.
 */
size_t change_points_find(struct arena *arena, const struct change_series *series, const struct change_options *options,
                          struct change_point out[CHANGE_POINTS_MAX]);

#endif
