/* purchase_file.h: the purchases of a plain file. */
#ifndef PATRON_CLI_PURCHASE_FILE_H
#define PATRON_CLI_PURCHASE_FILE_H

#include "cli/subcommand.h"
#include "features/exchange/reader.h"
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
 * Reads the file by OPTIONS_PURCHASES (cli/analyze.h). Rows that cannot be read are counted, the first of them
 * is told on standard error with its line. STATUS_INVALID `analyze.empty` when nothing is left.
 */
enum status purchase_file_read(struct cli *cli, const struct reader_options *how, struct purchase_file *out,
                               struct error *err);

#endif
