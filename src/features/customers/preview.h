/* preview.h: what a merge or an unmerge would make of the persons: figures of each side, today and then. Pure. */
#ifndef PATRON_FEATURES_CUSTOMERS_PREVIEW_H
#define PATRON_FEATURES_CUSTOMERS_PREVIEW_H

#include "features/customers/commands.h"

/* A person as its members' rows make it. */
struct person_side {
    struct group *group;
    int64_t leader;
    int64_t members[GROUP_MEMBERS_MAX];
    size_t count;
    struct standing standing;
    struct wallet *wallets; /* sums over the members, in order of code */
    size_t wallet_count;
};

/* The person of `leader` in `group`, copied: what a decision changes afterwards does not show. */
void person_side_read(struct arena *arena, struct group *group, int64_t leader, struct person_side *out);

/* One figure of a side: "points: active" ... */
struct side_figure {
    const char *name; /* "tier", "purchases", "spend" ... or of a points account: "active", "pending", "held", "debt" */
    struct text wallet; /* of a points account; else empty */
    struct text text;   /* of the tier; else empty */
    int64_t number;
};

/* All figures of a side: the same figures in the same order for sides with the same points accounts. */
size_t person_side_figures(struct arena *arena, const struct person_side *side, struct side_figure **out);

/* The figure of the same name and account; NULL: the side has no such account. */
const struct side_figure *side_figure_find(const struct side_figure *figures, size_t count,
                                           const struct side_figure *like);

#endif
