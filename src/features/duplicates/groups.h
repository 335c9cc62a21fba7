/* groups.h: records that are one person together: pairs joined, the surest first, while the rest of both sides agrees. Pure. */
#ifndef PATRON_FEATURES_DUPLICATES_GROUPS_H
#define PATRON_FEATURES_DUPLICATES_GROUPS_H

#include "features/duplicates/find.h"

enum { GROUP_RECORDS_MAX = 16 };

/*
 * Joins the records of `pairs` (the most probable first) and sets out->groups. Two groups become one when the mean weight of
 * all pairs across them speaks for it, so that one slip does not chain strangers together.
 */
void duplicate_groups_find(struct arena *arena, const struct duplicate_base *base, struct duplicate_result *result);

/* Replaces the pairs by all pairs within groups. */
void duplicate_groups_pairs(struct arena *arena, const struct duplicate_base *base, struct duplicate_result *result);

/* The weight of any two records, as of the model learned. */
struct duplicate_pair duplicate_pair_weigh(const struct duplicate_base *base, const struct linkage_model *model,
                                           uint32_t a, uint32_t b);

/* The most probable first; ties by the records. */
void duplicate_pairs_sort(struct duplicate_pair *pairs, size_t count);

#endif
