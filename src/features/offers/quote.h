/*
 * quote.h: a quote: what a basket costs a member, kept for a while. Pure.
 *
 * A quote is priced by a decision, so that limits hold. Its journal row begins it, and the table `quote` says where it is now.
 * One that reserves has counted its limited offers, taken its coupons and holds its points; they go back when it is released or lapses.
 * Otherwise the prices are kept, and what is limited is counted when a purchase settles it.
 */
#ifndef PATRON_FEATURES_OFFERS_QUOTE_H
#define PATRON_FEATURES_OFFERS_QUOTE_H

#include "features/coupons/coupons.h"
#include "features/offers/shown_offer.h"

enum {
    QUOTE_NEXT_MAX = 3,
    QUOTE_SECONDS = 900, /* its life */
    QUOTE_COUNTERS_MAX = 28,
};

/* Stored as numbers: never renumber. */
enum quote_state { QUOTE_OPEN = 1, QUOTE_SETTLED = 2, QUOTE_RELEASED = 3, QUOTE_LAPSED = 4 };
const char *quote_state_name(enum quote_state state); /* "open" */

/* ---- what is quoted: as it goes out, and as it is kept ---- */

struct quoted_line {
    struct text sku, category;
    int64_t quantity_milli;
    int64_t public_amount, amount;
    int64_t discount; /* taken off before, by whoever asked */
    bool shipping;
};

struct quoted_offer {
    struct text code, name;
    int64_t version;
    struct text reason; /* offer_reason */
    int64_t amount, sets;
    struct text gift;
    int64_t gifts;                    /* pieces of it to add */
    struct text shown;                /* the code that opened it; empty: none was needed */
    struct text series;               /* of the coupon; empty: a public code */
    struct text key;                  /* of the coupon */
    bool benefit;                     /* it is a benefit that applies by itself */
    struct text by, by_code, by_name; /* because of what: "tier", gold, Gold; empty: it is not for some only */
    int64_t membership;               /* by which it is held: the right; 0: by none */
    struct offer_left limits;         /* as it was published: INT64_MAX: none */
    bool budget_partial;
    int32_t day;         /* of the limit of a day */
    struct text channel; /* it is over, and honoured because it was shown there; empty: it is in force */
    int64_t shown_at;
};

struct quoted_cut {
    int64_t line, offer; /* indexes */
    int64_t amount;
};

struct quoted_refusal {
    struct text offer, name, shown, why, by;
    int64_t missing_minor, missing_milli, from;
    struct offer_needs needs;
    int64_t until; /* offer.ended: when; 0: not told */
    int64_t gain;  /* of one that was shown: what it would have taken off */
};

struct quoted_next {
    struct text offer, name;
    int64_t missing_minor, gain;
};

/* What a rule would give for the purchase, budgets and limits of members left aside. */
struct quoted_earning {
    struct text rule, wallet;
    int64_t points;
};

/* What an account could pay of it: the fewest points that are worth as much as they can be. */
struct quoted_points {
    struct text wallet;
    int64_t available, points, worth;
};

struct quoted {
    char currency[CURRENCY_SIZE];
    int64_t public_total, total;
    struct quoted_line *lines;
    size_t line_count;
    struct quoted_offer *offers;
    size_t offer_count;
    struct quoted_cut *cuts;
    size_t cut_count;
    struct quoted_refusal *refusals;
    size_t refusal_count;
    struct quoted_next next[QUOTE_NEXT_MAX];
    size_t next_count;
    struct quoted_earning *earnings;
    size_t earning_count, earning_capacity;
    struct quoted_points usable[PROGRAMME_WALLETS_MAX];
    size_t usable_count;
    bool reserved;
    bool bounded;
    struct shown_codes shown; /* codes and coupons that it uses */
    int64_t organisation;     /* it is for: 0: none */
    struct text terms;        /* of the organisation */
    struct text wallet;       /* of the points on hold */
    int64_t points, worth;
    int64_t hold; /* 0: none */
};

/* Appends a rule that would give points. */
void quoted_earn(struct arena *arena, struct quoted *quoted, const struct quoted_earning *earning);

/* Copies everything that is told of the priced basket into `arena`. */
struct quoted quote_report(struct arena *arena, const struct programme_set *programmes, const struct basket *basket,
                           const struct priced *priced);

/* The kept form: compact JSON. Without the refusals, what would come next and what points do: they are told once. */
struct text quote_write(struct arena *arena, const struct quoted *quoted);
/* STATUS_DEFECT `quote.document` when the text is none of ours. */
enum status quote_read(struct arena *arena, struct text json, struct quoted *out, struct error *err);

/* Whether its price holds whatever happens before it ends: nothing about the offer is limited, or it is reserved. */
bool quoted_offer_guaranteed(const struct quoted *quoted, const struct quoted_offer *offer);

/* ---- counting ---- */

/*
 * Names in `command` the counters of the limited offers that may apply to the basket. An offer whose counter finds no room
 * does not apply.
 */
void quote_counters(const struct offer_index *index, const struct offer_query *query, struct command *command,
                    struct arena *arena);
