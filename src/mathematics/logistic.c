#include "mathematics/logistic.h"

#include <math.h>
#include <string.h>

#include "mathematics/independent.h"
#include "mathematics/linear.h"

enum { ITERATIONS_MAX = 200, HALVINGS_MAX = 30 };

static const double STEP_MAX = 5;

/* Rises of the likelihood: the one at which the search ends, and the one that rounding hides from a comparison. */
static const double RISE_MIN = 1e-16, RISE_SEEN = 1e-9;

/* The search; `active` are the columns in use, 0 the constant. */
struct search {
    const struct logistic_data *data;
    size_t *active, count;
    double *gathered; /* one row of the active columns */
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

static double gather(const struct search *search, size_t number, const double *point)
{
    const double *row = search->data->rows + number * search->data->column_count;
    double sum = point[0];

    search->gathered[0] = 1;
    for (size_t a = 1; a < search->count; a++) {
        search->gathered[a] = row[search->active[a] - 1];
        sum += point[a] * search->gathered[a];
    }
    return sum;
}

static void add_square(double *matrix, const double *row, double weight, size_t count)
{
    for (size_t a = 0; a < count; a++) {
        double scaled = weight * row[a];

        if (scaled == 0)
            continue;
        for (size_t b = 0; b <= a; b++)
            matrix[a * count + b] += scaled * row[b];
    }
}

/* The information and both likelihoods at a point. False when the information is singular. */
static bool evaluate(struct search *search, const double *point)
{
    const struct logistic_data *data = search->data;
    size_t count = search->count;
    double sum = 0;

    memset(search->factor, 0, count * count * sizeof(double));
    for (size_t i = 0; i < data->chosen_count; i++) {
        size_t number = row_number(data, i);
        double score = gather(search, number, point), p = logistic_probability(score);

        sum += (data->outcome[number] ? score : 0) - (score > 0 ? score + log1p(exp(-score)) : log1p(exp(score)));
        add_square(search->factor, search->gathered, p * (1 - p), count);
    }
    if (!cholesky_factor(search->factor, count))
        return false;
    search->log_likelihood = sum;
    search->penalised = sum + cholesky_log_determinant(search->factor, count) / 2;
    return true;
}

/* x' matrix^-1 x by the factor. */
static double leverage(struct search *search)
{
    double sum = 0;

    for (size_t a = 0; a < search->count; a++) {
        double left = search->gathered[a];

        for (size_t b = 0; b < a; b++)
            left -= search->factor[a * search->count + b] * search->solved[b];
        search->solved[a] = left / search->factor[a * search->count + a];
        sum += search->solved[a] * search->solved[a];
    }
    return sum;
}

/* Firth's score, then the step that it asks for; returns the rise that the step promises. */
static double find_step(struct search *search, const double *point, double *step)
{
    const struct logistic_data *data = search->data;
    size_t count = search->count;
    double promised = 0, longest = 0;

    memset(step, 0, count * sizeof(double));
    for (size_t i = 0; i < data->chosen_count; i++) {
        size_t number = row_number(data, i);
        double p = logistic_probability(gather(search, number, point));
        double pull = data->outcome[number] - p + p * (1 - p) * leverage(search) * (0.5 - p);

        for (size_t a = 0; a < count; a++)
            step[a] += pull * search->gathered[a];
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
    for (size_t i = 0; i < data->chosen_count; i++) {
        gather(search, row_number(data, i), zeros);
        add_square(matrix, search->gathered, 1, all);
    }
    search->count = independent_columns(matrix, all, search->active);
}

static bool climb(struct search *search, double *point, double *step, double *tried, struct logistic_fit *out)
{
    if (!evaluate(search, point))
        return false;
    for (out->iterations = 1; out->iterations <= ITERATIONS_MAX; out->iterations++) {
        double before = search->penalised, share = 1, promised = find_step(search, point, step);
        bool near = promised < RISE_SEEN * (1 + fabs(before)), risen = false;

        out->converged = promised < RISE_MIN;
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
    search.gathered = arena_array(arena, all, sizeof(double));
    search.solved = arena_array(arena, all, sizeof(double));
    choose_columns(arena, &search);
    search.factor = arena_array(arena, search.count * search.count, sizeof(double));

    double *point = arena_array(arena, all, sizeof(double)), *step = arena_array(arena, all, sizeof(double));
    double *tried = arena_array(arena, all, sizeof(double));

    point[0] = log((double)ones / (double)(data->chosen_count - ones));
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
