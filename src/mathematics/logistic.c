#include "mathematics/logistic.h"

#include <math.h>
#include <string.h>

#include "mathematics/independent.h"
#include "mathematics/linear.h"

enum { ITERATIONS_MAX = 200, HALVINGS_MAX = 30 };

/* Rows taken together, so that the processor works on several at once. */
enum { LANES = 8 };

/* With so many rows the search begins where one of every so many of them ends. */
enum { ROWS_MANY = 100000, ROWS_OF_ONE = 16 };

static const double STEP_MAX = 5;

/* Rises of the likelihood: the one at which the search ends, and the one that rounding hides from a comparison. */
static const double RISE_MIN = 1e-16, RISE_SEEN = 1e-9;

/* Of many rows, whose sums hold no more digits: a coefficient is then within 1e-5 of its standard error. */
static const double RISE_MIN_MANY = 1e-10;

/* The search; `active` are the columns in use, 0 the constant. */
struct search {
    const struct logistic_data *data;
    size_t *active, count;
    double *gathered; /* LANES rows of the active columns, element by element */
    double *factor;   /* Cholesky's, of the information at the last point evaluated */
    double *solved;
    double log_likelihood, penalised;
};

double logistic_probability(double log_odds)
{
    return log_odds >= 0 ? 1 / (1 + exp(-log_odds)) : exp(log_odds) / (1 + exp(log_odds));
}

double logistic_score(const struct logistic_fit *fit, const double *row)
{
    double sum = fit->coefficients[0];

    for (size_t j = 0; j < fit->column_count; j++)
        sum += fit->coefficients[j + 1] * row[j];
    return sum;
}

static size_t row_number(const struct logistic_data *data, size_t i)
{
    return data->chosen == NULL ? i : data->chosen[i];
}

/* Up to LANES rows from place `i` on, their scores at `point`; the lanes past the last row stay as they were. */
static size_t gather(const struct search *search, size_t i, const double *point, double scores[LANES])
{
    const struct logistic_data *data = search->data;
    size_t lanes = data->chosen_count - i < LANES ? data->chosen_count - i : LANES;

    for (size_t lane = 0; lane < lanes; lane++) {
        const double *row = data->rows + row_number(data, i + lane) * data->column_count;
        double sum = point[0];

        search->gathered[lane] = 1;
        for (size_t a = 1; a < search->count; a++) {
            double value = row[search->active[a] - 1];

            search->gathered[a * LANES + lane] = value;
            sum += point[a] * value;
        }
        scores[lane] = sum;
    }
    return lanes;
}

/* Adds the squares of the gathered rows, each by its weight, to the lower triangle. */
static void add_squares(const struct search *search, double *matrix, const double weights[LANES])
{
    size_t count = search->count;

    for (size_t a = 0; a < count; a++) {
        const double *row = search->gathered + a * LANES;
        double scaled[LANES], any = 0;

        for (size_t lane = 0; lane < LANES; lane++) {
            scaled[lane] = weights[lane] * row[lane];
            any += fabs(scaled[lane]);
        }
        if (any == 0)
            continue;
        for (size_t b = 0; b <= a; b++) {
            const double *other = search->gathered + b * LANES;
            double sums[LANES / 2];

            for (size_t lane = 0; lane < LANES / 2; lane++)
                sums[lane] = scaled[lane] * other[lane] + scaled[lane + LANES / 2] * other[lane + LANES / 2];
            matrix[a * count + b] += (sums[0] + sums[1]) + (sums[2] + sums[3]);
        }
    }
}

/* The information and both likelihoods at a point. False when the information is singular. */
static bool evaluate(struct search *search, const double *point)
{
    const struct logistic_data *data = search->data;
    size_t count = search->count;
    double sum = 0;

    memset(search->factor, 0, count * count * sizeof(double));
    for (size_t i = 0; i < data->chosen_count; i += LANES) {
        double scores[LANES], weights[LANES] = {0};
        size_t lanes = gather(search, i, point, scores);

        for (size_t lane = 0; lane < lanes; lane++) {
            double score = scores[lane], away = exp(-fabs(score));

            sum += (data->outcome[row_number(data, i + lane)] ? score : 0) - fmax(score, 0) - log1p(away);
            weights[lane] = away / ((1 + away) * (1 + away));
        }
        add_squares(search, search->factor, weights);
    }
    if (!cholesky_factor(search->factor, count))
        return false;
    search->log_likelihood = sum;
    search->penalised = sum + cholesky_log_determinant(search->factor, count) / 2;
    return true;
}

/* x' matrix^-1 x of the gathered rows, by the factor. */
static void find_leverages(struct search *search, double leverages[LANES])
{
    memset(leverages, 0, LANES * sizeof(double));
    for (size_t a = 0; a < search->count; a++) {
        const double *factor = search->factor + a * search->count;
        double left[LANES];

        memcpy(left, search->gathered + a * LANES, sizeof left);
        for (size_t b = 0; b < a; b++)
            for (size_t lane = 0; lane < LANES; lane++)
                left[lane] -= factor[b] * search->solved[b * LANES + lane];
        for (size_t lane = 0; lane < LANES; lane++) {
            left[lane] /= factor[a];
            leverages[lane] += left[lane] * left[lane];
        }
        memcpy(search->solved + a * LANES, left, sizeof left);
    }
}

