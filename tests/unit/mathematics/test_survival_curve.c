#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mathematics/survival_curve.h"

#include "leukaemia.h"

static const double Z_95 = 1.959963984540054;

static void assert_near(double found, double wanted, double tolerance)
{
    if (!(fabs(found - wanted) <= tolerance))
        fail_msg("%.12g instead of %.12g", found, wanted);
}

static int set_up(void **state)
{
    *state = arena_new((size_t)1 << 24);
    return 0;
}

static int tear_down(void **state)
{
    arena_free(*state);
    return 0;
}

static void curves_are_those_of_r(void **state)
{
    static const struct {
        uint32_t group;
        double time, survival, error, low, high;
    } wanted[] = {
        {0, 6, 0.857142857143, 0.0763603548321, 0.61971795526598, 0.951551747647},
        {0, 10, 0.752941176471, 0.0963496529943, 0.50319951079996, 0.889361835169},
        {0, 22.5, 0.537815126050, 0.1282337516930, 0.26777893676713, 0.746790717635},
        {1, 6, 0.571428571429, 0.1079898494312, 0.33797695385949, 0.749240709943},
        {1, 22, 0.047619047619, 0.0464714320452, 0.00332446304253, 0.197044905699},
    };
    const struct survival_data data = {weeks, relapsed, untreated, PATIENTS, 2};
    struct survival_curve curves[2];

    survival_curve_make(*state, &data, 0, Z_95, &curves[0]);
    survival_curve_make(*state, &data, 1, Z_95, &curves[1]);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        const struct survival_step *step = survival_curve_at(&curves[wanted[i].group], wanted[i].time);

        assert_near(step->survival, wanted[i].survival, 1e-10);
        assert_near(step->error, wanted[i].error, 1e-10);
        assert_near(step->low, wanted[i].low, 1e-10);
        assert_near(step->high, wanted[i].high, 1e-10);
    }
    assert_null(survival_curve_at(&curves[0], 5));
    assert_true(curves[0].median == 23 && curves[0].median_low == 13 && isnan(curves[0].median_high));
    assert_true(curves[1].median == 8 && curves[1].median_low == 4 && curves[1].median_high == 11);
    assert_int_equal(curves[0].event_count, 9);
}

static void groups_differ_as_much_as_in_r(void **state)
{
    static uint32_t thirds[PATIENTS];
    struct survival_data data = {weeks, relapsed, untreated, PATIENTS, 2};
    struct survival_test test;

    survival_test_groups(*state, &data, &test);
    assert_near(test.statistic, 16.7929409892, 1e-9);
    assert_near(test.expected[0], 19.250500948, 1e-9);
    assert_true(test.observed[1] == 21 && test.freedom == 1 && test.p_value < 1e-4);
    for (size_t i = 0; i < PATIENTS; i++)
        thirds[i] = white_cells[i] <= 2.3 ? 0 : white_cells[i] <= 3 ? 1 : 2;
    data.groups = thirds;
    data.group_count = 4; /* the last one is empty */
    survival_test_groups(*state, &data, &test);
    assert_near(test.statistic, 26.3906281307, 1e-9);
    assert_true(test.freedom == 2);
}

static void one_group_or_no_event_tests_nothing(void **state)
{
    static const double times[] = {1, 2};
    static const uint8_t none[] = {0, 0};
    static const uint32_t groups[] = {0, 1};
    const struct survival_data data = {times, none, groups, 2, 2};
    struct survival_curve curve;
    struct survival_test test;

    survival_test_groups(*state, &data, &test);
    assert_true(isnan(test.statistic));
    survival_curve_make(*state, &data, 0, Z_95, &curve);
    assert_true(curve.steps[0].survival == 1 && curve.steps[0].low == 1 && isnan(curve.median));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(curves_are_those_of_r),
        TEST(groups_differ_as_much_as_in_r),
        TEST(one_group_or_no_event_tests_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
