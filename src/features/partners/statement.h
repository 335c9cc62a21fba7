/*
 * statement.h: what a partner and the programme owe each other for a month: points issued at its tills at the one rate, points
 * redeemed there at the other, and co-branded rewards; and the net. Pure.
 *
 * It is made of the sums of finance (SUM_PARTNER), so what comes late for a closed month is in the first open one. Points of a
 * return that had been spent and were written off stay the partner's to pay. Each line is rounded once, half even.
 */
#ifndef PATRON_FEATURES_PARTNERS_STATEMENT_H
#define PATRON_FEATURES_PARTNERS_STATEMENT_H

#include "features/finance/fold.h"
#include "features/partners/partner.h"

enum statement_kind { STATEMENT_ISSUED, STATEMENT_REDEEMED, STATEMENT_REWARDS };
extern const char *const statement_kinds[]; /* "issued", "redeemed", "rewards" */

struct statement_line {
    enum statement_kind kind;
    struct text wallet;                       /* of points; empty for rewards */
    struct text reward;                       /* of rewards */
    int64_t issued, clawed_back, written_off; /* of issued ones */
    int64_t redeemed, given_back;             /* of redeemed ones: net */
    int64_t points;                           /* that are paid for; of rewards how many were handed over */
    int64_t late;                             /* of these, what belongs to days of closed months */
    int64_t minor;                            /* what the partner owes; below 0: is owed */
};

struct partner_statement {
    const struct partner *partner; /* by whose rates it is reckoned; NULL: unknown, and nothing has a value */
    struct text code;
    int32_t month;
    struct statement_line *lines; /* issued, then redeemed, by wallet; then rewards by code */
    size_t line_count, line_capacity;
    int64_t net;  /* what the partner owes; below 0: is owed */
    int64_t paid; /* of it, whenever; below 0: to the partner */
};

/* Rewards of a partner that were handed over on a day, less those that came back. */
struct partner_fulfilment {
    int32_t month;
    struct text partner, reward;
    int64_t count;
    int64_t owes; /* in 10^-REWARD_SHARE_DECIMALS of the partner's currency */
};

/* code, month and partner of `out` are set. Payments are sums of SUM_MONEY. */
struct statement_input {
    const struct finance_sum *sums; /* any */
    size_t sum_count;
    const struct partner_fulfilment *fulfilments; /* any */
    size_t fulfilment_count;
};
enum status statement_build(struct arena *arena, const struct statement_input *input, struct partner_statement *out,
                            struct error *err);

/*
 * The version whose rates hold for the month from `start` to before `end`: that which was in force when it began, or else the
 * first that came during it, or the last before, or the first of all. Its index in `periods` (ascending by from); `count` > 0.
 */
struct statement_period {
    int64_t from, until;
};
size_t statement_period_of(const struct statement_period *periods, size_t count, int64_t start, int64_t end);

#endif
