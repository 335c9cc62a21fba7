/*
 * offer.h: an offer: which goods it makes cheaper, for whom, when and where, by how much, and beside which others. Pure.
 *
 * Offers are definitions of the kind "offer"; docs/offers.md describes the document. A parsed offer never changes.
 */
#ifndef PATRON_FEATURES_OFFERS_OFFER_H
#define PATRON_FEATURES_OFFERS_OFFER_H

#include "features/conditions/condition.h"
#include "features/definitions/definition.h"

enum {
    OFFER_LIST_MAX = 1000, /* skus, prices, stores ... of one list */
    OFFER_PARTS_MAX = 8,   /* of a bundle */
    OFFER_SPANS_MAX = 14,  /* hours, seasons */
    OFFER_PIECES_MAX = 100000,
    OFFER_SKU_MAX = 128,
    OFFER_ORDER_USUAL = 100,
    OFFER_PRIORITY_HOURS_MAX = 24 * 90,
    PERCENT_SCALE = 1000000, /* 20 % is 200000 */
};

enum offer_kind {
    OFFER_PERCENTAGE,
    OFFER_AMOUNT,
    OFFER_PRICE,     /* a price instead of the public one */
    OFFER_BUY_GET,   /* buy `buy`, get `get` cheaper by `percent`; n for the price of m is one */
    OFFER_SET_PRICE, /* `count` pieces for `money` */
    OFFER_BUNDLE,    /* one set of several goods for `money` */
    OFFER_GIFT,
};

/* What a percentage, an amount or a price is on. */
enum offer_target {
    ON_ORDER,    /* all its goods together; an amount is spread over them */
    ON_ITEM,     /* each piece */
    ON_CHEAPEST, /* the cheapest `count` pieces */
    ON_DEAREST,
    ON_SHIPPING,
};

enum offer_basis { BASIS_CASCADING, BASIS_INITIAL };
enum offer_apply { APPLY_ALL, APPLY_FIRST, APPLY_BEST };

struct text_list { /* ascending, without doubles */
    const struct text *items;
    size_t count;
};
bool text_list_has(const struct text_list *list, struct text text);

/* Which lines. Empty lists: any. */
struct offer_filter {
    struct text_list skus, categories, except_skus, except_categories; /* a category holds those below it */
    struct condition when;                                             /* about a line */
    bool not_discounted; /* only goods that the shop has not made cheaper already */
};
/* Whether it names any goods at all, rather than all of them. */
bool offer_filter_is_open(const struct offer_filter *filter);

struct offer_price {
    struct text sku;
    int64_t price;
};

struct offer_part {
    struct offer_filter items;
    int64_t count;
};

/* From `from` until before `until`; past midnight, or the turn of the year, when `until` is not after `from`. */
struct offer_span {
    int32_t from, until;
};

struct offer_schedule {
    int64_t starts_at, ends_at;                 /* INT64_MIN, INSTANT_NEVER: open */
    int64_t priority;                           /* so much earlier for holders of a benefit of priority */
    unsigned weekdays;                          /* bit 0 Monday .. bit 6; 0: any */
    struct offer_span hours[OFFER_SPANS_MAX];   /* minutes of the day */
    struct offer_span seasons[OFFER_SPANS_MAX]; /* month * 100 + day, the last day included */
    size_t hour_count, season_count;
};

struct offer_audience {
    bool members;                               /* only who is known */
    struct text_list tiers, segments, benefits; /* benefits: holders of any of them */
    struct condition when;                      /* about a purchase */
};

struct offer_limits {     /* INT64_MAX: none */
    int64_t uses, budget; /* over all; the budget in minor units */
    bool budget_partial;  /* gives what is left instead of nothing */
    int64_t per_member, per_member_day;
    int64_t per_order; /* sets in one purchase */
};

struct offer {
    struct text code, name, about;
    bool benefit; /* nobody wrote it: it is a benefit that applies by itself (offer_benefits.h) */
    enum offer_kind kind;
    enum offer_target target;
    int64_t percent;                  /* of PERCENT_SCALE */
    int64_t money;                    /* amount or price */
    const struct offer_price *prices; /* ascending by sku */
    size_t price_count;
    int64_t buy, get; /* OFFER_BUY_GET */
    int64_t count;    /* of a set, of the cheapest pieces, of gifts */
    bool best;        /* sets are made in the member's favour, rather than the cheapest pieces being free */
    bool other;       /* what is got are the goods of `of`, not of `items` */
    struct offer_filter items, of;
    const struct offer_part *parts; /* OFFER_BUNDLE */
    size_t part_count;
    struct text gift;   /* sku */
    int64_t gift_value; /* of one, when it is not in the basket */
    int64_t most;       /* of one purchase, minor units; INT64_MAX: no limit */
    enum offer_basis basis;
    enum rounding rounding; /* of the discount */
    bool round_lines;       /* each line by itself, rather than the sum of them */

    int64_t minimum_spend; /* public prices; 0: none */
    int64_t minimum_milli; /* quantity */
    bool minimum_of_order; /* of the whole basket, rather than of its goods */
    struct offer_audience audience;
    struct offer_schedule schedule;
    struct text_list stores, channels;
    struct text_list codes; /* public codes that open it */
    struct text coupon;     /* a series whose coupons open it; empty: none */

    int64_t order; /* lower first */
    struct text group;
    enum offer_apply apply; /* of its group */
    bool exclusive;
    struct offer_limits limits;
    const struct advertised *advertised; /* NULL: not */
};

extern const struct definition_kind offer_kind;

/* Whether it needs a code to be shown. */
bool offer_needs_code(const struct offer *offer);
bool offer_is_limited(const struct offer *offer);

/* Why it is for this member: "coupon", "benefit", "tier", "segment", "member", "condition", "season", "public". */
const char *offer_reason(const struct offer *offer);

/* The parts of a person that its conditions ask for: enum condition_part. */
unsigned offer_parts(const struct offer *offer);

/* Whether the hours, weekdays and seasons hold; local time of `zone`. Start and end are not looked at. */
bool offer_time_holds(const struct offer_schedule *schedule, const struct zone *zone, int64_t at);

/* Ids: the counters over all members, and what one member used, in all and on a day. */
const char *offer_counter_uses(struct arena *arena, const struct offer *offer);
const char *offer_counter_budget(struct arena *arena, const struct offer *offer);
struct text offer_progress(struct arena *arena, const struct offer *offer);
struct text offer_progress_day(struct arena *arena, const struct offer *offer, int32_t day);

#endif
