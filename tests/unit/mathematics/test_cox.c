#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mathematics/cox.h"
#include "mathematics/random.h"

#include "leukaemia.h"

static void assert_near(double found, double wanted, double tolerance)
{
    if (!(fabs(found - wanted) <= tolerance))
        fail_msg("%.12g instead of %.12g", found, wanted);
}

static int set_up(void **state)
{
    *state = arena_new((size_t)1 << 28);
    return 0;
}

static int tear_down(void **state)
{
    arena_free(*state);
    return 0;
}

/* Columns: untreated, white cells, and again the sum of both. */
static struct cox_data patients(struct arena *arena, size_t columns, enum cox_ties ties)
{
    double *rows = arena_array(arena, PATIENTS * columns, sizeof *rows);

    for (size_t i = 0; i < PATIENTS; i++)
        for (size_t j = 0; j < columns; j++)
            rows[i * columns + j] = (j != 1 ? untreated[i] : 0) + (j > 0 ? white_cells[i] : 0);
    return (struct cox_data){rows, weeks, relapsed, PATIENTS, columns, ties};
}

static void figures_are_those_of_r(void **state)
{
    static const struct {
        double coefficients[2], variances[2], likelihood, null, concordance, error, checks[3];
    } wanted[] = {
        [COX_EFRON] = {{1.38607553032, 1.69089038848},
                       {0.1804536755049, 0.1128271911331},
                       -69.8281010607,
                       -93.1842699968,
                       0.8520336605891,
                       0.0403457778269,
                       {8.26745318262e-05, 4.00218876259e-02, 4.01906511635e-02}},
        [COX_BRESLOW] = {{1.29406721681, 1.60434323314},
                         {0.17817175814408, 0.10845712762501},
                         -72.2792597574,
                         -93.9850504782,
                         0.8534361851332,
                         0.0393364273955,
                         {0.00389116678387, 0.05109028354050, 0.05512579111825}},
    };

    for (int ties = COX_EFRON; ties <= COX_BRESLOW; ties++) {
        const struct cox_data data = patients(*state, 2, (enum cox_ties)ties);
        struct cox_check check;
        struct cox_fit fit;

        assert_true(cox_learn(*state, &data, &fit));
        assert_true(fit.converged);
        for (size_t j = 0; j < 2; j++) {
            assert_near(fit.coefficients[j], wanted[ties].coefficients[j], 1e-8);
            assert_near(fit.covariance[j * 3], wanted[ties].variances[j], 1e-8);
        }
        assert_near(fit.log_likelihood, wanted[ties].likelihood, 1e-8);
        assert_near(fit.null_log_likelihood, wanted[ties].null, 1e-8);
        struct cox_concordance concordance = cox_concordance(*state, &data, fit.scores);

        assert_near(concordance.value, wanted[ties].concordance, 1e-10);
        assert_near(concordance.error, wanted[ties].error, 1e-10);
        cox_check_proportional(*state, &data, &fit, &check);
        assert_near(check.statistics[0], wanted[ties].checks[0], 1e-7);
        assert_near(check.statistics[1], wanted[ties].checks[1], 1e-7);
        assert_near(check.statistic, wanted[ties].checks[2], 1e-7);
    }
}

static void a_column_that_depends_on_others_is_not_used(void **state)
{
    const struct cox_data data = patients(*state, 3, COX_EFRON);
    struct cox_check check;
    struct cox_fit fit;

    assert_true(cox_learn(*state, &data, &fit));
    assert_true(fit.used[0] && fit.used[1] && !fit.used[2]);
    assert_near(fit.log_likelihood, -69.8281010607, 1e-8);
    cox_check_proportional(*state, &data, &fit, &check);
    assert_true(isnan(check.p_values[2]) && check.freedom == 2);
}

static void without_events_or_differences_nothing_is_learnt(void **state)
{
    static const double times[] = {1, 2, 3, 4}, rows[] = {5, 5, 5, 5}, varied[] = {1, 2, 3, 4};
    static const uint8_t none[] = {0, 0, 0, 0}, some[] = {1, 0, 1, 1};
    struct cox_fit fit;

    assert_false(cox_learn(*state, &(struct cox_data){varied, times, none, 4, 1, COX_EFRON}, &fit));
    assert_false(cox_learn(*state, &(struct cox_data){rows, times, some, 4, 1, COX_EFRON}, &fit));
}

static void a_ratio_that_runs_to_infinity_is_told(void **state)
{
    static double times[40], rows[40];
    static uint8_t events[40];
    struct cox_fit fit;

    for (size_t i = 0; i < 40; i++) {
        times[i] = (double)(i + 1);
        rows[i] = i % 2 == 0;
        events[i] = i % 2 == 0; /* only those with the trait ever end */
    }
    assert_true(cox_learn(*state, &(struct cox_data){rows, times, events, 40, 1, COX_EFRON}, &fit));
    assert_true(fit.unbounded[0]);
    assert_true(isfinite(fit.coefficients[0]) && isfinite(fit.log_likelihood));
}

static void the_truth_is_found_within_two_standard_errors(void **state)
{
    enum { ROWS = 3000 };
    static const double truth[] = {0.6, -0.3};
    double *rows = arena_array(*state, ROWS * 2, sizeof *rows), *times = arena_array(*state, ROWS, sizeof *times);
    uint8_t *events = arena_array(*state, ROWS, sizeof *events);
    struct random random;
    struct cox_check check;
    struct cox_fit fit;

    random_start(&random, 23);
    for (size_t i = 0; i < ROWS; i++) {
        rows[2 * i] = random_normal(&random);
        rows[2 * i + 1] = (double)random_below(&random, 3);
        double rate = exp(truth[0] * rows[2 * i] + truth[1] * rows[2 * i + 1]) / 20;
        double end = -log(1 - random_uniform(&random)) / rate, seen = random_uniform(&random) * 40;

        times[i] = ceil(fmin(end, seen)); /* whole weeks: many ties */
        events[i] = end <= seen;
    }
    const struct cox_data data = {rows, times, events, ROWS, 2, COX_EFRON};

    assert_true(cox_learn(*state, &data, &fit));
    for (size_t j = 0; j < 2; j++)
        assert_true(fabs(fit.coefficients[j] - truth[j]) < 2 * sqrt(fit.covariance[j * 3]));
    cox_check_proportional(*state, &data, &fit, &check);
    assert_true(check.p_value > 0.01);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(figures_are_those_of_r),
        TEST(a_column_that_depends_on_others_is_not_used),
        TEST(without_events_or_differences_nothing_is_learnt),
        TEST(a_ratio_that_runs_to_infinity_is_told),
        TEST(the_truth_is_found_within_two_standard_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
