/* The 90 % intervals of totals against what happened, over bases drawn from each kind of model. */
#include "clv_fixture.h"

enum { BASES = 500, CUSTOMERS = 1000 };

static void check_coverage(struct clv_fit truth)
{
    struct clv_customer *customers = test_malloc(CUSTOMERS * sizeof *customers);
    struct arena *arena = arena_new((size_t)1 << 28);
    struct dice dice = {88172645463325252ULL};
    int covered = 0;

    for (int base = 0; base < BASES; base++) {
        struct error err = {0};
        struct clv_rows rows;
        struct clv_total total;
        struct clv_fit fit;
        double actual = 0;

        arena_reset(arena);
        for (int i = 0; i < CUSTOMERS; i++) {
            uint32_t later;

            customers[i] = dice_customer(&dice, &truth, 30 + i % 13, 30, &later);
            actual += later;
        }
        assert_int_equal(clv_rows_build(arena, customers, CUSTOMERS, &rows, &err), STATUS_OK);
        assert_int_equal(clv_fit(arena, &rows, truth.model, truth.regularity, &fit, &err), STATUS_OK);
        assert_int_equal(clv_total(&rows, &fit, 30, &total, &err), STATUS_OK);
        covered += total.low <= actual && actual <= total.high;
    }
    if (covered < 0.88 * BASES || covered > 0.92 * BASES)
        fail_msg("%s covers %d of %d", clv_model_name(truth.model), covered, BASES);
    arena_free(arena);
    test_free(customers);
}

static void intervals_of_pareto_hold_nine_times_in_ten(void **state)
{
    (void)state;
    check_coverage((struct clv_fit){.model = CLV_PARETO_NBD, .regularity = 1, .parameters = {0.8, 6, 0.7, 12}});
}

static void intervals_of_the_beta_models_hold_nine_times_in_ten(void **state)
{
    (void)state;
    check_coverage((struct clv_fit){.model = CLV_BG_NBD, .regularity = 1, .parameters = {0.5, 4, 0.8, 2.5}});
    check_coverage((struct clv_fit){.model = CLV_MBG_CNBD, .regularity = 2, .parameters = {1.3, 3, 0.4, 0.9}});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_of_pareto_hold_nine_times_in_ten),
        cmocka_unit_test(intervals_of_the_beta_models_hold_nine_times_in_ten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
