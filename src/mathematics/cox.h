/* cox.h: proportional hazards: what makes the end come sooner, whatever the course of time (Cox 1972). */
#ifndef PATRON_MATHEMATICS_COX_H
#define PATRON_MATHEMATICS_COX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "foundation/arena.h"

enum cox_ties { COX_EFRON, COX_BRESLOW };

struct cox_data {
    const double *rows;    /* row by row, column_count each; finite */
    const double *times;   /* finite */
    const uint8_t *events; /* 1: it ended then; 0: it was last seen then, and counts as at risk at that time */
    size_t count, column_count;
    enum cox_ties ties;
};

struct cox_fit {
    size_t column_count;
    double *coefficients;  /* log hazard ratios of one unit; 0 of a column that depends on others */
    double *covariance;    /* column_count squared; 0 where not used */
    bool *used;            /* of each column */
    bool *unbounded;       /* the coefficient runs to infinity: its hazard ratio is not held by the data */
    double *scores;        /* of each row: the log hazard against the mean of the columns */
    double log_likelihood; /* partial */
    double null_log_likelihood;
    int iterations;
    bool converged;
    size_t event_count;
};

/* False when nobody has an event or no column varies. */
bool cox_learn(struct arena *arena, const struct cox_data *data, struct cox_fit *out);

struct cox_concordance {
    double value; /* of pairs whose order is known, the share in which the sooner one had the higher score; ties half */
    double error; /* infinitesimal jackknife, as R: concordance */
};

/* Harrell's C of any scores, higher ones for sooner events; NaN without a pair. */
struct cox_concordance cox_concordance(struct arena *arena, const struct cox_data *data, const double *scores);

struct cox_check {
    double *statistics; /* chi-square with one degree of freedom, of each column used; NaN of others */
    double *p_values;
    double statistic, freedom, p_value; /* of all columns at once */
};

/*
 * Whether hazard ratios stay the same over time: the score test that a coefficient changes with 1 - S(t-), S of Kaplan and
 * Meier; sums of Schoenfeld residuals times that (Grambsch and Therneau 1994; exact as in R: cox.zph since survival 3.0).
 */
void cox_check_proportional(struct arena *arena, const struct cox_data *data, const struct cox_fit *fit,
                            struct cox_check *out);

#endif
