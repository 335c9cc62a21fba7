/* Accounting months, closed months, trees of entities. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/finance/rates.h"
#include "features/finance/tree.h"

static int set_up(void **state)
{
    *state = arena_new((size_t)1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    arena_free(*state);
    return 0;
}

static int32_t day(int year, int month, int number)
{
    return day_from_date((struct date){year, month, number});
}

static void a_month_is_read_and_written_alike(void **state)
{
    char text[MONTH_TEXT_SIZE];
    int32_t month;

    (void)state;
    assert_true(month_parse(TEXT("2026-09"), &month));
    assert_int_equal(month, month_of_day(day(2026, 9, 30)));
    assert_int_equal(month_start(month + 4), day(2027, 1, 1));
    assert_string_equal(month_format(month + 4, text), "2027-01");
    assert_false(month_parse(TEXT("2026-13"), &month));
    assert_false(month_parse(TEXT("2026-00"), &month));
    assert_false(month_parse(TEXT("2026-9"), &month));
    assert_false(month_parse(TEXT("-026-09"), &month));
    assert_false(month_parse(TEXT("2026--9"), &month));
}

static void a_row_after_the_cut_of_its_month_goes_to_the_first_open_one(void **state)
{
    int32_t september = month_of_day(day(2026, 9, 1));
    struct finance_close closes[2] = {{.month = september}, {.month = september + 1}};

    (void)state;
    closes[0].cut.seqs[5] = 100;
    closes[1].cut.seqs[5] = 200;
    assert_int_equal(finance_month_of(closes, 2, id_make(100, 5), day(2026, 9, 9)), september);
    assert_int_equal(finance_month_of(closes, 2, id_make(101, 5), day(2026, 9, 9)), september + 1);
    assert_int_equal(finance_month_of(closes, 2, id_make(201, 5), day(2026, 9, 9)), september + 2);
    assert_int_equal(finance_month_of(closes, 2, id_make(1, 6), day(2026, 9, 9)), september + 2);
    assert_int_equal(finance_month_of(closes, 2, id_make(150, 5), day(2026, 10, 9)), september + 1);
    assert_int_equal(finance_month_of(closes, 2, id_make(999, 5), day(2026, 12, 9)), september + 3);
    /* The first close closes all before it as well. */
    assert_int_equal(finance_month_of(closes, 2, id_make(99, 5), day(2026, 3, 9)), september - 6);
    assert_int_equal(finance_month_of(closes, 2, id_make(101, 5), day(2026, 3, 9)), september + 1);
    assert_int_equal(finance_month_of(NULL, 0, id_make(101, 5), day(2026, 3, 9)), september - 6);
}

static void a_cut_is_read_as_it_was_written(void **state)
{
    struct finance_cut cut = {{0}}, back;

    cut.seqs[0] = 17;
    cut.seqs[63] = INT64_MAX;
    assert_true(finance_cut_parse(finance_cut_text(*state, &cut), &back));
    assert_memory_equal(&cut, &back, sizeof cut);
    assert_false(finance_cut_parse(TEXT("1 2 3"), &back));
    assert_false(finance_cut_parse(TEXT(""), &back));
}

static void a_place_belongs_to_the_nearest_entity_above_it(void **state)
{
    const struct finance_node nodes[] = {
        {TEXT("A"), TEXT("ACME"), PLACE_ENTITY},  {TEXT("ACME"), TEXT(""), PLACE_COMPANY},
        {TEXT("EAST"), TEXT("A"), PLACE_REGION},  {TEXT("FREE"), TEXT("ACME"), PLACE_STORE},
        {TEXT("S 1"), TEXT("EAST"), PLACE_STORE}, {TEXT("S 1/1"), TEXT("S 1"), PLACE_TILL},
    };
    struct finance_tree tree, back;

    finance_tree_build(*state, nodes, sizeof nodes / sizeof nodes[0], &tree);
    assert_int_equal(tree.count, 4);
    struct text text = finance_tree_text(*state, &tree);
    assert_true(text_equals(text, "1:A1:A4:EAST1:A3:S 11:A5:S 1/11:A"));
    assert_true(finance_tree_parse(*state, text, &back));
    assert_true(text_equals(finance_tree_entity(&back, TEXT("S 1/1")), "A"));
    assert_int_equal(finance_tree_entity(&back, TEXT("FREE")).size, 0);
    assert_int_equal(finance_tree_entity(&back, TEXT("")).size, 0);
    assert_false(finance_tree_parse(*state, TEXT("9:A1:A"), &back));
    assert_false(finance_tree_parse(*state, TEXT("1:A"), &back));
}

static void rates_are_kept_as_they_were(void **state)
{
    struct finance_rates rates = {.currency = "JPY", .count = 2}, back;

    rates.values[0] = (struct finance_rate){TEXT("points"), 100, 7};
    rates.settlements[0] = (struct finance_rate){TEXT("points"), 10, 1};
    rates.values[1] = rates.settlements[1] = (struct finance_rate){TEXT("a b:c"), 0, 0};
    struct text text = finance_rates_text(*state, &rates);
    assert_true(text_equals(text, "JPY 100 7 10 1 6:points 0 0 0 0 5:a b:c"));
    assert_true(finance_rates_parse(text, &back));
    assert_int_equal(finance_value(&back, TEXT("points"), 1000), 70);
    assert_int_equal(finance_value(&back, TEXT("points"), -50), -4); /* 3.5 to the even one */
    assert_int_equal(finance_settlement_value(&back, TEXT("points"), 1000), 100);
    assert_false(finance_has_value(&back, TEXT("a b:c")));
    assert_int_equal(finance_value(&back, TEXT("a b:c"), 1000), 0);
    assert_false(finance_rates_parse(TEXT("JPY 1 2"), &back));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_month_is_read_and_written_alike, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_row_after_the_cut_of_its_month_goes_to_the_first_open_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cut_is_read_as_it_was_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_place_belongs_to_the_nearest_entity_above_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rates_are_kept_as_they_were, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
