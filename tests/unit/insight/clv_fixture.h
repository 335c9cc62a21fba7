/* clv_fixture.h: real purchase logs from PATRON_DATA, and purchases drawn from a model whose truth is known. */
#ifndef PATRON_TESTS_UNIT_INSIGHT_CLV_FIXTURE_H
#define PATRON_TESTS_UNIT_INSIGHT_CLV_FIXTURE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "features/insight/clv_log.h"
#include "features/insight/clv_model.h"
#include "foundation/instant.h"

enum { FIXTURE_PURCHASES_MAX = 80000 };

struct fixture {
    struct arena *arena;
    struct clv_purchase *purchases;
    size_t purchase_count;
    uint32_t customer_count;
    struct clv_history history;
    struct clv_rows rows;
};

#define assert_near(got, expected, tolerance) fixture_near((got), (expected), (tolerance), __LINE__)

static inline void fixture_near(double got, double expected, double tolerance, int line)
{
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("line %d: %.10g is not %.10g within %g", line, got, expected, tolerance);
}

static inline int32_t fixture_day(int number)
{
    return day_from_date((struct date){number / 10000, number / 100 % 100, number % 100});
}

static inline FILE *fixture_open(const char *name)
{
    const char *folder = getenv("PATRON_DATA");
    char path[512];

    snprintf(path, sizeof path, "%s/%s", folder != NULL ? folder : "../shared/data", name);
    return fopen(path, "r");
}

/* Reads "customer ... date [..] amount" lines by a scanf format of five fields: customer, ignored, date, ignored, amount. */
enum fixture_form { FORM_SAMPLE, FORM_MASTER, FORM_GROCERY };

static inline void fixture_read(struct fixture *fixture, FILE *file, enum fixture_form form)
{
    int last = -1, customer, other, date, units, year, month, day;
    double amount;
    char line[256];

    while (fgets(line, sizeof line, file) != NULL) {
        amount = 1;
        if (form == FORM_SAMPLE) {
            if (sscanf(line, "%d %d %d %d %lf", &customer, &other, &date, &units, &amount) != 5)
                continue;
        } else if (form == FORM_MASTER) {
            if (sscanf(line, "%d %d %d %lf", &customer, &date, &units, &amount) != 4)
                continue;
        } else {
            if (sscanf(line, "\"%d\",%d-%d-%d", &customer, &year, &month, &day) != 4)
                continue;
            date = year * 10000 + month * 100 + day;
        }
        fixture->customer_count += customer != last;
        last = customer;
        assert_true(fixture->purchase_count < FIXTURE_PURCHASES_MAX);
        fixture->purchases[fixture->purchase_count++] =
            (struct clv_purchase){fixture->customer_count - 1, fixture_day(date), amount};
    }
}

static inline void fixture_stop(struct fixture *fixture)
{
    arena_free(fixture->arena);
}

/* Sums up a file of PATRON_DATA; skips the test when there is none. */
static inline void fixture_start(struct fixture *fixture, const char *name, enum fixture_form form, int end, int until)
{
    FILE *file = fixture_open(name);
    struct error err = {0};

    if (file == NULL)
        skip();
    *fixture = (struct fixture){.arena = arena_new((size_t)1 << 30)};
    fixture->purchases = arena_array(fixture->arena, FIXTURE_PURCHASES_MAX, sizeof *fixture->purchases);
    fixture_read(fixture, file, form);
    fclose(file);
    clv_log_sum(fixture->arena, fixture->purchases, fixture->purchase_count, fixture->customer_count,
                &(struct clv_period){fixture_day(end), fixture_day(until)}, &fixture->history);
    assert_int_equal(clv_history_rows(fixture->arena, &fixture->history, &fixture->rows, &err), STATUS_OK);
}

/* ---- chance ---- */

struct dice {
    uint64_t state;
};

static inline double dice_uniform(struct dice *dice)
{
    dice->state ^= dice->state << 13;
    dice->state ^= dice->state >> 7;
    dice->state ^= dice->state << 17;
    return ((double)(dice->state >> 11) + 0.5) * 0x1p-53;
}

static inline double dice_exponential(struct dice *dice)
{
    return -log(dice_uniform(dice));
}

/* Marsaglia and Tsang 2000; a shape below 1 by the power of a uniform. */
static inline double dice_gamma(struct dice *dice, double shape)
{
    double boost = shape < 1 ? pow(dice_uniform(dice), 1 / shape) : 1;
    double d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3, c = 1 / sqrt(9 * d);

    for (;;) {
        double normal = sqrt(2 * dice_exponential(dice)) * cos(2 * M_PI * dice_uniform(dice)), v = 1 + c * normal;

        if (v <= 0)
            continue;
        v = v * v * v;
        if (log(dice_uniform(dice)) < normal * normal / 2 + d - d * v + d * log(v))
            return boost * d * v;
    }
}

/* How one customer buys, and when he leaves; changes as he buys. */
struct dice_life {
    double rate, chance, time, end;
};

static inline struct dice_life dice_life(struct dice *dice, const struct clv_fit *truth)
{
    const double *p = truth->parameters;
    bool pareto = truth->model == CLV_PARETO_NBD;
    bool at_first = truth->model == CLV_MBG_NBD || truth->model == CLV_MBG_CNBD;
    struct dice_life life = {.rate = dice_gamma(dice, p[0]) / p[1], .end = INFINITY};

    if (pareto)
        life.end = dice_exponential(dice) / (dice_gamma(dice, p[2]) / p[3]);
    if (!pareto && truth->model != CLV_NBD) {
        double a = dice_gamma(dice, p[2]);

        life.chance = a / (a + dice_gamma(dice, p[3]));
        if (at_first && dice_uniform(dice) < life.chance)
            life.end = 0;
    }
    return life;
}

/* The time of the next purchase; infinity: he has left. */
static inline double dice_next(struct dice *dice, const struct clv_fit *truth, struct dice_life *life)
{
    for (int i = 0; i < truth->regularity; i++)
        life->time += dice_exponential(dice) / life->rate;
    if (life->time > life->end)
        return INFINITY;
    if (life->chance > 0 && dice_uniform(dice) < life->chance)
        life->end = life->time;
    return life->time;
}

/* One customer of a model, observed `observed`, and how often he buys in `ahead` after that. */
static inline struct clv_customer dice_customer(struct dice *dice, const struct clv_fit *truth, double observed,
                                                double ahead, uint32_t *later)
{
    struct dice_life life = dice_life(dice, truth);
    struct clv_customer customer = {.observed = observed};

    *later = 0;
    for (;;) {
        double time = dice_next(dice, truth, &life);

        if (time > observed + ahead)
            return customer;
        if (time <= observed) {
            customer.repeats++;
            customer.last = time;
        } else {
            ++*later;
        }
    }
}

#endif
