/* Mixtures whose parameters are known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mathematics/mixture.h"

enum { COUNT = 4000 };

static void assert_near(double got, double expected, double tolerance)
{
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("%.12g is not %.12g", got, expected);
}

/* A third about (0, 0) with correlated coordinates, the others about (3, 1). */
static struct points draw(struct arena *arena, struct random *random)
{
    double *rows = arena_array(arena, 2 * COUNT, sizeof *rows);

    for (size_t i = 0; i < COUNT; i++) {
        double a = random_normal(random), b = random_normal(random);

        rows[2 * i] = i % 3 == 0 ? a : 3 + 0.5 * a;
        rows[2 * i + 1] = i % 3 == 0 ? 0.8 * a + 0.6 * b : 1 + 0.5 * b;
    }
    return (struct points){rows, COUNT, 2};
}

static void the_parameters_are_recovered(void **state)
{
    struct arena *arena = arena_new(1 << 26);
    struct mixture mixture;
    struct random random;
    struct points points;
    size_t right = 0;

    (void)state;
    random_start(&random, 5);
    points = draw(arena, &random);
    mixture_find(arena, &points, 2, 2, &random, &mixture);
    size_t small = mixture.weights[0] < mixture.weights[1] ? 0 : 1, large = 1 - small;

    assert_near(mixture.weights[small], 1.0 / 3, 0.02);
    assert_near(mixture.weights[0] + mixture.weights[1], 1, 1e-9);
    assert_near(mixture.means[small * 2], 0, 0.1);
    assert_near(mixture.means[large * 2], 3, 0.05);
    assert_near(mixture.means[large * 2 + 1], 1, 0.05);
    /* L of [[1, .8], [.8, 1]]: 1, .8, .6 */
    assert_near(mixture.factors[small * 4], 1, 0.06);
    assert_near(mixture.factors[small * 4 + 2], 0.8, 0.06);
    assert_near(mixture.factors[small * 4 + 3], 0.6, 0.04);
    for (size_t i = 0; i < COUNT; i++)
        right += mixture_place(&mixture, points.rows + 2 * i) == (i % 3 == 0 ? small : large);
    assert_true(right > COUNT * 96 / 100);
    arena_free(arena);
}

static void one_component_has_the_likelihood_of_the_normal_distribution(void **state)
{
    const double rows[] = {0, 1, 2, 3, 4};
    struct arena *arena = arena_new(1 << 20);
    struct mixture mixture;
    struct random random;

    (void)state;
    random_start(&random, 5);
    mixture_find(arena, &(struct points){rows, 5, 1}, 1, 1, &random, &mixture);
    /* Variance 2, of which a thousandth is added: -5/2 log(2 pi 2.002) - 10 / (2 x 2.002) */
    assert_near(mixture.log_likelihood, -2.5 * log(2 * M_PI * 2.002) - 10 / 4.004, 1e-9);
    assert_near(mixture.bic, 2 * log(5) - 2 * mixture.log_likelihood, 1e-9);
    arena_free(arena);
}

static void the_true_number_has_the_least_criterion(void **state)
{
    struct arena *arena = arena_new(1 << 27);
    struct mixture mixtures[5];
    struct random random;
    struct points points;

    (void)state;
    random_start(&random, 6);
    points = draw(arena, &random);
    for (size_t k = 1; k < 5; k++)
        mixture_find(arena, &points, k, 1, &random, &mixtures[k]);
    for (size_t k = 1; k < 5; k++)
        assert_true(mixtures[2].bic <= mixtures[k].bic);
    arena_free(arena);
}

static void equal_points_are_one_component(void **state)
{
    const double rows[] = {4, 4, 4, 4, 4};
    struct arena *arena = arena_new(1 << 20);
    struct mixture mixture;
    struct random random;

    (void)state;
    random_start(&random, 5);
    mixture_find(arena, &(struct points){rows, 5, 1}, 3, 2, &random, &mixture);
    assert_int_equal(mixture.count, 1);
    assert_true(isfinite(mixture.log_likelihood));
    assert_int_equal(mixture_place(&mixture, rows), 0);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_parameters_are_recovered),
        cmocka_unit_test(one_component_has_the_likelihood_of_the_normal_distribution),
        cmocka_unit_test(the_true_number_has_the_least_criterion),
        cmocka_unit_test(equal_points_are_one_component),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
