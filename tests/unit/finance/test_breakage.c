/* What is still expected to be redeemed. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "features/finance/breakage.h"

enum { FIRST = 2025 * 12, SUMS_MAX = 2000 };

struct history {
    struct arena *arena;
    struct finance_sum sums[SUMS_MAX];
    size_t count;
};

static int set_up(void **state)
{
    struct arena *arena = arena_new((size_t)64 << 20);
    struct history *history = arena_alloc(arena, sizeof *history);

    history->arena = arena;
    *state = history;
    return 0;
}

static int tear_down(void **state)
{
    arena_free(((struct history *)*state)->arena);
    return 0;
}

static void add(struct history *history, int32_t issued_in, int32_t age, enum finance_entry entry, int64_t amount)
{
    assert_true(history->count < SUMS_MAX);
    history->sums[history->count++] = (struct finance_sum){.kind = SUM_VINTAGE,
                                                           .month = FIRST + issued_in + age,
                                                           .wallet = TEXT("points"),
                                                           .entity = TEXT("A"),
                                                           .other_month = FIRST + issued_in,
                                                           .entry = entry,
                                                           .amount = amount};
}

/* 1000 a month; 200, 100 and 60 of them redeemed at ages 0, 1 and 2, one in ten more in every third month. */
static void fill(struct history *history, int32_t months)
{
    for (int32_t i = 0; i < months; i++) {
        int64_t scale = i % 3 == 2 ? 11 : 10;
        add(history, i, 0, FINANCE_ISSUED, 1000);
        add(history, i, 0, FINANCE_REDEEMED, -20 * scale);
        if (i + 1 < months)
            add(history, i, 1, FINANCE_REDEEMED, i % 2 == 0 ? -10 * scale : -9 * scale);
        if (i + 2 < months)
            add(history, i, 2, FINANCE_REDEEMED, -6 * scale);
    }
}

static void too_little_history_counts_everything_and_says_so(void **state)
{
    struct history *history = *state;

    fill(history, 5);
    struct finance_breakage *breakage =
        finance_breakage_estimate(history->arena, history->sums, history->count, FIRST + 4);
    assert_false(breakage->enough);
    assert_true(fabs(breakage->expected - (double)breakage->outstanding) < 1e-9);
    assert_true(
        text_starts_with(breakage->sentence, TEXT("5 months of issue have been redeemed from and 6 are needed")));
    assert_int_equal(finance_breakage_estimate(history->arena, NULL, 0, FIRST)->outstanding, 0);
}

static void the_estimate_is_that_of_the_chain_ladder_by_hand(void **state)
{
    struct history *history = *state;

    fill(history, 8);
    struct finance_breakage *breakage =
        finance_breakage_estimate(history->arena, history->sums, history->count, FIRST + 7);
    /*
     * Cumulative, i = 0..7: 200 300 360 | 200 290 350 | 220 330 396 | 200 290 350 | 200 300 360 | 220 319 385 | 200 300 | 200.
     * f0 = (300+290+330+290+300+319+300) / 1440 = 2129 / 1440; f1 = 2201 / 1829; then 1.
     */
    assert_true(breakage->enough);
    assert_int_equal(breakage->count, 8);
    assert_true(fabs(breakage->factors[0] - 2129.0 / 1440) < 1e-12);
    assert_true(fabs(breakage->factors[1] - 2201.0 / 1829) < 1e-12);
    assert_true(fabs(breakage->factors[2] - 1) < 1e-12);
    double newest = 200 * (2129.0 / 1440) * (2201.0 / 1829) - 200, before = 300 * (2201.0 / 1829) - 300;
    assert_true(fabs(breakage->vintages[7].expected - newest) < 1e-9);
    assert_true(fabs(breakage->vintages[6].expected - before) < 1e-9);
    assert_true(fabs(breakage->expected - newest - before) < 1e-9);
    assert_true(breakage->standard_error > 0 && breakage->low < breakage->expected &&
                breakage->expected < breakage->high);
    assert_int_equal(breakage->outstanding, 8000 - (360 + 350 + 396 + 350 + 360 + 385 + 300 + 200));
    assert_false(breakage->growing);
}

static void a_month_without_any_redemption_takes_the_rate_of_all(void **state)
{
    struct history *history = *state;

    fill(history, 8);
    add(history, 8, 0, FINANCE_ISSUED, 500);
    struct finance_breakage *breakage =
        finance_breakage_estimate(history->arena, history->sums, history->count, FIRST + 8);
    const struct finance_vintage *newest = &breakage->vintages[8];
    assert_true(newest->by_rate);
    assert_true(fabs(newest->expected - 500 * breakage->rate * (1 - newest->developed)) < 1e-9);
    assert_true(breakage->rate > 0.3 && breakage->rate < 0.4);
}

static void no_more_is_expected_than_is_out(void **state)
{
    struct history *history = *state;

    fill(history, 8);
    add(history, 7, 0, FINANCE_EXPIRED, -790);
    struct finance_breakage *breakage =
        finance_breakage_estimate(history->arena, history->sums, history->count, FIRST + 7);
    assert_int_equal(breakage->vintages[7].outstanding, 10);
    assert_true(fabs(breakage->vintages[7].expected - 10) < 1e-9);
    assert_true(breakage->high <= (double)breakage->outstanding);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(too_little_history_counts_everything_and_says_so, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_estimate_is_that_of_the_chain_ladder_by_hand, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_month_without_any_redemption_takes_the_rate_of_all, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_more_is_expected_than_is_out, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
