/* live_table.h: the base as a file that analyses read: its lines of purchases or its members, written where no name leads. */
#ifndef PATRON_CLI_LIVE_TABLE_H
#define PATRON_CLI_LIVE_TABLE_H

#include "cli/subcommand.h"
#include "features/insight/live_table_store.h"

/* What an analysis reads of a database. */
enum live_rows {
    LIVE_ROWS_DAYS, /* purchases of each person by day, net of returns */
    LIVE_ROWS_LINES, /* customer, date, amount, receipt, item, category, brand, quantity, discount, cost, store, channel */
    LIVE_ROWS_MEMBERS, /* customer, live_feature_names, days, lapsed */
};

/* The base that a call is about, opened. */
struct live_call {
    struct engine *engine;
    struct live_part part;
    int64_t now;
    int32_t today;
    int exponent;           /* of the currency */
    int64_t usual_interval; /* between purchases; 0: not known */
};

/* Writes the rows into a file of their own; `*descriptor` is to be closed, which removes it. */
enum status live_table_write(const struct live_call *call, enum live_rows rows, int *descriptor, int64_t *count,
                             struct error *err);

#endif
