/*
 * missed.h: benefits that were due with a purchase and not given: what they are, what becomes of them. Pure.
 *
 * A purchase is checked once, after it was recorded: its goods are priced by the offers that were in force at its time, the
 * best for the member, and what was taken off by whatever means counts as given. What is missing is a missed benefit. It is
 * listed, or made good by the programme's policy; it goes, and with it what made it good, as far as the goods come back.
 */
#ifndef PATRON_FEATURES_PROMISES_MISSED_H
#define PATRON_FEATURES_PROMISES_MISSED_H

#include "features/entitlements/entitled.h"
#include "features/offers/quote.h"
#include "features/promises/good.h"

/* Stored as numbers: never renumber. */
enum missed_kind {
    MISSED_OFFER = 1,   /* a discount, or shipping, by an offer */
    MISSED_GIFT = 2,    /* a gift of an offer */
    MISSED_BENEFIT = 3, /* a gift that is the member's by a benefit: it can still be had */
    MISSED_COUPON = 4,  /* a coupon of the member that would have taken something off: it can still be used */
    MISSED_PRICE = 5,   /* a member price or free shipping that is the member's by a benefit */
};
extern const char *const missed_kinds[]; /* from 1 on: "offer", "gift", "benefit", "coupon", "price" */

enum missed_state {
    MISSED_LISTED = 1,
    MISSED_GOOD = 2,      /* made good */
    MISSED_WAITING = 3,   /* above a limit of the policy: somebody has to decide */
    MISSED_WITHDRAWN = 4, /* the goods came back, or it was given later */
    MISSED_REFUSED = 5,
};
extern const char *const missed_states[]; /* from 1 on: "listed", "made_good" ... */

enum { MISSED_LIMIT_USES = 1, MISSED_LIMIT_BUDGET = 2, MISSED_LIMIT_MEMBER = 4, MISSED_LIMIT_DAY = 8 };

struct missed {
    int64_t id, member, purchase; /* id: of its journal row */
    int64_t kind, state;
    struct text code; /* of the offer, benefit or series of coupons */
    int64_t version;  /* of the offer; 0: of a benefit */
    struct text why;  /* why it was the member's: offer_reason, or by what the benefit was held */
    struct text store, channel;
    int32_t day;          /* business day of the purchase */
    int64_t at, found_at; /* of the purchase; of the check */
    int64_t value, left;  /* minor units: then, and of what has not come back */
    struct text lines;    /* missed_lines_write; empty: it belongs to the purchase as a whole */
    int64_t limits;       /* MISSED_LIMIT_*: of the offer's limits those that count it */
    int32_t limit_day;    /* of the limit of a day, or since when a benefit's period runs */
    struct good good;     /* what made it good; of MISSED_COUPON the key of the coupon */
    int64_t taken;        /* points of that which came back */
    int64_t task;         /* 0: none */
    int64_t decided_at;   /* 0: by the policy alone */
    struct text decided_by;
};

/* ---- comparing ---- */

/* What an offer takes off a line, of what the line came to: by the number of the line. */
struct missed_line {
    int64_t number, base, share; /* base: what of the line was left when it was checked */
};
struct text missed_lines_write(struct arena *arena, const struct missed_line *lines, size_t count);
/* What of a missed benefit is left when so much is left of the lines; `all_back`: of the purchase nothing is. */
int64_t missed_value_left(const struct missed *missed, const struct purchase_line *left, size_t count, bool all_back);
/* What of points that made it good stays then. */
int64_t missed_points_left(const struct missed *missed, int64_t value_left);

struct missed_due {
    const struct quoted_offer *offer;
    int64_t amount; /* that was not given */
    bool unused;    /* nothing of the offer was given */
    struct text lines;
};

/*
 * What of `quoted`, the price by the offers, was not given with `lines`: one for each of its lines, with the discounts that were
 * given. A discount with the code of an offer is that offer's; everything else that was taken off counts for the offers that
 * come last. `out` has room for quoted->offer_count. Returns how many.
 */
size_t missed_compare(struct arena *arena, const struct quoted *quoted, const struct purchase_line *lines,
                      struct missed_due *out);

/* The line at its public price, for pricing. */
struct purchase_line missed_public_line(const struct purchase_line *line);

/* ---- commands ---- */

/* What the policy may give in a day is counted here. */
const char *missed_counter(struct arena *arena, int32_t day);

/* Event 0 is the purchase, or the claim of an anonymous one; subject 0 its member. Follows its journal row (reaction.h). */
struct check_benefits {
    struct entitled entitled; /* first; parts: of offers and benefits */
    struct good_keys keys;
    struct coupon_use coupons[COUPONS_MAX]; /* of the member, that open offers; loaded */
    size_t coupon_count;
    int32_t counter_day; /* of the counter */
    int day_counter;
    size_t found; /* result */
};
/* Whether the policy looks at a purchase or claim at all, by the day on which it was recorded. */
bool missed_is_checked(const struct programme_set *programmes, const struct journal_row *row);

extern const struct command_type check_benefits_type;

/*
 * Event 0 is the purchase, of which something came back, or which is void; event 1 what made it good, if that gave points.
 * With `given` the benefit was used after all. Follows a journal row.
 */
struct follow_missed {
    int64_t id;
    bool given;
    struct missed missed;      /* loaded; id 0: there is none */
    struct coupon_use voucher; /* key empty: none */
};
extern const struct command_type follow_missed_type;

/* Somebody decides what is listed or waits: subject 0 is its member. */
struct decide_missed {
    int64_t id;
    bool approve;
    int give; /* enum good_kind; GOOD_NONE: as the policy says, points before vouchers */
    struct text by, reason;
    struct good_keys keys;
    struct missed missed; /* loaded */
    struct missed result;
};
extern const struct command_type decide_missed_type;

void missed_copy(struct arena *arena, const struct missed *missed, struct missed *out);

/* Names the counters of the offer's limits. */
void missed_limits_name(const struct missed *missed, struct command *command, struct arena *arena);

/* promises_store.c */
enum status check_benefits_load(struct load_context *context, struct command **commands, size_t count,
                                struct error *err);
enum status follow_missed_load(struct load_context *context, struct command **commands, size_t count,
                               struct error *err);
enum status decide_missed_load(struct load_context *context, struct command **commands, size_t count,
                               struct error *err);
void store_missed(struct decision *decision, const struct missed *missed);

#endif
