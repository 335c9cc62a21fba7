/* Experiments: chance alone errs as often as it is said to, and known effects are found. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/insight/experiment.h"
#include "foundation/secret.h"
#include "mathematics/random.h"

enum { RUNS = 10000, ARM = 150, ROWS = 2 * ARM };

#define assert_near(got, expected, tolerance) check_near((got), (expected), (tolerance), __LINE__)

static void check_near(double got, double expected, double tolerance, int line)
{
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("line %d: %.10g is not %.10g within %g", line, got, expected, tolerance);
}

static const unsigned char key[SEAL_KEY_SIZE] = "a key for tests of experiments..";

static void members_are_spread_over_groups_as_planned(void **state)
{
    static const double weights[] = {1, 1, 2};
    struct experiment_plan plan = {TEXT("welcome gift"), key, weights, 3}, other = {TEXT("second"), key, weights, 3};
    struct arena *arena = arena_new((size_t)1 << 24);
    double counts[3] = {0}, cells[9] = {0}, products[9];
    struct sample_ratio ratio;

    (void)state;
    for (int i = 0; i < 40000; i++) {
        struct text member = text_from(arena_format(arena, "mbr_%d", i));
        size_t group = experiment_group(&plan, member);

        assert_int_equal(group, experiment_group(&plan, member));
        counts[group]++;
        cells[group * 3 + experiment_group(&other, member)]++;
    }
    sample_ratio_check(counts, weights, 3, &ratio);
    assert_true(ratio.p > 0.01);
    for (int i = 0; i < 9; i++)
        products[i] = weights[i / 3] * weights[i % 3];
    sample_ratio_check(cells, products, 9, &ratio); /* two experiments are independent of each other */
    assert_true(ratio.p > 0.01);
    arena_free(arena);
}

static void a_member_keeps_its_group_on_every_machine(void **state)
{
    static const double weights[] = {1, 9}, wider[] = {3, 7};
    struct experiment_plan plan = {TEXT("holdout"), key, weights, 2}, grown = {TEXT("holdout"), key, wider, 2};
    struct arena *arena = arena_new((size_t)1 << 20);

    (void)state;
    for (int i = 0; i < 2000; i++) {
        struct text member = text_from(arena_format(arena, "%d", i));

        if (experiment_group(&plan, member) == 0)
            assert_int_equal(experiment_group(&grown, member), 0);
    }
    assert_near(experiment_point(&plan, TEXT("mbr_1")), 0.45948186451996703, 1e-15); /* hashlib of Python */
    arena_free(arena);
}

static void groups_that_are_not_as_planned_raise_the_alarm(void **state)
{
    struct sample_ratio ratio;

    (void)state;
    /* Fabijan et al. 2019: 821,588 against 815,482 of 50 : 50 has p = 1.8e-6. */
    sample_ratio_check((double[]){821588, 815482}, (double[]){1, 1}, 2, &ratio);
    assert_near(ratio.p, 1.8e-6, 0.05e-6);
    sample_ratio_check((double[]){50, 50}, (double[]){1, 1}, 2, &ratio);
    assert_near(ratio.p, 1, 0);
}

static void welch_agrees_with_scipy(void **state)
{
    /* scipy.stats.ttest_ind(a, b, equal_var=False) of SciPy 1.17 */
    static const double a[] = {17.2, 20.9, 22.6, 18.1, 21.7, 21.4, 23.5, 24.2, 14.7, 21.8};
    static const double b[] = {21.5, 22.8, 21.0, 23.0, 21.6, 23.6, 22.5, 20.7, 23.4, 21.8,
                               20.7, 21.7, 21.5, 22.5, 23.6, 21.5, 22.5, 23.5, 21.5, 21.8};
    struct group_moments first, second;
    struct effect effect;
    struct error err = {0};

    (void)state;
    group_moments_measure(a, 10, &first);
    group_moments_measure(b, 20, &second);
    assert_near(first.mean, 20.61, 1e-9);
    assert_near(first.variance, 9.041, 1e-9);
    assert_near(second.mean, 22.135, 1e-9);
    assert_int_equal(effect_of_means(&first, &second, 0.95, &effect, &err), STATUS_OK);
    assert_near(effect.value, -1.525, 1e-9);
    assert_near(effect.p, 0.14884169660532817, 1e-12);
    assert_near(effect.low, -3.698421325375163, 1e-9);
    assert_near(effect.high, 0.6484213253751658, 1e-9);
    assert_true(effect.relative_low < effect.relative && effect.relative < effect.relative_high);
}

