/* analyze.h: what the analyses of plain files share: the purchases of a file, and figures with intervals. */
#ifndef PATRON_CLI_ANALYZE_H
#define PATRON_CLI_ANALYZE_H

#include "cli/output.h"
#include "features/insight/clv_log.h"

/* The purchases of a file, with its customers numbered in the order in which they are met. */
struct purchase_file {
    struct clv_purchase *purchases;
    size_t count;
    struct text *names;
    size_t customer_count;
    int32_t first_day, last_day;
    bool amounts; /* there is a column of amounts */
    int64_t refused;
};

/*
 * Reads the file of the call by its options (--customer, --date, --amount, --map ..., --until). Rows that cannot be read are
 * counted, the first of them is told on standard error with its line. STATUS_INVALID `analyze.empty` when nothing is left.
 */
enum status purchase_file_read(struct cli *cli, struct purchase_file *out, struct error *err);

/* Rows of a result: what, how much, its 90 % interval, and what it says. NaN prints nothing. */
struct figures {
    struct cli *cli;
    struct output output;
};

bool figures_start(struct figures *figures, struct cli *cli);
void figures_add(struct figures *figures, const char *name, double value, const char *note);
void figures_add_interval(struct figures *figures, const char *name, const double values[3], const char *note);
struct text figure_text(struct arena *arena, double value); /* up to seven digits that count; empty for NaN */

int analyze_clv(struct cli *cli);
int analyze_cohorts(struct cli *cli);

#endif
