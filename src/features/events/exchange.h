/*
 * exchange.h: goods that come back and others taken for them, in one decision and under one receipt: points and money are
 * settled net. Pure.
 */
#ifndef PATRON_FEATURES_EVENTS_EXCHANGE_H
#define PATRON_FEATURES_EVENTS_EXCHANGE_H

#include "features/events/purchase.h"
#include "features/events/return.h"

/*
 * The body of an exchange command: command.events[0] is the purchase whose goods come back, as for a return. Receipt and event
 * id are those of the new purchase, buy.identity; back.identity is none. The results lie in `buy` and `back`.
 */
struct exchange {
    struct purchase buy; /* first: what loads and pays a purchase finds it */
    struct purchase_return back;

    /* Result; texts in command.arena. */
    int64_t to_pay;                     /* money for the new goods less what goes back; below 0: is paid out */
    const struct wallet_points *points; /* earned less taken back, by account */
    size_t point_count;
};

extern const struct command_type exchange_command_type;

enum status exchange_decide(struct decision *decision, struct command *command, struct error *err);

#endif
