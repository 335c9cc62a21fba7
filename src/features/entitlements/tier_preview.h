/* tier_preview.h: what a member lacks for the next tier and for keeping this one, by each alternative and by when. Pure. */
#ifndef PATRON_FEATURES_ENTITLEMENTS_TIER_PREVIEW_H
#define PATRON_FEATURES_ENTITLEMENTS_TIER_PREVIEW_H

#include "features/programme/held.h"

struct tier_missing {
    struct tier_minimums needs, missing; /* missing: 0 where enough is there */
    bool met;
};

/* One of the alternatives suffices; `by`: the first instant at which it is too late, INSTANT_NEVER: never. */
struct tier_goal {
    const struct tier_level *level; /* NULL: there is none */
    struct tier_missing alternatives[TIER_ALTERNATIVES_MAX];
    size_t count; /* 0: nothing is asked */
    bool met;
    int64_t by;
};

struct tier_preview {
    const struct tier_ladder *ladder;
    const struct tier_level *level; /* that counts */
    const struct tier_level *earned;
    const struct right *given; /* the right that gives `level`; NULL: it is earned. Lies in `held` */
    struct ladder_state state; /* of what is earned */
    int64_t since, until;      /* of `level` */
    struct tier_goal next;     /* the next level that can be earned */
    struct tier_goal keep;     /* what keeps the earned level; for the lowest there is none */
};

void tier_preview_make(const struct programme *programme, const struct tier_ladder *ladder, const struct held *held,
                       const struct member *leader, int64_t now, struct tier_preview *out);

/* What is missing for what keeps a trial. */
void trial_preview(const struct right *right, struct tier_goal *out);

#endif
