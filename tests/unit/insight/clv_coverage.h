/* clv_coverage.h: how often the 90 % interval of a total holds what happens, over bases drawn from a model. */
#ifndef PATRON_TESTS_UNIT_INSIGHT_CLV_COVERAGE_H
#define PATRON_TESTS_UNIT_INSIGHT_CLV_COVERAGE_H

#include "clv_fixture.h"

enum { BASES = 500, CUSTOMERS = 1000 };

static inline void check_coverage(struct clv_fit truth)
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
    print_message("# %s, k %d: %d of %d totals in their 90 %% interval\n", clv_model_name(truth.model),
                  truth.regularity, covered, BASES);
    if (covered < 0.88 * BASES || covered > 0.92 * BASES)
        fail_msg("%s covers %d of %d", clv_model_name(truth.model), covered, BASES);
    arena_free(arena);
    test_free(customers);
}

#endif
