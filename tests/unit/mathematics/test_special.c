/* Special functions against closed forms and published tables. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mathematics/special.h"

static void assert_near(double got, double expected, double tolerance)
{
    if (!(fabs(got - expected) <= tolerance * fmax(1, fabs(expected))))
        fail_msg("%.15g is not %.15g", got, expected);
}

static void the_gamma_family_has_its_known_values(void **state)
{
    (void)state;
    assert_near(log_gamma(0.5), 0.5 * log(M_PI), 1e-14);
    assert_near(log_gamma(11), log(3628800), 1e-14);
    assert_near(digamma(1), -0.57721566490153286, 1e-14);
    assert_near(trigamma(1), M_PI * M_PI / 6, 1e-14);
    assert_near(log_beta(2, 3), log(1.0 / 12), 1e-14);
    assert_near(digamma(1e6), log(1e6) - 0.5e-6, 1e-12);
}

static void arrays_give_what_single_numbers_give(void **state)
{
    double x[] = {0.1, 1.5, 30, 1e5}, y[] = {2, 0.3, 7, 1}, gamma[4], beta[4];

    (void)state;
    log_gamma_array(x, 4, gamma);
    log_beta_array(x, y, 4, beta);
    for (int i = 0; i < 4; i++) {
        assert_true(gamma[i] == log_gamma(x[i]));
        assert_true(beta[i] == log_beta(x[i], y[i]));
    }
}

static void a_sum_of_exponentials_does_not_overflow(void **state)
{
    (void)state;
    assert_near(log_add_exp(1000, 1000), 1000 + M_LN2, 1e-15);
    assert_near(log_add_exp(-2000, 0), 0, 1e-15);
    assert_true(isinf(log_add_exp(-INFINITY, -INFINITY)));
}

static void the_hypergeometric_function_has_its_closed_forms(void **state)
{
    static const double points[] = {-40, -3, -0.5, 0, 0.1, 0.5, 0.9, 0.99};

    (void)state;
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        double z = points[i];

        assert_near(hypergeometric(1, 1, 2, z), z == 0 ? 1 : -log1p(-z) / z, 1e-11);
        assert_near(hypergeometric(2.5, 3, 3, z), pow(1 - z, -2.5), 1e-11);
        /* No closed form: here two neighbours in c, which differ by a derivative. */
        double a = 7.3, b = 0.8, c = 2.9;
        double sum = (c - 1) * (hypergeometric(a, b, c - 1, z) - hypergeometric(a, b, c, z));

        assert_near(sum, z * a * b / c * hypergeometric(a + 1, b + 1, c + 1, z), 1e-10);
    }
}

static void the_hypergeometric_function_holds_where_a_power_overflows(void **state)
{
    int sign;

    (void)state;
    /* (1 - z)^-a with a = 2000 is 10^2000 here: only its logarithm fits. */
    assert_near(log_hypergeometric(2000, 3, 3, 0.9, &sign), 2000 * log(10), 1e-12);
    assert_int_equal(sign, 1);
}

static void normal_quantiles_invert_the_distribution(void **state)
{
    (void)state;
    assert_near(normal_quantile(0.975), 1.959963984540054, 1e-12);
    assert_near(normal_probability(normal_quantile(0.05)), 0.05, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gamma_family_has_its_known_values),
        cmocka_unit_test(arrays_give_what_single_numbers_give),
        cmocka_unit_test(a_sum_of_exponentials_does_not_overflow),
        cmocka_unit_test(the_hypergeometric_function_has_its_closed_forms),
        cmocka_unit_test(the_hypergeometric_function_holds_where_a_power_overflows),
        cmocka_unit_test(normal_quantiles_invert_the_distribution),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
