/*
 * reward_orders.h: orders of rewards: points and stock set aside, handed over or given back. Pure.
 *
 * An order holds its points until it is handed over or sent; then they are spent. What is not collected in time is over by itself:
 * the hold ends at that instant, and the stock comes back when rewards_lapse notes it. A reward that is a code is handed over
 * with the order. Cancelling gives the points back to the lots that they came from.
 */
#ifndef PATRON_FEATURES_REWARDS_REWARD_ORDERS_H
#define PATRON_FEATURES_REWARDS_REWARD_ORDERS_H

#include "features/gift_cards/gift_cards.h"
#include "features/points/points.h"
#include "features/rewards/rewards.h"

/* Stored as numbers: never renumber. */
enum reward_state {
    REWARD_ORDERED = 1,
    REWARD_READY = 2,
    REWARD_SHIPPED = 3,
    REWARD_HANDED_OVER = 4,
    REWARD_CANCELLED = 5,
    REWARD_EXPIRED = 6,
};
extern const char *const reward_states[]; /* from 1 on: "ordered", "ready" ...; [0] is "" */

struct reward_order {
    int64_t id, version; /* id: of the journal row */
    int64_t member;
    struct text reward;
    int64_t state, quantity;
    struct text wallet;
    int64_t points, minor; /* of all of it */
    int64_t spent_by;      /* the row that spent the points; 0: they are on hold, or there are none */
    int64_t slot_from;     /* 0: none */
    struct text store, channel, partner;
    struct text coupon;                     /* the code that paid; empty: none */
    struct text gift;                       /* the code that was handed over; empty: none */
    int64_t at, until;                      /* until: the first instant at which it is no longer kept */
    int64_t ready_at, shipped_at, ended_at; /* 0: not */
};

/* As it is at `now`: an order that nobody collected in time has expired. */
enum reward_state reward_state_at(const struct reward_order *order, int64_t now);

/* Subject 0. The type loads what it takes; counters as named by order_reward_name. */
struct order_reward {
    struct proof proof; /* first: as whatever spends */
    struct points_context context;
    struct text reward;
    int64_t quantity;
    int64_t slot_from;               /* 0: none */
    struct coupon_use coupon;        /* a code that pays; key empty: none */
    struct coupon_use gift;          /* a fresh key, for a reward that is a code; empty: none */
    struct gift_card card;           /* key and hash of the PIN, for a reward that is a gift card; empty: none */
    int card_counter;                /* index in the command; -1: none */
    int stock_counter, slot_counter; /* indexes in the command; slot -1: none */
    struct condition_person known;   /* loaded */
    struct reward_order result;
    int64_t missing;   /* of a refusal for want of points */
    int64_t available; /* points afterwards */
};
extern const struct command_type order_reward_type;
/* Lists the counters. False when there is no room. */
bool order_reward_name(struct command *command, struct arena *arena);

enum reward_action { REWARD_PREPARE, REWARD_SHIP, REWARD_HAND_OVER, REWARD_CANCEL, REWARD_LAPSE };

/*
 * Moves an order on. events[0]: the order; events[1]: the row that spent its points, if any; subjects: the order's person and the
 * owners of its points. Counters: stock, slot if any, coupon if any, gift if any.
 */
struct change_reward_order {
    struct points_context context;
    enum reward_action action;
    struct text reason;
    struct coupon_use coupon, gift;
    int card_counter; /* of the gift card that it gave; -1: none */
    int stock_counter, slot_counter;
    struct reward_order order; /* loaded; id 0: there is none */
    struct entitled entitled;  /* loaded: uses of benefits */
    struct reward_order result;
};
extern const struct command_type change_reward_order_type;
/* Names events and counters of the change; `order` as it was read before. The caller names the subjects. */
void change_reward_order_name(struct command *command, struct arena *arena, const struct reward_order *order);

/* A copy with all its texts in `arena`. */
void reward_order_copy(struct arena *arena, const struct reward_order *order, struct reward_order *out);

/* rewards_store.c */
void store_reward_order(struct decision *decision, const struct reward_order *order);
enum status order_reward_load(struct load_context *context, struct command **commands, size_t count, struct error *err);
enum status change_reward_order_load(struct load_context *context, struct command **commands, size_t count,
                                     struct error *err);

#endif
