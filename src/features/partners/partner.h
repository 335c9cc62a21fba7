/*
 * partner.h: other businesses at whose tills members earn and redeem points: what a purchase there earns, what a point is worth
 * there, and what the two sides pay each other for it. Pure.
 */
#ifndef PATRON_FEATURES_PARTNERS_PARTNER_H
#define PATRON_FEATURES_PARTNERS_PARTNER_H

#include "engine/decide.h"
#include "features/definitions/definition.h"
#include "foundation/checked.h"
#include "foundation/money.h"

enum {
    PARTNER_CODE_MAX = 48, /* bytes; with what stands before it it is a place */
    PARTNER_NAME_MAX = 200,
    PARTNER_RECEIPT_MAX = 100,
    PARTNER_CLAIM_DAYS_MAX = 366,
    PARTNER_POINTS_MAX = 1000000000,
    PARTNER_DAY_POINTS_MAX = 100000000,
    PARTNER_DAY_TIMES_MAX = 10000,
    PARTNER_RATE_DECIMALS = 6, /* of a rate, in the currency of the partner for a point */
};
#define PARTNER_MINOR_MAX INT64_C(100000000000)

/* What a purchase earns: kept with it, so that a return takes back by the same. */
struct partner_earning {
    struct text wallet; /* empty: nothing is earned there */
    int64_t points;     /* for each `per`, or for the purchase */
    int64_t per;        /* minor units; 0: for the purchase, whatever its amount */
    int64_t minimum;    /* minor units below which nothing is earned */
    enum rounding rounding;
};

struct partner_redeeming {
    struct text wallet;            /* empty: nothing is redeemed there */
    int64_t points, minor;         /* so many points are worth so much */
    int64_t minimum;               /* points of one redemption */
    int64_t day_points, day_times; /* of a member and day; INT64_MAX: any */
};

struct partner {
    struct text code, name;
    struct text organisation, contact, email, phone; /* whom to ask there */
    char currency[CURRENCY_SIZE];                    /* of its tills and of the settlement */
    int exponent;
    const struct text *stores; /* as the partner calls them; none: any */
    size_t store_count;
    struct partner_earning earn;
    struct partner_redeeming redeem;
    int claim_days; /* after a purchase a member may still claim it; 0: not */
    /* For a point, in 10^-PARTNER_RATE_DECIMALS of the currency. */
    int64_t rate_issued;   /* that the partner pays for what is issued at its tills */
    int64_t rate_redeemed; /* that the partner gets for what is redeemed there */
    bool suspended;
};

extern const struct definition_kind partner_kind;

/* What `minor` earns. False when it is out of range. */
bool partner_earn(const struct partner_earning *earning, int64_t minor, int64_t *points);

/* What the points are worth at the till, rounded down; and how many it takes to pay `minor`, rounded up. */
bool partner_worth(const struct partner_redeeming *redeeming, int64_t points, int64_t *minor);
bool partner_points_for(const struct partner_redeeming *redeeming, int64_t minor, int64_t *points);

/* What `points` come to at a rate, in minor units, half even. */
bool partner_value(const struct partner *partner, int64_t rate, int64_t points, int64_t *minor);

/* Whether the partner calls one of its stores so. */
bool partner_has_store(const struct partner *partner, struct text store);

/* The partner as it was at `at`; the first version also covers all time before it. NULL: there is none. */
const struct partner *partner_at(const struct programme_set *set, struct text code, int64_t at);

/*
 * For whatever is new: the partner as it was at `at`, when it is there now and not suspended. STATUS_MISSING `partner.unknown`,
 * STATUS_CONFLICT `partner.suspended`.
 */
enum status partner_open(const struct decision *decision, struct text code, int64_t at, const struct partner **out,
                         struct error *err);

/*
 * What the person may still redeem there now: of the account and of the day's limit; 0 when it is frozen. Needs progress.
 * `*left` (may be NULL): of the day's limit alone.
 */
int64_t partner_usable(const struct decision *decision, const struct partner *partner, const struct person *person,
                       int64_t *left);

/* Counts a redemption of the day against the limits; `points` below 0 and `times` -1: it was undone. */
struct partner_use {
    struct text code; /* of the partner */
    int32_t day;
    int64_t points, times;
};
void partner_count(struct decision *decision, const struct person *person, const struct partner_use *use);

#endif