/* Firth's score, then the step that it asks for; returns the rise that the step promises. */
static double find_step(struct search *search, const double *point, double *step)
{
    const struct logistic_data *data = search->data;
    size_t count = search->count;
    double promised = 0, longest = 0;

    memset(step, 0, count * sizeof(double));
    for (size_t i = 0; i < data->chosen_count; i += LANES) {
        double scores[LANES], leverages[LANES];
        size_t lanes = gather(search, i, point, scores);

        find_leverages(search, leverages);
        for (size_t lane = 0; lane < lanes; lane++) {
            double p = logistic_probability(scores[lane]);
            double pull = data->outcome[row_number(data, i + lane)] - p + p * (1 - p) * leverages[lane] * (0.5 - p);

            for (size_t a = 0; a < count; a++)
                step[a] += pull * search->gathered[a * LANES + lane];
        }
    }
    memcpy(search->solved, step, count * sizeof(double));
    cholesky_solve(search->factor, count, step);
    for (size_t a = 0; a < count; a++) {
        promised += step[a] * search->solved[a] / 2;
        longest = fmax(longest, fabs(step[a]));
    }
    for (size_t a = 0; longest > STEP_MAX && a < count; a++)
        step[a] *= STEP_MAX / longest;
    return promised;
}

/* Keeps the columns that do not depend on those before them. */
static void choose_columns(struct arena *arena, struct search *search)
{
    const struct logistic_data *data = search->data;
    size_t all = data->column_count + 1;
    double *matrix = arena_array(arena, all * all, sizeof *matrix);
    double *zeros = arena_array(arena, all, sizeof *zeros);

    search->count = all;
    for (size_t a = 0; a < all; a++)
        search->active[a] = a;
    for (size_t i = 0; i < data->chosen_count; i += LANES) {
        double scores[LANES], weights[LANES] = {0};
        size_t lanes = gather(search, i, zeros, scores);

        for (size_t lane = 0; lane < lanes; lane++)
            weights[lane] = 1;
        add_squares(search, matrix, weights);
    }
    search->count = independent_columns(matrix, all, search->active);
}

static bool climb(struct search *search, double *point, double *step, double *tried, struct logistic_fit *out)
{
    double enough = search->data->chosen_count < ROWS_MANY ? RISE_MIN : RISE_MIN_MANY;

    if (!evaluate(search, point))
        return false;
    for (out->iterations = 1; out->iterations <= ITERATIONS_MAX; out->iterations++) {
        double before = search->penalised, share = 1, promised = find_step(search, point, step);
        bool near = promised < RISE_SEEN * (1 + fabs(before)), risen = false;

        out->converged = promised < enough;
        if (out->converged)
            return true;
        for (int halvings = 0; halvings < HALVINGS_MAX && !risen; halvings++, share /= 2) {
            for (size_t a = 0; a < search->count; a++)
                tried[a] = point[a] + share * step[a];
            risen = evaluate(search, tried) && (near || search->penalised >= before);
        }
        if (!risen)
            return evaluate(search, point);
        memcpy(point, tried, search->count * sizeof(double));
    }
    return true;
}

/* Moves `point` to where the search ends with one of ROWS_OF_ONE rows, if these alone tell that much. */
static void begin_near(struct arena *arena, struct search *search, double *point, double *step, double *tried)
{
    const struct logistic_data *data = search->data;
    struct logistic_data some = *data;
    struct logistic_fit fit = {0};
    double *near = arena_array(arena, search->count, sizeof *near);
    uint32_t *chosen = arena_array(arena, data->chosen_count / ROWS_OF_ONE, sizeof *chosen);

    some.chosen_count = data->chosen_count / ROWS_OF_ONE;
    for (size_t i = 0; i < some.chosen_count; i++)
        chosen[i] = (uint32_t)row_number(data, i * ROWS_OF_ONE);
    some.chosen = chosen;
    search->data = &some;
    memcpy(near, point, search->count * sizeof *near);
    if (climb(search, near, step, tried, &fit) && fit.converged)
        memcpy(point, near, search->count * sizeof *near);
    search->data = data;
}

bool logistic_learn(struct arena *arena, const struct logistic_data *data, struct logistic_fit *out)
{
    size_t all = data->column_count + 1, ones = 0;
    struct search search = {.data = data};

    for (size_t i = 0; i < data->chosen_count; i++)
        ones += data->outcome[row_number(data, i)] != 0;
    if (ones == 0 || ones == data->chosen_count)
        return false;
    *out = (struct logistic_fit){.column_count = data->column_count};
    out->coefficients = arena_array(arena, all, sizeof(double));
    out->covariance = arena_array(arena, all * all, sizeof(double));
    out->used = arena_array(arena, all, sizeof(bool));
    search.active = arena_array(arena, all, sizeof *search.active);
    search.gathered = arena_array(arena, all * LANES, sizeof(double));
    search.solved = arena_array(arena, all * LANES, sizeof(double));
    choose_columns(arena, &search);
    search.factor = arena_array(arena, search.count * search.count, sizeof(double));

    double *point = arena_array(arena, all, sizeof(double)), *step = arena_array(arena, all, sizeof(double));
    double *tried = arena_array(arena, all, sizeof(double));

    point[0] = log((double)ones / (double)(data->chosen_count - ones));
    if (data->chosen_count >= ROWS_MANY)
        begin_near(arena, &search, point, step, tried);
    if (!climb(&search, point, step, tried, out))
        return false;
    double *inverse = arena_array(arena, search.count * search.count, sizeof(double));

    cholesky_inverse(search.factor, search.count, inverse);
    out->log_likelihood = search.log_likelihood;
    for (size_t a = 0; a < search.count; a++) {
        out->coefficients[search.active[a]] = point[a];
        out->used[search.active[a]] = true;
        for (size_t b = 0; b < search.count; b++)
            out->covariance[search.active[a] * all + search.active[b]] = inverse[a * search.count + b];
    }
    return true;
}
