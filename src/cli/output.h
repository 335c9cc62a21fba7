/* output.h: results on standard output as an aligned table, JSON or CSV. */
#ifndef PATRON_CLI_OUTPUT_H
#define PATRON_CLI_OUTPUT_H

#include "cli/subcommand.h"

enum output_format { OUTPUT_TABLE, OUTPUT_JSON, OUTPUT_CSV };
enum { OUTPUT_COLUMNS_MAX = 24 };

struct output_column {
    const char *name;
    bool number; /* aligned to the right; bare in JSON */
};

/* Rows are kept until the end, because a table is as wide as its widest row. */
struct output {
    struct arena *arena;
    enum output_format format;
    const struct output_column *columns;
    size_t column_count;
    struct text *cells; /* row by row */
    size_t row_count, cell_capacity;
};

/* False, with a message, when --format is not one of the three. */
bool output_start(struct output *output, struct cli *cli, const struct output_column *columns, size_t column_count);
void output_row(struct output *output, const struct text *fields); /* copied */
void output_end(struct output *output);                            /* prints: JSON as a list of objects */

/* One object: in a table a line a field; in JSON an object. */
void output_object_end(struct output *output);

#endif
