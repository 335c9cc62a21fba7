/*
 * Times of the models of lifetime value, as JSON Lines for bench/insight: on CDNOW (PATRON_DATA) by the median of some runs,
 * and on drawn bases of 10,000 to 1,000,000 customers.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "features/insight/clv_log.h"
#include "features/insight/clv_model.h"
#include "foundation/instant.h"

enum { PURCHASES_MAX = 80000, RUNS = 9 };

static const size_t MEMORY = (size_t)8 << 30;

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

static double median(double *times, size_t count)
{
    qsort(times, count, sizeof *times, compare_numbers);
    return times[count / 2];
}

static void fail(const struct error *err)
{
    fprintf(stderr, "%s: %s\n", err->code, err->message);
    exit(1);
}

/* ---- CDNOW ---- */

struct trial {
    const char *file;
    bool sample; /* two columns of customers */
    enum clv_model model;
};

static const struct trial trials[] = {
    {"CDNOW_sample.txt", true, CLV_BG_NBD},      {"CDNOW_sample.txt", true, CLV_PARETO_NBD},
    {"CDNOW_sample.txt", true, CLV_MBG_NBD},     {"CDNOW_master.txt", false, CLV_BG_NBD},
    {"CDNOW_master.txt", false, CLV_PARETO_NBD},
};

static size_t read_file(const char *path, bool sample, struct clv_purchase *purchases, uint32_t *customers)
{
    FILE *file = fopen(path, "r");
    int customer, other, day, units, last = -1;
    size_t count = 0;
    char line[256];
    double amount;

    *customers = 0;
    while (file != NULL && count < PURCHASES_MAX && fgets(line, sizeof line, file) != NULL) {
        if (sample ? sscanf(line, "%d %d %d %d %lf", &customer, &other, &day, &units, &amount) != 5
                   : sscanf(line, "%d %d %d %lf", &customer, &day, &units, &amount) != 4)
            continue;
        *customers += customer != last;
        last = customer;
        purchases[count++] = (struct clv_purchase){
            *customers - 1, day_from_date((struct date){day / 10000, day / 100 % 100, day % 100}), amount};
    }
    if (file != NULL)
        fclose(file);
    return count;
}

static void run_trial(struct arena *arena, const char *folder, const struct trial *trial)
{
    static struct clv_purchase purchases[PURCHASES_MAX];
    const int32_t end = day_from_date((struct date){1997, 9, 30});
    double sums[RUNS], fits[RUNS];
    uint32_t customers;
    char path[512];

    snprintf(path, sizeof path, "%s/cdnow/%s", folder, trial->file);
    size_t count = read_file(path, trial->sample, purchases, &customers);

    if (count == 0)
        return;
    for (int i = 0; i < RUNS; i++) {
        struct error err = {0};
        struct clv_history history;
        struct clv_rows rows;
        struct clv_fit fit;

        arena_reset(arena);
        double start = now_ms();

        clv_log_sum(arena, purchases, count, customers, &(struct clv_period){end, end}, &history);
        if (clv_history_rows(arena, &history, &rows, &err) != STATUS_OK)
            fail(&err);
        double summed = now_ms();

        if (clv_fit(arena, &rows, trial->model, 1, &fit, &err) != STATUS_OK)
            fail(&err);
        sums[i] = summed - start;
        fits[i] = now_ms() - summed;
    }
    printf("{\"figure\": \"fit\", \"file\": \"%s\", \"model\": \"%s\", \"sum_ms\": %.3f, \"ms\": %.3f}\n", trial->file,
           clv_model_name(trial->model), median(sums, RUNS), median(fits, RUNS));
    fflush(stdout);
}

/* ---- growth ---- */

static uint64_t dice = 88172645463325252ULL;

static double draw(void)
{
    dice ^= dice << 13;
    dice ^= dice >> 7;
    dice ^= dice << 17;
    return ((double)(dice >> 11) + 0.5) * 0x1p-53;
}

