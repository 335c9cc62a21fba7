#include "mathematics/linear.h"

#include <gsl/gsl_eigen.h>
#include <math.h>
#include <string.h>

static const double DEPENDENT = 1e-12; /* the share of a column's square that is left when it depends on the others */

bool cholesky_factor(double *matrix, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double *row = &matrix[i * count];
        double whole = row[i];

        for (size_t j = 0; j < i; j++) {
            const double *other = &matrix[j * count];
            double sum = row[j];

            for (size_t k = 0; k < j; k++)
                sum -= row[k] * other[k];
            row[j] = sum / other[j];
        }
        double left = whole;
        for (size_t k = 0; k < i; k++)
            left -= row[k] * row[k];
        if (!(left > DEPENDENT * whole) || !isfinite(left))
            return false;
        row[i] = sqrt(left);
    }
    return true;
}

void cholesky_solve(const double *factor, size_t count, double *vector)
{
    for (size_t i = 0; i < count; i++) {
        double sum = vector[i];

        for (size_t k = 0; k < i; k++)
            sum -= factor[i * count + k] * vector[k];
        vector[i] = sum / factor[i * count + i];
    }
    for (size_t i = count; i-- > 0;) {
        double sum = vector[i];

        for (size_t k = i + 1; k < count; k++)
            sum -= factor[k * count + i] * vector[k];
        vector[i] = sum / factor[i * count + i];
    }
}

void cholesky_inverse(const double *factor, size_t count, double *inverse)
{
    for (size_t i = 0; i < count; i++) {
        double *row = &inverse[i * count];

        memset(row, 0, count * sizeof *row);
        row[i] = 1;
        cholesky_solve(factor, count, row);
    }
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            inverse[i * count + j] = inverse[j * count + i];
}

double cholesky_log_determinant(const double *factor, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += 2 * log(factor[i * count + i]);
    return sum;
}

static bool triangle_is_finite(const double *matrix, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j <= i; j++)
            if (!isfinite(matrix[i * count + j]))
                return false;
    return true;
}

/* A vector and its opposite are both right: the same one is given on every machine. */
static double sign_of_largest(const gsl_matrix *vectors, size_t column)
{
    double largest = 0;

    for (size_t i = 0; i < vectors->size1; i++) {
        double element = gsl_matrix_get(vectors, i, column);

        if (fabs(element) > fabs(largest) * (1 + 1e-9))
            largest = element;
    }
    return largest < 0 ? -1 : 1;
}

bool symmetric_eigen(struct arena *arena, const double *matrix, size_t count, double *values, double *vectors)
{
    if (count == 0 || !triangle_is_finite(matrix, count))
        return count == 0;
    double *copy = arena_copy(arena, matrix, count * count * sizeof *copy);
    gsl_matrix_view view = gsl_matrix_view_array(copy, count, count);
    gsl_eigen_symmv_workspace *workspace = gsl_eigen_symmv_alloc(count);
    gsl_matrix *columns = gsl_matrix_alloc(count, count);
    gsl_vector_view found = gsl_vector_view_array(values, count);

    gsl_eigen_symmv(&view.matrix, &found.vector, columns, workspace);
    gsl_eigen_symmv_sort(&found.vector, columns, GSL_EIGEN_SORT_VAL_DESC);
    for (size_t j = 0; j < count; j++) {
        double sign = sign_of_largest(columns, j);

        for (size_t i = 0; i < count; i++)
            vectors[j * count + i] = sign * gsl_matrix_get(columns, i, j);
    }
    gsl_matrix_free(columns);
    gsl_eigen_symmv_free(workspace);
    return true;
}

static size_t pivot_row(const double *matrix, size_t count, size_t column)
{
    size_t best = column;

    for (size_t i = column + 1; i < count; i++)
        if (fabs(matrix[i * count + column]) > fabs(matrix[best * count + column]))
            best = i;
    return best;
}

static void swap_rows(double *matrix, size_t count, size_t one, size_t other, double *vector)
{
    for (size_t k = 0; k < count && one != other; k++) {
        double kept = matrix[one * count + k];

        matrix[one * count + k] = matrix[other * count + k];
        matrix[other * count + k] = kept;
    }
    double kept = vector[one];
    vector[one] = vector[other];
    vector[other] = kept;
}

