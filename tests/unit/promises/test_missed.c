/* What was due beside what was given, and what is left of it when goods come back. Figures are worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/events/terms.h"
#include "features/promises/missed_rows.h"

enum { LINES = 3 };

struct case_of {
    struct arena *arena;
    struct purchase_line lines[LINES];
    struct line_terms terms[LINES];
    struct line_discount discounts[LINES];
    struct quoted_offer offers[2];
    struct quoted_cut cuts[4];
    struct quoted quoted;
    struct missed_due due[2];
};

static void start(struct case_of *test)
{
    *test = (struct case_of){.arena = arena_new(1 << 20)};
    test->quoted = (struct quoted){.line_count = LINES, .offers = test->offers, .cuts = test->cuts};
    for (int i = 0; i < LINES; i++)
        test->lines[i] = (struct purchase_line){.number = i + 1, .quantity_milli = 1000, .amount = 10000};
}

static void offer(struct case_of *test, const char *code, int64_t first, int64_t second, int64_t third)
{
    const int64_t amounts[] = {first, second, third};
    size_t index = test->quoted.offer_count++;

    test->offers[index] = (struct quoted_offer){.code = text_from(code), .amount = first + second + third};
    for (int64_t i = 0; i < LINES; i++)
        if (amounts[i] > 0)
            test->cuts[test->quoted.cut_count++] = (struct quoted_cut){i, (int64_t)index, amounts[i]};
}

static void given(struct case_of *test, size_t line, const char *code, int64_t amount)
{
    test->discounts[line] = (struct line_discount){TEXT("offer"), text_from(code), amount};
    test->terms[line] = line_terms_start();
    test->terms[line].discounts = &test->discounts[line];
    test->terms[line].discount_count = 1;
    test->lines[line].terms = &test->terms[line];
    test->lines[line].discount = amount;
}

static size_t compare(struct case_of *test)
{
    return missed_compare(test->arena, &test->quoted, test->lines, test->due);
}

static void what_was_given_by_its_code_is_its_own(void **state)
{
    struct case_of test;

    (void)state;
    start(&test);
    offer(&test, "a", 600, 400, 0);
    offer(&test, "b", 0, 0, 500);
    given(&test, 0, "a", 600);
    assert_int_equal(compare(&test), 2);
    assert_int_equal(test.due[0].amount, 400);
    assert_false(test.due[0].unused);
    assert_int_equal(test.due[1].amount, 500);
    assert_true(test.due[1].unused);
    arena_free(test.arena);
}

static void what_else_was_taken_off_counts_for_the_last_offers_first(void **state)
{
    struct case_of test;

    (void)state;
    start(&test);
    offer(&test, "a", 600, 400, 0);
    offer(&test, "b", 0, 0, 500);
    given(&test, 2, "", 700); /* by hand: all 500 of b, and 200 of a */
    assert_int_equal(compare(&test), 1);
    assert_true(text_equals(test.due[0].offer->code, "a"));
    assert_int_equal(test.due[0].amount, 800);
    /* 800 over 600 and 400: 480 and 320. */
    assert_true(text_equals(test.due[0].lines, "1:10000:480 2:10000:320"));
    test.lines[2].discount = test.discounts[2].amount = 1500;
    assert_int_equal(compare(&test), 0);
    arena_free(test.arena);
}

static void more_than_was_due_by_a_code_counts_for_the_others(void **state)
{
    struct case_of test;

    (void)state;
    start(&test);
    offer(&test, "a", 600, 400, 0);
    offer(&test, "b", 0, 0, 500);
    given(&test, 2, "b", 650);
    assert_int_equal(compare(&test), 1);
    assert_int_equal(test.due[0].amount, 850); /* 1500 due, 650 given */
    arena_free(test.arena);
}

static void goods_that_come_back_take_their_share_and_the_last_one_the_rest(void **state)
{
    /* Rule 4: shares 34, 33, 33 of 100 for 100 points. */
    const struct missed missed = {.value = 100,
                                  .left = 100,
                                  .lines = TEXT("1:3334:34 2:3333:33 3:3333:33"),
                                  .good = {.points = 100, .cost = 100}};
    struct purchase_line left[LINES] = {{.number = 1, .quantity_milli = 1000, .amount = 3334},
                                        {.number = 2, .quantity_milli = 1000, .amount = 3333},
                                        {.number = 3, .quantity_milli = 1000, .amount = 3333}};

    (void)state;
    assert_int_equal(missed_value_left(&missed, left, LINES, false), 100);
    left[0].amount = left[0].quantity_milli = 0;
    assert_int_equal(missed_value_left(&missed, left, LINES, false), 66);
    assert_int_equal(missed_points_left(&missed, 66), 66);
    left[1].amount = 1666; /* half of the second: 16.495 of 33 */
    assert_int_equal(missed_value_left(&missed, left, LINES, false), 16 + 33);
    assert_int_equal(missed_value_left(&missed, left, LINES, true), 0);
    assert_int_equal(missed_points_left(&missed, 0), 0);
}

static void what_belongs_to_the_whole_purchase_goes_with_all_of_it(void **state)
{
    const struct missed missed = {.value = 500, .left = 500};
    const struct purchase_line left[] = {{.number = 1, .quantity_milli = 1000, .amount = 1}};

    (void)state;
    assert_int_equal(missed_value_left(&missed, left, 1, false), 500);
    assert_int_equal(missed_value_left(&missed, left, 1, true), 0);
}

