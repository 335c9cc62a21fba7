/* The figures of stored value, by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/stored_value/stored_value.h"

static const struct top_up_step steps[] = {{5000, 300, 0}, {10000, 0, 1000}, {50000, 2000, 1000}};

static struct stored_value value_with(enum stored_order order, enum stored_forfeit forfeit)
{
    return (struct stored_value){.order = order, .forfeit = forfeit, .steps = steps, .step_count = 3};
}

static void the_highest_step_reached_gives_the_bonus(void **state)
{
    const struct stored_value value = value_with(STORED_PRINCIPAL_FIRST, FORFEIT_ALL);
    static const int64_t wanted[][2] = {{0, 0},        {4999, 0},     {5000, 300},   {9999, 300},  {10000, 1000},
                                        {12345, 1234}, {49999, 4999}, {50000, 7000}, {60005, 8000}};

    (void)state;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        assert_int_equal(stored_value_bonus(&value, wanted[i][0]), wanted[i][1]);
}

static void check_split(enum stored_order order, struct stored_split have, int64_t minor, int64_t principal,
                        int64_t bonus)
{
    const struct stored_value value = value_with(order, FORFEIT_ALL);
    struct stored_split split = {0};

    assert_true(stored_value_split(&value, have, minor, &split));
    assert_int_equal(split.principal, principal);
    assert_int_equal(split.bonus, bonus);
}

static void a_payment_is_split_in_the_order_of_the_programme(void **state)
{
    const struct stored_split have = {10000, 1000};

    (void)state;
    check_split(STORED_PRINCIPAL_FIRST, have, 10400, 10000, 400);
    check_split(STORED_PRINCIPAL_FIRST, have, 9999, 9999, 0);
    check_split(STORED_BONUS_FIRST, have, 1200, 200, 1000);
    check_split(STORED_PROPORTIONAL, have, 5500, 5000, 500);
    check_split(STORED_PROPORTIONAL, have, 1, 1, 0);
    check_split(STORED_PROPORTIONAL, have, 10999, 10000, 999); /* 999.9 of the bonus, rounded down */
    check_split(STORED_PROPORTIONAL, have, 11000, 10000, 1000);
    check_split(STORED_PROPORTIONAL, (struct stored_split){0, 700}, 700, 0, 700);
}

static void neither_part_gives_more_than_it_has(void **state)
{
    (void)state;
    for (int order = STORED_PRINCIPAL_FIRST; order <= STORED_PROPORTIONAL; order++)
        for (int64_t principal = 0; principal <= 13; principal++)
            for (int64_t bonus = 0; bonus <= 7; bonus++)
                for (int64_t minor = 0; minor <= 21; minor++) {
                    const struct stored_value value = value_with((enum stored_order)order, FORFEIT_ALL);
                    struct stored_split split = {0};
                    bool paid = stored_value_split(&value, (struct stored_split){principal, bonus}, minor, &split);

                    assert_int_equal(paid, minor <= principal + bonus);
                    if (!paid)
                        continue;
                    assert_int_equal(split.principal + split.bonus, minor);
                    assert_true(split.principal >= 0 && split.principal <= principal);
                    assert_true(split.bonus >= 0 && split.bonus <= bonus);
                }
}

static void a_refund_forfeits_what_the_programme_says(void **state)
{
    const struct stored_split have = {8000, 801};
    const struct stored_value part = value_with(STORED_PRINCIPAL_FIRST, FORFEIT_PROPORTIONAL);
    const struct stored_value all = value_with(STORED_PRINCIPAL_FIRST, FORFEIT_ALL);
    const struct stored_value nothing = value_with(STORED_PRINCIPAL_FIRST, FORFEIT_NOTHING);

    (void)state;
    assert_int_equal(stored_value_forfeit(&part, have, 3000), 300); /* 300.375 */
    assert_int_equal(stored_value_forfeit(&part, have, 8000), 801);
    assert_int_equal(stored_value_forfeit(&all, have, 1), 801);
    assert_int_equal(stored_value_forfeit(&nothing, have, 8000), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_highest_step_reached_gives_the_bonus),
        cmocka_unit_test(a_payment_is_split_in_the_order_of_the_programme),
        cmocka_unit_test(neither_part_gives_more_than_it_has),
        cmocka_unit_test(a_refund_forfeits_what_the_programme_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
