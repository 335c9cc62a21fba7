/* good.h: what makes a promise good that was not kept: points by their worth, or a voucher. Pure. */
#ifndef PATRON_FEATURES_PROMISES_GOOD_H
#define PATRON_FEATURES_PROMISES_GOOD_H

#include "features/coupons/coupons.h"
#include "features/programme/promise_policy.h"

/* Stored as numbers: never renumber. */
enum good_kind { GOOD_NONE = 0, GOOD_POINTS = 1, GOOD_VOUCHER = 2 };
extern const char *const good_kinds[]; /* "none", "points", "voucher"; ends with NULL */

struct good {
    int64_t kind;
    struct text wallet; /* GOOD_POINTS */
    int64_t points;
    struct text series, key; /* GOOD_VOUCHER */
    int64_t cost;            /* minor units */
    int64_t row;             /* the journal row that gave it; 0: nothing was given */
};

/* Fresh keys, one for each voucher of the means in their order; an empty key: the series has none to give. */
struct good_keys {
    struct coupon_use uses[PROMISE_VOUCHERS_MAX];
    size_t count;
};
/* Lists their counters in the command. False: it has no room. */
bool good_keys_name(struct good_keys *keys, struct command *command, struct arena *arena);

struct good_giving {
    struct decision *decision;
    const struct person *person;
    const struct promise_means *means;
    const struct good_keys *keys;
    const char *row_kind; /* of the journal row; static */
    int64_t cause;        /* the row that it follows from */
    struct text facts;
};

/*
 * STATUS_CONFLICT `promise.wallet` when the account or its worth is no more, `promise.voucher` when no voucher is worth so much
 * or can be had now; STATUS_BUSY `programme.changed`.
 */
enum status good_give_points(const struct good_giving *giving, struct text wallet, int64_t points, int64_t cost,
                             struct good *out, struct error *err);
/* What so much money is worth in points of the means' account. */
enum status good_points_for(const struct decision *decision, const struct promise_means *means, int64_t minor,
                            int64_t *points, struct error *err);
enum status good_give_worth(const struct good_giving *giving, int64_t minor, struct good *out, struct error *err);
enum status good_give_voucher(const struct good_giving *giving, int64_t minor, struct good *out, struct error *err);

/* Makes a voucher void that nobody has used; false: it was used, or is not at hand. `use` with its counter in the command. */
bool good_void_voucher(struct decision *decision, const struct coupon_use *use);

#endif
