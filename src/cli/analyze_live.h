/* analyze_live.h: analyses on the purchases of a database instead of a file: from the command line, and for the server. */
#ifndef PATRON_CLI_ANALYZE_LIVE_H
#define PATRON_CLI_ANALYZE_LIVE_H

#include "api/analysis.h"
#include "cli/purchase_file.h"

/* The server asks for an analysis: its result is kept here, and nothing is printed. */
struct cli_capture {
    struct engine *engine;
    struct text rows; /* JSON, in the arena of the call */
    struct error error;
};

/* Whether the call is about a database: --database was given, or the server asks. */
bool analyze_is_live(const struct cli *cli);

/*
 * The days with purchases of every person, net of returns, in units of money; customers are named by member id. `until` is
 * the last day. STATUS_INVALID `analyze.empty` without any, `mapping.column` for a further column.
 */
enum status purchase_live_read(struct cli *cli, int32_t until, struct purchase_file *out, struct error *err);

/* What the server runs; see src/api/analysis.h. */
extern const struct analyses live_analyses;

#endif
