/* satisfaction_matrix.h: members by satisfaction and by loyalty or value, and what to do in each field. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_SATISFACTION_MATRIX_H
#define PATRON_FEATURES_INSIGHT_SATISFACTION_MATRIX_H

#include <stdbool.h>
#include <stddef.h>

#include "foundation/arena.h"
#include "foundation/error.h"

/* Fields of the matrix: satisfied or not, and loyal (valuable) or not. */
enum matrix_field {
    MATRIX_HIGH_HIGH, /* apostle: satisfied and loyal (Jones, Sasser 1995) */
    MATRIX_LOW_HIGH,  /* hostage: loyal, not satisfied */
    MATRIX_HIGH_LOW,  /* mercenary: satisfied, not loyal */
    MATRIX_LOW_LOW,   /* defector: neither */
    MATRIX_FIELDS,
};

enum matrix_kind { MATRIX_LOYALTY, MATRIX_VALUE };

const char *matrix_field_name(enum matrix_kind kind, enum matrix_field field); /* "apostle"; "satisfied, high value" */
const char *matrix_field_action(enum matrix_kind kind, enum matrix_field field); /* what to do, a sentence */

/* Of each member; NaN is missing, and such members are left out. `cuts`: from where on satisfaction, and the other, is high. */
struct matrix_data {
    const double *satisfaction, *other;
    size_t count;
    double satisfaction_cut, other_cut;
};

struct matrix_cell {
    double count, share, low, high; /* of the members, with Wilson's interval */
    double satisfaction, other;     /* means; NaN in an empty cell */
    double sum, sum_share;          /* of the other; the share is NaN unless all are at least 0 and some above */
};

struct matrix_report {
    double count, left_out;
    struct matrix_cell cells[MATRIX_FIELDS];
    double rank_correlation, low, high; /* of satisfaction with the other; NaN when one does not vary */
};

/* STATUS_INVALID `survey.empty` when nobody has both. */
enum status matrix_build(struct arena *arena, const struct matrix_data *data, double confidence,
                         struct matrix_report *out, struct error *err);

/* Where the upper quarter of a scale begins, at a mark: 4 of 1-5, 6 of 1-7, 8 of 1-10 and of 0-10, 75 of 0-100. */
double matrix_cut_scale(double low, double high);
/*
 * The cut above which the best `share` of the values lie (0 < share < 1), equal values on one side; always above the least
 * value, so that both sides hold somebody. STATUS_INVALID `matrix.cut` when all values are the same.
 */
enum status matrix_cut_best(struct arena *arena, const double *values, size_t count, double share, double *out,
                            struct error *err);

#endif
