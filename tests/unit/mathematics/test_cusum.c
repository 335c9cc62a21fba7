#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mathematics/cusum.h"
#include "mathematics/random.h"

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

/* One-sided run lengths of Montgomery, Introduction to Statistical Quality Control: twice the two-sided 168 and 465. */
static void run_lengths_are_those_of_the_tables(void **state)
{
    assert_true(fabs(cusum_run_length(*state, 0.5, 4) - 2 * 168) < 2);
    assert_true(fabs(cusum_run_length(*state, 0.5, 5) - 2 * 465) < 3);
    assert_true(fabs(cusum_threshold(*state, 0.5, cusum_run_length(*state, 0.5, 4)) - 4) < 1e-4);
}

static void false_alarms_come_as_seldom_as_stated(void **state)
{
    enum { SERIES = 4000, RUN_LENGTH = 50, VALUES_MAX = 5000 };
    double threshold = cusum_threshold(*state, 0.5, RUN_LENGTH), sum = 0, squares = 0;
    struct random random;

    random_start(&random, 31);
    for (size_t i = 0; i < SERIES; i++) {
        struct cusum cusum;
        struct cusum_alarm alarm;
        double values = 0, level = random_normal(&random) * 10, spread = exp(random_normal(&random));

        cusum_start(&cusum, 0.5, threshold, 0);
        while (values < VALUES_MAX && !cusum_take(&cusum, level + spread * random_normal(&random), &alarm))
            values++;
        values = values + 1 - 2; /* the first two only teach */
        sum += values / SERIES;
        squares += values * values / SERIES;
    }
    double error = sqrt((squares - sum * sum) / SERIES);

    assert_true(fabs(sum - RUN_LENGTH) < 2.5 * error + 0.01 * RUN_LENGTH);
}

static void a_rise_of_two_spreads_is_found_within_a_few_values(void **state)
{
    struct cusum cusum;
    struct cusum_alarm alarm = {0};
    struct random random;
    size_t value = 0;

    random_start(&random, 4);
    cusum_start(&cusum, 0.5, cusum_threshold(*state, 0.5, 1000), 0);
    for (; value < 60; value++)
        if (cusum_take(&cusum, (value < 40 ? 5 : 7) + random_normal(&random), &alarm))
            break;
    assert_in_range(value, 40, 50);
    assert_in_range(value + 1 - alarm.rise, 38, 42);
    assert_true(fabs(alarm.before - 5) < 0.6 && fabs(alarm.after - 7) < 1);
}

static void a_constant_series_never_rings(void **state)
{
    struct cusum cusum;
    struct cusum_alarm alarm;

    cusum_start(&cusum, 0.5, cusum_threshold(*state, 0.5, 10), 0);
    for (size_t value = 0; value < 1000; value++)
        assert_false(cusum_take(&cusum, 3, &alarm));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(run_lengths_are_those_of_the_tables),
        TEST(false_alarms_come_as_seldom_as_stated),
        TEST(a_rise_of_two_spreads_is_found_within_a_few_values),
        TEST(a_constant_series_never_rings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
