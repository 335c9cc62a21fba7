/* return_internal.h: the steps of a return, between its files. */
#ifndef PATRON_FEATURES_EVENTS_RETURN_INTERNAL_H
#define PATRON_FEATURES_EVENTS_RETURN_INTERNAL_H

#include "features/events/return.h"

/* Takes what `body` asks for out of `left` and fills the lines and the amount of `row`. Errors `return.*`. */
enum status return_lines_take(struct arena *arena, const struct purchase_return *body,
                              const struct past_event *purchase, struct purchase_line *left, struct journal_row *row,
                              struct error *err);

/* What comes back of an offer with these goods. */
struct offer_back {
    int64_t amount; /* that it took off them */
    bool left, use; /* some of its goods stay; the last of them come back now */
};

/* A return being decided. */
struct return_work {
    struct decision *decision;
    const struct command *command;
    const struct purchase_return *body;
    const struct past_event *purchase; /* or the claim of an anonymous one */
    struct person person;              /* member NULL: anonymous */
    struct journal_row *row;
    const struct purchase_line *left;  /* after the return */
    struct purchase_facts bought;      /* of the purchase */
    struct purchase_facts before;      /* of the last return, or of the purchase */
    struct purchase_facts after;       /* becomes the facts of the row */
    int64_t returned_before, returned; /* sums of goods: before it, and with it */
    struct wallet_points clawed_back[PROGRAMME_WALLETS_MAX], given_back[PROGRAMME_WALLETS_MAX];
    size_t clawed_back_count, given_back_count;
    struct wallet_points contact_back[PROGRAMME_WALLETS_MAX]; /* of clawed_back, what the contact had got */
    size_t contact_back_count;
    int64_t to_cards;               /* minor units that gift cards got back */
    struct offer_back *offers_back; /* of each offer of `bought` */
};

/* The part of `whole` that belongs to goods worth `returned` of `total`; all of it for all. */
int64_t return_share(int64_t whole, int64_t returned, int64_t total);

/* The part of what was taken from a line that belongs to what has come back, when so much of it is left. */
int64_t return_part(int64_t taken, const struct purchase_line *bought, const struct purchase_line *left);

/* Gives the points that paid back in proportion; sets after.money. */
enum status return_give_back(struct return_work *work, struct error *err);

/* Gives gift cards back what they paid, out of after.money; sets after.cards. */
void return_cards(struct return_work *work);
/* What can still go back to the cards that paid for a purchase, after its returns: `cards` of `out`. */
enum status return_cards_left(struct arena *arena, const struct past_event *purchase, struct purchase_facts *out,
                              struct error *err);

/* What the goods earned and is to be taken back: fills `after`, gives budgets and limits back, lowers what qualifies. */
enum status return_reckon_points(struct return_work *work, struct error *err);

/* The offers of the quote that the purchase settled: what the goods used of their limits is free again. */
void return_offers(struct return_work *work);
/* Once the row is there: what memberships saved on the goods is taken off again, coupons come back. */
void return_offers_close(const struct return_work *work);
/* Whether the offer, or benefit, took anything from one of the lines. */
bool return_offer_has_goods(const struct purchase_line *lines, size_t count, const struct offer_facts *offer);
void return_offer_counters(struct arena *arena, const struct offer_facts *offer, struct command *command);
/* What the rules of the programme give for what is left. */
struct left_earned {
    struct earning_input input;
    struct tier_share share;
    struct earned *earned;
    size_t count;
};

/* Asks earning rules that are published by themselves again; fills the entries of `after` that are theirs. */
enum status return_reckon_rules(struct return_work *work, const struct left_earned *base, struct earned_facts *after,
                                struct error *err);

/* Takes it back, with movements of the row. */
enum status return_claw_back(struct return_work *work, struct error *err);

/* Whether rows of that kind take lines of the purchase away. */
bool return_takes_lines(struct text kind);

/*
 * The steps of a return, so that an exchange can record its purchase between the second and the third: what comes back
 * and the points that paid for it; what is taken back, without a row yet; the row, and the points.
 */
enum status return_open(struct return_work *work, struct purchase_return *body, struct error *err);
enum status return_reckon(struct return_work *work, struct error *err);
enum status return_close(struct return_work *work, struct purchase_return *body, struct error *err);

#endif
