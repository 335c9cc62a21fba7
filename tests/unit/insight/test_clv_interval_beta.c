/* The same as test_clv_interval.c for the models of the beta family: apart, since each draws 500 bases a model. */
#include "clv_coverage.h"

static void intervals_of_the_beta_models_hold_nine_times_in_ten(void **state)
{
    (void)state;
    check_coverage((struct clv_fit){.model = CLV_BG_NBD, .regularity = 1, .parameters = {0.5, 4, 0.8, 2.5}});
    check_coverage((struct clv_fit){.model = CLV_MBG_NBD, .regularity = 1, .parameters = {0.6, 4, 0.8, 2.5}});
}

static void intervals_of_regular_gaps_hold_nine_times_in_ten(void **state)
{
    (void)state;
    check_coverage((struct clv_fit){.model = CLV_BG_CNBD, .regularity = 2, .parameters = {1.3, 3, 0.6, 1.5}});
    check_coverage((struct clv_fit){.model = CLV_MBG_CNBD, .regularity = 2, .parameters = {1.3, 3, 0.4, 0.9}});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_of_the_beta_models_hold_nine_times_in_ten),
        cmocka_unit_test(intervals_of_regular_gaps_hold_nine_times_in_ten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
