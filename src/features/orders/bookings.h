/*
 * bookings.h: orders, reservations and stays: what they are, the states they pass and the rules that they follow. Pure.
 *
 * All three are one thing to the tables and commands: a booking, known by its number within its channel, whose journal row
 * begins it and whose later rows have it as their cause.
 */
#ifndef PATRON_FEATURES_ORDERS_BOOKINGS_H
#define PATRON_FEATURES_ORDERS_BOOKINGS_H

#include "features/events/events.h"
#include "features/events/facts.h"
#include "foundation/money.h"

enum {
    BOOKING_LINES_MAX = 1000, /* of an order, and of a whole folio */
    BOOKING_NIGHTS_MAX = 400,
    BOOKING_PARTY_MAX = 10000,
    BOOKING_TEXT_MAX = 1000,
    RATE_CODES_MAX = 1000,
    RETURN_DAYS_MAX = 366,
};

/* Stored as numbers: never renumber. */
enum booking_kind { BOOKING_ORDER = 1, BOOKING_RESERVATION = 2, BOOKING_STAY = 3 };

enum booking_state {
    BOOKING_PLACED = 1,
    BOOKING_PAID = 2,
    BOOKING_READY = 3,
    BOOKING_COLLECTED = 4,
    BOOKING_CANCELLED = 5,
    BOOKING_BOOKED = 6,
    BOOKING_ARRIVED = 7,
    BOOKING_DEPARTED = 8,
    BOOKING_NO_SHOW = 9,
    BOOKING_STATE_COUNT = 10,
};

/* What happens to a booking. Numbers of bits in booking.done. */
enum booking_event {
    BOOKING_PAY,
    BOOKING_PREPARE, /* it is ready */
    BOOKING_COLLECT,
    BOOKING_CANCEL,
    BOOKING_ARRIVE,
    BOOKING_DEPART,
    BOOKING_MISS, /* nobody came */
    BOOKING_AMEND,
    BOOKING_CHARGE, /* lines for the folio */
    BOOKING_EVENT_COUNT,
};

const char *booking_kind_name(enum booking_kind kind);    /* "order" */
const char *booking_state_name(enum booking_state state); /* "no_show" */
/* Whether a booking of that kind can be in that state, by its name. */
bool booking_state_find(enum booking_kind kind, struct text name, enum booking_state *out);
/* The kind of the journal row that tells of it: "order_paid". */
const char *booking_row_kind(enum booking_kind kind, enum booking_event event);

/* Where a booking is and what it has been told; the tables hold one row each. */
struct booking {
    int64_t id; /* of the journal row that began it */
    enum booking_kind kind;
    enum booking_state state;
    int64_t done; /* bits of enum booking_event */
    int64_t version;
    int64_t member;            /* who ordered; the guest; 0: nobody is known */
    int64_t payer;             /* of a stay, when it is another member than the guest; 0: the guest */
    struct text store, origin; /* where it is handled; where it was ordered */
    struct text channel, number;
    struct text place; /* a table, a room */
    struct text rate;  /* of a stay: code */
    int32_t from_day;  /* the business day of placing; of the reservation; of the arrival */
    int32_t until_day; /* of a stay: of the departure; otherwise DAY_NONE */
    int64_t party;     /* persons; 0: not told */
    char currency[CURRENCY_SIZE];
    int64_t amount;      /* of the lines, in `currency` */
    int64_t night_price; /* of a stay: what a night will cost, in `currency`; 0: not told */
    struct text awaited; /* of a stay: the points that are pending until the departure; see booking_awaited_read */
    int64_t purchase;    /* the journal id of the sale that it became last; 0: none */
    int64_t at;          /* when it was placed, or for when it is reserved */
    int64_t paid_at, ready_at, arrived_at;
    int64_t ended_at; /* collected, departed, cancelled or nobody came; 0: open */
    int64_t detail;   /* the journal row with its latest texts; 0: none */
};

enum booking_step {
    BOOKING_MOVES, /* into `*next`, which is its own state when a fact comes late or changes none */
    BOOKING_KNOWN, /* it was told before */
    BOOKING_REFUSED,
};
/* What `event` does to a booking of that kind, state and past. */
enum booking_step booking_next(enum booking_kind kind, enum booking_state state, int64_t done, enum booking_event event,
                               enum booking_state *next);
/* As booking_next; STATUS_CONFLICT `order.state` when it is refused. */
enum status booking_check(const struct booking *booking, enum booking_event event, bool *known,
                          enum booking_state *next, struct error *err);

int64_t booking_nights(const struct booking *booking);

/* What the nights of a stay will cost; 0: nobody told. False when it is out of range. */
bool booking_expected(const struct booking *booking, int64_t *out);

/* Points that wait for the departure of a stay: of one member, a lot for each points account. */
struct booking_awaited {
    int64_t member; /* 0: none wait */
    struct {
        struct text wallet;
        int64_t points; /* as they were issued; a return may have taken of the lot since */
        int64_t lot;
    } items[PROGRAMME_WALLETS_MAX];
    size_t count;
};
struct text booking_awaited_write(struct arena *arena, const struct booking_awaited *awaited);
/* The texts are part of `text`. */
void booking_awaited_read(struct text text, struct booking_awaited *out);

/* ---- the rules ---- */

enum booking_credit {
    CREDIT_COLLECTING, /* sales and points are of the store that hands the goods over */
    CREDIT_ORDERING,   /* of the store or channel in which it was ordered */
};
enum booking_activation {
    ACTIVE_ENDED, /* the return days begin with the collection */
    ACTIVE_PAID,  /* with the payment: nobody tells of the delivery */
};

struct booking_policy {
    int64_t version; /* 0: never set */
    enum booking_credit credit;
    enum booking_activation activation;
    int return_days; /* points become active at the start of the day after so many days; 0: at once */
};

enum rate_credit { RATE_PAYER, RATE_GUEST };

struct rate_code {
    struct text code, name;
    int64_t version;
    bool earns;              /* otherwise the stay is a sale without points */
    enum rate_credit credit; /* whose sale and points it is */
};

struct booking_rules {
    struct booking_policy orders, stays;
    const struct rate_code *rates; /* ascending by code */
    size_t rate_count;
};

/* The rules in force; what was never set is the default. Never NULL. */
const struct booking_rules *booking_rules_of(const struct programme_set *set);
/* A stay without a rate, or with one that is not declared, earns for whoever pays. */
struct rate_code rate_code_of(const struct booking_rules *rules, struct text code);
bool rate_code_known(const struct booking_rules *rules, struct text code);

/* The instant at which points of goods handed over at `at` become active at the soonest. */
int64_t booking_active_at(const struct booking_policy *policy, const struct zone *zone, int64_t at);

/* The member whose sale it is; 0: nobody. */
int64_t booking_buyer(const struct booking_rules *rules, const struct booking *booking);

/* The facts of a journal row: where and by whom, and what the booking is from now on. */
struct text booking_facts(struct arena *arena, const struct purchase_facts *facts, const struct booking *booking);

#endif
