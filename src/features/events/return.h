/*
 * return.h: goods that come back: money and points go back in proportion, and what they earned is taken back exactly. Pure.
 */
#ifndef PATRON_FEATURES_EVENTS_RETURN_H
#define PATRON_FEATURES_EVENTS_RETURN_H

#include "features/customers/standing.h"
#include "features/events/events.h"
#include "features/events/facts.h"
#include "features/events/purchase.h"

/* A line, or a part of it, that comes back. Neither quantity nor amount: all that is left of the line. */
struct return_line {
    int32_t of_line;
    bool quantity_given, amount_given;
    int64_t quantity_milli; /* the amount is its share of the line; the last piece gets the rest */
    int64_t amount;         /* minor units of the programme's currency */
};

/*
 * The body of a return command. command.events[0] is the purchase, or the claim of an anonymous one; subject 0 is the
 * person of events[0], absent for an anonymous purchase; the others are those whose points paid for it.
 */
struct purchase_return {
    int64_t at;
    int32_t day; /* business day */
    struct text store, channel;
    struct text till, employee; /* codes; empty: not told */
    struct event_identity identity;
    struct text event_id;
    int attribution_claim; /* index of the claim ("attribution", purchase id) when events[0] is the purchase; -1: none */
    const struct return_line *lines;
    size_t line_count; /* 0: all that is left */
    struct text detail;
    bool voids;                      /* the purchase is undone on its own day, as if it had not been */
    bool cancels;                    /* with `voids`: on any day, and what has come back already stays so */
    int receipt_claim;               /* with `voids`: index of the claim of its receipt; -1: it has none */
    const struct gift_taker *takers; /* the gift cards that paid */
    size_t taker_count;
    bool cards_share;              /* they get their part of what comes back; otherwise money goes to them first */
    const int64_t *person_members; /* with `voids`: the members of its person */
    size_t person_member_count;
    struct standing_others others, own_others; /* set by void_load: what their other events leave */

    struct return_result {
        int64_t id;
        bool known;
        int64_t member;
        int64_t amount;   /* goods returned */
        int64_t money;    /* goes back as money */
        int64_t to_cards; /* goes back to gift cards */
        char currency[CURRENCY_SIZE];
        const struct wallet_points *clawed_back, *given_back;
        size_t clawed_back_count, given_back_count;
        int64_t written_off;
        const struct wallet_balance *balances;
        size_t balance_count;
    } result;
};

struct wallet_points {
    struct text wallet;
    int64_t points;
};

extern const struct command_type return_command_type;

/* A void: the same body with `voids`; it needs void_load (void_store.c), which return_prepare prepares. */
extern const struct command_type void_command_type;
enum status void_load(struct load_context *context, struct command **commands, size_t count, struct error *err);

/* Lists the counters that `purchase` used. */
enum status return_counters(struct arena *arena, const struct past_event *purchase, struct command *command,
                            struct error *err);

enum status return_decide(struct decision *decision, struct command *command, struct error *err);

/* Records `body` as a part of a command: all of a return but the question whether it is known already. */
enum status return_record(struct decision *decision, const struct command *command, struct purchase_return *body,
                          struct error *err);

/* What is left of the lines of `purchase` after its returns: same order and numbers, amounts and quantities left. */
struct purchase_line *return_lines_left(struct arena *arena, const struct past_event *purchase);

#endif
