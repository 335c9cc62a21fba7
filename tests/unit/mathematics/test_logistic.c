#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mathematics/logistic.h"
#include "mathematics/random.h"

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

/* Ten rows without and ten with the trait; so many of each have the outcome. */
static void fill_table(double *rows, uint8_t *outcome, size_t ones_without, size_t ones_with)
{
    for (size_t i = 0; i < 20; i++) {
        rows[i] = i >= 10;
        outcome[i] = i < 10 ? i < ones_without : i - 10 < ones_with;
    }
}

static void a_table_of_four_is_as_if_each_cell_had_a_half_more(void **state)
{
    double rows[20];
    uint8_t outcome[20];
    const struct logistic_data data = {rows, outcome, NULL, 20, 1};
    struct logistic_fit fit;

    fill_table(rows, outcome, 3, 8);
    assert_true(logistic_learn(*state, &data, &fit));
    assert_true(fit.converged);
    /* Firth 1993: for a saturated model the penalty adds 1/2 to every cell. */
    assert_near(fit.coefficients[0], log(3.5 / 7.5), 1e-8);
    assert_near(fit.coefficients[1], log(8.5 / 2.5) - log(3.5 / 7.5), 1e-8);
}

static void separated_outcomes_give_a_finite_answer(void **state)
{
    double rows[20];
    uint8_t outcome[20];
    const struct logistic_data data = {rows, outcome, NULL, 20, 1};
    struct logistic_fit fit;

    fill_table(rows, outcome, 0, 10);
    assert_true(logistic_learn(*state, &data, &fit));
    assert_true(fit.converged);
    assert_near(fit.coefficients[0], log(0.5 / 10.5), 1e-7);
    assert_near(fit.coefficients[1], 2 * log(10.5 / 0.5), 1e-7);
    assert_true(isfinite(fit.covariance[3]) && fit.covariance[3] > 0);
}

static void a_column_that_depends_on_others_is_not_used(void **state)
{
    double rows[60];
    uint8_t outcome[20];
    const struct logistic_data data = {rows, outcome, NULL, 20, 3};
    struct logistic_fit fit;

    for (size_t i = 0; i < 20; i++) {
        rows[3 * i] = (double)(i % 5);
        rows[3 * i + 1] = 2 * rows[3 * i] + 3;
        rows[3 * i + 2] = 7;
        outcome[i] = i % 3 == 0;
    }
    assert_true(logistic_learn(*state, &data, &fit));
    assert_true(fit.used[0] && fit.used[1] && !fit.used[2] && !fit.used[3]);
    assert_true(fit.coefficients[2] == 0 && fit.coefficients[3] == 0);
}

static void one_outcome_teaches_nothing(void **state)
{
    double rows[20];
    uint8_t outcome[20];
    const struct logistic_data data = {rows, outcome, NULL, 20, 1};
    struct logistic_fit fit;

    fill_table(rows, outcome, 10, 10);
    assert_false(logistic_learn(*state, &data, &fit));
}

static void the_truth_is_found_within_two_standard_errors(void **state)
{
    enum { ROWS = 4000, COLUMNS = 3 };
    static const double truth[COLUMNS + 1] = {-0.7, 0.8, -0.4, 0.15};
    double *rows = arena_array(*state, ROWS * COLUMNS, sizeof *rows);
    uint8_t *outcome = arena_array(*state, ROWS, sizeof *outcome);
    uint32_t *chosen = arena_array(*state, ROWS, sizeof *chosen);
    struct logistic_data data = {rows, outcome, chosen, 0, COLUMNS};
    struct logistic_fit fit;
    struct random random;

    random_start(&random, 11);
    for (uint32_t i = 0; i < ROWS; i++) {
        double score = truth[0];

        for (size_t j = 0; j < COLUMNS; j++) {
            rows[i * COLUMNS + j] = random_normal(&random);
            score += truth[j + 1] * rows[i * COLUMNS + j];
        }
        outcome[i] = random_uniform(&random) < logistic_probability(score);
        if (i % 4 != 0)
            chosen[data.chosen_count++] = i;
    }
    assert_true(logistic_learn(*state, &data, &fit));
    for (size_t j = 0; j <= COLUMNS; j++)
        assert_true(fabs(fit.coefficients[j] - truth[j]) < 2 * sqrt(fit.covariance[j * (COLUMNS + 2)]));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_table_of_four_is_as_if_each_cell_had_a_half_more), TEST(separated_outcomes_give_a_finite_answer),
        TEST(a_column_that_depends_on_others_is_not_used),        TEST(one_outcome_teaches_nothing),
        TEST(the_truth_is_found_within_two_standard_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
