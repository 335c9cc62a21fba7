/*
 * gift_cards.h: cards with a value in money that belong to whoever has code and PIN: sold, activated, charged in parts, refunded.
 * Pure.
 *
 * What a card has is a counter that all commands see at once: `maximum` is what was paid in, `used` what was spent; below 0 the
 * card is void. A card has no member; its rows lie in the bucket of its code.
 */
#ifndef PATRON_FEATURES_GIFT_CARDS_GIFT_CARDS_H
#define PATRON_FEATURES_GIFT_CARDS_GIFT_CARDS_H

#include "features/coupons/code.h"
#include "features/points/points.h"

enum {
    GIFT_PIN_DIGITS = 6,
    GIFT_PIN_TRIES = 5, /* wrong ones before the card rests */
    GIFT_PAID_BY_MAX = CODE_SIZE_MAX,
};
#define GIFT_REST (15 * INSTANT_MINUTE)
#define GIFT_MINOR_MAX INT64_C(100000000000)

/* How the codes look: "G" and 17 random symbols. */
extern const struct code_pattern gift_pattern;

/* Stored as numbers: never renumber. */
enum gift_state { GIFT_SOLD = 1, GIFT_ACTIVE = 2, GIFT_VOID = 3, GIFT_EXPIRED = 4 };
extern const char *const gift_states[]; /* from 1 on; [0] is "" */

struct gift_card {
    int64_t id, version; /* id: of the journal row that sold it; 0: there is none */
    struct text key;
    int64_t state, minor; /* minor: paid in */
    int64_t spent;        /* when it was read */
    int64_t expires_at;   /* INSTANT_NEVER */
    struct text store, paid_by, pin_hash;
    int64_t sold_at, activated_at, voided_at; /* 0: not */
    int64_t tries, locked_until;
};

/* The counter, and the bucket of the card and of its counter. */
const char *gift_counter(struct arena *arena, struct text key);
int gift_bucket(struct text key);

/* ---- commands: bucket of the card, one counter: the card's ---- */

struct gift_result {
    int64_t id;    /* of the row */
    int64_t moved; /* minor units */
    int64_t balance;
    int64_t state;
};

struct sell_gift_card {
    struct points_context context;
    struct gift_card card; /* key, minor, expires_at, paid_by, pin_hash */
    bool active;           /* at once */
    struct gift_result result;
};
extern const struct command_type sell_gift_card_type;

enum gift_action { GIFT_ACTIVATE, GIFT_CHARGE, GIFT_REFUND, GIFT_MAKE_VOID, GIFT_EXPIRE, GIFT_TOP_UP };
struct change_gift_card {
    struct points_context context;
    enum gift_action action;
    struct text key;
    int64_t minor; /* charge; refund: 0: all that is left of the charge */
    bool partly;   /* of a charge: what there is, when it is less */
    bool proved;   /* the PIN was right */
    struct text receipt, reason, paid_by;
    struct gift_card card; /* loaded */
    struct gift_result result;
};
/* Of a refund events[0] is the charge. */
extern const struct command_type change_gift_card_type, refund_gift_card_type;
/* Of a top-up events[0] is the row that sold the card: of one card there is one in a batch. */
extern const struct command_type top_up_gift_card_type;

/* gift_cards_store.c */

/* What a row of the journal did to a card, as movements of points do to lots: from an account to another. */
struct gift_movement {
    int64_t card; /* the row that sold it */
    enum account debit, credit;
    int64_t amount;
};
void store_gift_movement(struct decision *decision, const struct journal_row *row, struct gift_movement movement);
void store_gift_top_up(struct decision *decision, const struct gift_card *card, int64_t minor); /* with its end */
void store_gift_void(struct decision *decision, struct text key); /* now; the key lives as long as the batch */
void store_gift_card(struct decision *decision, const struct gift_card *card);
enum status change_gift_card_load(struct load_context *context, struct command **commands, size_t count,
                                  struct error *err);

#endif
