/*
 * owed.h: what partners and holders of contracts owe, by month: what opened, what became due, what was paid; and its double
 * entries. Pure.
 *
 * A partner is owed and owes by its statements: a receivable for points issued at its tills, a payable for points redeemed there, either
 * for co-branded rewards. At the end of the month the statement nets both, and what is left stays until it is paid. Contracts owe for
 * shortfalls; they are one debtor together, so that nothing here is of a single member.
 */
#ifndef PATRON_FEATURES_RECEIVABLES_OWED_H
#define PATRON_FEATURES_RECEIVABLES_OWED_H

#include "features/finance/posting.h"
#include "features/partners/statement.h"

#define OWED_CONTRACTS "contracts" /* the debtor; partners are by their places */

/* What each adds to what is owed. The names end with NULL. */
enum owed_kind {
    OWED_ISSUED,    /* points issued at the partner's tills */
    OWED_REDEEMED,  /* points redeemed there: below 0 */
    OWED_REWARDS,   /* co-branded rewards that the programme paid for: what the partner bears */
    OWED_FULFILLED, /* those that the partner paid for: what the programme bears, below 0 */
    OWED_DUE,       /* shortfalls of contracts, and their corrections */
    OWED_WAIVED,    /* of these, below 0 */
    OWED_PAID,      /* by whom it was owed, below 0; to them, above */
    OWED_COUNT
};
extern const char *const owed_kinds[];

struct owed_line {
    int32_t month;
    struct text debtor; /* "partner:acme" or OWED_CONTRACTS */
    char currency[CURRENCY_SIZE];
    int64_t opening;
    int64_t amounts[OWED_COUNT];
    int64_t closing; /* what is owed then; below 0: to the debtor */
    int64_t late;    /* of what is due, waived and paid: that of days of closed months */
};

struct owed_input {
    const struct partner_statement *statements; /* of all months until `range` ends */
    size_t statement_count;
    const struct finance_sum *sums; /* of SUM_MONEY, posted until then; others are passed over */
    size_t sum_count;
    const char *currency; /* of the programme: that of contracts */
    struct finance_range range;
};
struct owed_lines {
    struct owed_line *items; /* by debtor, currency and month; those without anything are left out */
    size_t count, capacity;
};
/* STATUS_LIMIT `finance.lines`, `points.range`. */
enum status owed_build(struct arena *arena, const struct owed_input *input, struct owed_lines *out, struct error *err);

/* Adds the double entries of the line. */
void owed_post(struct finance_postings *postings, const struct owed_line *line);

#endif
