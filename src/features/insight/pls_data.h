/* pls_data.h: answers as a path model takes them: complete, standardised, and their correlations. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_PLS_DATA_H
#define PATRON_FEATURES_INSIGHT_PLS_DATA_H

#include <stdbool.h>
#include <stdint.h>

#include "foundation/arena.h"
#include "foundation/error.h"
#include "foundation/text.h"

enum pls_missing {
    PLS_MISSING_MEAN,     /* an answer that is missing becomes the mean of its column */
    PLS_MISSING_CASEWISE, /* who did not answer everything is left out */
};

struct pls_data {
    double *values; /* row by row: mean 0 and variance 1 (by n - 1) in each column */
    size_t row_count, column_count;
    size_t *rows;               /* which row of the file each is */
    double *means, *deviations; /* of the columns as they were */
    double low, high;           /* the least and the greatest answer */
    size_t missing, dropped;    /* cells that were missing, and rows left out for it */
};

/* What was answered. */
struct pls_answers {
    const double *const *columns; /* each of `row_count` numbers, NaN where missing */
    const struct text *names;
    size_t column_count, row_count;
};

/*
 * STATUS_INVALID `pls.rows` with fewer than three rows left, `pls.constant` naming a column that does not vary or is not
 * finite.
 */
enum status pls_data_prepare(struct arena *arena, const struct pls_answers *answers, enum pls_missing missing,
                             struct pls_data *out, struct error *err);

/* Moments of the rows, each taken counts[i] times (NULL: once). */
struct pls_moments {
    double *means, *deviations; /* on the scale of the answers */
    double *correlations;       /* column_count x column_count */
    double *rows, *products;    /* of the work */
};

void pls_moments_start(struct arena *arena, size_t column_count, struct pls_moments *out);

/* False when a column does not vary in what is counted. */
bool pls_moments_take(const struct pls_data *data, const uint16_t *counts, struct pls_moments *out);

#endif
