#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/insight/base.h"

enum { NOW_DAY = 20000 };

static struct standing bought(int64_t purchases, int32_t first_day, int32_t last_day, int64_t spend)
{
    return (struct standing){.purchases = purchases,
                             .purchase_days = purchases,
                             .spend = spend,
                             .first_purchase_at = first_day * INSTANT_DAY,
                             .last_purchase_at = last_day * INSTANT_DAY};
}

static void buyers_repeat_buyers_and_active_members_are_counted(void **state)
{
    struct base_counts counts = {.now = NOW_DAY * INSTANT_DAY, .today = NOW_DAY, .median_interval = 30 * INSTANT_DAY};
    const struct standing people[] = {
        {0},                                             /* never bought */
        {.last_visit_at = (NOW_DAY - 10) * INSTANT_DAY}, /* visited */
        bought(1, NOW_DAY - 5, NOW_DAY - 5, 1000),       /* new */
        bought(4, NOW_DAY - 70, NOW_DAY - 10, 4000),     /* every 20 days */
        bought(4, NOW_DAY - 600, NOW_DAY - 540, 4000),   /* lost */
    };

    (void)state;
    for (size_t i = 0; i < 5; i++)
        base_count(&counts, &people[i]);
    assert_int_equal(counts.standings, 5);
    assert_int_equal(counts.active, 3);
    assert_int_equal(counts.buyers, 3);
    assert_int_equal(counts.repeat_buyers, 2);
    assert_int_equal(counts.stages[STAGE_NONE], 2);
    assert_int_equal(counts.stages[STAGE_NEW], 1);
    assert_int_equal(counts.stages[STAGE_LOST], 1);
    assert_int_equal(counts.stage_spend[STAGE_LOST], 4000);
}

static void the_grid_holds_every_buyer_once(void **state)
{
    struct arena *arena = arena_new(4 << 20);
    struct rfm_base base = {.arena = arena};
    int64_t members = 0, value = 0;

    (void)state;
    for (int i = 1; i <= 100; i++) {
        struct standing person = bought(i % 7, NOW_DAY - 200, NOW_DAY - i, 100 * i);
        rfm_base_add(&base, &person);
    }
    assert_int_equal(base.count, 86); /* those of a multiple of 7 never bought */
    struct rfm_grid grid = rfm_grid_make(&base, 3);
    for (int i = 0; i < 27; i++) {
        members += grid.cells[i].count;
        value += grid.cells[i].monetary;
    }
    assert_int_equal(members, 86);
    assert_int_equal(value, 100 * (5050 - 7 * 105));
    struct rfm_scores best = rfm_grid_score(&grid, (struct rfm_value){INT64_MAX - 1, INT64_MAX - 1, INT64_MAX - 1});
    assert_int_equal(best.recency, 3);
    assert_int_equal(best.monetary, 3);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buyers_repeat_buyers_and_active_members_are_counted),
        cmocka_unit_test(the_grid_holds_every_buyer_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
