/* outcome.h: which rows of a file an outcome has befallen, told by one column. */
#ifndef PATRON_CLI_OUTCOME_H
#define PATRON_CLI_OUTCOME_H

#include "cli/data_file.h"

enum { OUTCOME_UNKNOWN = 2 };

struct outcome {
    uint8_t *values; /* of each row: 1 it did, 0 it did not, OUTCOME_UNKNOWN the cell is empty */
    size_t ones, unknown;
    struct text positive; /* the value that means 1 */
};

/*
 * `positive` is the value that means 1, or NULL: then the column has at most two values, of which one is a plain yes (yes,
 * true, 1, left, churned and the like). STATUS_INVALID `analyze.positive` otherwise, or when no cell has the value.
 */
enum status outcome_read(struct arena *arena, const struct data_file *file, const struct data_column *column,
                         const char *positive, struct outcome *out, struct error *err);

#endif
