/* gift_cards_store.h: gift cards in the database, their PINs, what is owed. */
#ifndef PATRON_FEATURES_GIFT_CARDS_GIFT_CARDS_STORE_H
#define PATRON_FEATURES_GIFT_CARDS_GIFT_CARDS_STORE_H

#include "engine/engine.h"
#include "features/gift_cards/gift_payment.h"

/* STATUS_MISSING `gift_card.unknown`. */
enum status gift_card_read(struct storage_session *session, struct arena *arena, struct text key, struct gift_card *out,
                           struct error *err);

/* Fills in counters and ends by `card`; those that there are not stay without a counter. */
enum status gift_takers_read(struct storage_session *session, struct arena *arena, struct gift_taker *takers,
                             size_t count, struct error *err);

/* In a write transaction of its own: counts a wrong PIN, or forgets those before a right one. `*counted`: false while the card rests. */
enum status gift_pin_wrong(struct storage_session *session, struct text key, int64_t now, bool *counted,
                           struct error *err);
enum status gift_pin_right(struct storage_session *session, struct text key, int64_t now, bool *counted,
                           struct error *err);

/* Ends cards whose time is over: what they had is owed no more. All there are. */
enum status gift_cards_lapse(struct engine *engine, struct error *err);

/* What is owed on cards that are neither void nor spent, by the store that sold. */
/* What happened to a card. */
struct gift_event {
    int64_t id, at;
    struct text kind; /* of the journal: "gift_card_charge" ... */
    int64_t minor;    /* what the card gained; below 0: lost */
    struct text store, facts;
};
enum { GIFT_HISTORY_MAX = 100 };
/* The newest first, at most GIFT_HISTORY_MAX. */
enum status gift_history_read(struct storage_session *session, struct arena *arena, int64_t card,
                              struct gift_event **out, size_t *count, struct error *err);
/* A code in the facts of an event; empty: there is none. `name` with its quotes and colons: "\"reason\":\"". */
struct text gift_fact(const struct gift_event *event, const char *name);

struct gift_owed {
    struct text store;
    int64_t cards, minor;
};
enum status gift_owed_read(struct storage_session *session, struct arena *arena, struct gift_owed **out, size_t *count,
                           struct error *err);

#endif
