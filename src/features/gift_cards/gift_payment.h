/*
 * gift_payment.h: gift cards that pay for a purchase in its own decision, and get back what goods that return had cost. Pure.
 *
 * What a card pays is a row `gift_card_charge` of its own whose cause is the purchase; what goes back is a `gift_card_refund`
 * whose cause is the charge. Which card it was lies in the movement of the row and in the facts of the purchase, by the row
 * that sold it: the code is nowhere.
 */
#ifndef PATRON_FEATURES_GIFT_CARDS_GIFT_PAYMENT_H
#define PATRON_FEATURES_GIFT_CARDS_GIFT_PAYMENT_H

#include "features/gift_cards/gift_cards.h"

enum { GIFT_PAYMENTS_MAX = 4 };

/* A card that is to pay: code and PIN were right, and the card was read, when the request came. */
struct gift_payment {
    struct text key;
    int64_t card; /* the row that sold it */
    int64_t state, expires_at;
    int64_t minor;
    bool partial; /* what there is, when it is less */
};

/* What a card paid of a purchase; in the facts of a return: what of it can still go back. */
struct gift_paid {
    int64_t card, charge; /* the rows that sold and charged it */
    int64_t minor;
    int bucket;      /* of the card */
    int64_t balance; /* after it; for the reply, not kept */
};

/* A card that paid for the goods that come back, as it was when the return was prepared. */
struct gift_taker {
    int64_t card;
    int bucket;
    const char *counter; /* NULL: there is no such card */
    int64_t expires_at;
};

/* Lists the counter of a card in `command`, once. STATUS_INVALID `gift_card.counters`. */
enum status gift_counter_name(struct command *command, const char *counter, struct error *err);

/* The same for all payments; a card pays once: STATUS_INVALID `gift_card.twice`. */
enum status gift_payments_name(struct command *command, struct arena *arena, const struct gift_payment *payments,
                               size_t count, struct error *err);

/* Charges the cards for the purchase of `member` (NULL: of nobody known), at most `most` together. */
struct gift_charging {
    struct decision *decision;
    const struct command *command;
    const struct member *member;
    const struct journal_row *purchase;
    int64_t most;
};
enum status gift_pay(const struct gift_charging *charging, const struct gift_payment *payments, size_t count,
                     struct gift_paid *out, struct error *err);

/*
 * Gives `minor` of the charge back to its card, at the place of `like`; its bucket is that of the member, or else of the charge.
 * False when the card cannot take it: it is void, or has expired.
 */
bool gift_give_back(const struct gift_charging *charging, const struct gift_taker *taker, const struct gift_paid *paid,
                    int64_t minor);

#endif
