/*
 * market.h: what the model knows of offers, quotes and coupons: drawn, priced and counted after docs/offers.md and
 * docs/quotes.md, without a line of the product's pricing.
 */
#ifndef PATRON_TESTS_SIMULATION_MARKET_H
#define PATRON_TESTS_SIMULATION_MARKET_H

#include <stdbool.h>
#include <stdint.h>

struct model;
struct model_event;
struct programme_rules;
struct action;
struct outcome;

enum {
    OFFERS = 6,
    BASKET_LINES = 4,
    SKUS = 3,
    QUOTE_LIFE = 900, /* seconds */
};

enum offer_shape { TAKE_PERCENT, TAKE_AMOUNT, TAKE_SETS };
enum offer_group { GROUP_NONE, GROUP_BEST, GROUP_FIRST };
enum offer_opened { OPEN_TO_ALL, OPENED_BY_CODE, OPENED_BY_COUPON };

/* In the order in which they apply. */
struct offer_rules {
    const char *code; /* NULL: none */
    int order;
    enum offer_shape shape;
    int tenths; /* of a percent */
    int64_t amount;
    int take, pay;     /* sets: so many for the price of so many */
    bool best;         /* sets are made in the customer's favour */
    int category, sku; /* -1: any */
    int64_t minimum;   /* 0: none */
    bool minimum_of_order;
    int level; /* of this one or a higher one; 0: anybody */
    enum offer_group group;
    bool exclusive, initial, by_line;
    int rounding;
    int64_t most, uses, budget, per_member; /* 0: no limit */
    bool budget_partial;
    enum offer_opened opened;
};

void model_draw_offers(struct programme_rules *rules, uint64_t seed);
void offer_document(const struct programme_rules *rules, int offer, char *out, size_t size);
#define SERIES_DOCUMENT "{\"name\":\"Drawn\",\"codes\":{\"kind\":\"imported\"}}"
extern const char *const skus[SKUS];

/* ---- pricing ---- */

struct market_basket {
    int line_count;
    int64_t amount[BASKET_LINES], quantity[BASKET_LINES];
    int category[BASKET_LINES], sku[BASKET_LINES];
    bool known; /* a member, of this level; -1: none */
    int level;
    bool code, coupon; /* shown, and good */
    int64_t uses_left[OFFERS], budget_left[OFFERS], member_left[OFFERS];
};

struct market_price {
    int64_t cut[BASKET_LINES][OFFERS], taken[OFFERS], total;
};

void market_price(const struct programme_rules *rules, const struct market_basket *basket, struct market_price *out);

/* ---- quotes and coupons ---- */

enum quote_course { QUOTE_IS_OPEN, QUOTE_IS_SETTLED, QUOTE_IS_RELEASED, QUOTE_IS_LAPSED };

struct model_quote {
    int64_t real; /* the product's id; 0: not known yet */
    int member;   /* -1: nobody */
    int64_t due;
    enum quote_course state;
    bool reserved;
    int coupon; /* that opened an offer; -1: none */
    int event;  /* that settled it */
    struct market_basket basket;
    struct market_price price;
};

struct model_coupon {
    int owner;
    bool used; /* reserved or redeemed */
};

struct model_card {
    int64_t real;    /* the product's id; 0: not known yet */
    int64_t sold;    /* for so much */
    int64_t balance; /* what it has */
};

struct model_market {
    struct model_quote *quotes;
    int quote_count, quote_capacity;
    struct model_coupon *coupons;
    int coupon_count, coupon_capacity;
    struct model_card *cards;
    int card_count, card_capacity;
    int64_t uses[OFFERS], budget[OFFERS]; /* used */
};

/* What an event keeps of its quote. */
struct model_sale {
    int quote;         /* -1: none */
    int coupon;        /* that it still uses; -1: none */
    int card;          /* that paid a part; -1: none */
    int64_t card_left; /* of what it paid, not yet given back */
    int64_t cut[BASKET_LINES][OFFERS];
    bool goods[BASKET_LINES][OFFERS]; /* the offer made that line cheaper */
};

void market_free(struct model_market *market);
/* A quote is made; given up; or over: all of them whose time has come. */
void market_quote(struct model *model, const struct action *action, struct outcome *outcome);
void market_release(struct model *model, int quote);
void market_lapse(struct model *model);
void market_issue(struct model *model, const struct action *action, struct outcome *outcome);
void market_sell(struct model *model, const struct action *action);
/* Whether the card of the action can pay a part of `most`, and how much; NULL: yes. */
const char *market_card(const struct model *model, const struct action *action, int64_t most, int64_t *minor);
void market_charge(struct model *model, struct model_event *event, int card, int64_t minor);
/* What of `money` goes back to the card that paid. */
int64_t market_card_back(struct model *model, struct model_event *event, int64_t money);
/* Whether `member` (-1: nobody, or somebody new) may settle the quote with a purchase of `at`; NULL: yes. */
const char *market_check(const struct model *model, int quote, int member, int64_t at);
/* What the quote says is bought, at its prices. */
void market_take(const struct model *model, struct action *action);
/* Settles it, for the event. */
void market_settle(struct model *model, int quote, int event);
/* What a claim has of the purchase's offers. */
void market_claim(const struct model_event *purchase, struct model_event *claim);
/* Goods of the event came back: of its lines so much was left before. */
void market_return(struct model *model, struct model_event *event, const int64_t *amount_before,
                   const int64_t *quantity_before);
int64_t market_member_used(const struct model *model, int member, int offer); /* of the person */

#endif
