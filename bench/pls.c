/*
 * Times of path models, as JSON Lines for bench/insight: 5,000 bootstrap samples of the European satisfaction index on the mobile phone survey (PATRON_DATA),
 * on one thread and on all; then 200 samples of drawn surveys of 1,000 to 100,000 answers of the same form. Medians.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "features/insight/pls_bootstrap.h"
#include "mathematics/parallel.h"
#include "mathematics/random.h"

enum { COLUMNS = 24, ANSWERS_MAX = 100000, RUNS = 5, SAMPLES = 5000, SAMPLES_GROWTH = 200 };

static const size_t MEMORY = (size_t)1 << 30;

static const char *const names[COLUMNS] = {"CUEX1", "CUEX2", "CUEX3", "CUSA1", "CUSA2", "CUSA3", "CUSCO", "CUSL1",
                                           "CUSL2", "CUSL3", "IMAG1", "IMAG2", "IMAG3", "IMAG4", "IMAG5", "PERQ1",
                                           "PERQ2", "PERQ3", "PERQ4", "PERQ5", "PERQ6", "PERQ7", "PERV1", "PERV2"};

static double columns[COLUMNS][ANSWERS_MAX];

static double now_ms(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static int compare_numbers(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static void fail(const struct error *err)
{
    fprintf(stderr, "%s: %s\n", err->code, err->message);
    exit(1);
}

/* The survey: a header, then a number in quotes and 24 answers. */
static size_t read_survey(const char *folder)
{
    char path[512], line[1024];
    size_t count = 0;

    snprintf(path, sizeof path, "%s/mobi-ecsi/mobi.csv", folder);
    FILE *file = fopen(path, "r");

    while (file != NULL && count < ANSWERS_MAX && fgets(line, sizeof line, file) != NULL) {
        char *at = strchr(line, ',');

        if (at == NULL || strstr(line, "CUEX1") != NULL)
            continue;
        for (size_t j = 0; j < COLUMNS; j++)
            columns[j][count] = strtod(at + 1, &at);
        count++;
    }
    if (file != NULL)
        fclose(file);
    return count;
}

/* Every question hangs on how content one is in all. */
static void draw_survey(size_t count)
{
    struct random random;

    random_start(&random, 1);
    for (size_t i = 0; i < count; i++) {
        double content = random_normal(&random);

        for (size_t j = 0; j < COLUMNS; j++)
            columns[j][i] = fmin(10, fmax(1, round(7 + 1.5 * content + random_normal(&random))));
    }
}

static double time_bootstrap(struct arena *arena, size_t count, size_t samples, size_t threads)
{
    const struct pls_settings settings = {PLS_SCHEME_PATH, false};
    const struct pls_resampling resampling = {
        .samples = samples, .seed = 1, .threads = threads, .confidence = 0.9, .scale = {1, 10}};
    const double *pointers[COLUMNS];
    struct text texts[COLUMNS];
    struct pls_estimate estimate;
    struct pls_results results;
    struct pls_moments moments;
    struct error err = {0};
    struct pls_data data;
    struct pls_plan plan;

    arena_reset(arena);
    for (size_t j = 0; j < COLUMNS; j++)
        texts[j] = text_from(names[j]);
    if (pls_model_parse(arena, text_from(pls_model_ecsi), texts, COLUMNS, &plan, &err) != STATUS_OK)
        fail(&err);
    for (size_t j = 0; j < COLUMNS; j++)
        pointers[j] = columns[plan.columns[j]];
    const struct pls_answers answers = {pointers, plan.first.indicators, COLUMNS, count};
    double start = now_ms();

    if (pls_data_prepare(arena, &answers, PLS_MISSING_MEAN, &data, &err) != STATUS_OK)
        fail(&err);
    pls_moments_start(arena, COLUMNS, &moments);
    pls_moments_take(&data, NULL, &moments);
    pls_estimate_start(arena, &plan, &estimate);
    if (pls_estimate(&plan, &settings, moments.correlations, &estimate) != PLS_FITTED)
        exit(1);
    pls_bootstrap(arena, &(struct pls_problem){&plan, &settings, &data, &estimate}, &resampling, &results);
    return now_ms() - start;
}

static double median_of(struct arena *arena, size_t count, size_t samples, size_t threads)
{
    double times[RUNS];

    for (int i = 0; i < RUNS; i++)
        times[i] = time_bootstrap(arena, count, samples, threads);
    qsort(times, RUNS, sizeof *times, compare_numbers);
    return times[RUNS / 2];
}

static void tell(const char *data, size_t count, size_t samples, size_t threads, double milliseconds)
{
    printf("{\"figure\": \"bootstrap\", \"data\": \"%s\", \"answers\": %zu, \"samples\": %zu, \"threads\": %zu, "
           "\"ms\": %.3f}\n",
           data, count, samples, threads, milliseconds);
    fflush(stdout);
}

int main(void)
{
    const char *folder = getenv("PATRON_DATA");
    struct arena *arena = arena_new(MEMORY);
    size_t threads = parallel_threads();

    if (arena == NULL)
        return 1;
    size_t count = read_survey(folder != NULL ? folder : "../shared/data");

    if (count > 0) {
        tell("mobi", count, SAMPLES, 1, median_of(arena, count, SAMPLES, 1));
        tell("mobi", count, SAMPLES, threads, median_of(arena, count, SAMPLES, threads));
    }
    for (count = 1000; count <= ANSWERS_MAX; count *= 10) {
        draw_survey(count);
        tell("drawn", count, SAMPLES_GROWTH, threads, median_of(arena, count, SAMPLES_GROWTH, threads));
    }
    arena_free(arena);
    return 0;
}