static void a_price_is_public_before_anything_was_taken_off(void **state)
{
    const struct purchase_line paid = {.number = 1, .amount = 9000, .discount = 1000};
    const struct purchase_line line = missed_public_line(&paid);

    (void)state;
    assert_int_equal(line.amount, 10000);
    assert_int_equal(line.discount, 0);
}

static void given_is_the_least_voucher_that_is_worth_enough(void **state)
{
    const struct promise_voucher vouchers[] = {{TEXT("five"), 500}, {TEXT("ten"), 1000}};
    const struct promise_means means = {.vouchers = vouchers, .voucher_count = 2};

    (void)state;
    assert_ptr_equal(promise_voucher_for(&means, 1), &vouchers[0]);
    assert_ptr_equal(promise_voucher_for(&means, 500), &vouchers[0]);
    assert_ptr_equal(promise_voucher_for(&means, 501), &vouchers[1]);
    assert_null(promise_voucher_for(&means, 1001));
}

static void the_policy_gives_no_more_than_its_limits(void **state)
{
    const struct missed_policy policy = {.limit = 2000, .daily_limit = 5000};
    const struct missed_policy open = {.limit = INT64_MAX, .daily_limit = INT64_MAX};
    struct missed missed = {.value = 2000};
    struct counter counter = {.used = 3000};

    (void)state;
    assert_true(missed_within(&policy, &missed, &counter));
    counter.used = 3001;
    assert_false(missed_within(&policy, &missed, &counter));
    counter.used = 6000; /* the limit was lowered meanwhile */
    assert_false(missed_within(&policy, &missed, &counter));
    assert_true(missed_within(&open, &missed, &counter));
    missed.value = 2001;
    counter.used = 0;
    assert_false(missed_within(&policy, &missed, &counter));
}

static int64_t at(const char *text)
{
    int64_t instant = 0;

    assert_true(instant_parse(text_from(text), &instant));
    return instant;
}

static void what_came_too_late_is_not_looked_at(void **state)
{
    static const char source[] = "{\"zone\":\"Asia/Shanghai\",\"currency\":\"CNY\",\"wallets\":[{\"code\":\"points\"}],"
                                 "\"missed_benefits\":{\"action\":\"list\",\"late_days\":%d,\"claimed\":false}}";
    struct arena *arena = arena_new(16 << 20);
    struct programme programme;
    struct error error = {0};
    const struct programme_set set = {.versions = &programme, .version_count = 1};
    /* 23:59 of the 20th in Shanghai. */
    struct journal_row row = {.kind = TEXT("purchase"), .at = at("2026-11-20T15:59:00Z")};

    (void)state;
    assert_int_equal(programme_parse(arena, text_from(arena_format(arena, source, 0)), &programme, &error), STATUS_OK);
    row.recorded_at = at("2026-11-20T15:59:59Z");
    assert_true(missed_is_checked(&set, &row));
    row.recorded_at = at("2026-11-20T16:00:00Z");
    assert_false(missed_is_checked(&set, &row));
    row.kind = TEXT("claim");
    assert_false(missed_is_checked(&set, &row));
    row.kind = TEXT("purchase");
    assert_int_equal(programme_parse(arena, text_from(arena_format(arena, source, 2)), &programme, &error), STATUS_OK);
    row.recorded_at = at("2026-11-22T15:59:59Z");
    assert_true(missed_is_checked(&set, &row));
    row.recorded_at = at("2026-11-22T16:00:00Z");
    assert_false(missed_is_checked(&set, &row));
    arena_free(arena);
}

static void the_limit_of_several_roles_is_the_highest(void **state)
{
    const struct honour_limit limits[] = {{TEXT("desk"), 2000}, {TEXT("agent"), 5000}, {TEXT("key"), 100}};
    const struct honour_policy policy = {.limits = limits, .limit_count = 3};

    (void)state;
    assert_int_equal(honour_limit_of(&policy, TEXT("desk")), 2000);
    assert_int_equal(honour_limit_of(&policy, TEXT("desk,agent")), 5000);
    assert_int_equal(honour_limit_of(&policy, TEXT("marketer")), 0);
    assert_int_equal(honour_limit_of(&policy, TEXT("desk2")), 0);
    assert_int_equal(honour_limit_of(&policy, TEXT("")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_given_by_its_code_is_its_own),
        cmocka_unit_test(what_else_was_taken_off_counts_for_the_last_offers_first),
        cmocka_unit_test(more_than_was_due_by_a_code_counts_for_the_others),
        cmocka_unit_test(goods_that_come_back_take_their_share_and_the_last_one_the_rest),
        cmocka_unit_test(what_belongs_to_the_whole_purchase_goes_with_all_of_it),
        cmocka_unit_test(a_price_is_public_before_anything_was_taken_off),
        cmocka_unit_test(the_policy_gives_no_more_than_its_limits),
        cmocka_unit_test(what_came_too_late_is_not_looked_at),
        cmocka_unit_test(the_limit_of_several_roles_is_the_highest),
        cmocka_unit_test(given_is_the_least_voucher_that_is_worth_enough),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
