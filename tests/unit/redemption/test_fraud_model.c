/* Unusual earning: chances by hand, histories with fraud in them, and simulated stores with honest days and planted fraud. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "features/redemption/fraud_facts.h"
#include "features/redemption/fraud_model.h"
#include "mathematics/random.h"

enum { TILLS = 12, DAYS = 1000, COUNT_MAX = 2000 };

static void near(double value, double expected, double share)
{
    if (fabs(value - expected) > share * expected)
        fail_msg("%.12g is not %.12g", value, expected);
}

/* By Python's lgamma: negative binomial with mean 10 and variance 30 (size 5, p 1/3); Poisson with mean 2. */
static void chances_are_those_of_the_textbook(void **state)
{
    const struct count_model overdispersed = {.mean = 10, .variance = 30}, poisson = {.mean = 2, .variance = 2};
    const struct count_model busy = {.mean = 40, .variance = 80};

    (void)state;
    near(count_model_above(&overdispersed, 30), 0.003919433658212679, 1e-9);
    near(count_model_above(&overdispersed, 5), 0.8551541939744958, 1e-9);
    near(count_model_above(&poisson, 8), 0.0010967189678585676, 1e-9);
    near(count_model_above(&poisson, 1), 0.8646647167633873, 1e-9);
    near(count_model_above(&busy, 80), 0.00010774467993024395, 1e-9);
    assert_true(count_model_above(&poisson, 0) == 1);
    assert_int_equal(count_model_limit(&poisson, 0.0011), 8);
    assert_int_equal(count_model_limit(&poisson, 0.001), 9);
    near(fraud_chance(12, 2), 1.0 / 720, 1e-12);
}

/* 5 x 8, 5 x 9, 10 x 10, 5 x 11, 4 x 12, and a hundred, which counts as 10 + 3 x sqrt(10). */
static void fraud_of_before_does_not_hide_fraud_of_now(void **state)
{
    const int64_t values[] = {8, 9, 10, 11, 12, 100}, frequencies[] = {5, 5, 10, 5, 4, 1};
    struct count_model model;

    (void)state;
    assert_true(count_model_learn(&(struct count_history){values, frequencies, 6}, &model));
    assert_int_equal(model.size, 30);
    assert_true(model.median == 10);
    near(model.mean, 10.24956109935017, 1e-12);
    near(model.variance, 13.325852608784679, 1e-12);
    assert_true(count_model_above(&model, 30) < 1e-4);
    assert_false(count_model_learn(&(struct count_history){values, frequencies, 5}, &model)); /* 29 are too few */
}

static void points_are_judged_by_their_logarithm(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct amount_model model;
    int64_t amounts[40];

    (void)state;
    for (int i = 0; i < 40; i++)
        amounts[i] = i % 2 == 0 ? 99 : 399; /* log(100) and log(400): median log(200), deviation log(2) */
    assert_false(amount_model_learn(arena, amounts, 29, &model));
    assert_true(amount_model_learn(arena, amounts, 40, &model));
    near(model.median, 199, 1e-9);
    near(model.deviation, 1.4826 * log(2), 1e-9);
    near(amount_model_above(&model, 199), 0.5, 1e-9);
    assert_true(amount_model_above(&model, 4000) > 0.001);
    assert_true(amount_model_above(&model, 400000) < 1e-4);
    arena_free(arena);
}

/* ---- a store of twelve tills ---- */

/* A gamma of whole shape is a sum of exponentials; a Poisson count with it as mean is negative binomial. */
static int64_t honest_count(struct random *random, double mean)
{
    double gamma = 0, product = 1;
    int64_t count = -1;

    for (int i = 0; i < 40; i++)
        gamma -= log(1 - random_uniform(random));
    double rate = mean * gamma / 40;
    while (rate > 0) { /* in parts, so that exp does not vanish */
        double part = fmin(rate, 30);
        int64_t here = -1;
        for (product = 1; product > exp(-part); here++)
            product *= random_uniform(random);
        count += here + (count < 0 ? 1 : 0);
        rate -= part;
    }
    return count < 0 ? 0 : count;
}

