/* statement_view_api.h: statements of partners as the routes and the command line show them, for the partners that the caller sees. */
#ifndef PATRON_FEATURES_PARTNERS_STATEMENT_VIEW_API_H
#define PATRON_FEATURES_PARTNERS_STATEMENT_VIEW_API_H

#include "features/finance/view_api.h"
#include "features/partners/partner_commands.h"
#include "features/partners/statement.h"

enum { STATEMENT_MONTHS_MAX = 60, STATEMENTS_MAX = 10000 };

struct statement_view {
    struct finance_view finance; /* open; its `sees` says which partners are seen, by their places */
    struct text partner;         /* one alone, also without anything in a month; empty: all with something */
    struct finance_range range;
};
struct partner_statements {
    struct partner_statement *items; /* by month, then by code */
    size_t count, capacity;
};
/* STATUS_MISSING `partner.unknown` for one alone that never was; STATUS_LIMIT `finance.lines`. */
enum status partner_statements_read(struct statement_view *view, struct partner_statements *out, struct error *err);

/* As a file: a row for each line, and one for what is owed in the end. */
enum status partner_statements_write(struct statement_view *view, const struct partner_statements *statements,
                                     const struct table_options *options, struct error *err);

/*
 * What happened at the tills of view->partner, posted in the month view->range.to: what the lines of points of its statement are made
 * of, row by row, without a member.
 */
enum status partner_transactions_write(struct statement_view *view, const struct table_options *options,
                                       struct error *err);

/*
 * What a payment of the statement of `body`'s partner and month has to know of it. Without `given` all that is outstanding is paid.
 * STATUS_CONFLICT `partner.statement_open` before its month is closed, `partner.settled` when nothing is left.
 */
enum status partner_payment_read(struct statement_view *view, bool given, struct partner_payment *body,
                                 struct error *err);

/* "0.012" of a rate. */
const char *partner_rate_text(struct arena *arena, int64_t rate);

#endif
