/* logistic.h: logistic regression by Firth's penalised likelihood, which is finite whatever the data separate. */
#ifndef PATRON_MATHEMATICS_LOGISTIC_H
#define PATRON_MATHEMATICS_LOGISTIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "foundation/arena.h"

/* What to learn from. A constant is added inside. Columns are best of a like scale. */
struct logistic_data {
    const double *rows;     /* row by row, column_count each; finite */
    const uint8_t *outcome; /* of each row: 0 or 1 */
    const uint32_t
        *chosen; /* numbers of the rows to learn from, chosen_count of them; NULL: all of 0 .. chosen_count - 1 */
    size_t chosen_count, column_count;
};

struct logistic_fit {
    size_t column_count;
    double *coefficients;  /* the constant, then each column; 0 of a column that depends on those before it */
    double *covariance;    /* (column_count + 1) squared; rows and columns of unused ones are 0 */
    bool *used;            /* of the constant and of each column */
    double log_likelihood; /* without the penalty */
    int iterations;
    bool converged;
};

/*
 * Maximises the likelihood times the root of the determinant of the information (Firth 1993; Heinze and Schemper 2002): no
 * penaliser to choose, and an estimate that exists for separated data, where that of maximum likelihood runs to infinity.
 * False when there is no row or only one outcome.
 */
bool logistic_learn(struct arena *arena, const struct logistic_data *data, struct logistic_fit *out);

/* The log-odds that the fit gives to one row. */
double logistic_score(const struct logistic_fit *fit, const double *row);
double logistic_probability(double log_odds);

#endif
