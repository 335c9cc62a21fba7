/* linear.h: dense linear algebra on matrices of up to some hundred rows, stored row by row. */
#ifndef PATRON_MATHEMATICS_LINEAR_H
#define PATRON_MATHEMATICS_LINEAR_H

#include <stdbool.h>
#include <stddef.h>

#include "foundation/arena.h"

/* ---- symmetric and positive definite ---- */

/*
 * Replaces the lower triangle by Cholesky's factor L (matrix = L L'); the upper one is neither read nor written. False, with
 * the matrix spoilt, when it is not positive definite or as good as singular: a column depends on those before it but for
 * 1e-12 of its square, or holds NaN.
 */
bool cholesky_factor(double *matrix, size_t count);
void cholesky_solve(const double *factor, size_t count, double *vector); /* vector = matrix^-1 vector */
void cholesky_inverse(const double *factor, size_t count, double *inverse);
double cholesky_log_determinant(const double *factor, size_t count); /* of the matrix */

/* ---- any symmetric matrix ---- */

/*
 * Eigenvalues, the largest first, and the vector of each as a row of `vectors` (count x count), its largest element positive.
 * Reads the lower triangle. False when an element is not finite.
 */
bool symmetric_eigen(struct arena *arena, const double *matrix, size_t count, double *values, double *vectors);

/* ---- any square matrix ---- */

/* vector = matrix^-1 vector, by elimination with pivots; spoils the matrix. False when it is singular. */
bool linear_solve(double *matrix, size_t count, double *vector);

/* ---- least squares ---- */

struct least_squares {
    double *coefficients; /* of each column */
    double *unscaled;     /* (X'X)^-1, column_count x column_count: times the residual variance it is the covariance */
    double residual;      /* sum of the squares that are left */
    size_t freedom;       /* rows less columns */
};

/*
 * The coefficients by which the columns of `rows` (row_count x column_count; a constant is a column of ones) come nearest to
 * `target`, by Householder reflections. False when there are fewer rows than columns or a column depends on the others.
 */
bool least_squares(struct arena *arena, const double *rows, size_t row_count, size_t column_count, const double *target,
                   struct least_squares *out);

#endif
