/* analyze.h: what the analyses of plain files share: how a file is read, and figures with intervals. */
#ifndef PATRON_CLI_ANALYZE_H
#define PATRON_CLI_ANALYZE_H

#include "cli/analyze_live.h"
#include "cli/memory.h"
#include "cli/output.h"
#include "features/exchange/reader.h"

/* ---- options ---- */

/* Of every analysis: how the file is written, and how the result is printed. */
#define OPTIONS_FILE                                                                                      \
    OPTION_FORMAT, {"input-format", "FORMAT", "csv, blank or jsonl; default: found out"},                 \
        {"columns", "A,B,C", "names of the columns, when the header does not say"},                       \
        {"delimiter", "CHARACTER", "of CSV, or 'tab'; default: found out"},                               \
        {"encoding", "NAME", "default: found out"}, {"decimal-comma", NULL, "12,90 means twelve ninety"}, \
        OPTION_MEMORY

/* Of analyses of purchases: which columns they are. */
#define OPTIONS_PURCHASES                                                                              \
    {"customer", "COLUMN", "the column of the customer; default: known by its name"},                  \
        {"date", "COLUMN", "the column of the day"}, {"amount", "COLUMN", "the column of the amount"}, \
        {"map", "FIELD=COLUMN", "the same for external (the customer), at (the day) or amount"},       \
        {"date-format", "FORMAT", "letters d m y H M S and separators, such as d/m/y"}, OPTIONS_LIVE,  \
    {                                                                                                  \
        "until", "DAY", "leave out what is later; default: the last day of the file"                   \
    }

/*
 * How to read the file that is the only argument of the call, by OPTIONS_FILE, and with how much memory at most. False, with
 * a message, when the call names no file or more than one, or an option has a value that is none.
 */
bool analyze_reader_options(const struct cli *cli, struct reader_options *out);

/* ---- results ---- */

/*
 * Rows of a result: what, how much, its interval, and what it says. NaN prints nothing. An analysis whose intervals have a
 * level of one's own adds it as `confidence` before the first of them; else that row is added there, with 90 %.
 */
struct figures {
    struct cli *cli;
    struct output output;
    bool confidence_told;
};

bool figures_start(struct figures *figures, struct cli *cli);
void figures_add(struct figures *figures, const char *name, double value, const char *note);
void figures_add_interval(struct figures *figures, const char *name, const double values[3], const char *note);

/* The level of intervals that stand in a table of their own, for its column `level`. */
#define LEVEL_USUAL TEXT("0.9")

struct text figure_text(struct arena *arena, double value); /* up to seven digits that count; empty for NaN */

/* ---- the analyses, each in a file of its own ---- */

extern const struct subcommand analyze_rfm, analyze_clv, analyze_cohorts;
extern const struct subcommand analyze_churn, analyze_survival;
extern const struct subcommand analyze_loyalty;
extern const struct subcommand analyze_experiment, analyze_uplift, analyze_roi, analyze_demand;
extern const struct subcommand analyze_baskets, analyze_next, analyze_profit;
extern const struct subcommand analyze_pls;
extern const struct subcommand analyze_nps, analyze_csat, analyze_ces;
extern const struct subcommand analyze_attributes, analyze_drivers, analyze_trend;
extern const struct subcommand analyze_matrix, analyze_panel;
extern const struct subcommand analyze_types;
extern const struct subcommand analyze_segments;
extern const struct subcommand analyze_counts;
extern const struct subcommand analyze_duplicates;

#endif