static void shares_agree_with_newcombe(void **state)
{
    /* Newcombe 1998, table II, method 10: 56/70 less 48/80 is .2, from .0524 to .3339; 10/10 less 0/10 from .6075 to 1. */
    struct group_moments treated = {70, 56.0 / 70, 0.16}, control = {80, 0.6, 0.24};
    struct effect effect;
    struct error err = {0};

    (void)state;
    assert_int_equal(effect_of_shares(&treated, &control, 0.95, &effect, &err), STATUS_OK);
    assert_near(effect.low, 0.0524, 5e-5);
    assert_near(effect.high, 0.3339, 5e-5);
    treated = (struct group_moments){10, 1, 0};
    control = (struct group_moments){10, 0, 0};
    assert_int_equal(effect_of_shares(&treated, &control, 0.95, &effect, &err), STATUS_OK);
    assert_near(effect.low, 0.6075, 5e-5);
    assert_near(effect.high, 1, 1e-9);
    assert_true(effect.p < 1e-4);
}

static void without_an_effect_one_in_twenty_is_found(void **state)
{
    struct arena *arena = arena_new((size_t)1 << 26);
    double outcomes[ROWS], before[ROWS], change[ROWS], adjusted[ROWS];
    int found[4] = {0}; /* means, CUPED, difference in differences, shares */
    const double *covariates[] = {before};
    uint32_t groups[ROWS];
    struct random random;

    (void)state;
    random_start(&random, 20);
    for (int run = 0; run < RUNS; run++) {
        struct group_moments samples[2];
        struct effect effect;
        double explained;

        for (uint32_t i = 0; i < ROWS; i++) {
            before[i] = random_normal(&random);
            outcomes[i] = exp(0.3 * before[i] + 0.4 * random_normal(&random));
            change[i] = outcomes[i] - before[i];
            groups[i] = i >= ARM;
        }
        const struct experiment_data data = {outcomes, groups, ROWS, 2, covariates, 1};

        arena_reset(arena);
        assert_int_equal(cuped_adjust(arena, &data, adjusted, &explained, NULL), STATUS_OK);
        const double *kinds[] = {outcomes, adjusted, change};

        for (int kind = 0; kind < 3; kind++) {
            group_moments_measure(kinds[kind], ARM, &samples[0]);
            group_moments_measure(kinds[kind] + ARM, ARM, &samples[1]);
            assert_int_equal(effect_of_means(&samples[1], &samples[0], 0.95, &effect, NULL), STATUS_OK);
            found[kind] += effect.p < 0.05;
        }
        for (uint32_t i = 0; i < ROWS; i++)
            change[i] = random_uniform(&random) < 0.3;
        group_moments_measure(change, ARM, &samples[0]);
        group_moments_measure(change + ARM, ARM, &samples[1]);
        assert_int_equal(effect_of_shares(&samples[1], &samples[0], 0.95, &effect, NULL), STATUS_OK);
        found[3] += effect.p < 0.05;
    }
    for (int kind = 0; kind < 4; kind++)
        assert_near(found[kind] / (double)RUNS, 0.05, 0.005);
    arena_free(arena);
}

static void a_known_effect_is_found_and_cuped_finds_it_more_exactly(void **state)
{
    enum { MEMBERS = 20000 };
    struct arena *arena = arena_new((size_t)1 << 26);
    double *before = arena_array(arena, MEMBERS, sizeof *before), *twice = arena_array(arena, MEMBERS, sizeof *twice);
    double *outcomes = arena_array(arena, MEMBERS, sizeof *outcomes), explained;
    double *sorted = arena_array(arena, MEMBERS, sizeof *sorted);
    uint32_t *groups = arena_array(arena, MEMBERS, sizeof *groups);
    const double *covariates[] = {before, twice};
    struct group_moments samples[2];
    struct effect plain, sharp;
    struct random random;

    (void)state;
    random_start(&random, 3);
    for (uint32_t i = 0; i < MEMBERS; i++) {
        groups[i] = i % 2;
        before[i] = 50 + 20 * random_normal(&random);
        twice[i] = 2 * before[i]; /* depends on the other: left out */
        outcomes[i] = before[i] + 10 * random_normal(&random) + 1.5 * groups[i];
    }
    const struct experiment_data data = {outcomes, groups, MEMBERS, 2, covariates, 2};

    for (int sharpened = 0; sharpened < 2; sharpened++) {
        if (sharpened)
            assert_int_equal(cuped_adjust(arena, &data, outcomes, &explained, NULL), STATUS_OK);
        for (uint32_t i = 0; i < MEMBERS; i++)
            sorted[i % 2 * MEMBERS / 2 + i / 2] = outcomes[i];
        group_moments_measure(sorted, MEMBERS / 2, &samples[0]);
        group_moments_measure(sorted + MEMBERS / 2, MEMBERS / 2, &samples[1]);
        assert_int_equal(effect_of_means(&samples[1], &samples[0], 0.95, sharpened ? &sharp : &plain, NULL), STATUS_OK);
    }
    assert_near(plain.value, 1.5, 2 * plain.error);
    assert_near(sharp.value, 1.5, 2 * sharp.error);
    assert_near(explained, 0.8, 0.01);
    assert_near(sharp.error, plain.error * sqrt(0.2), 0.02 * plain.error);
    arena_free(arena);
}

