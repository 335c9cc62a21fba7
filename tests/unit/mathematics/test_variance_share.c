/* Shares of explained variance against hand-computed values and the definition itself. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mathematics/variance_share.h"

static void assert_near(double got, double expected, double tolerance)
{
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("%.15g is not %.15g", got, expected);
}

/* r12 = .5, r1y = .6, r2y = .4; R2 = (.36 + .16 - 2 * .5 * .6 * .4) / (1 - .25) = .28 / .75. */
static void two_variables_share_what_both_could_explain(void **state)
{
    const double covariance[] = {4, 1, 1.2, 1, 1, 0.4, 1.2, 0.4, 1};
    struct arena *arena = arena_new((size_t)1 << 22);
    struct variance_share *work = variance_share_new(arena, 2);
    double shares[2], whole = 0.28 / 0.75;

    (void)state;
    assert_near(variance_share_lmg(work, covariance, shares), whole, 1e-15);
    assert_near(shares[0], (0.36 + whole - 0.16) / 2, 1e-15);
    assert_near(shares[1], (0.16 + whole - 0.36) / 2, 1e-15);
    /* Johnson's split of two variables is the same (Johnson 2000). */
    assert_near(variance_share_johnson(arena, covariance, 2, shares), whole, 1e-15);
    assert_near(shares[0] + shares[1], whole, 1e-15);
    assert_near(shares[0], (0.36 + whole - 0.16) / 2, 1e-14);
    arena_free(arena);
}

enum { P = 6, ROWS = 40 };

/* Covariances of drawn data, all variables tied together. */
static void draw_covariance(double *covariance, size_t count, uint64_t seed)
{
    struct random random;

    random_start(&random, seed);
    memset(covariance, 0, (count + 1) * (count + 1) * sizeof *covariance);
    for (int row = 0; row < ROWS; row++) {
        double values[32], common = random_normal(&random), outcome = 0;

        for (size_t j = 0; j < count; j++) {
            values[j] = common + random_normal(&random) * (1 + (double)j / 3);
            outcome += values[j] * (double)(j + 1);
        }
        values[count] = outcome + 20 * random_normal(&random);
        for (size_t i = 0; i <= count; i++)
            for (size_t j = 0; j <= count; j++)
                covariance[i * (count + 1) + j] += values[i] * values[j] / ROWS;
    }
}

/* R2 of the variables in `mask` by Gaussian elimination. */
static double explained_by(const double *covariance, unsigned mask)
{
    double matrix[(P + 1) * (P + 1)];
    size_t size = P + 1;

    memcpy(matrix, covariance, sizeof matrix);
    for (size_t k = 0; k < P; k++)
        if (mask >> k & 1)
            for (size_t i = 0; i < size; i++)
                for (size_t j = size; j-- > 0;)
                    if (i != k && j != k && (i == P || mask >> i & 1) && i > k)
                        matrix[i * size + j] -= matrix[i * size + k] * matrix[k * size + j] / matrix[k * size + k];
    return 1 - matrix[size * size - 1] / covariance[size * size - 1];
}

static void lmg_is_the_mean_gain_over_all_subsets(void **state)
{
    static const double factorial[] = {1, 1, 2, 6, 24, 120, 720};
    struct arena *arena = arena_new((size_t)1 << 22);
    double covariance[(P + 1) * (P + 1)], shares[P];

    (void)state;
    draw_covariance(covariance, P, 5);
    double whole = variance_share_lmg(variance_share_new(arena, P), covariance, shares);

    assert_near(whole, explained_by(covariance, (1 << P) - 1), 1e-12);
    for (unsigned j = 0; j < P; j++) {
        double expected = 0;

        for (unsigned mask = 0; mask < 1 << P; mask++) {
            int size = __builtin_popcount(mask);

            if ((mask >> j & 1) == 0)
                expected += factorial[size] * factorial[P - 1 - size] / factorial[P] *
                            (explained_by(covariance, mask | 1U << j) - explained_by(covariance, mask));
        }
        assert_near(shares[j], expected, 1e-12);
    }
    arena_free(arena);
}

static void drawn_orders_come_near_within_the_error_told(void **state)
{
    enum { COUNT = 12 };
    struct arena *arena = arena_new((size_t)1 << 22);
    struct variance_share *work = variance_share_new(arena, COUNT);
    double covariance[(COUNT + 1) * (COUNT + 1)], exact[COUNT], drawn[COUNT], errors[COUNT], sum = 0;
    struct random random;

    (void)state;
    draw_covariance(covariance, COUNT, 8);
    random_start(&random, 1);
    double whole = variance_share_lmg(work, covariance, exact);

    assert_near(variance_share_lmg_drawn(work, covariance, &random, 400, drawn, errors), whole, 1e-12);
    for (size_t j = 0; j < COUNT; j++) {
        assert_true(errors[j] > 0 && errors[j] < 0.01);
        assert_near(drawn[j], exact[j], 4 * errors[j]);
        sum += drawn[j];
    }
    assert_near(sum, whole, 1e-12);
    arena_free(arena);
}

static void twins_share_alike_and_a_constant_gets_nothing(void **state)
{
    /* Variables 1 and 2 are the same, 3 is constant. */
    const double covariance[] = {1, 1, 0, 0.6, 1, 1, 0, 0.6, 0, 0, 0, 0, 0.6, 0.6, 0, 1};
    const double dead[16] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0};
    struct arena *arena = arena_new((size_t)1 << 22);
    struct variance_share *work = variance_share_new(arena, 3);
    double shares[3];

    (void)state;
    assert_near(variance_share_lmg(work, covariance, shares), 0.36, 1e-15);
    assert_near(shares[0], 0.18, 1e-15);
    assert_near(shares[1], 0.18, 1e-15);
    assert_near(shares[2], 0, 0);
    assert_near(variance_share_johnson(arena, covariance, 3, shares), 0.36, 1e-14);
    assert_near(shares[0], 0.18, 1e-14);
    assert_near(shares[2], 0, 1e-14);
    assert_near(variance_share_lmg(work, dead, shares), 0, 0);
    assert_near(variance_share_johnson(arena, dead, 3, shares), 0, 0);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_variables_share_what_both_could_explain),
        cmocka_unit_test(lmg_is_the_mean_gain_over_all_subsets),
        cmocka_unit_test(drawn_orders_come_near_within_the_error_told),
        cmocka_unit_test(twins_share_alike_and_a_constant_gets_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
