/*
 * pricing.h: what a basket costs with the offers in force: which apply, what each takes from which line, and why the others do
 * not. Pure, and the same every time: integers, and a fixed order.
 *
 * Offers apply one after another, ascending by (order, code). All that can apply do, save that
 *   - of a group one applies: the first that takes anything, or the best for the member (of a group of `all` each does);
 *   - an exclusive offer applies alone;
 *   - a piece is in one set only: offers that want the same pieces compete.
 * What is left to choose is chosen so that the member pays least, then so that earlier offers win.
 */
#ifndef PATRON_FEATURES_OFFERS_PRICING_H
#define PATRON_FEATURES_OFFERS_PRICING_H

#include "features/offers/offer_benefits.h"

enum {
    BASKET_LINES_MAX = 500,
    BASKET_CODES_MAX = 20,
    CANDIDATES_MAX = 256,    /* offers that can apply to one basket; later ones are refused as `offer.too_many` */
    CHOICES_EXACT_MAX = 512, /* as many choices are all tried; of more, the best of as many good ones */
    REFUSED_MAX = 100,
};

/* A code that was shown. */
struct basket_code {
    struct text code;       /* as shown */
    struct text folded;     /* as offers know it */
    struct text key;        /* as coupons know it; empty: a public code of an offer */
    struct text series;     /* of the coupon that it is, when that may be used; empty: none */
    struct text opens;      /* the offer that the coupon names; empty: any that names its series */
    const char *refused_by; /* why the coupon may not be used: "coupon.expired"; NULL: it may, or it is none */
};

/* An offer that was shown to the customer: shown_offer.h. */
struct shown_offer {
    struct text offer, channel;
    int64_t shown_at;
    const struct definition *definition; /* the version that was shown; NULL: none was */
    int64_t ended_at;                    /* of that version; INSTANT_NEVER */
    bool in_force;                       /* still: there is nothing to honour */
    const char *refused_by;              /* "offer.not_shown", "offer.ended", "offer.not_now"; NULL: it is honoured */
};

struct basket {
    const struct purchase_line *lines; /* amount: public price of the line, `discount` was taken off it before */
    const bool *shipping;              /* of each line; NULL: none is */
    size_t line_count;
    struct text store, channel;
    int64_t at;
    const struct zone *zone; /* of the store */
    const struct basket_code *codes;
    size_t code_count;
    const struct definition **explain; /* offers asked about besides; in force or not */
    size_t explain_count;
    const struct shown_offer *honours; /* offers that apply although they are over: set by shown_offers_price */
    size_t honour_count;
};

/* What is left of the limits of an offer. */
struct offer_left {
    int64_t uses, budget, member, member_day; /* INT64_MAX: no limit */
};

struct pricing_world {
    struct arena *arena;
    const struct offer_index *index;    /* NULL: no offers */
    struct condition_world *conditions; /* started, with the purchase and, when known, the person */
    bool known;                         /* a member */
    struct text tier;
    struct offer_left (*left)(void *context, const struct offer *offer); /* NULL: all of it */
    void *context;
};

/* What an offer took from a line. */
struct price_cut {
    size_t line, applied; /* indexes */
    int64_t amount;
};

struct applied_offer {
    const struct definition *definition;
    const struct offer *offer;
    int64_t amount;                 /* taken in all */
    int64_t gifts;                  /* pieces to add: they are not in the basket */
    int64_t sets;                   /* of pieces, where it makes any; otherwise 1 */
    struct text code;               /* that opened it; empty: none was needed */
    struct text series;             /* of the coupon; empty: a public code */
    struct benefit_holding holding; /* on what grounds the member has it; by: NULL: none was asked for */
};

struct refused_offer {
    const struct definition *definition; /* NULL: a code that no offer knows */
    const struct offer *offer;
    struct text code;       /* shown */
    const char *why;        /* "offer.minimum_spend": pricing_reasons */
    int64_t missing_minor;  /* offer.minimum_spend */
    int64_t missing_milli;  /* offer.minimum_quantity */
    const struct offer *by; /* offer.excluded_by, offer.group */
    int64_t from;           /* offer.not_started */
    enum offer_need need;   /* offer.audience */
    int64_t until;          /* offer.ended: when; 0: not told */
    int64_t gain;           /* of one that was shown: what it would have taken off */
    struct text named;      /* of one that was shown: its code, whether there is such an offer or not */
};

struct priced {
    int64_t *amounts; /* of each line, what is left of it */
    size_t line_count;
    int64_t public_total, total, benefit; /* benefit: discounts, and the value of gifts */
    struct applied_offer *applied;
    size_t applied_count;
    struct price_cut *cuts; /* ascending by (line, applied) */
    size_t cut_count;
    struct refused_offer *refused;
    size_t refused_count;
    bool bounded; /* there were too many choices to try all */
};

/* STATUS_LIMIT `quote.range` when amounts are too large. */
enum status offers_price(const struct pricing_world *world, const struct basket *basket, struct priced *out,
                         struct error *err);

/* What a little more would gain. */
struct next_offer {
    const struct offer *offer;
    int64_t missing_minor; /* to spend */
    int64_t gain;          /* benefit with so much more, less the benefit now */
};
struct next_offers {
    struct next_offer *items;
    size_t max, count;
};
/* The offers nearest to applying, at most out->max, the nearest first. */
enum status offers_next(const struct pricing_world *world, const struct basket *basket, const struct priced *priced,
                        struct next_offers *out, struct error *err);

/* The sentence for a reason. */
const char *pricing_reason_text(const char *why);

/* ---- for tests: a choice made by hand ---- */

/* The benefit when exactly the offers of `chosen` (indexes into the list of candidates, bits) may apply; -1: that is not allowed. */
struct candidates;
enum status pricing_open(const struct pricing_world *world, const struct basket *basket, struct candidates **out,
                         struct error *err);
size_t pricing_candidate_count(const struct candidates *candidates);
int64_t pricing_try(struct candidates *candidates, uint64_t chosen);

#endif
