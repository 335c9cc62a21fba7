/* purchase_file.h: the purchases of a plain file. */
#ifndef PATRON_CLI_PURCHASE_FILE_H
#define PATRON_CLI_PURCHASE_FILE_H

#include "cli/subcommand.h"
#include "features/exchange/reader.h"
#include "features/insight/clv_log.h"
#include "foundation/map.h"

#define PURCHASE_MISSING UINT32_MAX

/* A further column of the file that an analysis wants, named by an option of its own. */
struct purchase_column {
    const char *option; /* "store": --store COLUMN */
    const char *name;   /* of the column, where the option does not say it; NULL: the option does */
    bool number;        /* else texts, numbered in the order in which they are met */
    /* filled: */
    bool known;      /* the option was given */
    uint32_t *codes; /* of each purchase, when texts; PURCHASE_MISSING: empty */
    struct text *levels;
    size_t level_count;
    double *numbers; /* of each purchase, when numbers; NaN: empty */
    size_t capacity, level_capacity;
    struct map *map; /* text to level + 1 */
};

/* The purchases of a file, with its customers numbered in the order in which they are met. */
struct purchase_file {
    struct clv_purchase *purchases;
    size_t count;
    struct text *names;
    size_t customer_count;
    int32_t first_day, last_day;
    bool amounts; /* there is a column of amounts */
    int64_t refused;
    struct purchase_column *columns; /* as given to purchase_file_read_columns */
    size_t column_count;
};

/*
 * Reads the file by OPTIONS_PURCHASES (cli/analyze.h). Rows that cannot be read are counted, the first of them
 * is told on standard error with its line. STATUS_INVALID `analyze.empty` when nothing is left.
 */
enum status purchase_file_read(struct cli *cli, const struct reader_options *how, struct purchase_file *out,
                               struct error *err);

/*
 * The same with further columns, which `out` borrows. STATUS_INVALID `mapping.column` when the file lacks one that an
 * option names.
 */
enum status purchase_file_read_columns(struct cli *cli, const struct reader_options *how,
                                       struct purchase_column *columns, size_t column_count, struct purchase_file *out,
                                       struct error *err);

#endif
