/* clusters.h: groups of near points by k-means, how alike two groupings are, and how stable a number of groups is. */
#ifndef PATRON_MATHEMATICS_CLUSTERS_H
#define PATRON_MATHEMATICS_CLUSTERS_H

#include <stddef.h>
#include <stdint.h>

#include "foundation/arena.h"
#include "mathematics/random.h"

/* `count` points of `width` numbers, row by row. */
struct points {
    const double *rows;
    size_t count, width;
};

struct clusters {
    size_t count;    /* groups */
    double *centres; /* count x width */
    uint32_t *of;    /* by point: its group */
    size_t *sizes;   /* no group is empty */
    double within;   /* sum of squared distances to the own centre */
};

/*
 * The best of `starts` runs of Lloyd's algorithm from the starts of k-means++ (Arthur, Vassilvitskii 2007). Fewer groups
 * come out where there are fewer different points than `count`. `count` and points.count are above 0.
 */
void clusters_find(struct arena *arena, const struct points *points, size_t count, int starts, struct random *random,
                   struct clusters *out);

size_t clusters_nearest(const struct clusters *clusters, size_t width, const double *point);

/* Agreement of two groupings of the same points, 1: the same, 0: as by chance (Hubert, Arabie 1985). */
double clusters_agreement(struct arena *arena, const uint32_t *first, const uint32_t *second, size_t count);

/* A way of grouping: what is learned of some points says of any point to which of at most `count` groups it belongs. */
struct grouper {
    const void *(*learn)(struct arena *arena, const struct points *points, size_t count, int starts,
                         struct random *random);
    size_t (*place)(const void *model, size_t width, const double *point);
    int starts_of_halves; /* as many as stability needs */
};
extern const struct grouper means_grouper; /* k-means; another is in mixture.h */

/* Mean agreement over `pairs` pairs of halves of the points, each grouped by itself, then asked about all points. */
double clusters_stability(struct arena *arena, const struct points *points, const struct grouper *grouper, size_t count,
                          int pairs, struct random *random);

/* As many points, evenly in the box along the main axes of these (Tibshirani, Walther, Hastie 2001): no groups at all. */
double *clusters_even(struct arena *arena, const struct points *points, struct random *random);

#endif
