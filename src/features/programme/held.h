/*
 * held.h: what a person holds: where it stands on each ladder, and the rights given to it for a time: a tier by invitation, on
 * trial or by hand, a paid membership, a benefit, the terms of a contract. Pure.
 *
 * A standing keeps the tier that counts in its own columns; what else there is lies in standing.held as text, so that it is
 * loaded, folded over a merge and given back by an unmerge with the standing. A person that has none of it has an empty text.
 */
#ifndef PATRON_FEATURES_PROGRAMME_HELD_H
#define PATRON_FEATURES_PROGRAMME_HELD_H

#include "features/programme/programme.h"

enum { RIGHTS_MAX = 32, TRIAL_ALTERNATIVES_MAX = 4 };

/* Earned by itself: without what rights add. */
struct ladder_state {
    struct text ladder; /* code; empty: the first ladder */
    struct text tier;   /* empty: none yet */
    int64_t since;
    int64_t until; /* the first instant without it; INSTANT_NEVER */
    int64_t from;  /* since when the sums count */
    bool grace;
    int64_t sums[TIER_METRICS];
};

/* Stored as letters: never change one. */
enum right_kind { RIGHT_TIER = 't', RIGHT_MEMBERSHIP = 'm', RIGHT_BENEFIT = 'b', RIGHT_CONTRACT = 'c' };

/* Of a contract, sums hold its terms: hundredths of a percent, and ten-thousandths. */
enum { RIGHT_SUM_DISCOUNT = 0, RIGHT_SUM_FACTOR = 1 };

struct right {
    enum right_kind kind;
    int64_t id; /* of the journal row that gave it, or of what it came with */
    struct text
        code; /* of the membership, benefit or contract; of a tier how it was given: "invitation", "trial", "grant" */
    int64_t from, until; /* until: INSTANT_NEVER: no end */
    struct text ladder;  /* with a tier; empty: the first */
    struct text tier;    /* that comes with it; empty: none */
    /* A trial: what has been done since `from`, and what keeps the tier. */
    int64_t sums[TIER_METRICS];
    struct tier_minimums kept_by[TRIAL_ALTERNATIVES_MAX];
    size_t kept_by_count; /* 0: it ends */
};

struct held {
    struct ladder_state ladders[LADDERS_MAX + 1]; /* the first is of the first ladder, always there */
    size_t ladder_count;
    struct right rights[RIGHTS_MAX]; /* in the order in which they were given */
    size_t right_count;
};

/* The texts lie in the standing. `metric`: of the first ladder. */
void held_read(const struct standing *standing, enum tier_metric metric, struct held *out);
/* Sets the columns of the tier and the text. */
void held_write(struct arena *arena, const struct programme *programme, const struct held *held,
                struct standing *standing);

/* ---- ladders ---- */

/* Ladders of a programme by number, the first being 0; by code, an empty one being the first. NULL: there is none. */
size_t programme_ladder_count(const struct programme *programme);
const struct tier_ladder *programme_ladder(const struct programme *programme, size_t index);
const struct tier_ladder *programme_ladder_find(const struct programme *programme, struct text code);
bool ladder_is(const struct programme *programme, const struct tier_ladder *ladder, struct text code);

size_t ladder_level(const struct tier_ladder *ladder, struct text tier); /* 0 for one that it does not have */
const struct tier_level *ladder_find(const struct tier_ladder *ladder, struct text tier); /* NULL: it has none */

/* The state on a ladder; one at the first level when there is none yet, beginning at `now`. */
struct ladder_state held_state(const struct programme *programme, const struct tier_ladder *ladder,
                               const struct held *held, int64_t registered_at, int64_t now);

/* The level that counts, rights included; `*by`: the right that gives it, NULL: it is earned. May be NULL. */
size_t held_level(const struct programme *programme, const struct tier_ladder *ladder, const struct held *held,
                  const struct right **by);
/* The code of the tier that a person has on a ladder; empty: no such ladder. */
struct text held_tier(const struct programme *programme, struct text ladder, const struct standing *standing);

/* What counts for keeping the tier of `state`: as rule says, what was needed to reach it does not count again. */
void ladder_counted(const struct tier_ladder *ladder, const struct ladder_state *state, int64_t *out);

/* Whether sums meet what a level asks for. `plain`: its qualify or keep. */
bool tier_met(const struct tier_ladder *ladder, const struct tier_requirement *requirement, int64_t plain,
              const int64_t *sums);

/* ---- rights ---- */

/*
 * Gives a right to the person of `member`, and to the member's own share; journals a tier that it changes, its cause being
 * right->id. STATUS_LIMIT `tier.rights`.
 */
enum status right_give(struct decision *decision, const struct person *person, const struct right *right,
                       struct error *err);
/* Changes its end; at or before now it is taken away, without a row of its own but for the tier. False: there is none. */
bool right_end(struct decision *decision, const struct person *person, int64_t id, int64_t until);
/* The kind of the journal row that says that it ended; of a right without a tier of its own. */
const char *right_ended_kind(enum right_kind kind);
/* Of that kind and code, in force; NULL: none. The one that ends last. `held` is read with held_read. */
const struct right *right_find(const struct held *held, enum right_kind kind, struct text code, int64_t at);

#endif
