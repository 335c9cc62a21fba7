#include "features/insight/pls_data.h"

#include <math.h>
#include <string.h>

static const double CONSTANT = 1e-12; /* a variance this small beside the square of the mean is rounding */

static void choose_rows(const double *const *columns, size_t row_count, enum pls_missing missing, struct pls_data *data)
{
    for (size_t i = 0; i < row_count; i++) {
        size_t holes = 0;

        for (size_t j = 0; j < data->column_count; j++)
            holes += isnan(columns[j][i]) ? 1 : 0;
        data->missing += holes;
        if (holes == data->column_count || (holes > 0 && missing == PLS_MISSING_CASEWISE))
            data->dropped++;
        else
            data->rows[data->row_count++] = i;
    }
}

/* Mean and deviation of the answers that are there, and the column standardised with its mean where none is. */
static bool standardise(const double *column, size_t j, struct pls_data *data)
{
    double sum = 0, squares = 0, n = (double)data->row_count, there = 0;

    for (size_t i = 0; i < data->row_count; i++) {
        double value = column[data->rows[i]];

        if (isnan(value))
            continue;
        there++;
        sum += value;
        data->low = fmin(data->low, value);
        data->high = fmax(data->high, value);
    }
    double mean = sum / there;

    for (size_t i = 0; i < data->row_count; i++) {
        double value = column[data->rows[i]];

        squares += isnan(value) ? 0 : (value - mean) * (value - mean);
    }
    if (there < 1 || !isfinite(squares) || !(squares > CONSTANT * mean * mean * n))
        return false;
    data->means[j] = mean;
    data->deviations[j] = sqrt(squares / (n - 1));
    for (size_t i = 0; i < data->row_count; i++) {
        double value = column[data->rows[i]];

        data->values[i * data->column_count + j] = isnan(value) ? 0 : (value - mean) / data->deviations[j];
    }
    return true;
}

enum status pls_data_prepare(struct arena *arena, const struct pls_answers *answers, enum pls_missing missing,
                             struct pls_data *out, struct error *err)
{
    struct pls_data data = {.column_count = answers->column_count, .low = INFINITY, .high = -INFINITY};

    data.rows = arena_array(arena, answers->row_count + 1, sizeof *data.rows);
    choose_rows(answers->columns, answers->row_count, missing, &data);
    if (data.row_count < 3)
        return error_set(err, STATUS_INVALID, "pls.rows", "",
                         "a path model needs answers of three or more; there are %zu", data.row_count);
    data.values = arena_array(arena, data.row_count * data.column_count, sizeof *data.values);
    data.means = arena_array(arena, data.column_count, sizeof *data.means);
    data.deviations = arena_array(arena, data.column_count, sizeof *data.deviations);
    for (size_t j = 0; j < data.column_count; j++)
        if (!standardise(answers->columns[j], j, &data))
            return error_set(err, STATUS_INVALID, "pls.constant", "model",
                             "column '%.*s' has no two different answers, or one without bound",
                             (int)answers->names[j].size, answers->names[j].bytes);
    *out = data;
    return STATUS_OK;
}

/*
 * Sums of products take nearly all the time of a bootstrap. Rows are gathered, each times the root of its count, with that
 * root as a last column: the product of two columns is then a weighted sum of products, that with the last a weighted sum, and
 * of the last with itself the number of rows. A tile of TILE by TILE products stays in registers over all rows gathered.
 */
enum { TILE = 4, GATHERED = 64 };

static size_t padded(size_t column_count)
{
    return (column_count + TILE) / TILE * TILE; /* room for one more column */
}

void pls_moments_start(struct arena *arena, size_t column_count, struct pls_moments *out)
{
    size_t width = padded(column_count);

    *out = (struct pls_moments){
        .means = arena_array(arena, column_count, sizeof *out->means),
        .deviations = arena_array(arena, column_count, sizeof *out->deviations),
        .correlations = arena_array(arena, column_count * column_count, sizeof *out->correlations),
        .rows = arena_array(arena, GATHERED * width, sizeof *out->rows),
        .products = arena_array(arena, width * width, sizeof *out->products),
    };
}

static void add_tile(const double *rows, size_t count, size_t width, const size_t corner[2], double *products)
{
    double sums[TILE][TILE] = {{0}};

    for (size_t i = 0; i < count; i++) {
        const double *first = &rows[i * width + corner[0]], *second = &rows[i * width + corner[1]];

        for (size_t a = 0; a < TILE; a++)
            for (size_t b = 0; b < TILE; b++)
                sums[a][b] += first[a] * second[b];
    }
    for (size_t a = 0; a < TILE; a++)
        for (size_t b = 0; b < TILE; b++)
            products[(corner[0] + a) * width + corner[1] + b] += sums[a][b];
}

/* Adds the rows gathered to the lower triangle of products. */
static void add_gathered(struct pls_moments *moments, size_t count, size_t width)
{
    for (size_t a = 0; a < width; a += TILE)
        for (size_t b = 0; b <= a; b += TILE)
            add_tile(moments->rows, count, width, (size_t[]){a, b}, moments->products);
}

static void add_rows(const struct pls_data *data, const uint16_t *counts, struct pls_moments *moments)
{
    size_t p = data->column_count, width = padded(p), gathered = 0;

    memset(moments->products, 0, width * width * sizeof *moments->products);
    for (size_t i = 0; i < data->row_count; i++) {
        double root = counts == NULL || counts[i] == 1 ? 1 : sqrt(counts[i]), *row = &moments->rows[gathered * width];

        if (root == 0)
            continue;
        for (size_t j = 0; j < p; j++)
            row[j] = root * data->values[i * p + j];
        row[p] = root;
        if (++gathered < GATHERED)
            continue;
        add_gathered(moments, gathered, width);
        gathered = 0;
    }
    add_gathered(moments, gathered, width);
}

bool pls_moments_take(const struct pls_data *data, const uint16_t *counts, struct pls_moments *out)
{
    size_t p = data->column_count, width = padded(p);
    const double *products = out->products, *sums = &out->products[p * width];

    add_rows(data, counts, out);
    double n = sums[p];

    for (size_t a = 0; a < p; a++) {
        double variance = (products[a * width + a] - sums[a] * sums[a] / n) / (n - 1);

        if (!(variance > CONSTANT))
            return false;
        out->deviations[a] = sqrt(variance);
    }
    for (size_t a = 0; a < p; a++) {
        for (size_t b = 0; b < a; b++) {
            double covariance = (products[a * width + b] - sums[a] * sums[b] / n) / (n - 1);

            out->correlations[a * p + b] = out->correlations[b * p + a] =
                covariance / (out->deviations[a] * out->deviations[b]);
        }
        out->correlations[a * p + a] = 1;
    }
    for (size_t a = 0; a < p; a++) { /* back to the scale of the answers */
        out->means[a] = data->means[a] + sums[a] / n * data->deviations[a];
        out->deviations[a] *= data->deviations[a];
    }
    return true;
}
