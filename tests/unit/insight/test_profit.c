/* Profit of members: sums by hand, and intervals that hold the share of the best. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/insight/profit.h"
#include "mathematics/random.h"

#define assert_near(got, expected, tolerance) check_near((got), (expected), (tolerance), __LINE__)

static void check_near(double got, double expected, double tolerance, int line)
{
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("line %d: %.10g is not %.10g within %g", line, got, expected, tolerance);
}

static const struct profit_member five[] = {
    {1, 10, 4, 1, 5}, {1, 100, 50, 10, 40}, {2, 20, 10, 15, -5}, {1, 30, 10, 10, 10}, {1, 8, 8, 10, -10}};

static void the_best_and_the_losing_are_as_summed_by_hand(void **state)
{
    struct arena *arena = arena_new((size_t)1 << 20);
    struct profit_summary summary;
    struct profit_part part;

    (void)state;
    profit_summarise(five, 5, &summary);
    assert_near(summary.all.profit, 40, 0);
    assert_near(summary.losing, 2, 0);
    assert_near(summary.lost, 15, 0);
    assert_near(summary.peak_share, 0.6, 1e-15);
    assert_near(summary.peak_profit, 55, 0);
    profit_best(arena, five, 5, 0.2, 1, &part);
    assert_near(part.of_profit, 1, 1e-15); /* 40 of 40: the others bring nothing together */
    assert_near(part.of_sales, 100.0 / 168, 1e-15);
    profit_best(arena, five, 5, 0.3, 1, &part);
    assert_near(part.profit, 45, 1e-9);
    assert_true(part.of_profit_low <= part.of_profit && part.of_profit <= part.of_profit_high);
    arena_free(arena);
}

static void no_profit_is_no_share(void **state)
{
    static const struct profit_member none[] = {{1, 0, 0, 0, 0}, {1, 0, 0, 3, -3}};
    struct arena *arena = arena_new((size_t)1 << 20);
    struct profit_part part;

    (void)state;
    profit_best(arena, none, 2, 0.2, 1, &part);
    assert_true(isnan(part.of_profit) && isnan(part.of_sales));
    assert_near(part.profit, 0, 0);
    arena_free(arena);
}

/* Exponential profits: the best fifth bring p (1 - log p) = .5219 of all. */
static void the_interval_holds_the_share_of_the_best(void **state)
{
    enum { RUNS = 200, MEMBERS = 500 };
    static struct profit_member members[MEMBERS];
    double truth = 0.2 * (1 - log(0.2)), held = 0, sum = 0;
    struct random random;

    (void)state;
    random_start(&random, 1);
    for (int run = 0; run < RUNS; run++) {
        struct arena *arena = arena_new((size_t)1 << 22);
        struct profit_part part;

        for (int i = 0; i < MEMBERS; i++)
            members[i].profit = members[i].sales = -log(1 - random_uniform(&random));
        profit_best(arena, members, MEMBERS, 0.2, (uint64_t)run, &part);
        held += part.of_profit_low <= truth && part.of_profit_high >= truth;
        sum += part.of_profit / RUNS;
        arena_free(arena);
    }
    assert_near(sum, truth, 0.005);
    assert_near(held / RUNS, 0.9, 0.06);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_and_the_losing_are_as_summed_by_hand),
        cmocka_unit_test(no_profit_is_no_share),
        cmocka_unit_test(the_interval_holds_the_share_of_the_best),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
