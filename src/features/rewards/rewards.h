/*
 * rewards.h: what members get for their points: the catalogue, what it costs whom, whether somebody may have it and what is
 * missing. Pure.
 */
#ifndef PATRON_FEATURES_REWARDS_REWARDS_H
#define PATRON_FEATURES_REWARDS_REWARDS_H

#include "engine/decide.h"
#include "features/conditions/condition.h"
#include "features/coupons/coupons.h"
#include "features/definitions/definition.h"
#include "features/entitlements/grant.h"

enum {
    REWARD_PICTURES_MAX = 10,
    REWARD_PICTURE_SIZE_MAX = 500,
    REWARD_PRICES_MAX = TIER_LEVELS_MAX,
    REWARD_SLOTS_MAX = 200,
    REWARD_TEXT_MAX = 4000,
    REWARD_POINTS_MAX = 1000000000,
    REWARD_COUNT_MAX = 1000000000,
    REWARD_DAYS_MAX = 366,
    REWARD_DAYS_USUAL = 14, /* an order is kept so long unless the reward says otherwise */
    REWARD_QUANTITY_MAX = 100,
    REWARD_SHARE_DECIMALS = 4, /* of what one owes the other for a co-branded reward */
};

/* What is handed over. */
enum reward_gift {
    REWARD_GOODS,   /* goods or a service */
    REWARD_COUPON,  /* a code of a series, made with the order */
    REWARD_CARD,    /* a gift card, made with the order */
    REWARD_BENEFIT, /* a benefit for some days, from the order on */
    REWARD_AWARD,   /* points of another account, with the order */
};

struct reward_price {
    struct text tier;      /* whose price it is; empty: everybody's */
    int64_t points, minor; /* of the account, and money beside it */
};

/* A time at which it is given to so many. */
struct reward_slot {
    int64_t from, until; /* instants */
    int64_t capacity;
};

struct reward {
    struct text code, name, about;
    const struct text *pictures; /* addresses */
    size_t picture_count;
    struct text wallet;
    const struct reward_price *prices; /* the first is everybody's */
    size_t price_count;
    int64_t stock;                   /* INT64_MAX: any number */
    int64_t member_limit;            /* a person; INT64_MAX: any number */
    const struct reward_slot *slots; /* ascending by from */
    size_t slot_count;
    struct condition when;
    int64_t from, until; /* INT64_MIN, INSTANT_NEVER: open */
    int kept_days;       /* an order that is not collected is over after so many days */
    enum reward_gift gift;
    struct text gives;        /* REWARD_COUPON: the series */
    int64_t gives_minor;      /* REWARD_CARD: what it is worth */
    struct grant grants;      /* REWARD_BENEFIT */
    struct text gives_wallet; /* REWARD_AWARD */
    int64_t gives_points;
    struct text partner;       /* who gives it together with the programme; empty: nobody */
    int64_t partner_owes;      /* for one, in 10^-REWARD_SHARE_DECIMALS of the partner's currency; below 0: is owed */
    const struct text *stores; /* where it is handed over; none: everywhere */
    size_t store_count;
    const struct advertised *advertised; /* NULL: not */
};

extern const struct definition_kind reward_kind;

/*
 * Measures of a co-branded reward, by day, under the place of the partner, '/' and the reward: how many were handed over less
 * those that came back, and what the partner owes for them.
 */
#define REWARD_MEASURE_COUNT "partner_rewards"
#define REWARD_MEASURE_SHARE "partner_reward_share"

/* What it costs the person (NULL or without a group: nobody known). */
struct reward_price reward_price_of(const struct reward *reward, const struct person *person);

/* The counters of its stock and of a slot. */
const char *reward_counter(struct arena *arena, struct text code);
const char *reward_slot_counter(struct arena *arena, struct text code, const struct reward_slot *slot);
const struct reward_slot *reward_slot_at(const struct reward *reward, int64_t from); /* NULL: there is none */

/* What the person ordered of it, less what was cancelled; needs progress. */
int64_t reward_member_used(const struct person *person, struct text code);

/* A question before an order: whether so many may be had now. */
struct reward_question {
    const struct programme_set *set;
    int64_t now;
    const struct person *person; /* NULL, or without a group: nobody known */
    const struct condition_person *known;
    int64_t quantity;
    int64_t used; /* of the stock */
    const struct reward_slot *slot;
    int64_t slot_used;
    struct text store;
    bool free; /* a coupon pays */
    struct arena *arena;
};

/*
 * STATUS_CONFLICT `reward.not_started`, `reward.ended`, `reward.sold_out`, `reward.slot_full`, `reward.slot_over`,
 * `reward.audience`, `reward.member_limit`, `reward.store`; STATUS_INVALID `reward.slot_needed`. Points are asked for last:
 * STATUS_CONFLICT `reward.points` says what is missing, `*missing` how many.
 */
enum status reward_check(const struct reward *reward, const struct reward_question *question, int64_t *missing,
                         struct error *err);

#endif