struct store {
    int64_t counts[DAYS + FRAUD_HISTORY_DAYS][TILLS], points[DAYS + FRAUD_HISTORY_DAYS][TILLS];
};

/* Weekends are busier by a half; points are a dozen a purchase, give or take. */
static void simulate(struct store *store, struct random *random)
{
    for (int day = 0; day < DAYS + FRAUD_HISTORY_DAYS; day++)
        for (int till = 0; till < TILLS; till++) {
            store->counts[day][till] = honest_count(random, day % 7 < 5 ? 40 : 60);
            store->points[day][till] =
                (int64_t)(12 * (double)store->counts[day][till] * exp(0.2 * random_normal(random)));
        }
}

static bool learn(struct arena *arena, const struct store *store, int day, struct count_model *counts,
                  struct amount_model *amounts)
{
    int64_t *points = arena_array(arena, FRAUD_HISTORY_DAYS * TILLS, sizeof *points);
    size_t size = 0;
    int64_t *frequency = arena_array(arena, COUNT_MAX, sizeof *frequency);
    int64_t *values = arena_array(arena, COUNT_MAX, sizeof *values);

    for (int before = day - FRAUD_HISTORY_DAYS; before < day; before += 7)
        for (int till = 0; till < TILLS; till++) {
            frequency[store->counts[before][till]]++;
            points[size++] = store->points[before][till];
        }
    for (int i = 0; i < COUNT_MAX; i++)
        values[i] = i;
    return count_model_learn(&(struct count_history){values, frequency, COUNT_MAX}, counts) &&
           amount_model_learn(arena, points, size, amounts);
}

static void a_thousand_honest_days_hold_no_more_false_alarms_than_stated(void **state)
{
    static struct store store;
    struct random random;
    int alarms = 0, found = 0;

    (void)state;
    random_start(&random, 20261122);
    simulate(&store, &random);
    for (int day = FRAUD_HISTORY_DAYS; day < DAYS + FRAUD_HISTORY_DAYS; day++) {
        struct arena *arena = arena_new(16 << 20);
        struct count_model counts;
        struct amount_model amounts;
        double chance = fraud_chance(TILLS, 2);
        assert_true(learn(arena, &store, day, &counts, &amounts));
        for (int till = 0; till < TILLS; till++)
            alarms += (count_model_above(&counts, store.counts[day][till]) < chance) +
                      (amount_model_above(&amounts, store.points[day][till]) < chance);
        /* A cashier puts as many sales of strangers again on a card of their own, and again. */
        found += count_model_above(&counts, 3 * store.counts[day][0]) < chance ||
                 amount_model_above(&amounts, 3 * store.points[day][0]) < chance;
        arena_free(arena);
    }
    /* One in FRAUD_FALSE_DAYS is 33; three standard errors more would be 50. */
    if (alarms > DAYS / FRAUD_FALSE_DAYS + 17)
        fail_msg("%d false alarms in %d honest days", alarms, DAYS);
    if (found < DAYS * 9 / 10)
        fail_msg("%d of %d planted frauds were found", found, DAYS);
    print_message("%d false alarms in %d days, %d planted frauds found\n", alarms, DAYS, found);
}

static void facts_tell_through_whom_a_purchase_went(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    const struct text facts = TEXT("{\"event\":\"\\\"till\\\":\\\"9\",\"till\":\"3\",\"employee\":\"E\\\"7\"}");

    (void)state;
    assert_true(text_equals(fact_find(arena, facts, "till"), "3"));
    assert_true(text_equals(fact_find(arena, facts, "employee"), "E\"7"));
    assert_int_equal(fact_find(arena, facts, "store").size, 0);
    assert_int_equal(fact_find(arena, TEXT(""), "till").size, 0);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chances_are_those_of_the_textbook),
        cmocka_unit_test(fraud_of_before_does_not_hide_fraud_of_now),
        cmocka_unit_test(points_are_judged_by_their_logarithm),
        cmocka_unit_test(a_thousand_honest_days_hold_no_more_false_alarms_than_stated),
        cmocka_unit_test(facts_tell_through_whom_a_purchase_went),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
