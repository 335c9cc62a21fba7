/* analyze_live.h: analyses on a database instead of a file. */
#ifndef PATRON_CLI_ANALYZE_LIVE_H
#define PATRON_CLI_ANALYZE_LIVE_H

#include "cli/live_table.h"
#include "cli/purchase_file.h"
#include "features/exchange/reader.h"

enum { LIVE_DEFAULTS_MAX = 6 };

/* What an analysis reads of a database, and the options that then need not be given. */
struct live_source {
    enum live_rows rows;
    const char *defaults[LIVE_DEFAULTS_MAX]; /* "category=category" */
};

/* Of analyses that run on a database too. */
#define OPTIONS_LIVE                                                                                    \
    {"database", "DATABASE", "the base of a database instead of a file"}, OPTION_KEY_FILE,              \
        {"live", NULL, "the base of $PATRON_DATABASE or ./patron.db instead of a file"},                \
        {"from", "DAY", "of a database: leave out purchases before"},                                   \
    {                                                                                                   \
        "sample", "PERCENT", "of a database: so many of the members, always the same ones; default 100" \
    }

/* Whether the call is about a database: --database or --live was given. */
bool analyze_is_live(const struct cli *cli);

/* Fills in the defaults of the subcommand. */
void analyze_live_defaults(struct cli *cli);

/* Opens the file of the call, or the table of its database where the options name no file. */
enum status analyze_open(struct cli *cli, const struct reader_options *how, struct reader **out, struct error *err);
/* The same with the lines of purchases. */
enum status analyze_open_lines(struct cli *cli, struct reader **out, struct error *err);

/*
 * The days with purchases of every person, net of returns, in units of money; customers are named by member id. `until` is
 * the last day. STATUS_INVALID `analyze.empty` without any; STATUS_LIMIT `analysis.memory`.
 */
enum status purchase_live_read(struct cli *cli, int32_t until, struct purchase_file *out, struct error *err);

/* What the call may take in memory, by PATRON_ANALYSIS_MEMORY in megabytes; 0: it does not say. */
size_t analyze_memory(void);

#endif
