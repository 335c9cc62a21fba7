/*
 * booking_command.h: the commands of orders, reservations and stays: one that begins a booking, and perhaps ends it at once,
 * and one for whatever happens to it later. Pure.
 */
#ifndef PATRON_FEATURES_ORDERS_BOOKING_COMMAND_H
#define PATRON_FEATURES_ORDERS_BOOKING_COMMAND_H

#include "features/events/purchase.h"
#include "features/events/return.h"
#include "features/orders/bookings.h"

/* The booking is another than the one that the command was prepared for: preparing it again will do. */
#define BOOKING_CHANGED_MEANWHILE "order.changed_meanwhile"

/* What an amendment changes; what is not given stays. */
enum booking_change {
    CHANGE_DAYS = 1, /* from_day, until_day, at */
    CHANGE_PARTY = 2,
    CHANGE_PLACE = 4,
    CHANGE_RATE = 8,
    CHANGE_PAYER = 16,
    CHANGE_TEXTS = 32, /* the detail */
    CHANGE_PRICE = 64, /* night_price, and the currency of a booking without an amount */
};

/*
 * The body of both commands. Subject `buyer` is whose sale it becomes and comes first when there is one, `guest` the one whose
 * booking it is; they may be the same. Of a change, command.events[booking_event] is the booking's first row with what
 * followed, events[0] the sale when there is one (return_prepare has named it, its person and its counters).
 */
struct booking_work {
    struct purchase_return refund; /* the first member: return_prepare takes the body for one */
    struct purchase sale;          /* input: its receipt and identity, payments and proof, whether it is limited */
    struct event_identity identity;
    int buyer, guest;                 /* subjects; -1: nobody */
    int payer;                        /* of an opening: who pays, a subject of its own; -1: the guest */
    int booking_event, receipt_claim; /* receipt_claim: of the sale there is, in case it moves; -1: none */

    struct booking wanted; /* the new booking, or what an amendment changes */
    unsigned changes;      /* enum booking_change */
    int64_t id;            /* of a change: the booking */
    int64_t asked_at;      /* when the command was made */
    struct booking seen;   /* as it was then: who buys, and what is on it, was found out by that */
    int64_t if_version;    /* 0: any */
    bool happens;          /* always of a change; of an opening when it is paid or over already */
    enum booking_event event;
    int64_t at;
    int32_t day; /* business day */
    struct text store, till, employee, event_id;
    struct purchase_line *priced; /* all lines of the sale with cost and tax of the catalogue; NULL: without */
    size_t priced_count;
    const struct purchase_line *lines; /* of the order, or for the folio; in the currency of the booking */
    size_t line_count;
    char currency[CURRENCY_SIZE]; /* of the lines */
    struct text detail;
    bool named; /* of a change: the detail has a name or a note, and not only words of modifiers */

    struct booking loaded; /* set by booking_load; id 0: there is none */

    struct booking_result {
        struct booking booking;                /* texts in command.arena */
        bool known;                            /* it was told before: nothing happened */
        bool sold;                             /* `sale` has what it earned */
        bool refunded;                         /* `refund` has what went back */
        const struct wallet_balance *balances; /* of whose sale it is */
        size_t balance_count;
    } result;
};

/* `sells`: it is paid or over already. */
const struct command_type *booking_open_type(const struct programme_set *set, enum booking_kind kind, int64_t at,
                                             bool sells);

const struct command_type *booking_open_spending_type(void); /* it is paid with points, or with stored value */

/* What earning rules need for the sale that the booking becomes: after the subjects are named. */
void booking_rules_need(const struct programme_set *set, enum booking_kind kind, struct command *command,
                        struct arena *arena);
/* The load function of those that begin (bookings_store.c). */
enum status booking_open_load(struct load_context *context, struct command **commands, size_t count, struct error *err);
const struct command_type *booking_change_type(void);

/* Reads the bookings that commands change (bookings_store.c). */
enum status booking_load(struct load_context *context, struct command **commands, size_t count, struct error *err);
/* Reads what proofs of members are checked against (bookings_store.c). */
enum status booking_proofs_load(struct load_context *context, struct command **commands, size_t count,
                                struct error *err);
/* Queues the row of a booking (bookings_store.c). */
void booking_put(struct decision *decision, const struct booking *booking);

enum status booking_open_decide(struct decision *decision, struct command *command, struct error *err);
enum status booking_change_decide(struct decision *decision, struct command *command, struct error *err);

/* ---- between the files of the decision ---- */

struct booking_decision {
    struct decision *decision;
    struct command *command;
    struct booking_work *work;
    struct booking booking; /* as it is now, changed in place */
    bool told;              /* lines and texts of the command are in a row already */
};

/* What event it is does to the booking, its rows included; the booking's own row is the caller's to queue. */
enum status booking_happen(struct booking_decision *now, bool *known, struct error *err);

struct person *booking_person(const struct booking_decision *now, int subject); /* NULL: nobody, or erased */
struct journal_row *booking_row(struct booking_decision *now, const char *kind);

/* The sale of `lines`; see booking_sale.c. */
struct booking_sale {
    struct purchase_line *lines;
    size_t line_count;
    int64_t at;
    struct text store;
    int64_t pending_until; /* 0: as the accounts say */
    bool earns_nothing;
};
enum status booking_sell(struct booking_decision *now, const struct booking_sale *sale, struct error *err);
/* All that is left of the sale goes back, as if it had not been. */
enum status booking_refund(struct booking_decision *now, struct error *err);
/* The points of the sale that wait become active at `active_at`, or now when that is over. */
enum status booking_release(struct booking_decision *now, int64_t active_at, struct error *err);
/* The sale moves to the store that handed the goods over; its points wait until `active_at`. */
enum status booking_move_sale(struct booking_decision *now, int64_t active_at, struct error *err);

/*
 * Of a stay that is in state `next` from now on: what it would earn is pending, of whose sale it will be; after it nothing
 * waits any more. The sale comes before.
 */
enum status booking_await(struct booking_decision *now, enum booking_state next, struct error *err);

/* The lines of the order, or all of the folio with those of this command; copies. */
struct purchase_line *booking_lines(struct booking_decision *now, size_t *count);
/* `begun`: with what followed; NULL: the command begins it. */
struct purchase_line *booking_gather(struct arena *arena, const struct past_event *begun,
                                     const struct booking_work *work, size_t *count);

#endif
