/* segment_live.h: segments found again are the same segments: matched to those of the last time by who is in them. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_SEGMENT_LIVE_H
#define PATRON_FEATURES_INSIGHT_SEGMENT_LIVE_H

#include "features/insight/segments.h"

/* How many members of each new segment were in each old one. */
struct segment_overlap {
    size_t shared[SEGMENTS_MAX][SEGMENTS_MAX]; /* new, old */
    size_t fresh[SEGMENTS_MAX], old[SEGMENTS_MAX];
    size_t fresh_count, old_count;
};

#define SEGMENT_UNMATCHED SIZE_MAX

/*
 * The old segment that each new one goes on, pairs with the largest part of both in common first (Jaccard's index, .25 at
 * least); each is taken once. SEGMENT_UNMATCHED: it is a new one.
 */
void segments_match(const struct segment_overlap *overlap, size_t old_of[SEGMENTS_MAX]);

/*
 * Whether everything that a name as "high spend, low visits" says still sets the segment apart, by half of what it took to be
 * said: then it keeps its name.
 */
bool segment_name_holds(const char *name, const struct segment_features *features, const struct segment *segment);

#endif
