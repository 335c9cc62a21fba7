/* clv_rows.h: customers as the models of lifetime value see them, with equal ones gathered in one row. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_CLV_ROWS_H
#define PATRON_FEATURES_INSIGHT_CLV_ROWS_H

#include <stdint.h>

#include "foundation/arena.h"
#include "foundation/error.h"

enum { CLV_REPEATS_MAX = 1000000, CLV_CUSTOMERS_MAX = 50000000 };

/* What a customer did up to the end of the observation. Times are in one unit, weeks for all that Patron prints. */
struct clv_customer {
    double last;      /* from the first purchase to the last: t_x */
    double observed;  /* from the first purchase to the end: T */
    uint32_t repeats; /* purchases after the first: x */
};

/* Customers that are equal in all three. */
struct clv_row {
    uint32_t repeats;
    uint32_t last, observed; /* indexes of `times` */
    uint32_t count;
};

/* Rows with the same number of repeats: rows[first .. end). */
struct clv_group {
    uint32_t repeats;
    size_t first, end;
    double count;
};

struct clv_rows {
    struct clv_row *rows; /* by repeats, observed, last */
    size_t row_count;
    double *times; /* distinct, ascending */
    size_t time_count;
    struct clv_group *groups; /* by repeats */
    size_t group_count;
    double *observed_counts;  /* by time: customers observed so long ... */
    double *observed_repeats; /* ... and the sum of their repeats */
    uint32_t *row_of;         /* by customer */
    double customers, repeats, observed;
    double log_gaps; /* sum over all of the logarithms of the times between purchases; only regularity needs it */
};

/*
 * Gathers the customers into rows in `arena`; about 60 bytes a customer at most. STATUS_INVALID `clv.customers` without
 * any, `clv.times` unless 0 <= last <= observed, both finite, and last > 0 exactly where repeats > 0;
 * STATUS_LIMIT `clv.memory` with too many.
 */
enum status clv_rows_build(struct arena *arena, const struct clv_customer *customers, size_t count,
                           struct clv_rows *out, struct error *err);

#endif
