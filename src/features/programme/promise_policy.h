/*
 * promise_policy.h: how promises that were not kept are made good: "honours" and "missed_benefits" of the programme document
 * (features/promises). Pure.
 */
#ifndef PATRON_FEATURES_PROGRAMME_PROMISE_POLICY_H
#define PATRON_FEATURES_PROGRAMME_PROMISE_POLICY_H

#include "features/programme/programme.h"

enum { PROMISE_VOUCHERS_MAX = 8, HONOUR_LIMITS_MAX = 16, HONOUR_REASONS_MAX = 50, HONOUR_OWNERS_MAX = 100 };

/* A series of coupons, and what one of its codes costs the company. */
struct promise_voucher {
    struct text series;
    int64_t value; /* minor units */
};

/* What is given instead: points of an account by their worth, or a voucher that is worth enough. */
struct promise_means {
    struct text wallet;                     /* empty: no account has a worth */
    const struct promise_voucher *vouchers; /* ascending by value */
    size_t voucher_count;
};

/* The voucher of least value that is worth so much; NULL: none is. */
const struct promise_voucher *promise_voucher_for(const struct promise_means *means, int64_t minor);

struct honour_limit {
    struct text role; /* of users; "key": of API keys */
    int64_t up_to;    /* minor units */
};

/* Who answers for what a channel shows. */
struct honour_owner {
    struct text channel;             /* empty: every other */
    struct text person, place, role; /* person, or place and role */
};

struct honour_policy {
    const struct honour_limit *limits;
    size_t limit_count;
    int64_t daily_count, daily_value; /* of one employee; INT64_MAX: no limit */
    struct promise_means means;
    const struct text *reasons; /* none: any code */
    size_t reason_count;
    const struct honour_owner *owners;
    size_t owner_count;
};

/* The most that somebody with the roles (names with commas between) honours alone; 0: nothing. */
int64_t honour_limit_of(const struct honour_policy *policy, struct text roles);
/* NULL: nobody is named. */
const struct honour_owner *honour_owner_of(const struct honour_policy *policy, struct text channel);
bool honour_reason_is(const struct honour_policy *policy, struct text reason);

enum missed_action { MISSED_LIST, MISSED_POINTS, MISSED_VOUCHER };
extern const char *const missed_action_names[]; /* "list", "points", "voucher"; ends with NULL */

struct missed_policy {
    enum missed_action action;
    struct promise_means means;
    int64_t limit, daily_limit; /* minor units: of one, and of all in a day; INT64_MAX: no limit */
    int64_t late_days;          /* what is recorded later than so after it happened is not checked */
    bool coupons;               /* personal coupons that open an offer count as if they applied by themselves */
    bool claimed;               /* purchases that were anonymous are checked when somebody claims them */
};

#endif