/* Gamma of shape 1/2: half the square of a normal. */
static double draw_half_gamma(void)
{
    double normal = sqrt(-2 * log(draw())) * cos(2 * M_PI * draw());

    return normal * normal / 2;
}

/* The same with times that all differ, as if purchases were counted to the second. */
static struct clv_customer draw_seconds(void)
{
    struct clv_customer customer = {.observed = 27 + 12 * draw()};
    double rate = draw_half_gamma() / 10, end = -log(draw()) / (draw_half_gamma() / 12);

    for (double time = -log(draw()) / rate; time < end && time < customer.observed; time += -log(draw()) / rate) {
        customer.last = time;
        customer.repeats++;
    }
    return customer;
}

/* Pareto/NBD with r = s = 1/2, alpha = 10, beta = 12; days, as in any log of purchases. */
static struct clv_customer draw_customer(size_t number)
{
    int days = 190 + (int)(number % 84), last = 0;
    struct clv_customer customer = {.observed = days / 7.0};
    double rate = draw_half_gamma() / 10, end = -log(draw()) / (draw_half_gamma() / 12);

    for (double time = -log(draw()) / rate; time < end && time < customer.observed; time += -log(draw()) / rate) {
        int day = (int)ceil(time * 7);

        if (day > last && day <= days) {
            last = day;
            customer.repeats++;
        }
    }
    customer.last = last / 7.0;
    return customer;
}

/* Returns the bytes that fitting takes, or scoring with its answers: whichever is more. */
static size_t run_model(struct arena *work, const struct clv_rows *rows, enum clv_model model)
{
    double before = now_ms();
    struct error err = {0};
    struct clv_score *scores;
    struct clv_fit fit;

    arena_reset(work);
    if (clv_fit(work, rows, model, 1, &fit, &err) != STATUS_OK)
        fail(&err);
    double fitted = now_ms();
    size_t bytes = arena_used(work);

    arena_reset(work);
    scores = arena_array(work, rows->row_count, sizeof *scores);
    clv_score_rows(work, rows, &fit, &(struct clv_question){52, 0}, scores);
    printf("\"model\": \"%s\", \"fit_ms\": %.3f, \"score_ms\": %.3f, ", clv_model_name(model), fitted - before,
           now_ms() - fitted);
    return bytes > arena_used(work) ? bytes : arena_used(work);
}

static void run_growth(struct arena *arena, struct arena *work, size_t count, bool days)
{
    struct clv_customer *customers = malloc(count * sizeof *customers);
    struct error err = {0};
    struct clv_rows rows;

    if (customers == NULL)
        return;
    for (size_t i = 0; i < count; i++)
        customers[i] = days ? draw_customer(i) : draw_seconds();
    arena_reset(arena);
    double start = now_ms();

    if (clv_rows_build(arena, customers, count, &rows, &err) != STATUS_OK)
        fail(&err);
    double built = now_ms() - start;

    free(customers);
    for (int i = CLV_BG_NBD; i <= CLV_PARETO_NBD; i++) {
        printf("{\"figure\": \"growth\", \"customers\": %zu, \"times\": \"%s\", \"rows\": %zu, \"rows_ms\": %.3f, ",
               count, days ? "days" : "seconds", rows.row_count, built);
        size_t bytes = arena_used(arena) + run_model(work, &rows, (enum clv_model)i);

        printf("\"bytes\": %.1f}\n", (double)bytes / (double)count);
        fflush(stdout);
    }
}

int main(void)
{
    const char *folder = getenv("PATRON_DATA");
    struct arena *arena = arena_new(MEMORY), *work = arena_new(MEMORY);

    if (arena == NULL || work == NULL)
        return 1;
    for (size_t i = 0; i < sizeof trials / sizeof trials[0]; i++)
        run_trial(arena, folder != NULL ? folder : "../shared/data", &trials[i]);
    for (int days = 1; days >= 0; days--)
        for (size_t count = 10000; count <= 1000000; count *= 10)
            run_growth(arena, work, count, days);
    arena_free(work);
    arena_free(arena);
    return 0;
}
