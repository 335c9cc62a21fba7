/* cox_internal.h: the risk sets that the parts of cox.h walk through. */
#ifndef PATRON_MATHEMATICS_COX_INTERNAL_H
#define PATRON_MATHEMATICS_COX_INTERNAL_H

#include "mathematics/cox.h"

/* Subjects by falling time; columns in use, standardised. */
struct cox_sorted {
    size_t count, column_count;
    double *rows, *times;
    uint8_t *events;
    uint32_t *numbers; /* of the row in the data */
    enum cox_ties ties;
};

/* One moment with events. */
struct cox_moment {
    double time, deaths;
    const double *residual; /* sum over the events of their columns less the mean of those at risk */
    const double *variance; /* of the columns among those at risk, summed over the events */
    double log_risk;        /* what the moment takes from the likelihood */
};

/*
 * Visits the moments with events by falling time at the given coefficients; returns the partial likelihood. `visit` may be
 * NULL.
 */
double cox_walk(struct arena *arena, const struct cox_sorted *sorted, const double *coefficients,
                void (*visit)(void *context, const struct cox_moment *moment), void *context);

/* Subjects of the data by falling time with the columns of `kept`, less their mean, over their scale. */
struct cox_columns {
    size_t *kept, count;
    double *means, *scales; /* of all columns */
};
void cox_sort(struct arena *arena, const struct cox_data *data, const struct cox_columns *columns,
              struct cox_sorted *out);

#endif