/* The coupons that opened offers of a quote, each once, with their counters named in `command`. */
struct coupon_use *quoted_coupons(const struct quoted *quoted, struct command *command, struct arena *arena,
                                  size_t *count);
/* The same for offers that were shown, when the versions are found. */
void shown_offer_counters(const struct shown_offer *honours, size_t count, struct command *command,
                          struct arena *arena);
/* The same for the offers of a quote. */
void quoted_counters(const struct quoted *quoted, struct command *command, struct arena *arena);

/* What is left of an offer's limits for the command's person. */
struct offer_left quote_left(const struct decision *decision, const struct command *command,
                             const struct person *person, const struct offer *offer, int32_t day);

/*
 * Counts the offers of a quote, one use each. STATUS_CONFLICT `offer.exhausted`, `offer.budget`, `offer.member_limit`,
 * `offer.member_day_limit` names the first that is used up; STATUS_BUSY `programme.changed` for a counter that was not named.
 */
enum status quote_count(struct decision *decision, const struct command *command, const struct person *person,
                        const struct quoted *quoted, struct error *err);
/*
 * Gives back what was counted: `amount` of the budget and, with `use`, the use. What was counted for a member who is no longer
 * there stays counted.
 */
struct quote_back {
    const struct person *person; /* NULL: nobody */
    struct text offer;
    bool uses, budget, member, member_day; /* what was counted */
    int32_t day;
    int64_t amount;
    bool use;
};
void quote_uncount(struct decision *decision, const struct command *command, const struct quote_back *back);

/* ---- commands ---- */

struct quote_row { /* as the table has it */
    int64_t id, member;
    int64_t state;
    int64_t at, due_at;
    bool reserved;
    int64_t settled_by;
    struct text document;
};

/* What the rules of the programme were asked for the basket as it is priced, and gave. */
struct quote_earning {
    const struct pricing_world *world;
    const struct programme *programme; /* in force at the basket's time */
    const struct person *person;
    const struct earning_input *input;
    const struct earned *base;
    size_t base_count;
};

/* Prices and keeps. Subject 0, when somebody is known, is the member; otherwise the command has a bucket. */
struct quote_request {
    struct basket basket; /* kept ones: at is now */
    bool plain;           /* without what would come next */
    bool reserve;
    int64_t organisation; /* bought for it, by its terms; 0: none. Subject 0 is whose purchase it is */
    struct text terms;
    struct text wallet; /* with reserve: points on hold; empty: none */
    int64_t points;
    struct coupon_use *coupons; /* of the codes that are none of an offer; loaded */
    size_t coupon_count;
    struct shown_offer *honours; /* what the customer was shown; at most SHOWN_OFFERS_MAX */
    size_t honour_count;
    unsigned parts;                /* of the person, by offer_index_parts */
    struct condition_person known; /* loaded */
    /* Appends to quoted->earnings what comes on top: rules that offers know nothing of. May be NULL. Pure. */
    enum status (*earn_more)(const struct quote_earning *earning, struct quoted *quoted, struct error *err);
    struct quoted quoted; /* result, in command.arena */
    int64_t id, due_at;
};
/* What conditions see of the basket. */
struct condition_purchase quote_purchase(struct arena *arena, const struct quote_request *request);
/* Fills body->quoted for `person` (NULL: nobody known); the counters that the command names are loaded. */
enum status quote_reckon(struct decision *decision, const struct command *command, const struct person *person,
                         struct error *err);
const struct command_type *quote_type(const struct offer_index *index, const struct quote_request *request);

/* Ends an open quote: released by whoever made it, or lapsed because its time is over. Subject 0, if any: its member. */
struct quote_end {
    int64_t id;
    bool lapsed;
    struct quoted quoted;       /* as read when the command was made: it never changes */
    struct quote_row row;       /* loaded */
    struct coupon_use *coupons; /* quoted_coupons; loaded */
    size_t coupon_count;
    bool ended; /* result: it was open until now */
};
extern const struct command_type quote_end_type;

/* A quote that a purchase settles. */
struct quote_settlement {
    int64_t id;
    struct quoted quoted;
    struct quote_row row;       /* loaded */
    struct coupon_use *coupons; /* quoted_coupons; loaded */
    size_t coupon_count;
};
/*
 * Settles it for the purchase `row` of `person` (NULL: anonymous): counts what is limited, unless it was reserved.
 * STATUS_MISSING `quote.unknown`, STATUS_CONFLICT `quote.settled`, `quote.over`, `quote.other_member`, and as quote_count.
 */
enum status quote_settle(struct decision *decision, const struct command *command, const struct person *person,
                         struct quote_settlement *settlement, const struct journal_row *row, struct error *err);

/* quotes_store.c */
void store_quote(struct decision *decision, const struct quote_row *row);
enum status quote_request_load(struct load_context *context, struct command **commands, size_t count,
                               struct error *err);
enum status quote_end_load(struct load_context *context, struct command **commands, size_t count, struct error *err);
enum status quote_settlements_load(struct load_context *context, const struct command **commands,
                                   struct quote_settlement **settlements, size_t count, struct error *err);

#endif
