#include "features/insight/satisfaction_drivers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mathematics/distribution.h"
#include "mathematics/linear.h"
#include "mathematics/sample.h"
#include "mathematics/variance_share.h"

enum { GROUPS_MAX = 2000, EXACT_IN_SAMPLES = 14, PAIRS_IN_SAMPLES = 100, PAIRS = 2000 };

static const double VARIANCE_MAX = 1e150; /* the product of two is still a number */

/* Moments of the complete rows, about the means of all, in groups. */
struct moments {
    size_t count; /* drivers; the outcome comes last */
    size_t rows, groups;
    double *means;
    double *numbers;    /* rows of each group */
    double *sums;       /* groups x (count + 1) */
    double *products;   /* groups x lower triangle */
    double *covariance; /* of all */
};

/* How shares are computed: exactly up to so many drivers, else by drawn orders. */
struct sharing {
    size_t exact_max, pairs;
    uint64_t seed; /* the same draws the same orders, so that what chance does to one sample it does to all */
};

/* A run of the bootstrap. */
struct sampling {
    const struct moments *moments;
    struct variance_share *work;
    const double *drawn; /* by few orders, from all rows: what is added to meet `exact` is added in each sample */
    const double *shares;
    double *covariance, *sums, *products, *weights;
    double *lmg, *johnson, *explained; /* of each sample */
    struct sharing sharing;
};

const char *driver_place_words(enum driver_place place)
{
    static const char *const words[DRIVER_PLACES] = {"improve first", "keep up the good work", "low priority",
                                                     "good enough, no need for more"};

    return words[place];
}

static bool is_complete(const struct driver_data *data, size_t row)
{
    bool complete = isfinite(data->outcome[row]);

    for (size_t j = 0; j < data->driver_count && complete; j++)
        complete = isfinite(data->drivers[j][row]);
    return complete;
}

static size_t triangle(size_t i, size_t j)
{
    return i * (i + 1) / 2 + j;
}

static double cell_of(const struct driver_data *data, size_t row, size_t j)
{
    return j < data->driver_count ? data->drivers[j][row] : data->outcome[row];
}

/* ---- moments ---- */

/* Adds groups by their weights into the covariance matrix. */
static void add_groups(const struct moments *moments, const double *weights, double *sums, double *products,
                       double *covariance)
{
    size_t size = moments->count + 1, cells = triangle(size, 0);
    double n = 0;

    memset(sums, 0, size * sizeof *sums);
    memset(products, 0, cells * sizeof *products);
    for (size_t group = 0; group < moments->groups; group++) {
        double weight = weights[group];

        if (weight == 0)
            continue;
        n += weight * moments->numbers[group];
        for (size_t i = 0; i < size; i++)
            sums[i] += weight * moments->sums[group * size + i];
        for (size_t i = 0; i < cells; i++)
            products[i] += weight * moments->products[group * cells + i];
    }
    for (size_t i = 0; i < size; i++)
        for (size_t j = 0; j <= i; j++)
            covariance[i * size + j] = covariance[j * size + i] =
                (products[triangle(i, j)] - sums[i] * sums[j] / n) / (n - 1);
}

static void find_means(const struct driver_data *data, struct moments *moments)
{
    for (size_t row = 0; row < data->row_count; row++)
        if (is_complete(data, row)) {
            moments->rows++;
            for (size_t j = 0; j <= data->driver_count; j++)
                moments->means[j] += cell_of(data, row, j);
        }
    for (size_t j = 0; j <= data->driver_count && moments->rows > 0; j++)
        moments->means[j] /= (double)moments->rows;
}

static void gather(struct arena *arena, const struct driver_data *data, uint64_t seed, struct moments *moments)
{
    size_t size = moments->count + 1, cells = triangle(size, 0), seen = 0;
    struct random random;

    random_start(&random, seed);
    moments->groups = moments->rows < GROUPS_MAX ? moments->rows : GROUPS_MAX;
    moments->numbers = arena_array(arena, moments->groups, sizeof *moments->numbers);
    moments->sums = arena_array(arena, moments->groups * size, sizeof *moments->sums);
    moments->products = arena_array(arena, moments->groups * cells, sizeof *moments->products);
    for (size_t row = 0; row < data->row_count; row++) {
        if (!is_complete(data, row))
            continue;
        /* Every group has a row first; the others fall where they fall. */
        size_t group = seen < moments->groups ? seen : (size_t)random_below(&random, moments->groups);
        double *sums = &moments->sums[group * size], *products = &moments->products[group * cells];

        seen++;
        moments->numbers[group]++;
        for (size_t i = 0; i < size; i++) {
            double value = cell_of(data, row, i) - moments->means[i];

            sums[i] += value;
            for (size_t j = 0; j <= i; j++)
                products[triangle(i, j)] += value * (cell_of(data, row, j) - moments->means[j]);
        }
    }
}

