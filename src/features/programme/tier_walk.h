/* tier_walk.h: a person's way on one ladder, and what is told of a change; for the files of tiers. */
#ifndef PATRON_FEATURES_PROGRAMME_TIER_WALK_H
#define PATRON_FEATURES_PROGRAMME_TIER_WALK_H

#include "features/programme/held.h"

struct walk {
    const struct programme *programme;
    const struct tier_ladder *ladder;
    struct ladder_state *state;
    int64_t registered_at;
};

/* The highest level that sums reach. */
size_t walk_level(const struct tier_ladder *ladder, const int64_t *sums);
void walk_clear(int64_t *sums);
/* The end of a period that begins at `at`. */
int64_t walk_period_end(const struct walk *walk, int64_t at);
void walk_start_period(const struct walk *walk, int64_t at);
void walk_set_tier(const struct walk *walk, size_t level, int64_t at);
/* At the lowest level, with a period from `at`. */
void walk_begin(const struct walk *walk, int64_t at);
/* The state on a ladder, made when there is none; NULL: a person has no room for it. */
struct ladder_state *walk_state(const struct programme *programme, const struct tier_ladder *ladder, struct held *held,
                                int64_t registered_at, int64_t now);

/* NULL: the programme no longer has it. */
const struct tier_ladder *ladder_of(const struct programme *programme, const struct ladder_state *state);
/* The code of the level that counts. */
struct text tier_counting(const struct programme *programme, const struct tier_ladder *ladder, const struct held *held);
/* Whether a tier that was given lies over the earned one. */
bool tier_hidden(const struct programme *programme, const struct tier_ladder *ladder, const struct held *held);

struct tier_change {
    const struct tier_ladder *ladder; /* NULL: the first, or one that is gone */
    struct text from, to;
    const char *reason; /* NULL: nothing to tell */
    int64_t at, cause;
    int64_t registered_at; /* of whom it is */
};

void tier_write_code(struct builder *builder, struct text code);
void tier_change_journal(struct decision *decision, const struct programme *programme, const struct member *leader,
                         const struct tier_change *change);

void right_drop(struct held *held, size_t index);
/* Ends a right, which is due; returns it. What is told of a tier is `change`. */
struct right right_lapse(const struct programme *programme, struct held *held, size_t index,
                         struct tier_change *change);

#endif