static double outcome_of(struct random *random, int kind)
{
    return kind == 0 ? random_normal(random) : random_uniform(random) < (kind == 1 ? 0.3 : 0.03);
}

static void looking_after_each_member_errs_no_more_than_said(void **state)
{
    enum { LOOKS = 1500, TRIALS = 1000 };
    static double outcomes[LOOKS];
    static uint32_t groups[LOOKS];
    const struct experiment_data data = {outcomes, groups, LOOKS, 2, NULL, 0};
    struct sequential found;
    struct random random;

    (void)state;
    random_start(&random, 8);
    for (int kind = 0; kind < 3; kind++) {
        int alarms = 0, missed = 0, covered = 0;

        for (int trial = 0; trial < TRIALS; trial++) {
            for (int i = 0; i < LOOKS; i++) {
                outcomes[i] = outcome_of(&random, kind);
                groups[i] = random_below(&random, 2) == 1;
            }
            sequential_measure(&data, 1, 0, 0.95, &found);
            alarms += found.p <= 0.05;
            assert_true((found.stop > 0) == (found.p <= 0.05 + 1e-12));
            covered += found.low <= 0 && found.high >= 0;
            for (int i = 0; i < LOOKS; i++)
                outcomes[i] += 0.3 * groups[i];
            sequential_measure(&data, 1, 0, 0.95, &found);
            missed += found.p > 0.05;
        }
        assert_true(alarms <= 0.05 * TRIALS);
        assert_true(covered >= 0.95 * TRIALS);
        assert_true(missed <= 0.05 * TRIALS);
    }
}

static void more_tests_ask_for_more(void **state)
{
    struct arena *arena = arena_new((size_t)1 << 20);
    double adjusted[4];

    (void)state;
    adjust_for_number(arena, (double[]){0.01, 0.04, 0.03, 0.005}, 4, adjusted); /* R: p.adjust(, "holm") */
    assert_near(adjusted[0], 0.03, 1e-12);
    assert_near(adjusted[1], 0.06, 1e-12);
    assert_near(adjusted[2], 0.06, 1e-12);
    assert_near(adjusted[3], 0.02, 1e-12);
    arena_free(arena);
}

static void nothing_becomes_nan_where_all_are_the_same(void **state)
{
    double outcomes[ROWS] = {0}, adjusted[ROWS], explained;
    uint32_t groups[ROWS];
    struct arena *arena = arena_new((size_t)1 << 20);
    const double *covariates[] = {outcomes};
    struct group_moments sample = {50, 3, 0}, one = {1, 3, 0};
    struct sequential sequential;
    struct effect effect;
    struct error err = {0};

    (void)state;
    for (uint32_t i = 0; i < ROWS; i++)
        groups[i] = i % 2;
    const struct experiment_data data = {outcomes, groups, ROWS, 2, covariates, 1};

    assert_int_equal(effect_of_means(&sample, &sample, 0.95, &effect, &err), STATUS_OK);
    assert_near(effect.p, 1, 0);
    assert_near(effect.high - effect.low, 0, 0);
    assert_int_equal(effect_of_means(&one, &sample, 0.95, &effect, &err), STATUS_INVALID);
    assert_string_equal(err.code, "experiment.group");
    assert_int_equal(cuped_adjust(arena, &data, adjusted, &explained, &err), STATUS_OK);
    assert_near(explained, 0, 0);
    sequential_measure(&data, 1, 0, 0.95, &sequential);
    assert_near(sequential.p, 1, 0);
    assert_int_equal(sequential.stop, 0);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_spread_over_groups_as_planned),
        cmocka_unit_test(a_member_keeps_its_group_on_every_machine),
        cmocka_unit_test(groups_that_are_not_as_planned_raise_the_alarm),
        cmocka_unit_test(welch_agrees_with_scipy),
        cmocka_unit_test(shares_agree_with_newcombe),
        cmocka_unit_test(without_an_effect_one_in_twenty_is_found),
        cmocka_unit_test(a_known_effect_is_found_and_cuped_finds_it_more_exactly),
        cmocka_unit_test(looking_after_each_member_errs_no_more_than_said),
        cmocka_unit_test(more_tests_ask_for_more),
        cmocka_unit_test(nothing_becomes_nan_where_all_are_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
