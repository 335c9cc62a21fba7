#include "features/insight/pls_bootstrap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mathematics/parallel.h"
#include "mathematics/random.h"
#include "mathematics/special.h"

/* What a thread needs for itself. */
struct worker {
    struct pls_moments moments;
    struct pls_estimate estimate;
    uint16_t *counts;
    size_t failed[PLS_OUTCOMES], turned;
};

struct bootstrap {
    const struct pls_problem *problem;
    const struct pls_plan *plan; /* of the problem */
    const struct pls_data *data;
    const struct pls_resampling *resampling;
    struct pls_statistic *statistics;
    size_t count;
    struct worker *workers;
    double *values; /* [statistic * samples + sample]; NaN: the sample failed */
};

/* ---- which figures there are ---- */

static void add(struct arena *arena, struct bootstrap *boot, size_t *capacity, const struct pls_statistic *statistic)
{
    boot->statistics = arena_grow(arena, boot->statistics, capacity, boot->count + 1, sizeof *boot->statistics);
    boot->statistics[boot->count++] = *statistic;
}

/* Which constructs reach which, on any way. */
static void find_reached(const struct pls_model *model, bool reached[PLS_CONSTRUCTS_MAX][PLS_CONSTRUCTS_MAX])
{
    memcpy(reached, model->paths, sizeof model->paths);
    for (size_t through = 0; through < model->construct_count; through++)
        for (size_t from = 0; from < model->construct_count; from++)
            for (size_t to = 0; to < model->construct_count; to++)
                reached[from][to] = reached[from][to] || (reached[from][through] && reached[through][to]);
}

static bool has_detour(const struct pls_model *model, bool reached[PLS_CONSTRUCTS_MAX][PLS_CONSTRUCTS_MAX], size_t from,
                       size_t to)
{
    for (size_t through = 0; through < model->construct_count; through++)
        if (reached[from][through] && reached[through][to])
            return true;
    return false;
}

static void list_pairs(struct arena *arena, struct bootstrap *boot, size_t *capacity, enum pls_figure figure)
{
    const struct pls_model *model = &boot->plan->final;
    bool reached[PLS_CONSTRUCTS_MAX][PLS_CONSTRUCTS_MAX];

    find_reached(model, reached);
    for (size_t a = 0; a < model->construct_count; a++)
        for (size_t b = 0; b < model->construct_count; b++) {
            bool is_there = figure == PLS_PATH       ? model->paths[a][b]
                            : figure == PLS_TOTAL    ? reached[a][b]
                            : figure == PLS_INDIRECT ? has_detour(model, reached, a, b)
                                                     : a < b;

            if (is_there)
                add(arena, boot, capacity, &(struct pls_statistic){.figure = figure, .a = a, .b = b});
        }
}

static void list_statistics(struct arena *arena, struct bootstrap *boot)
{
    const struct pls_model *model = &boot->plan->final;
    size_t capacity = 0;

    list_pairs(arena, boot, &capacity, PLS_PATH);
    list_pairs(arena, boot, &capacity, PLS_TOTAL);
    list_pairs(arena, boot, &capacity, PLS_INDIRECT);
    for (int figure = PLS_WEIGHT; figure <= PLS_LOADING; figure++)
        for (size_t c = 0; c < model->construct_count; c++)
            for (size_t i = 0; i < model->constructs[c].count; i++)
                add(arena, boot, &capacity,
                    &(struct pls_statistic){
                        .figure = (enum pls_figure)figure, .a = model->constructs[c].first + i, .b = c});
    for (size_t c = 0; c < model->construct_count; c++) {
        bool is_target = false;

        for (size_t from = 0; from < model->construct_count; from++)
            is_target = is_target || model->paths[from][c];
        if (is_target)
            add(arena, boot, &capacity, &(struct pls_statistic){.figure = PLS_EXPLAINED, .a = c, .b = c});
    }
    list_pairs(arena, boot, &capacity, PLS_HTMT);
    for (size_t c = 0; c < model->construct_count; c++)
        add(arena, boot, &capacity, &(struct pls_statistic){.figure = PLS_INDEX, .a = c, .b = c});
}

static double statistic_value(const struct bootstrap *boot, const struct pls_statistic *statistic,
                              const struct pls_moments *moments, const struct pls_estimate *estimate)
{
    const struct pls_model *model = &boot->plan->final;
    const struct pls_fit *fit = &estimate->final;
    size_t base = boot->plan->first.indicator_count, pair = statistic->a * model->construct_count + statistic->b;

    switch (statistic->figure) {
    case PLS_PATH:
        return fit->paths[pair];
    case PLS_TOTAL:
        return fit->totals[pair];
    case PLS_INDIRECT:
        return fit->totals[pair] - fit->paths[pair];
    case PLS_WEIGHT:
        return fit->weights[statistic->a];
    case PLS_LOADING:
        return fit->loadings[statistic->a];
    case PLS_EXPLAINED:
        return fit->explained[statistic->a];
    case PLS_HTMT:
        return pls_htmt(model, estimate->correlations, statistic->a, statistic->b);
    case PLS_INDEX:
        break;
    }
    return pls_index(&estimate->effective[statistic->a * base], moments->means, moments->deviations, base,
                     boot->resampling->scale);
}