/* Rounding leaves a constant column a variance of some 1e-16 of its square. */
static void clear_constants(const struct moments *moments, double *covariance)
{
    size_t size = moments->count + 1;

    for (size_t i = 0; i < size; i++) {
        double scale = moments->means[i] * moments->means[i];

        if (covariance[i * (size + 1)] <= 1e-14 * scale)
            for (size_t j = 0; j < size; j++)
                covariance[i * size + j] = covariance[j * size + i] = 0;
    }
}

/* ---- the bootstrap ---- */

static double share_out(struct variance_share *work, const double *covariance, size_t count,
                        const struct sharing *sharing, double *shares, double *errors)
{
    struct random random;

    if (count <= sharing->exact_max)
        return variance_share_lmg(work, covariance, shares);
    random_start(&random, sharing->seed);
    return variance_share_lmg_drawn(work, covariance, &random, sharing->pairs, shares, errors);
}

static bool run_sample(struct arena *arena, const struct sampling *sampling, struct random *random, size_t sample)
{
    const struct moments *moments = sampling->moments;
    size_t count = moments->count, groups = moments->groups;
    double *lmg = &sampling->lmg[sample * count];

    memset(sampling->weights, 0, groups * sizeof *sampling->weights);
    for (size_t i = 0; i < groups; i++)
        sampling->weights[random_below(random, groups)]++;
    add_groups(moments, sampling->weights, sampling->sums, sampling->products, sampling->covariance);
    clear_constants(moments, sampling->covariance);
    if (!(sampling->covariance[(count + 1) * (count + 1) - 1] > 0))
        return false;
    sampling->explained[sample] = share_out(sampling->work, sampling->covariance, count, &sampling->sharing, lmg, NULL);
    for (size_t j = 0; j < count; j++)
        lmg[j] = fmax(0, lmg[j] + sampling->shares[j] - sampling->drawn[j]);
    variance_share_johnson(arena, sampling->covariance, count, &sampling->johnson[sample * count]);
    return true;
}

