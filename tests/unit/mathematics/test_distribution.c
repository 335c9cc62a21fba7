/* Distributions of tests against printed tables and closed forms. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mathematics/distribution.h"

static void assert_near(double got, double expected, double tolerance)
{
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("%.15g is not %.15g", got, expected);
}

static void quantiles_and_tails_are_those_of_the_tables(void **state)
{
    (void)state;
    assert_near(student_quantile(0.975, 10), 2.228139, 1e-6);
    assert_near(student_two_sided(-2.228139, 10), 0.05, 1e-7);
    assert_near(student_two_sided(0, 3), 1, 0);
    assert_near(normal_two_sided(1.959963984540054), 0.05, 1e-14);
    assert_near(chi_square_above(4, 2), exp(-2), 1e-14);
    assert_near(chi_square_above(0, 2), 1, 0);
    assert_near(fisher_above(4.964603, 1, 10), 0.05, 1e-7); /* the square of Student's */
}

/* Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29. */
static void wilson_intervals_are_as_published(void **state)
{
    static const double cases[][4] = {
        {81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}};
    double low, high;

    (void)state;
    for (int i = 0; i < 4; i++) {
        share_interval(cases[i][0], cases[i][1], 1.959963984540054, &low, &high);
        assert_near(low, cases[i][2], 5.1e-5);
        assert_near(high, cases[i][3], 5.1e-5);
    }
    share_interval(0, 0, 1.96, &low, &high);
    assert_near(high - low, 1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_and_tails_are_those_of_the_tables),
        cmocka_unit_test(wilson_intervals_are_as_published),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
