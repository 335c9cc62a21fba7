/*
 * stored_value.h: money that members pay in beforehand, with a bonus on top: topping up, paying in the order that the programme
 * says, voiding a top-up, refunding principal. Principal and bonus lie in two points accounts whose points are minor
 * units, so that expiry, holds, transfers and the ledger are those of points. Pure.
 */
#ifndef PATRON_FEATURES_STORED_VALUE_STORED_VALUE_H
#define PATRON_FEATURES_STORED_VALUE_STORED_VALUE_H

#include "engine/decide.h"
#include "features/points/points.h"
#include "features/programme/programme.h"

/* Minor units of each. */
struct stored_split {
    int64_t principal, bonus;
};

/* What comes on top of a top-up: of the highest step that it reaches, the share rounded down. */
int64_t stored_value_bonus(const struct stored_value *value, int64_t minor);

/* How `minor` is paid out of `have`: of a proportional payment the bonus is rounded down. False when there is not as much. */
bool stored_value_split(const struct stored_value *value, struct stored_split have, int64_t minor,
                        struct stored_split *out);

/* What of the bonus a refund of `minor` of the principal forfeits; rounded down, all with all of the principal. */
int64_t stored_value_forfeit(const struct stored_value *value, struct stored_split have, int64_t minor);

/* STATUS_INVALID `stored_value.unknown`, field "code". */
enum status stored_value_find(const struct programme *programme, struct text code, const struct stored_value **out,
                              struct error *err);

/* What the person may pay with now, a pooled household's included. */
struct stored_split stored_value_available(const struct person *person, const struct stored_value *value);

/* How the person pays `minor`. STATUS_INVALID `stored_value.amount`, STATUS_CONFLICT `stored_value.insufficient`. */
enum status stored_value_take(const struct programme *programme, const struct person *person,
                              const struct stored_value *value, int64_t minor, struct stored_split *out,
                              struct error *err);

/* ---- commands ---- */

struct stored_result {
    int64_t id; /* journal id */
    int64_t member;
    struct stored_split moved;
    struct stored_split available; /* of the person, afterwards */
};

/* Pays money in. Subject 0. With a reference, `claim` is the index of the claim "top_up" CODE:REFERENCE. */
struct top_up {
    struct points_context context;
    struct text code;    /* of the stored value */
    int64_t minor;       /* paid in */
    struct text paid_by; /* a code: cash, card ...; may be empty */
    int claim;           /* -1: none */
    struct stored_result result;
};
extern const struct command_type top_up_command_type;

/* Undoes a top-up of which nothing was spent. events[0]; subject 0 its person. */
struct top_up_void {
    struct points_context context;
    struct text reason; /* a code; required */
    struct stored_result result;
};
extern const struct command_type top_up_void_command_type;

/* Pays principal back as money. Subject 0; a household's is not touched. */
struct stored_refund {
    struct points_context context;
    struct text code;   /* of the stored value */
    int64_t minor;      /* 0: all */
    struct text reason; /* a code; required */
    struct stored_result result;
};
extern const struct command_type stored_refund_command_type;

#endif