static int compare_numbers(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

/* The bounds of the middle `confidence` of every `step`-th of the values, as between neighbours. */
static void quantiles(const double *values, size_t count, size_t step, double confidence, double *scratch,
                      double *const bounds[2])
{
    for (size_t i = 0; i < count; i++)
        scratch[i] = values[i * step];
    qsort(scratch, count, sizeof *scratch, compare_numbers);
    for (int i = 0; i < 2; i++) {
        double at = (i == 0 ? 1 - confidence : 1 + confidence) / 2 * (double)(count - 1);
        size_t below = (size_t)at, above = below + 1 < count ? below + 1 : below;

        *bounds[i] = scratch[below] + (at - (double)below) * (scratch[above] - scratch[below]);
    }
}

static void bootstrap(struct arena *arena, const struct moments *moments, const struct driver_options *options,
                      struct variance_share *work, struct driver_report *report)
{
    size_t count = moments->count, size = count + 1, samples = options->samples > 0 ? options->samples : DRIVER_SAMPLES;
    double *shares = arena_array(arena, count, sizeof *shares), *drawn = arena_array(arena, count, sizeof *drawn);
    double *scratch = arena_array(arena, samples, sizeof *scratch);
    struct sampling sampling = {
        .moments = moments,
        .work = work,
        .drawn = drawn,
        .shares = shares,
        .covariance = arena_array(arena, size * size, sizeof(double)),
        .sums = arena_array(arena, size, sizeof(double)),
        .products = arena_array(arena, triangle(size, 0), sizeof(double)),
        .weights = arena_array(arena, moments->groups, sizeof(double)),
        .lmg = arena_array(arena, samples * count, sizeof(double)),
        .johnson = arena_array(arena, samples * count, sizeof(double)),
        .explained = arena_array(arena, samples, sizeof(double)),
        .sharing = {.exact_max = EXACT_IN_SAMPLES, .pairs = PAIRS_IN_SAMPLES, .seed = options->seed},
    };
    struct random random;
    size_t done = 0;

    for (size_t j = 0; j < count; j++)
        shares[j] = report->drivers[j].lmg;
    share_out(work, moments->covariance, count, &sampling.sharing, drawn, NULL);
    struct arena *scratch_arena = arena_new((size_t)1 << 26);

    random_start(&random, options->seed);
    for (size_t i = 0; i < samples; i++) {
        arena_reset(scratch_arena);
        done += run_sample(scratch_arena, &sampling, &random, done);
    }
    arena_free(scratch_arena);
    report->samples = samples;
    report->failed = samples - done;
    report->explained_low = report->explained_high = NAN;
    if (done == 0)
        return;
    quantiles(sampling.explained, done, 1, options->confidence, scratch,
              (double *[]){&report->explained_low, &report->explained_high});
    for (size_t j = 0; j < count; j++) {
        struct driver *driver = &report->drivers[j];

        quantiles(&sampling.lmg[j], done, count, options->confidence, scratch,
                  (double *[]){&driver->lmg_low, &driver->lmg_high});
        quantiles(&sampling.johnson[j], done, count, options->confidence, scratch,
                  (double *[]){&driver->johnson_low, &driver->johnson_high});
    }
}

/* ---- the report ---- */

/* Standardised coefficients and how much the others inflate their variance. */
static void regress(struct arena *arena, const double *covariance, size_t count, struct driver *drivers)
{
    double *matrix = arena_array(arena, count * count, sizeof *matrix);
    double *inverse = arena_array(arena, count * count, sizeof *inverse);
    double *outcome = arena_array(arena, count, sizeof *outcome);
    size_t *varying = arena_array(arena, count, sizeof *varying), known = 0, size = count + 1;

    for (size_t i = 0; i < count; i++) {
        drivers[i].coefficient = drivers[i].inflation = NAN;
        if (!drivers[i].constant)
            varying[known++] = i;
    }
    for (size_t i = 0; i < known; i++) {
        for (size_t j = 0; j < known; j++)
            matrix[i * known + j] = covariance[varying[i] * size + varying[j]] /
                                    sqrt(covariance[varying[i] * (size + 1)] * covariance[varying[j] * (size + 1)]);
        outcome[i] = drivers[varying[i]].correlation;
    }
    if (!cholesky_factor(matrix, known))
        return;
    cholesky_inverse(matrix, known, inverse);
    cholesky_solve(matrix, known, outcome);
    for (size_t i = 0; i < known; i++) {
        drivers[varying[i]].coefficient = outcome[i];
        drivers[varying[i]].inflation = inverse[i * known + i];
    }
}

static void place(const struct moments *moments, struct driver_report *report)
{
    size_t count = moments->count;

    report->importance_cut = report->explained / (double)count;
    report->performance_cut = 0;
    for (size_t j = 0; j < count; j++)
        report->performance_cut += moments->means[j] / (double)count;
    for (size_t j = 0; j < count; j++) {
        struct driver *driver = &report->drivers[j];
        bool important = driver->lmg > report->importance_cut, good = driver->mean > report->performance_cut;

        driver->place =
            important ? (good ? DRIVER_KEEP_UP : DRIVER_IMPROVE_FIRST) : (good ? DRIVER_ENOUGH : DRIVER_LATER);
    }
}

static void describe(struct arena *arena, const struct moments *moments, double confidence,
                     struct driver_report *report)
{
    const double *covariance = moments->covariance;
    size_t count = moments->count, size = count + 1;
    double n = (double)moments->rows, quantile = student_quantile((1 + confidence) / 2, n - 1);

    for (size_t j = 0; j < count; j++) {
        struct driver *driver = &report->drivers[j];
        double variance = covariance[j * (size + 1)], reach = quantile * sqrt(variance / n);

        driver->constant = !(variance > 0);
        driver->mean = moments->means[j];
        driver->mean_low = driver->mean - reach;
        driver->mean_high = driver->mean + reach;
        driver->correlation =
            driver->constant ? 0 : covariance[count * size + j] / sqrt(variance * covariance[size * size - 1]);
    }
    regress(arena, covariance, count, report->drivers);
}

/* Rows left out for a gap among the drivers, against the complete ones. */
static double compare_left_out(const struct driver_data *data)
{
    struct sample samples[2] = {0};

    for (size_t row = 0; row < data->row_count; row++)
        if (isfinite(data->outcome[row]))
            sample_add(&samples[is_complete(data, row)], data->outcome[row]);
    return sample_differ(&samples[0], &samples[1]);
}

/* Moments of all complete rows, and what speaks against computing with them. */
static enum status prepare(struct arena *arena, const struct driver_data *data, uint64_t seed, struct moments *moments,
                           struct error *err)
{
    size_t count = data->driver_count, size = count + 1;

    moments->means = arena_array(arena, size, sizeof *moments->means);
    find_means(data, moments);
    if (moments->rows < count + 3)
        return error_set(err, STATUS_INVALID, "drivers.rows", "",
                         "%zu rows have every answer; %zu drivers need at least %zu", moments->rows, count, count + 3);
    gather(arena, data, seed, moments);
    double *ones = arena_array(arena, moments->groups, sizeof *ones), *sums = arena_array(arena, size, sizeof *sums);

    for (size_t i = 0; i < moments->groups; i++)
        ones[i] = 1;
    moments->covariance = arena_array(arena, size * size, sizeof *moments->covariance);
    add_groups(moments, ones, sums, arena_array(arena, triangle(size, 0), sizeof *sums), moments->covariance);
    for (size_t i = 0; i < size * size; i++)
        if (!(fabs(moments->covariance[i]) < VARIANCE_MAX))
            return error_set(err, STATUS_INVALID, "drivers.number", "", "some answers are too large to compute with");
    clear_constants(moments, moments->covariance);
    if (!(moments->covariance[size * size - 1] > 0))
        return error_set(err, STATUS_INVALID, "drivers.constant", "outcome",
                         "all answers to the outcome are the same: nothing can explain them");
    return STATUS_OK;
}

static void divide(struct arena *arena, const struct moments *moments, uint64_t seed, struct variance_share *work,
                   struct driver_report *report)
{
    size_t count = moments->count;
    double *shares = arena_array(arena, count, sizeof *shares), *errors = arena_array(arena, count, sizeof *errors);

    const struct sharing sharing = {.exact_max = VARIANCE_SHARE_EXACT_MAX, .pairs = PAIRS, .seed = seed};

    report->exact = count <= VARIANCE_SHARE_EXACT_MAX;
    report->explained = share_out(work, moments->covariance, count, &sharing, shares, errors);
    report->adjusted = 1 - (1 - report->explained) * (double)(moments->rows - 1) / (double)(moments->rows - count - 1);
    for (size_t j = 0; j < count; j++) {
        report->drivers[j].lmg = shares[j];
        report->drivers[j].draw_error = errors[j];
    }
    variance_share_johnson(arena, moments->covariance, count, shares);
    for (size_t j = 0; j < count; j++)
        report->drivers[j].johnson = shares[j];
}

enum status driver_analyze(struct arena *arena, const struct driver_data *data, const struct driver_options *options,
                           struct driver_report *out, struct error *err)
{
    size_t count = data->driver_count;
    struct moments moments = {.count = count};
    struct driver_report report = {0};

    if (count < 1 || count > DRIVERS_MAX)
        return error_set(err, STATUS_INVALID, "drivers.count", "drivers", "there are 1 to %d drivers, not %zu",
                         DRIVERS_MAX, count);
    enum status status = prepare(arena, data, options->seed, &moments, err);

    if (status != STATUS_OK)
        return status;
    struct variance_share *work = variance_share_new(arena, count);

    report.rows = moments.rows;
    report.left_out = data->row_count - moments.rows;
    report.drivers = arena_array(arena, count, sizeof *report.drivers);
    for (size_t j = 0; j < count; j++)
        for (size_t row = 0; row < data->row_count; row++)
            report.drivers[j].missing += isfinite(data->drivers[j][row]) ? 0 : 1;
    divide(arena, &moments, options->seed + 1, work, &report);
    describe(arena, &moments, options->confidence, &report);
    place(&moments, &report);
    bootstrap(arena, &moments, options, work, &report);
    report.left_out_p_value = compare_left_out(data);
    *out = report;
    return STATUS_OK;
}
