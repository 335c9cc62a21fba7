#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mathematics/foretelling.h"
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

/* The example of scikit-learn's roc_auc_score; the other figures by hand. */
static const double probabilities[] = {0.1, 0.4, 0.35, 0.8};
static const uint8_t outcome[] = {0, 0, 1, 1};
static const struct foretelling told = {probabilities, outcome, 4};

static void auc_and_its_error_are_as_by_hand(void **state)
{
    struct measure auc = foretelling_auc(*state, &told);

    assert_near(auc.value, 0.75, 1e-12);
    assert_near(auc.error, sqrt(0.125), 1e-12);
}

static void ties_count_half(void **state)
{
    static const double same[] = {0.5, 0.5, 0.5, 0.9};
    const struct foretelling tied = {same, outcome, 4};

    assert_near(foretelling_auc(*state, &tied).value, 0.75, 1e-12);
}

static void losses_are_as_by_hand(void **state)
{
    double by_chance;

    assert_near(foretelling_brier(&told).value, 0.158125, 1e-12);
    assert_near(foretelling_log_loss(&told).value, -(log(0.9) + log(0.6) + log(0.35) + log(0.8)) / 4, 1e-12);
    assert_near(foretelling_calibration_error(*state, &told, 2, &by_chance), 0.1875, 1e-12);
    assert_near(by_chance, (sqrt(0.09 + 0.2275) + sqrt(0.24 + 0.16)) * sqrt(2 / M_PI) / 4, 1e-12);
    assert_near(foretelling_caught(*state, &told, 0.5), 0.5, 1e-12);
}

static void a_certain_mistake_costs_much_but_not_all(void **state)
{
    static const double sure[] = {0, 1};
    static const uint8_t wrong[] = {1, 0};
    const struct foretelling mistaken = {sure, wrong, 2};

    (void)state;
    assert_near(foretelling_log_loss(&mistaken).value, -log(1e-15), 1e-9);
}

static void true_probabilities_show_the_error_of_chance(void **state)
{
    enum { ROWS = 20000 };
    double *p = arena_array(*state, ROWS, sizeof *p), by_chance;
    uint8_t *y = arena_array(*state, ROWS, sizeof *y);
    const struct foretelling perfect = {p, y, ROWS};
    struct random random;

    random_start(&random, 3);
    for (size_t i = 0; i < ROWS; i++) {
        p[i] = random_uniform(&random);
        y[i] = random_uniform(&random) < p[i];
    }
    double error = foretelling_calibration_error(*state, &perfect, 10, &by_chance);

    assert_true(error < 2 * by_chance && error > by_chance / 3);
    /* The AUC of a uniform probability that tells the truth is 5/6. */
    struct measure auc = foretelling_auc(*state, &perfect);

    assert_true(fabs(auc.value - 5.0 / 6) < 2 * auc.error);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(auc_and_its_error_are_as_by_hand),
        TEST(ties_count_half),
        TEST(losses_are_as_by_hand),
        TEST(a_certain_mistake_costs_much_but_not_all),
        TEST(true_probabilities_show_the_error_of_chance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
