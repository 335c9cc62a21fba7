/* segments.h: groups of members who are alike; their number by stability; named by what sets them apart. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_SEGMENTS_H
#define PATRON_FEATURES_INSIGHT_SEGMENTS_H

#include <stdbool.h>

#include "foundation/error.h"
#include "mathematics/clusters.h"

enum { SEGMENTS_MAX = 8, SEGMENT_FEATURES_MAX = 20, SEGMENT_MEMBERS_MIN = 20, SEGMENT_NAME_PARTS = 2 };

/* What is known of members, one after the other; NaN: missing, and the member is left out. */
struct segment_features {
    const double *const *columns; /* by feature: a number a member */
    const char *const *names;
    size_t feature_count, member_count;
};

struct segment_feature {
    bool used;              /* false: it is the same for all */
    bool logarithm;         /* its log(1 + x) is grouped, as it is skewed */
    double mean, deviation; /* of what is grouped */
};

struct segment_mean {
    double mean, low, high; /* as it was given, 90 % */
    double apart;           /* standard deviations from the mean of all */
};

struct segment {
    const char *name; /* "high spend, low visits"; "average" */
    size_t members;
    struct segment_mean means[SEGMENT_FEATURES_MAX];
};

/* How they are found. */
enum segment_method {
    SEGMENT_MEANS,   /* k-means: groups as round as each other */
    SEGMENT_MIXTURE, /* a mixture of normal distributions: of any width and slant */
};
const char *segment_method_name(enum segment_method method); /* "means", "mixture" */
bool segment_method_from(const char *name, enum segment_method *out);

struct segment_question {
    enum segment_method method;
    size_t wanted; /* so many; 0: the largest stable number */
    uint64_t seed; /* the same gives the same segments */
};

struct segmentation {
    struct segment segments[SEGMENTS_MAX]; /* the largest first */
    size_t count;
    uint32_t *of;     /* by member; SEGMENT_NONE: left out */
    size_t members;   /* grouped */
    double explained; /* share of the differences that is between segments */
    double stability[SEGMENTS_MAX + 1],
        even[SEGMENTS_MAX + 1];   /* by number from 2: of halves, and without any groups */
    double bic[SEGMENTS_MAX + 1]; /* of mixtures, by number from 1: the least fits best; NaN of k-means */
    struct segment_feature features[SEGMENT_FEATURES_MAX];
};

#define SEGMENT_NONE UINT32_MAX

/*
 * Features are standardised, those above 0 with a skewness past 2 as logarithms. The number of segments is the largest that
 * is stable: halves of the members agree on it by .75 at least (adjusted Rand index), .1 more than in points spread evenly,
 * and hardly less than on any other number; 1 when there is none. Of many members the groups are learned of some, and all are
 * placed.
 * STATUS_INVALID `segments.features` when no feature differs, `segments.members` with fewer than SEGMENT_MEMBERS_MIN whole
 * members.
 */
enum status segments_find(struct arena *arena, const struct segment_features *features,
                          const struct segment_question *question, struct segmentation *out, struct error *err);

#endif
