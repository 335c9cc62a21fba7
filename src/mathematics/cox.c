#include "mathematics/cox.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mathematics/cox_internal.h"
#include "mathematics/independent.h"
#include "mathematics/linear.h"

enum { ITERATIONS_MAX = 60, HALVINGS_MAX = 30 };

static const double RISE_MIN = 1e-16, RISE_SEEN = 1e-9, UNBOUNDED = 12, ERROR_UNBOUNDED = 4;

/* ---- sorting ---- */

struct order {
    double time;
    uint32_t number;
};

static int compare_orders(const void *a, const void *b)
{
    const struct order *x = a, *y = b;

    if (x->time != y->time)
        return x->time > y->time ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

void cox_sort(struct arena *arena, const struct cox_data *data, const struct cox_columns *columns,
              struct cox_sorted *out)
{
    struct order *orders = arena_array(arena, data->count, sizeof *orders);
    struct cox_sorted sorted = {.count = data->count, .column_count = columns->count, .ties = data->ties};

    sorted.rows = arena_array(arena, data->count * columns->count, sizeof(double));
    sorted.times = arena_array(arena, data->count, sizeof(double));
    sorted.events = arena_array(arena, data->count, sizeof *sorted.events);
    sorted.numbers = arena_array(arena, data->count, sizeof *sorted.numbers);
    for (uint32_t i = 0; i < data->count; i++)
        orders[i] = (struct order){data->times[i], i};
    qsort(orders, data->count, sizeof *orders, compare_orders);
    for (size_t i = 0; i < data->count; i++) {
        const double *row = data->rows + orders[i].number * data->column_count;

        sorted.times[i] = orders[i].time;
        sorted.events[i] = data->events[orders[i].number];
        sorted.numbers[i] = orders[i].number;
        for (size_t a = 0; a < columns->count; a++) {
            size_t column = columns->kept[a];

            sorted.rows[i * columns->count + a] = (row[column] - columns->means[column]) / columns->scales[column];
        }
    }
    *out = sorted;
}

/* ---- risk sets ---- */

/* Sums over subjects of the weight exp(score), of it times the columns, and times their squares (lower triangle). */
struct sums {
    double weight, *first, *second;
};

struct walk {
    const struct cox_sorted *sorted;
    struct sums risk, dead;
    double *residual, *variance, *mean;
};

static void add_subject(struct sums *sums, const double *row, double weight, size_t columns)
{
    sums->weight += weight;
    for (size_t a = 0; a < columns; a++) {
        double scaled = weight * row[a];

        sums->first[a] += scaled;
        for (size_t b = 0; scaled != 0 && b <= a; b++)
            sums->second[a * columns + b] += scaled * row[b];
    }
}

static void clear_sums(struct sums *sums, size_t columns)
{
    sums->weight = 0;
    memset(sums->first, 0, columns * sizeof(double));
    memset(sums->second, 0, columns * columns * sizeof(double));
}

/* The events of one moment, as if they had happened one after the other in all orders (Efron 1977), or all at once. */
static double take_moment(struct walk *walk, double deaths)
{
    size_t columns = walk->sorted->column_count;
    double log_risk = 0;

    for (double k = 0; k < deaths; k++) {
        double part = walk->sorted->ties == COX_EFRON ? k / deaths : 0;
        double weight = walk->risk.weight - part * walk->dead.weight;

        log_risk += log(weight);
        for (size_t a = 0; a < columns; a++) {
            walk->mean[a] = (walk->risk.first[a] - part * walk->dead.first[a]) / weight;
            walk->residual[a] -= walk->mean[a];
            for (size_t b = 0; b <= a; b++)
                walk->variance[a * columns + b] +=
                    (walk->risk.second[a * columns + b] - part * walk->dead.second[a * columns + b]) / weight -
                    walk->mean[a] * walk->mean[b];
        }
    }
    return log_risk;
}

static void start_walk(struct arena *arena, const struct cox_sorted *sorted, struct walk *walk)
{
    size_t columns = sorted->column_count;

    walk->sorted = sorted;
    walk->residual = arena_array(arena, columns, sizeof(double));
    walk->mean = arena_array(arena, columns, sizeof(double));
    walk->variance = arena_array(arena, columns * columns, sizeof(double));
    walk->risk.first = arena_array(arena, columns, sizeof(double));
    walk->risk.second = arena_array(arena, columns * columns, sizeof(double));
    walk->dead.first = arena_array(arena, columns, sizeof(double));
    walk->dead.second = arena_array(arena, columns * columns, sizeof(double));
}

double cox_walk(struct arena *arena, const struct cox_sorted *sorted, const double *coefficients,
                void (*visit)(void *context, const struct cox_moment *moment), void *context)
{
    size_t columns = sorted->column_count;
    double likelihood = 0;
    struct walk walk = {0};

    start_walk(arena, sorted, &walk);
    for (size_t i = 0, end; i < sorted->count; i = end) {
        double deaths = 0;

        clear_sums(&walk.dead, columns);
        memset(walk.residual, 0, columns * sizeof(double));
        memset(walk.variance, 0, columns * columns * sizeof(double));
        for (end = i; end < sorted->count && sorted->times[end] == sorted->times[i]; end++) {
            const double *row = sorted->rows + end * columns;
            double score = 0;

            for (size_t a = 0; a < columns; a++)
                score += coefficients[a] * row[a];
            add_subject(&walk.risk, row, exp(score), columns);
            if (!sorted->events[end])
                continue;
            add_subject(&walk.dead, row, exp(score), columns);
            for (size_t a = 0; a < columns; a++)
                walk.residual[a] += row[a];
            likelihood += score;
            deaths++;
        }
        if (deaths == 0)
            continue;
        double log_risk = take_moment(&walk, deaths);

        likelihood -= log_risk;
        if (visit != NULL)
            visit(context, &(struct cox_moment){sorted->times[i], deaths, walk.residual, walk.variance, log_risk});
    }
    return likelihood;
}

/* ---- learning ---- */

struct search {
    struct arena *scratch; /* forgotten after each walk */
    const struct cox_sorted *sorted;
    double *gradient, *information;
    double likelihood;
};

static void gather(void *context, const struct cox_moment *moment)
{
    struct search *search = context;
    size_t columns = search->sorted->column_count;

    for (size_t a = 0; a < columns; a++) {
        search->gradient[a] += moment->residual[a];
        for (size_t b = 0; b <= a; b++)
            search->information[a * columns + b] += moment->variance[a * columns + b];
    }
}

static bool evaluate(struct search *search, const double *point)
{
    size_t columns = search->sorted->column_count;

    arena_reset(search->scratch);
    memset(search->gradient, 0, columns * sizeof(double));
    memset(search->information, 0, columns * columns * sizeof(double));
    search->likelihood = cox_walk(search->scratch, search->sorted, point, gather, search);
    return isfinite(search->likelihood) && cholesky_factor(search->information, columns);
}

/* Newton's steps, halved until the likelihood rises. `search` holds the values of the last point. */
static void climb(struct search *search, double *point, double *step, double *tried, struct cox_fit *out)
{
    size_t columns = search->sorted->column_count;

    for (out->iterations = 1; out->iterations <= ITERATIONS_MAX; out->iterations++) {
        double before = search->likelihood, promised = 0, share = 1;
        bool risen = false;

        memcpy(step, search->gradient, columns * sizeof(double));
        cholesky_solve(search->information, columns, step);
        for (size_t a = 0; a < columns; a++)
            promised += step[a] * search->gradient[a] / 2;
        out->converged = promised < RISE_MIN * (1 + fabs(before));
        if (out->converged)
            return;
        for (int halvings = 0; halvings < HALVINGS_MAX && !risen; halvings++, share /= 2) {
            for (size_t a = 0; a < columns; a++)
                tried[a] = point[a] + share * step[a];
            risen =
                evaluate(search, tried) && (search->likelihood >= before || promised < RISE_SEEN * (1 + fabs(before)));
        }
        if (!risen) { /* a coefficient ran so far that the information is lost in rounding */
            evaluate(search, point);
            return;
        }
        memcpy(point, tried, columns * sizeof(double));
    }
}

static void standardise(struct arena *arena, const struct cox_data *data, struct cox_columns *columns)
{
    size_t width = data->column_count;
    double *gram = arena_array(arena, width * width, sizeof *gram), *row = arena_array(arena, width, sizeof *row);

    columns->kept = arena_array(arena, width, sizeof *columns->kept);
    columns->means = arena_array(arena, width, sizeof(double));
    columns->scales = arena_array(arena, width, sizeof(double));
    for (size_t i = 0; i < data->count; i++)
        for (size_t j = 0; j < width; j++)
            columns->means[j] += data->rows[i * width + j] / (double)data->count;
    for (size_t i = 0; i < data->count; i++)
        for (size_t j = 0; j < width; j++)
            columns->scales[j] += pow(data->rows[i * width + j] - columns->means[j], 2) / (double)data->count;
    for (size_t j = 0; j < width; j++) {
        bool varies = columns->scales[j] > 1e-24 * columns->means[j] * columns->means[j];

        columns->scales[j] = varies && isfinite(columns->scales[j]) ? sqrt(columns->scales[j]) : INFINITY;
    }
    for (size_t i = 0; i < data->count; i++) {
        for (size_t j = 0; j < width; j++)
            row[j] = (data->rows[i * width + j] - columns->means[j]) / columns->scales[j];
        for (size_t a = 0; a < width; a++)
            for (size_t b = 0; row[a] != 0 && b <= a; b++)
                gram[a * width + b] += row[a] * row[b];
    }
    columns->count = independent_columns(gram, width, columns->kept);
}

/* From the scale searched to that of the data. */
static void finish(struct arena *arena, const struct search *search, const struct cox_columns *columns,
                   const double *point, struct cox_fit *out)
{
    size_t count = columns->count, width = out->column_count;
    double *inverse = arena_array(arena, count * count, sizeof *inverse);

    cholesky_inverse(search->information, count, inverse);
    for (size_t a = 0; a < count; a++) {
        size_t column = columns->kept[a];

        out->used[column] = true;
        out->coefficients[column] = point[a] / columns->scales[column];
        out->unbounded[column] = fabs(point[a]) > UNBOUNDED || inverse[a * count + a] > pow(ERROR_UNBOUNDED, 2);
        for (size_t b = 0; b < count; b++)
            out->covariance[column * width + columns->kept[b]] =
                inverse[a * count + b] / columns->scales[column] / columns->scales[columns->kept[b]];
    }
    for (size_t i = 0; i < search->sorted->count; i++)
        for (size_t a = 0; a < count; a++)
            out->scores[search->sorted->numbers[i]] += point[a] * search->sorted->rows[i * count + a];
}

bool cox_learn(struct arena *arena, const struct cox_data *data, struct cox_fit *out)
{
    struct cox_fit fit = {.column_count = data->column_count};
    struct cox_columns columns = {0};
    struct cox_sorted sorted;

    for (size_t i = 0; i < data->count; i++)
        fit.event_count += data->events[i];
    if (fit.event_count == 0)
        return false;
    standardise(arena, data, &columns);
    if (columns.count == 0)
        return false;
    cox_sort(arena, data, &columns, &sorted);
    struct search search = {.scratch = arena_new(SIZE_MAX / 2),
                            .sorted = &sorted,
                            .gradient = arena_array(arena, columns.count, sizeof(double)),
                            .information = arena_array(arena, columns.count * columns.count, sizeof(double))};
    double *point = arena_array(arena, columns.count, sizeof *point);
    double *step = arena_array(arena, columns.count, sizeof *step);
    double *tried = arena_array(arena, columns.count, sizeof *tried);
    bool found = search.scratch != NULL && evaluate(&search, point);

    if (found) {
        fit.null_log_likelihood = search.likelihood;
        fit.coefficients = arena_array(arena, data->column_count, sizeof(double));
        fit.covariance = arena_array(arena, data->column_count * data->column_count, sizeof(double));
        fit.used = arena_array(arena, data->column_count, sizeof(bool));
        fit.unbounded = arena_array(arena, data->column_count, sizeof(bool));
        fit.scores = arena_array(arena, data->count, sizeof(double));
        climb(&search, point, step, tried, &fit);
        fit.log_likelihood = search.likelihood;
        finish(arena, &search, &columns, point, &fit);
        *out = fit;
    }
    arena_free(search.scratch);
    return found;
}
