/* Demand: drawn sales with a known week are foretold, with intervals that hold as often as they say. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/insight/demand.h"
#include "mathematics/random.h"

enum { DAYS = 200 };

static const double week[DEMAND_WEEK] = {-20, -15, -10, 0, 10, 30, 5};

static double truth(size_t day)
{
    return 100 + week[day % DEMAND_WEEK];
}

static void draw(double *days, size_t count, double noise, uint64_t seed)
{
    struct random random;

    random_start(&random, seed);
    for (size_t i = 0; i < count; i++)
        days[i] = truth(i) + noise * random_normal(&random);
}

static void a_known_week_is_foretold_within_its_interval(void **state)
{
    enum { RUNS = 40, HORIZON = 28 };
    double days[DAYS + HORIZON], covered = 0, sums = 0, total = 0;

    (void)state;
    for (uint64_t run = 0; run < RUNS; run++) {
        struct arena *arena = arena_new((size_t)1 << 24);
        struct demand_day foretold[HORIZON], sum;
        struct demand_fit fit;
        double later = 0;

        draw(days, DAYS + HORIZON, 8, run + 1);
        assert_int_equal(demand_learn(arena, days, DAYS, &fit, NULL), STATUS_OK);
        demand_foretell(arena, &fit, HORIZON, 1, foretold, &sum);
        for (size_t i = 0; i < HORIZON; i++) {
            covered += days[DAYS + i] >= foretold[i].low && days[DAYS + i] <= foretold[i].high;
            assert_true(fabs(foretold[i].expected - truth(DAYS + i)) < 4 * 8 / sqrt(DAYS / 7.0) + 4);
            later += days[DAYS + i];
        }
        sums += later >= sum.low && later <= sum.high;
        total += (sum.expected - HORIZON * 100) / RUNS;
        arena_free(arena);
    }
    assert_true(fabs(total) < 12);
    assert_true(covered / RUNS / HORIZON > 0.86 && covered / RUNS / HORIZON < 0.95);
    assert_true(sums / RUNS > 0.8);
}

static void the_week_before_is_beaten_where_chance_is_large(void **state)
{
    struct arena *arena = arena_new((size_t)1 << 24);
    struct demand_trial trial;
    double days[DAYS];

    (void)state;
    draw(days, DAYS, 20, 3);
    assert_int_equal(demand_try(arena, days, DAYS, 8, &trial, NULL), STATUS_OK);
    assert_int_equal(trial.days, 56);
    assert_true(trial.error < 0.85 * trial.naive_error); /* at best 1 / sqrt(2) */
    arena_free(arena);
}

static void a_closed_day_is_not_a_new_level(void **state)
{
    struct arena *arena = arena_new((size_t)1 << 24);
    struct demand_day foretold[7], sum;
    struct demand_fit fit;
    double days[DAYS];

    (void)state;
    draw(days, DAYS, 3, 4);
    days[DAYS - 2] = 0;
    assert_int_equal(demand_learn(arena, days, DAYS, &fit, NULL), STATUS_OK);
    demand_foretell(arena, &fit, 7, 1, foretold, &sum);
    assert_true(fabs(sum.expected - 700) < 20);
    arena_free(arena);
}

static void nothing_sold_is_nothing_foretold(void **state)
{
    struct arena *arena = arena_new((size_t)1 << 24);
    struct demand_day foretold[DEMAND_HORIZON_MAX], sum;
    struct demand_fit fit;
    double days[DAYS] = {0};
    struct error err = {0};

    (void)state;
    assert_int_equal(demand_learn(arena, days, DAYS, &fit, NULL), STATUS_OK);
    demand_foretell(arena, &fit, DEMAND_HORIZON_MAX, 1, foretold, &sum);
    assert_true(sum.expected == 0 && sum.low == 0 && sum.high == 0);
    assert_int_equal(demand_learn(arena, days, DEMAND_DAYS_MIN - 1, &fit, &err), STATUS_INVALID);
    assert_string_equal(err.code, "demand.days");
    assert_int_equal(demand_try(arena, days, DEMAND_DAYS_MIN + 7, 2, &(struct demand_trial){0}, &err), STATUS_INVALID);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_known_week_is_foretold_within_its_interval),
        cmocka_unit_test(the_week_before_is_beaten_where_chance_is_large),
        cmocka_unit_test(a_closed_day_is_not_a_new_level),
        cmocka_unit_test(nothing_sold_is_nothing_foretold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
