/*
 * follow.h: what events do to the challenges of their member: rows are counted, rounds end, rewards are given and taken back;
 * and what people do: enrol, leave, hand an item over, award and revoke a badge. Pure.
 */
#ifndef PATRON_FEATURES_CHALLENGES_FOLLOW_H
#define PATRON_FEATURES_CHALLENGES_FOLLOW_H

#include "features/challenges/badge.h"
#include "features/challenges/challenge.h"

struct challenge_reward {
    int64_t id; /* of the journal row that gave it */
    int64_t member;
    struct text challenge;
    int64_t number; /* the round, over all windows */
    int64_t event;  /* that ended it; 0: none */
    int64_t given_at;
    struct text wallet;
    int64_t points;
    struct text badge, item;
    int64_t used_at, taken_at; /* 0: not */
};

struct challenge_enrolment {
    int64_t member;
    struct text challenge;
    int64_t enrolled_at, left_at; /* left_at 0: enrolled */
};

/* What is loaded of a person, all its members together. */
struct challenge_state {
    struct challenge_row *rows; /* of the challenges asked for */
    size_t row_count, row_capacity;
    struct challenge_reward *rewards; /* of all challenges */
    size_t reward_count, reward_capacity;
    struct challenge_enrolment *enrolments;
    size_t enrolment_count, enrolment_capacity;
    struct member_badge *badges;
    size_t badge_count, badge_capacity;
};

/* First in the body of each command below: what challenges_load reads for subject 0. */
struct challenge_load {
    const struct text *codes; /* whose rows are wanted */
    size_t code_count;
    unsigned parts; /* enum condition_part, for `known` */
    struct challenge_state state;
    struct entitled entitled; /* for commands that take something back: uses of benefits */
    struct condition_person known;
};

/* When a person takes part: from the instant on; INT64_MIN: always. False: not at all at `at`. */
bool challenge_taken_part(const struct challenge *challenge, const struct challenge_state *state, struct text code,
                          int64_t at, int64_t *enrolled_at);

/* The rows of one challenge in the state. */
const struct challenge_row *challenge_rows_of(struct arena *arena, const struct challenge_state *state,
                                              struct text code, size_t *count);
/* Rewards of a challenge that were not taken back. */
size_t challenge_given(const struct challenge_state *state, struct text code);

/*
 * An event (event 0, subject 0 its member), or without one a person whose members changed. As `recount_challenges_type` for
 * an event of which something came back: it takes rows and rewards back, and events 1.. are the rows of the last rewards.
 */
struct follow_challenges {
    struct challenge_load load;
};
extern const struct command_type count_challenges_type, recount_challenges_type, settle_challenges_type;

/* ---- by people; subject 0 is the member ---- */

/* STATUS_MISSING `challenge.unknown`, STATUS_CONFLICT `challenge.automatic`, `challenge.audience`. Again changes nothing. */
struct enrol_challenge {
    struct challenge_load load;
    struct text code;
    bool leave;
    int64_t enrolled_at; /* result */
};
extern const struct command_type enrol_challenge_type;

/* STATUS_MISSING `challenge.no_reward`, STATUS_CONFLICT `challenge.no_item`, `challenge.item_used`, `challenge.item_taken`, `challenge.item_not_used`. */
struct use_reward {
    struct challenge_load load;
    int64_t reward;
    bool undo;
    struct challenge_reward result;
};
extern const struct command_type use_reward_type;

/* STATUS_MISSING `badge.unknown`, STATUS_CONFLICT `badge.held`, `badge.revoked`. */
struct award_badge {
    struct challenge_load load;
    struct text code, reason;
    int64_t revoke; /* id of a badge that is held; 0: `code` is awarded */
    struct member_badge result;
};
extern const struct command_type award_badge_type;

/* ---- challenges_store.c ---- */

enum status challenges_load(struct load_context *context, struct command **commands, size_t count, struct error *err);
/* With the uses of benefits. */
enum status challenges_back_load(struct load_context *context, struct command **commands, size_t count,
                                 struct error *err);
void store_counts(struct decision *decision, const struct challenge_row *row);
void store_counts_delete(struct decision *decision, const struct challenge_row *row);
void store_reward(struct decision *decision, const struct challenge_reward *reward);
void store_enrolment(struct decision *decision, const struct challenge_enrolment *enrolment);
void store_badge(struct decision *decision, const struct member_badge *badge);

/* ---- units.c ---- */

/*
 * What the event counts for the challenge, in `arena`: rows with units above 0. `event` with what followed; the world has
 * neither event nor purchase yet.
 */
enum status challenge_units(struct condition_world *world, const struct definition *definition,
                            const struct past_event *event, struct challenge_row **out, size_t *count,
                            struct error *err);

/* badges.c: within a decision: unless the person holds it, awards it. The id of the row; 0: it was held. */
int64_t badge_award(struct decision *decision, const struct person *person, struct challenge_state *state,
                    struct text code, int64_t source, int64_t cause);
/* What it granted ends unless it was used. */
void badge_revoke(struct decision *decision, const struct person *person, struct challenge_load *load,
                  struct member_badge *badge, int64_t cause);

#endif
