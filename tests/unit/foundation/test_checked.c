#include "foundation/checked.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void arithmetic_says_when_it_would_overflow(void **state)
{
    (void)state;
    int64_t out = 7;
    assert_false(checked_add(INT64_MAX, 1, &out));
    assert_false(checked_subtract(INT64_MIN, 1, &out));
    assert_false(checked_multiply(INT64_MAX, 2, &out));
    assert_int_equal(out, 7);
    assert_true(checked_add(INT64_MAX, INT64_MIN, &out));
    assert_int_equal(out, -1);
    assert_true(checked_subtract(3, 5, &out));
    assert_int_equal(out, -2);
    assert_true(checked_multiply(-4, 5, &out));
    assert_int_equal(out, -20);
}

static void a_wide_quotient_rounds_as_a_narrow_one(void **state)
{
    (void)state;
    const wide_integer large = (wide_integer)INT64_MAX * 4;
    assert_true(wide_divide(large * 10 + 5, 10, ROUNDING_HALF_UP) == large + 1);
    assert_true(wide_divide(large * 10 + 5, 10, ROUNDING_HALF_EVEN) == large);
    assert_true(wide_divide(large * 10 + 15, 10, ROUNDING_HALF_EVEN) == large + 2);
    assert_true(wide_divide(large * 10 + 9, 10, ROUNDING_FLOOR) == large);
    assert_true(wide_divide(large * 10 + 1, 10, ROUNDING_CEIL) == large + 1);
    assert_true(wide_divide(-25, 10, ROUNDING_FLOOR) == -3 && wide_divide(-25, 10, ROUNDING_HALF_UP) == -3);
    assert_true(wide_divide(-25, 10, ROUNDING_CEIL) == -2 && wide_divide(-30, 10, ROUNDING_FLOOR) == -3);
}

static int64_t scaled(int64_t a, int64_t b, int64_t divisor, enum rounding rounding)
{
    int64_t out;
    assert_true(checked_scale(a, b, divisor, rounding, &out));
    return out;
}

static void scaling_rounds_once_in_the_chosen_way(void **state)
{
    (void)state;
    static const struct {
        int64_t tenths, floor, half_up, half_even, ceil;
    } cases[] = {
        {24, 2, 2, 2, 3},      {25, 2, 3, 2, 3},      {26, 2, 3, 3, 3},      {35, 3, 4, 4, 4},
        {30, 3, 3, 3, 3},      {-24, -3, -2, -2, -2}, {-25, -3, -3, -2, -2}, {-26, -3, -3, -3, -2},
        {-35, -4, -4, -4, -3}, {0, 0, 0, 0, 0},       {5, 0, 1, 0, 1},       {-5, -1, -1, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(scaled(cases[i].tenths, 1, 10, ROUNDING_FLOOR), cases[i].floor);
        assert_int_equal(scaled(cases[i].tenths, 1, 10, ROUNDING_HALF_UP), cases[i].half_up);
        assert_int_equal(scaled(cases[i].tenths, 1, 10, ROUNDING_HALF_EVEN), cases[i].half_even);
        assert_int_equal(scaled(cases[i].tenths, 1, 10, ROUNDING_CEIL), cases[i].ceil);
    }
}

static void scaling_has_128_bits_inside_and_64_outside(void **state)
{
    (void)state;
    int64_t out = 7;
    assert_int_equal(scaled(INT64_MAX, INT64_MAX, INT64_MAX, ROUNDING_FLOOR), INT64_MAX);
    assert_int_equal(scaled(INT64_MIN, 1, 1, ROUNDING_FLOOR), INT64_MIN);
    assert_false(checked_scale(INT64_MIN, -1, 1, ROUNDING_FLOOR, &out));
    assert_false(checked_scale(INT64_MAX, 3, 2, ROUNDING_FLOOR, &out));
    assert_int_equal(out, 7);
}

static void a_discount_of_300_splits_into_161_53_and_86(void **state)
{
    (void)state;
    const int64_t weights[] = {4300, 1400, 2300};
    int64_t shares[3];
    assert_true(split_largest_remainder(300, weights, shares, 3));
    assert_int_equal(shares[0], 161);
    assert_int_equal(shares[1], 53);
    assert_int_equal(shares[2], 86);
}

static void equal_remainders_go_to_the_earlier_share(void **state)
{
    (void)state;
    const int64_t weights[] = {1, 1, 1};
    int64_t shares[3];
    assert_true(split_largest_remainder(-100, weights, shares, 3));
    assert_int_equal(shares[0], -34);
    assert_int_equal(shares[1], -33);
    assert_int_equal(shares[2], -33);
    assert_true(split_largest_remainder(2, weights, shares, 3));
    assert_int_equal(shares[0], 1);
    assert_int_equal(shares[1], 1);
    assert_int_equal(shares[2], 0);
}

static void without_weight_the_first_share_takes_everything(void **state)
{
    (void)state;
    const int64_t weights[] = {0, 0};
    int64_t shares[2];
    assert_true(split_largest_remainder(5, weights, shares, 2));
    assert_int_equal(shares[0], 5);
    assert_int_equal(shares[1], 0);
    const int64_t heavy[] = {INT64_MAX, 1};
    assert_false(split_largest_remainder(5, heavy, shares, 2));
    assert_int_equal(shares[0], 5);
}

static void shares_sum_to_the_total_and_stay_within_one_of_the_exact_share(void **state)
{
    (void)state;
    uint64_t random = 42;
    for (int round = 0; round < 5000; round++) {
        enum { COUNT = 7 };
        int64_t weights[COUNT], shares[COUNT], sum = 0, weight_sum = 0;
        for (int i = 0; i < COUNT; i++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            weights[i] = (int64_t)(random >> 40) % 10000;
            weight_sum += weights[i];
        }
        int64_t total = (int64_t)(random >> 33) % 1000000 - 500000;
        assert_true(split_largest_remainder(total, weights, shares, COUNT));
        for (int i = 0; i < COUNT; i++) {
            sum += shares[i];
            double exact = (double)total * (double)weights[i] / (double)weight_sum;
            assert_true((double)shares[i] > exact - 1 && (double)shares[i] < exact + 1);
        }
        assert_int_equal(sum, total);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(arithmetic_says_when_it_would_overflow),
        cmocka_unit_test(a_wide_quotient_rounds_as_a_narrow_one),
        cmocka_unit_test(scaling_rounds_once_in_the_chosen_way),
        cmocka_unit_test(scaling_has_128_bits_inside_and_64_outside),
        cmocka_unit_test(a_discount_of_300_splits_into_161_53_and_86),
        cmocka_unit_test(equal_remainders_go_to_the_earlier_share),
        cmocka_unit_test(without_weight_the_first_share_takes_everything),
        cmocka_unit_test(shares_sum_to_the_total_and_stay_within_one_of_the_exact_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
