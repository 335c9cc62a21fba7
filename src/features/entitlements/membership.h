/*
 * membership.h: paid memberships: a fee for a term, with the benefits that come with it and perhaps a tier. Pure.
 *
 * A membership in force is a right of the standing (features/programme/held.h), which ends by itself when neither the term nor the
 * days of grace are paid further. Its row tells what was paid, refunded and saved.
 */
#ifndef PATRON_FEATURES_ENTITLEMENTS_MEMBERSHIP_H
#define PATRON_FEATURES_ENTITLEMENTS_MEMBERSHIP_H

#include "features/definitions/definition.h"
#include "features/programme/held.h"

enum {
    MEMBERSHIP_BENEFITS_MAX = 64,
    MEMBERSHIP_MONTHS_MAX = 120,
    MEMBERSHIP_DAYS_MAX = 3660,
    MEMBERSHIP_GRACE_MAX = 365,
    MEMBERSHIP_REFERENCE_MAX = 100,
    MEMBERSHIPS_OF_MEMBER_MAX = 1000, /* old ones included */
};

enum membership_renewal { RENEWAL_AUTOMATIC, RENEWAL_MANUAL, RENEWAL_NONE };
enum membership_refund { REFUND_NONE, REFUND_PRO_RATA, REFUND_MINUS_SAVINGS };
extern const char *const membership_renewal_names[], *const membership_refund_names[];

struct membership_plan { /* the parsed definition */
    struct text name, about;
    int64_t fee;      /* minor units of a term */
    int months, days; /* of a term: one of them */
    enum membership_renewal renewal;
    int grace_days;
    enum membership_refund refund;
    const struct text *benefits;
    size_t benefit_count;
    struct text ladder, tier;            /* tier empty: none comes with it */
    const struct advertised *advertised; /* NULL: not */
};
extern const struct definition_kind membership_kind;

/* Whether the plan in force has the benefit. */
bool membership_grants(const struct programme_set *programmes, struct text plan, int64_t at, struct text benefit);

/* One that was bought. Times are instants, amounts minor units. */
struct membership {
    int64_t id, member;
    struct text code;
    int64_t bought_at;
    int64_t term_from, paid_until;     /* the last term that is paid */
    int64_t grace_until;               /* the first instant without it, if nothing more is paid */
    int64_t fee;                       /* of the last term */
    int64_t earlier_from, earlier_fee; /* of the term before it; 0: none */
    int64_t terms;                     /* paid */
    int64_t paid, refunded;            /* in all */
    int64_t cancelled_at, ended_at;    /* 0: not */
    struct text reference;             /* of the last payment */
};

/* "active", "cancelled" (it goes on until the term is over), "due" (the next term runs and is not paid yet), "ended". */
const char *membership_state(const struct membership *membership, int64_t at);
bool membership_runs(const struct membership *membership, int64_t at);

/* The end of the term number `terms` (from 1) that began with the purchase: dates do not drift over short months. */
int64_t membership_term_end(const struct programme *programme, const struct membership_plan *plan, int64_t bought_at,
                            int64_t terms);

/*
 * What goes back when it ends at `at`: by days that are left of what is paid, or what is paid of the running terms less what was
 * saved in it. Rounded down.
 */
int64_t membership_refund_at(const struct programme *programme, const struct membership_plan *plan,
                             const struct membership *membership, int64_t saved, int64_t at);

/*
 * For decisions of other features: a member saved `minor` by a membership that it holds (a right of kind RIGHT_MEMBERSHIP), such as a
 * discount on a purchase. `row` is the journal row of it, `line` tells several of one row apart. A negative amount takes back.
 */
struct membership_saving {
    int64_t membership; /* right->id */
    int64_t row, line;
    int64_t minor, at;
    struct text what; /* code of the benefit or offer */
};
void store_membership_saving(struct decision *decision, const struct member *member,
                             const struct membership_saving *saving); /* entitled_store.c */

#endif
