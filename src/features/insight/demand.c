#include "features/insight/demand.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mathematics/random.h"

enum { BURN_IN = 2 * DEMAND_WEEK, START_WEEKS = 8 };

static const double LEVEL_WEIGHTS[] = {0.005, 0.01, 0.02, 0.04, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5};
static const double SEASON_WEIGHTS[] = {0, 0.01, 0.02, 0.04, 0.07, 0.1, 0.2};
static const double TREND_WEIGHTS[] = {0, 0.05, 0.1}; /* 0: no trend */
static const double DAMPING = 0.95, OUTLIER = 3;

static int compare_numbers(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static double expected_next(const struct demand_fit *fit)
{
    return fit->level + fit->damping * fit->trend + fit->season[fit->day_count % DEMAND_WEEK];
}

/* Moves the state by an error of the next day. */
static void move(struct demand_fit *fit, double error)
{
    double moved = fmax(-fit->limit, fmin(fit->limit, error));

    fit->level += fit->damping * fit->trend + fit->level_weight * moved;
    fit->trend = fit->damping * fit->trend + fit->level_weight * fit->trend_weight * moved;
    fit->season[fit->day_count % DEMAND_WEEK] += fit->season_weight * moved;
    fit->day_count++;
}

void demand_follow(struct demand_fit *fit, double day)
{
    move(fit, day - expected_next(fit));
}

/* Level and season of the first weeks, by medians: single days do not decide. */
static void start(const double *days, size_t count, struct demand_fit *fit)
{
    size_t weeks = count / DEMAND_WEEK < START_WEEKS ? count / DEMAND_WEEK : START_WEEKS;
    double values[START_WEEKS], sum = 0;

    for (int day = 0; day < DEMAND_WEEK; day++) {
        for (size_t week = 0; week < weeks; week++)
            values[week] = days[week * DEMAND_WEEK + (size_t)day];
        qsort(values, weeks, sizeof *values, compare_numbers);
        fit->season[day] = (values[(weeks - 1) / 2] + values[weeks / 2]) / 2;
        sum += fit->season[day] / DEMAND_WEEK;
    }
    for (int day = 0; day < DEMAND_WEEK; day++)
        fit->season[day] -= sum;
    fit->level = sum;
    fit->trend = 0;
    fit->day_count = 0;
}

/* Runs through the days; the mean absolute error after the first two weeks. */
static double run_through(const double *days, size_t count, struct demand_fit *fit)
{
    double sum = 0;

    fit->error_count = 0;
    start(days, count, fit);
    for (size_t i = 0; i < count; i++) {
        double error = days[i] - expected_next(fit);

        if (i >= BURN_IN) {
            fit->errors[fit->error_count++] = error;
            sum += fabs(error);
        }
        move(fit, error);
    }
    return sum / (double)fit->error_count;
}

enum status demand_learn(struct arena *arena, const double *days, size_t count, struct demand_fit *out,
                         struct error *err)
{
    struct demand_fit fit = {.limit = INFINITY}, best = {0};
    double least = INFINITY;

    if (count < DEMAND_DAYS_MIN)
        return error_set(err, STATUS_INVALID, "demand.days", "", "%zu days are too few to learn from: %d are needed",
                         count, DEMAND_DAYS_MIN);
    fit.errors = arena_array(arena, count, sizeof *fit.errors);
    fit.level_weight = 0.1;
    fit.damping = DAMPING;
    fit.limit = OUTLIER * run_through(days, count, &fit);
    for (size_t i = 0; i < sizeof LEVEL_WEIGHTS / sizeof LEVEL_WEIGHTS[0]; i++)
        for (size_t j = 0; j < sizeof SEASON_WEIGHTS / sizeof SEASON_WEIGHTS[0]; j++)
            for (size_t k = 0; k < sizeof TREND_WEIGHTS / sizeof TREND_WEIGHTS[0]; k++) {
                fit.level_weight = LEVEL_WEIGHTS[i];
                fit.season_weight = SEASON_WEIGHTS[j];
                fit.trend_weight = TREND_WEIGHTS[k];
                double error = run_through(days, count, &fit);

                if (error < least) {
                    least = error;
                    best = fit;
                }
            }
    run_through(days, count, &best);
    *out = best;
    return STATUS_OK;
}

static struct demand_day day_of(double expected, double *values)
{
    qsort(values, DEMAND_PATHS, sizeof *values, compare_numbers);
    double low = values[(int)(0.05 * DEMAND_PATHS)], high = values[(int)(0.95 * DEMAND_PATHS)];

    return (struct demand_day){fmax(0, expected), fmax(0, fmin(low, expected)), fmax(0, fmax(high, expected))};
}

void demand_foretell(struct arena *arena, const struct demand_fit *fit, size_t horizon, uint64_t seed,
                     struct demand_day *days, struct demand_day *sum)
{
    double *values = arena_array(arena, (horizon + 1) * DEMAND_PATHS, sizeof *values), total = 0;
    double *totals = values + horizon * DEMAND_PATHS;
    struct demand_fit quiet = *fit;
    struct random random;
    double mean = 0;

    /* Errors have a mean above 0 where a few days are far above all others; what is expected holds it. */
    for (size_t i = 0; i < fit->error_count; i++)
        mean += fit->errors[i] / (double)fit->error_count;

    assert(horizon > 0 && horizon <= DEMAND_HORIZON_MAX);
    random_start(&random, seed);
    for (size_t path = 0; path < DEMAND_PATHS; path++) {
        struct demand_fit drawn = *fit;

        for (size_t i = 0; i < horizon; i++) {
            double error = fit->errors[random_below(&random, fit->error_count)];
            double value = fmax(0, expected_next(&drawn) + error);

            values[i * DEMAND_PATHS + path] = value;
            totals[path] += value;
            move(&drawn, error);
        }
    }
    for (size_t i = 0; i < horizon; i++) {
        double expected = fmax(0, expected_next(&quiet) + mean);

        total += expected;
        days[i] = day_of(expected, values + i * DEMAND_PATHS);
        move(&quiet, 0);
    }
    *sum = day_of(total, totals);
}

enum status demand_try(struct arena *arena, const double *days, size_t count, size_t weeks, struct demand_trial *out,
                       struct error *err)
{
    size_t held = weeks * DEMAND_WEEK;
    struct demand_trial trial = {0};
    struct demand_fit fit;

    if (weeks == 0 || count < held + DEMAND_DAYS_MIN)
        return error_set(err, STATUS_INVALID, "demand.days", "holdout",
                         "%zu days are too few to hold out %zu weeks: %d must be left", count, weeks, DEMAND_DAYS_MIN);
    enum status status = demand_learn(arena, days, count - held, &fit, err);

    for (size_t week = 0; status == STATUS_OK && week < weeks; week++) {
        size_t from = count - held + week * DEMAND_WEEK;
        struct demand_day foretold[DEMAND_WEEK], sum;

        demand_foretell(arena, &fit, DEMAND_WEEK, week + 1, foretold, &sum);
        for (size_t i = 0; i < DEMAND_WEEK; i++) {
            double day = days[from + i];

            trial.days++;
            trial.error += fabs(day - foretold[i].expected);
            trial.naive_error += fabs(day - days[from + i - DEMAND_WEEK]);
            trial.covered += day >= foretold[i].low && day <= foretold[i].high;
            demand_follow(&fit, day);
        }
    }
    if (status != STATUS_OK)
        return status;
    trial.error /= (double)trial.days;
    trial.naive_error /= (double)trial.days;
    trial.covered /= (double)trial.days;
    *out = trial;
    return STATUS_OK;
}
