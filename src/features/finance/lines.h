/* lines.h: the figures of months: opening, what came and went, closing; by legal entity and points account. Pure. */
#ifndef PATRON_FEATURES_FINANCE_LINES_H
#define PATRON_FEATURES_FINANCE_LINES_H

#include "features/finance/fold.h"

enum { FINANCE_LINES_MAX = 50000 };

/* What was posted in a month although its business day lies in a closed one. */
struct finance_late {
    int32_t month;
    int64_t points; /* net */
};

struct finance_line {
    int32_t month;
    struct text wallet, entity;
    int64_t opening;
    int64_t entries[FINANCE_ENTRY_COUNT]; /* what each adds to the balance: redeemed is below 0 */
    int64_t closing;
    struct finance_late *late; /* ascending */
    size_t late_count, late_capacity;
};

/*
 * The lines of the months `from` to `to`, by wallet, entity and month, of every account that ever had a movement until then.
 * The closing of a month is the opening of the next. `sums` are sorted, and all there are.
 * STATUS_LIMIT `finance.lines` past FINANCE_LINES_MAX.
 */
struct finance_range {
    int32_t from, to;
};
enum status finance_lines_build(struct arena *arena, const struct finance_sums *sums, const struct finance_range *range,
                                struct finance_line **out, size_t *count, struct error *err);

/* The first month with any movement; 0: none. */
int32_t finance_first_month(const struct finance_sums *sums);

/* ---- between entities ---- */

struct finance_settlement {
    int32_t month;
    struct text issuer, redeemer, wallet;
    enum finance_entry entry; /* FINANCE_REDEEMED; FINANCE_PAID_IN: on gift cards, points and minor are below 0 */
    int64_t points;           /* of the issuer's, redeemed at the other; less what was given back */
    int64_t minor;            /* at the rate between entities */
};

/* What one entity pays another for a month, over all points accounts. */
struct finance_balance {
    int32_t month;
    struct text debtor, creditor;
    int64_t minor; /* above 0 */
};

/* Nets each pair of entities a month; those that owe each other nothing are left out. By month, debtor, creditor. */
struct finance_balance *finance_net(struct arena *arena, const struct finance_settlement *settlements, size_t count,
                                    size_t *out_count);

#endif
