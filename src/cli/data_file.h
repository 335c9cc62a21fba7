/* data_file.h: a file with any columns, as arrays: numbers, or texts with their levels. */
#ifndef PATRON_CLI_DATA_FILE_H
#define PATRON_CLI_DATA_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/subcommand.h"
#include "features/exchange/reader.h"

enum {
    DATA_ROWS_MAX = 20000000,
    DATA_CELLS_MAX = 200000000,
    DATA_LEVELS_NUMERIC = 65536, /* a column with more distinct values, all numbers so far, holds numbers only */
};

/* Every column has `codes`; one whose cells are all numbers or missing also has `numbers`. */
struct data_column {
    struct text name;
    bool numeric;
    double *numbers; /* of each row, when numeric; NaN: missing */
    uint32_t *codes; /* of each row: its level; DATA_MISSING: the cell is empty. NULL past DATA_LEVELS_NUMERIC */
    const struct text *levels; /* the distinct texts, in the order in which they are met */
    size_t level_count;
    size_t missing;
    size_t text_row; /* the first row whose cell is no number, unless numeric */
};

#define DATA_MISSING UINT32_MAX

struct data_file {
    struct data_column *columns;
    size_t column_count;
    size_t row_count;
    int64_t *lines; /* where each row begins in the file, for messages */
    int64_t refused;
};

/*
 * Reads the file into the arena of the call (analyze_reader_options of cli/analyze.h says how). Empty cells, NA, NaN, null
 * and - are missing; whole numbers of more than 15 digits or with a leading zero are codes, not numbers. Rows that cannot be
 * read (wrong number of cells, bad UTF-8, a text in a column of numbers past DATA_LEVELS_NUMERIC) are counted, the first is
 * told on standard error with its line. STATUS_INVALID `analyze.empty`; STATUS_LIMIT `analyze.rows`.
 */
enum status data_file_read(struct cli *cli, const struct reader_options *how, struct data_file *out, struct error *err);

/* A column by its name; STATUS_INVALID `analyze.column` names the nearest one there is. */
enum status data_file_column(const struct data_file *file, const char *name, const struct data_column **out,
                             struct error *err);
/* The same, which must hold numbers: else `analyze.number` with the first line that does not. */
enum status data_file_numbers(const struct data_file *file, const char *name, const struct data_column **out,
                              struct error *err);
/* The columns of "a,b,c" in order. NULL names all. */
enum status data_file_columns(struct arena *arena, const struct data_file *file, const char *names,
                              const struct data_column ***out, size_t *count, struct error *err);

#endif