bool linear_solve(double *matrix, size_t count, double *vector)
{
    double largest = 0;

    for (size_t i = 0; i < count * count; i++)
        largest = fmax(largest, fabs(matrix[i]));
    for (size_t column = 0; column < count; column++) {
        size_t pivot = pivot_row(matrix, count, column);

        if (!(fabs(matrix[pivot * count + column]) > DEPENDENT * largest))
            return false;
        swap_rows(matrix, count, column, pivot, vector);
        for (size_t i = column + 1; i < count; i++) {
            double ratio = matrix[i * count + column] / matrix[column * count + column];

            for (size_t k = column; k < count; k++)
                matrix[i * count + k] -= ratio * matrix[column * count + k];
            vector[i] -= ratio * vector[column];
        }
    }
    for (size_t i = count; i-- > 0;) {
        for (size_t k = i + 1; k < count; k++)
            vector[i] -= matrix[i * count + k] * vector[k];
        vector[i] /= matrix[i * count + i];
    }
    return true;
}

/* ---- least squares ---- */

/*
 * The columns (and the target as the last one) lie one after the other, so that reflections run along memory. Below the
 * diagonal stays what they were: nobody reads it. False when a column depends on those before it.
 */
static bool reflect_columns(double *columns, size_t rows, size_t count)
{
    for (size_t j = 0; j < count; j++) {
        double *column = &columns[j * rows], whole = 0, left = 0;

        for (size_t i = 0; i < rows; i++) {
            whole += column[i] * column[i];
            left += i >= j ? column[i] * column[i] : 0;
        }
        if (!(left > DEPENDENT * whole) || !isfinite(whole))
            return false;
        double diagonal = column[j] > 0 ? -sqrt(left) : sqrt(left), first = column[j] - diagonal;

        column[j] = first; /* the column is now the vector of the reflection */
        double square = left - (first + diagonal) * (first + diagonal) + first * first;
        for (size_t other = j + 1; other <= count; other++) {
            double *target = &columns[other * rows], product = 0;

            for (size_t i = j; i < rows; i++)
                product += column[i] * target[i];
            product *= 2 / square;
            for (size_t i = j; i < rows; i++)
                target[i] -= product * column[i];
        }
        column[j] = diagonal;
    }
    return true;
}

/* unscaled = R^-1 R^-1', where R is the upper triangle held in columns. */
static void unscaled_covariance(struct arena *arena, const double *columns, size_t rows, size_t count, double *unscaled)
{
    double *inverse = arena_array(arena, count * count, sizeof *inverse);

    for (size_t j = 0; j < count; j++)
        for (size_t i = j + 1; i-- > 0;) {
            double sum = i == j ? 1 : 0;

            for (size_t k = i + 1; k <= j; k++)
                sum -= columns[k * rows + i] * inverse[k * count + j];
            inverse[i * count + j] = sum / columns[i * rows + i];
        }
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            double sum = 0;

            for (size_t k = i > j ? i : j; k < count; k++)
                sum += inverse[i * count + k] * inverse[j * count + k];
            unscaled[i * count + j] = sum;
        }
}

bool least_squares(struct arena *arena, const double *rows, size_t row_count, size_t column_count, const double *target,
                   struct least_squares *out)
{
    struct least_squares found = {.freedom = row_count - column_count};

    if (row_count < column_count || row_count == 0)
        return false;
    double *columns = arena_array(arena, (column_count + 1) * row_count, sizeof *columns);
    double *image = &columns[column_count * row_count];

    for (size_t i = 0; i < row_count; i++)
        for (size_t j = 0; j < column_count; j++)
            columns[j * row_count + i] = rows[i * column_count + j];
    memcpy(image, target, row_count * sizeof *image);
    if (!reflect_columns(columns, row_count, column_count))
        return false;
    found.coefficients = arena_array(arena, column_count, sizeof *found.coefficients);
    for (size_t i = column_count; i-- > 0;) {
        double sum = image[i];

        for (size_t k = i + 1; k < column_count; k++)
            sum -= columns[k * row_count + i] * found.coefficients[k];
        found.coefficients[i] = sum / columns[i * row_count + i];
    }
    for (size_t i = column_count; i < row_count; i++)
        found.residual += image[i] * image[i];
    found.unscaled = arena_array(arena, column_count * column_count, sizeof *found.unscaled);
    unscaled_covariance(arena, columns, row_count, column_count, found.unscaled);
    *out = found;
    return isfinite(found.residual);
}
