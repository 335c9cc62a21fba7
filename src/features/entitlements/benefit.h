/*
 * benefit.h: benefits: what members are entitled to, by a tier, a paid membership, by hand or by a condition. A standing one simply
 * holds (a dedicated agent, free shipping, a multiplier); a counted one is used so many times in a period. Pure.
 *
 * How offers, earning and others ask whether one applies, in a decision or on a read session:
 *
 *     struct benefit_asker asker = {.programmes = decision->programmes, .person = person, .world = &world, .at = decision->now};
 *     if (benefit_held(&asker, TEXT("free-shipping"), NULL)) ...
 *     int64_t factor = benefit_factor(&asker, TEXT("points"));           FACTOR_SCALE: none
 *     const struct benefit *price = benefit_of_effect(&asker, EFFECT_MEMBER_PRICE, &holding);
 *
 * Tiers, memberships and what was given lie in the standing: nothing has to be loaded for them. A benefit by a condition, and one
 * around the birthday, needs `world` with what benefit_parts tells loaded; without a world it is not held.
 */
#ifndef PATRON_FEATURES_ENTITLEMENTS_BENEFIT_H
#define PATRON_FEATURES_ENTITLEMENTS_BENEFIT_H

#include "features/conditions/condition.h"
#include "features/definitions/definition.h"
#include "features/programme/held.h"

enum {
    BENEFIT_TIERS_MAX = 32,
    BENEFIT_USES_MAX = 1000,  /* of one period */
    BIRTHDAY_DAYS_MAX = 180,  /* before, or after */
    BENEFIT_ORDER_USUAL = 50, /* among offers: before those that say nothing of it */
};

/* What it does. Stored by name in documents. */
enum benefit_effect {
    EFFECT_SERVICE,      /* something that people do: a dedicated agent, a manicure */
    EFFECT_MULTIPLIER,   /* of earned points */
    EFFECT_MEMBER_PRICE, /* a share off the price */
    EFFECT_FREE_SHIPPING,
    EFFECT_PRIORITY,
    EFFECT_LOUNGE,
    EFFECT_GIFT,
};
extern const char *const benefit_effect_names[];

enum benefit_period {
    BENEFIT_DAY,
    BENEFIT_WEEK,
    BENEFIT_MONTH,
    BENEFIT_QUARTER,
    BENEFIT_YEAR,
    BENEFIT_EVER,
    BENEFIT_BIRTHDAY
};
extern const char *const benefit_period_names[]; /* "day" ... "ever", "birthday" */

struct benefit_tier {
    struct text ladder, tier; /* ladder empty: the first */
};

/* How it applies to a basket by itself: features/offers makes an offer of it. */
struct benefit_price {
    const struct text *categories, *except_categories; /* whose goods; none: all */
    size_t category_count, except_count;
    bool not_discounted;   /* only goods that the shop has not made cheaper already */
    int64_t minimum_spend; /* of the whole basket, minor units */
    int64_t order;         /* among offers */
    struct text group;     /* empty: the best of those with the same effect */
};

struct benefit {
    struct text name, about;
    enum benefit_effect effect;
    int64_t factor;             /* EFFECT_MULTIPLIER, of FACTOR_SCALE */
    int64_t share;              /* EFFECT_MEMBER_PRICE: off the price, of FACTOR_SCALE */
    struct benefit_price price; /* EFFECT_MEMBER_PRICE, EFFECT_FREE_SHIPPING */
    struct text wallet;         /* EFFECT_MULTIPLIER: of this account only; empty: of every */
    int64_t count;              /* uses in a period; 0: standing */
    enum benefit_period period;
    bool carry_over;           /* what was left of the period before comes on top */
    const struct text *stores; /* where it is used; none: everywhere */
    size_t store_count;
    int64_t value; /* minor units that one use is worth to the member */
    bool birthday; /* held only around the birthday */
    int days_before, days_after;
    bool everyone;
    const struct benefit_tier *tiers; /* and the tiers above them */
    size_t tier_count;
    struct condition when; /* source empty: none */
};

/* "benefits" of the server's kinds. */
extern const struct definition_kind benefit_kind;

/* ---- who holds one ---- */

struct benefit_asker {
    const struct programme_set *programmes;
    const struct person *person;
    struct condition_world *world; /* started; NULL: conditions and birthdays do not hold */
    int64_t at;
};

/* By what it is held, since when and until when (INSTANT_NEVER: no end is known). */
struct benefit_holding {
    const char *by;   /* "everyone", "tier", "membership", "given", "condition" */
    struct text code; /* of the tier or membership */
    int64_t right;    /* of a membership or of what was given; 0: none */
    int64_t from, until;
};

/* What conditions_load has to bring for all benefits in force: a set of enum condition_part. */
unsigned benefit_parts(const struct programme_set *programmes, int64_t at);

/*
 * Standing benefits that change what a basket costs by themselves: member prices, free shipping, priority. Empty: there are none
 * among the published ones; `parts` is what these alone need.
 */
struct benefit_prices {
    const struct definition *const *items; /* in force or not */
    size_t count;
    unsigned parts;
};
struct benefit_prices benefit_prices(const struct programme_set *programmes);

/* `holding` may be NULL. Of several grounds the one that lasts longest. */
bool benefit_holds(const struct benefit_asker *asker, const struct definition *definition,
                   struct benefit_holding *holding);
bool benefit_held(const struct benefit_asker *asker, struct text code, struct benefit_holding *holding);

/*
 * The best multiplier of the standing benefits for an account; FACTOR_SCALE: none. One that names no account is for all that can be
 * spent. Purchases apply it by themselves, but for benefits by a condition: publish an earning rule for these.
 */
int64_t benefit_factor(const struct benefit_asker *asker, struct text wallet);

/* The same for all accounts, as earning_input has them; empty: none. */
struct text benefit_boosts(const struct benefit_asker *asker, struct arena *arena);

/* A standing benefit with this effect; of several the one with the largest share, then the first. NULL: none. */
const struct definition *benefit_of_effect(const struct benefit_asker *asker, enum benefit_effect effect,
                                           struct benefit_holding *holding);

/* ---- counted ones ---- */

/* The period that `at` lies in. For a birthday the window; false: `at` lies in none. */
bool benefit_period_of(const struct benefit_asker *asker, const struct benefit *benefit, int64_t at, int64_t *from,
                       int64_t *until);

struct benefit_use {
    int64_t id, member; /* id: of the journal row */
    struct text code, store;
    int64_t units, at;
    int64_t value;    /* minor units, of all units */
    int64_t right;    /* the membership, or what was given, by which it was held; 0: none */
    int64_t reversed; /* the row that took it back; 0: none */
};

/* What is left at `at`: `uses` of the person, in any order. */
struct benefit_left {
    int64_t from, until; /* the period; until: INSTANT_NEVER: it does not end */
    int64_t allowed;     /* what was carried over included */
    int64_t used, left;
};
bool benefit_left_of(const struct benefit_asker *asker, const struct definition *definition,
                     const struct benefit_holding *holding, const struct benefit_use *uses, size_t use_count,
                     struct benefit_left *out);

#endif
