/*
 * freeze.h: what open fraud cases freeze: a member, one points account of a member, or what an employee does. Pure.
 *
 * Freezes are part of the configuration, so that no command loads anything for them; every server has a new one within a
 * second. Nothing is taken: spending is refused, and what is earned waits, pending, until the case is closed.
 */
#ifndef PATRON_FEATURES_REDEMPTION_FREEZE_H
#define PATRON_FEATURES_REDEMPTION_FREEZE_H

#include "engine/decide.h"
#include "features/programme/programme.h"

enum { FREEZES_MAX = 100000 };

/*
 * Points that a freeze holds back become active "then", or so long after it as the instant until which they wait by
 * themselves: when the case is closed they get their own time again.
 */
#define LOT_FROZEN_UNTIL INT64_C(253370764800000000) /* 9999-01-01T00:00:00Z */

/* The active_at of frozen points that are active no sooner than `pending_until` anyway; 0: as their account says. */
int64_t lot_frozen(int64_t pending_until);
bool lot_is_frozen(int64_t active_at);
/* What lot_frozen was given. */
int64_t lot_frozen_pending(int64_t active_at);

struct freeze {
    int64_t id;           /* of the case */
    int64_t member;       /* 0: of an employee */
    struct text wallet;   /* of a member; empty: all accounts */
    struct text employee; /* of an employee */
};

/* Orders freezes as a programme_set has them. */
void freezes_sort(struct freeze *freezes, size_t count);

/*
 * The freeze on the person's account (of whoever's points it may spend, in a pooled household) or on the employee;
 * `person` and the texts may be NULL or empty. NULL: none.
 */
const struct freeze *freeze_find(const struct programme_set *set, const struct person *person, struct text wallet,
                                 struct text employee);

/* STATUS_CONFLICT `member.frozen`, the field saying what is: "member", "wallet" or "employee". */
enum status freeze_check(const struct decision *decision, const struct person *person, struct text wallet,
                         struct text employee, struct error *err);

/* ---- what waits when a case was closed: subject 0 by id ---- */

struct thaw {
    const int64_t *lots; /* of the member, held back by no other freeze */
    size_t lot_count;
    int64_t released; /* result: points that get their own time again */
};
extern const struct command_type thaw_type;

#endif