/* ---- samples ---- */

static enum pls_outcome fit_sample(const struct bootstrap *boot, struct worker *worker, size_t sample)
{
    struct random random;

    random_start(&random, boot->resampling->seed + sample);
    memset(worker->counts, 0, boot->data->row_count * sizeof *worker->counts);
    for (size_t i = 0; i < boot->data->row_count; i++)
        worker->counts[random_below(&random, boot->data->row_count)]++;
    if (!pls_moments_take(boot->data, worker->counts, &worker->moments))
        return PLS_CONSTANT;
    enum pls_outcome outcome =
        pls_estimate(boot->plan, boot->problem->settings, worker->moments.correlations, &worker->estimate);

    if (outcome == PLS_FITTED && !boot->resampling->keep_signs)
        worker->turned += pls_estimate_align(boot->plan, boot->problem->estimate, &worker->estimate) > 0;
    return outcome;
}

static void run_samples(void *context, size_t thread)
{
    const struct bootstrap *boot = context;
    const struct pls_resampling *resampling = boot->resampling;
    struct worker *worker = &boot->workers[thread];

    for (size_t sample = thread; sample < resampling->samples; sample += resampling->threads) {
        enum pls_outcome outcome = fit_sample(boot, worker, sample);

        worker->failed[outcome] += outcome != PLS_FITTED;
        for (size_t i = 0; i < boot->count; i++)
            boot->values[i * resampling->samples + sample] =
                outcome == PLS_FITTED ? statistic_value(boot, &boot->statistics[i], &worker->moments, &worker->estimate)
                                      : NAN;
    }
}

/* ---- intervals ---- */

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Of sorted values, between neighbours in proportion. */
static double percentile(const double *sorted, size_t count, double share)
{
    double at = share * (double)(count - 1);
    size_t below = (size_t)at, above = below + 1 < count ? below + 1 : below;

    return sorted[below] + (at - (double)below) * (sorted[above] - sorted[below]);
}

static void sum_up(struct pls_statistic *statistic, double *values, size_t samples, double confidence)
{
    double sum = 0, squares = 0;
    size_t count = 0;

    for (size_t i = 0; i < samples; i++)
        if (!isnan(values[i]))
            values[count++] = values[i];
    if (count < 2 || isnan(statistic->value))
        return;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    for (size_t i = 0; i < count; i++)
        squares += (values[i] - sum / (double)count) * (values[i] - sum / (double)count);
    qsort(values, count, sizeof *values, compare_numbers);
    statistic->error = sqrt(squares / (double)(count - 1));
    statistic->low = percentile(values, count, (1 - confidence) / 2);
    statistic->high = percentile(values, count, (1 + confidence) / 2);
    double reach = normal_quantile((1 + confidence) / 2) * statistic->error;

    statistic->normal_low = statistic->value - reach;
    statistic->normal_high = statistic->value + reach;
}

static void run_intervals(void *context, size_t thread)
{
    const struct bootstrap *boot = context;
    const struct pls_resampling *resampling = boot->resampling;

    for (size_t i = thread; i < boot->count; i += resampling->threads)
        sum_up(&boot->statistics[i], &boot->values[i * resampling->samples], resampling->samples,
               resampling->confidence);
}

static void run_all(struct arena *arena, struct bootstrap *boot, struct pls_results *out)
{
    size_t threads = boot->resampling->threads;

    boot->workers = arena_array(arena, threads, sizeof *boot->workers);
    boot->values = arena_array(arena, boot->count * boot->resampling->samples, sizeof *boot->values);
    for (size_t i = 0; i < threads; i++) {
        pls_moments_start(arena, boot->data->column_count, &boot->workers[i].moments);
        pls_estimate_start(arena, boot->plan, &boot->workers[i].estimate);
        boot->workers[i].counts = arena_array(arena, boot->data->row_count, sizeof *boot->workers[i].counts);
    }
    parallel_run(threads, run_samples, boot);
    out->fitted = boot->resampling->samples;
    for (size_t i = 0; i < threads; i++) {
        out->turned += boot->workers[i].turned;
        for (int outcome = 0; outcome < PLS_OUTCOMES; outcome++) {
            out->failed[outcome] += boot->workers[i].failed[outcome];
            out->fitted -= boot->workers[i].failed[outcome];
        }
    }
    parallel_run(threads, run_intervals, boot);
}

void pls_bootstrap(struct arena *arena, const struct pls_problem *problem, const struct pls_resampling *resampling,
                   struct pls_results *out)
{
    struct bootstrap boot = {
        .problem = problem, .plan = problem->plan, .data = problem->data, .resampling = resampling};
    const struct pls_moments moments = {.means = boot.data->means, .deviations = boot.data->deviations};

    *out = (struct pls_results){0};
    list_statistics(arena, &boot);
    for (size_t i = 0; i < boot.count; i++) {
        struct pls_statistic *statistic = &boot.statistics[i];

        statistic->value = statistic_value(&boot, statistic, &moments, problem->estimate);
        statistic->error = statistic->low = statistic->high = NAN;
        statistic->normal_low = statistic->normal_high = NAN;
    }
    if (resampling->samples > 0)
        run_all(arena, &boot, out);
    out->statistics = boot.statistics;
    out->count = boot.count;
}
