/* Cohorts, gaps and the share of the best, by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/insight/clv_choice.h"
#include "features/insight/cohort.h"
#include "foundation/instant.h"
#include "mathematics/random.h"

static int32_t day(int year, int month, int of_month)
{
    return day_from_date((struct date){year, month, of_month});
}

static void a_cohort_is_followed_through_the_months(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    const struct clv_purchase purchases[] = {
        {1, day(2026, 3, 2), 7},  {0, day(2026, 1, 31), 10}, {0, day(2026, 2, 1), 20},
        {0, day(2026, 2, 28), 5}, {2, day(2026, 1, 1), 40},  {1, day(2026, 2, 27), 3},
    };
    struct error err = {0};
    struct cohort_matrix matrix;

    (void)state;
    assert_int_equal(cohort_build(arena, &(struct clv_purchases){purchases, 6, 3}, COHORT_MONTH, &matrix, &err),
                     STATUS_OK);
    assert_int_equal(matrix.count, 3);
    assert_int_equal(matrix.starts[2], day(2026, 3, 1));
    const double customers[] = {2, 1, 0, 1, 1, 0, 0, 0, 0}, amounts[] = {50, 25, 0, 3, 7, 0, 0, 0, 0};

    for (int i = 0; i < 9; i++) {
        assert_true(matrix.customers[i] == customers[i]);
        assert_true(matrix.amounts[i] == amounts[i]);
    }
    assert_int_equal(cohort_build(arena, &(struct clv_purchases){purchases, 6, 3}, COHORT_QUARTER, &matrix, &err),
                     STATUS_OK);
    assert_int_equal(matrix.count, 1);
    assert_true(matrix.customers[0] == 3);
    arena_free(arena);
}

static void a_week_begins_on_monday_and_knows_no_year(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    const struct clv_purchase purchases[] = {
        {0, day(2025, 12, 31), 1}, {0, day(2026, 1, 4), 1}, {0, day(2026, 1, 5), 1}};
    struct error err = {0};
    struct cohort_matrix matrix;

    (void)state;
    assert_int_equal(cohort_build(arena, &(struct clv_purchases){purchases, 3, 1}, COHORT_WEEK, &matrix, &err),
                     STATUS_OK);
    assert_int_equal(matrix.count, 2);
    assert_int_equal(matrix.starts[0], day(2025, 12, 29));
    assert_true(matrix.customers[1] == 1);
    arena_free(arena);
}

static void too_many_periods_and_none_are_refused(void **state)
{
    struct arena *arena = arena_new(1 << 24);
    const struct clv_purchase purchases[] = {{0, day(1990, 1, 1), 1}, {0, day(2026, 1, 4), 1}};
    struct error err = {0};
    struct cohort_matrix matrix;

    (void)state;
    assert_int_equal(cohort_build(arena, &(struct clv_purchases){purchases, 2, 1}, COHORT_WEEK, &matrix, &err),
                     STATUS_LIMIT);
    assert_string_equal(err.code, "cohort.periods");
    assert_int_equal(cohort_build(arena, &(struct clv_purchases){purchases, 0, 0}, COHORT_WEEK, &matrix, &err),
                     STATUS_INVALID);
    assert_string_equal(err.code, "cohort.empty");
    arena_free(arena);
}

static void gaps_count_days_with_purchases(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    const struct clv_purchase purchases[] = {{0, 10, 1}, {1, 5, 1}, {0, 10, 1}, {0, 13, 1},
                                             {0, 20, 1}, {2, 1, 1}, {2, 2, 1}};
    struct buying buying;

    (void)state;
    buying_measure(arena, &(struct clv_purchases){purchases, 7, 3}, &buying);
    assert_true(buying.purchases == 6);
    assert_true(buying.repeat_customers == 2);
    assert_true(fabs(buying.repeat_rate - 2.0 / 3) < 1e-15);
    assert_true(fabs(buying.gap_mean - 11.0 / 3) < 1e-15);
    assert_true(buying.gap_median == 3);
    buying_measure(arena, &(struct clv_purchases){purchases, 1, 1}, &buying);
    assert_true(isnan(buying.gap_median));
    assert_true(buying.repeat_rate == 0);
    arena_free(arena);
}

static void the_best_bring_their_share(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    const double values[] = {10, 60, 5, 20, 5};

    (void)state;
    assert_true(fabs(share_of_best(arena, values, 5, 0.2) - 0.6) < 1e-15);
    assert_true(fabs(share_of_best(arena, values, 5, 0.3) - 0.7) < 1e-15);
    assert_true(fabs(share_of_best(arena, values, 5, 1) - 1) < 1e-15);
    assert_true(share_of_best(arena, values, 0, 0.2) == 0);
    arena_free(arena);
}

static void purchases_of_a_day_are_one_and_the_first_is_no_repeat(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    const struct clv_purchase purchases[] = {{0, 21, 6}, {0, 7, 5}, {0, 7, 5}, {0, 14, 4}, {0, 28, 9}, {1, 30, 1}};
    const struct clv_period period = {.end = 28, .until = 40};
    struct clv_history history;

    (void)state;
    clv_log_sum(arena, purchases, 5, 2, &(struct clv_period){.end = 21, .until = 40}, &history);
    assert_int_equal(history.count, 1);
    assert_int_equal(history.customers[0].repeats, 2);
    assert_true(history.customers[0].last == 2);
    assert_true(history.customers[0].observed == 2);
    assert_int_equal(history.spends[0].purchases, 2);
    assert_true(history.spends[0].mean == 5);
    assert_int_equal(history.later[0], 1);
    assert_true(history.later_amounts[0] == 9);
    assert_true(history.log_gaps == 0);
    clv_log_sum(arena, purchases, 6, 2, &period, &history);
    assert_int_equal(history.count, 1);
    assert_int_equal(history.customers[0].repeats, 3);
    arena_free(arena);
}

/* As `patron analyze clv` goes: from purchases of which every customer has days of his own to scores. */
static void a_customer_takes_a_hundred_bytes_at_most(void **state)
{
    enum { CUSTOMERS = 40000, PURCHASES = 4 };
    struct clv_purchase *purchases = test_calloc((size_t)CUSTOMERS * PURCHASES, sizeof *purchases);
    const struct clv_period period = {.end = 730, .until = 730};
    struct clv_history history;
    struct clv_rows rows;
    struct error err = {0};
    struct random random;

    (void)state;
    random_start(&random, 1);
    for (uint32_t i = 0; i < CUSTOMERS * PURCHASES; i++)
        purchases[i] = (struct clv_purchase){i / PURCHASES, (int32_t)random_below(&random, 730), 10};
    for (int i = CLV_BG_NBD; i <= CLV_PARETO_NBD; i++) {
        struct arena *arena = arena_new((size_t)1 << 30), *scratch = arena_new((size_t)1 << 30);
        struct clv_fit fit;

        clv_log_sum(arena, purchases, (size_t)CUSTOMERS * PURCHASES, CUSTOMERS, &period, &history);
        assert_null(history.later);
        assert_int_equal(clv_history_rows(arena, &history, &rows, &err), STATUS_OK);
        assert_int_equal(clv_fit(scratch, &rows, (enum clv_model)i, 1, &fit, &err), STATUS_OK);
        struct clv_score *scores = arena_array(arena, rows.row_count, sizeof *scores);

        clv_score_rows(scratch, &rows, &fit, &(struct clv_question){52, 0}, scores);
        assert_true(arena_used(arena) <= (size_t)CUSTOMERS * 100);
        arena_free(arena);
        arena_free(scratch);
    }
    test_free(purchases);
}

static void a_holdout_without_purchases_is_refused(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    const struct clv_purchase purchases[] = {{0, 1, 1}, {0, 8, 1}, {1, 9, 1}};
    struct clv_history history;
    struct clv_choice choice;
    struct error err = {0};

    (void)state;
    clv_log_sum(arena, purchases, 3, 2, &(struct clv_period){.end = 10, .until = 20}, &history);
    assert_int_equal(clv_choose(arena, &history, &choice, &err), STATUS_INVALID);
    assert_string_equal(err.code, "clv.holdout");
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cohort_is_followed_through_the_months),
        cmocka_unit_test(a_week_begins_on_monday_and_knows_no_year),
        cmocka_unit_test(too_many_periods_and_none_are_refused),
        cmocka_unit_test(gaps_count_days_with_purchases),
        cmocka_unit_test(the_best_bring_their_share),
        cmocka_unit_test(purchases_of_a_day_are_one_and_the_first_is_no_repeat),
        cmocka_unit_test(a_customer_takes_a_hundred_bytes_at_most),
        cmocka_unit_test(a_holdout_without_purchases_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
