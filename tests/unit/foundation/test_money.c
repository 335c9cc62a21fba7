#include "foundation/money.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int64_t parsed(const char *text, int exponent)
{
    int64_t minor = 0;
    struct error err;
    if (money_parse(text_from(text), exponent, &minor, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    return minor;
}

static void currencies_have_their_own_exponent(void **state)
{
    (void)state;
    assert_int_equal(currency_exponent(TEXT("JPY")), 0);
    assert_int_equal(currency_exponent(TEXT("CNY")), 2);
    assert_int_equal(currency_exponent(TEXT("KWD")), 3);
    assert_int_equal(currency_exponent(TEXT("CLF")), 4);
    assert_int_equal(currency_exponent(TEXT("AED")), 2);
    assert_int_equal(currency_exponent(TEXT("ZWG")), 2);
    assert_int_equal(currency_exponent(TEXT("XTS")), -1);
    assert_int_equal(currency_exponent(TEXT("cny")), -1);
    assert_int_equal(currency_exponent(TEXT("CN")), -1);
    assert_int_equal(currency_exponent((struct text){0}), -1);
}

static void amounts_are_read_exactly(void **state)
{
    (void)state;
    assert_int_equal(parsed("12.90", 2), 1290);
    assert_int_equal(parsed("12.9", 2), 1290);
    assert_int_equal(parsed("-3", 2), -300);
    assert_int_equal(parsed("0.001", 3), 1);
    assert_int_equal(parsed("129", 0), 129);
    assert_int_equal(parsed("-0", 2), 0);
    assert_int_equal(parsed("007", 0), 7);
    assert_int_equal(parsed("92233720368547758.07", 2), INT64_MAX);
    assert_int_equal(parsed("-92233720368547758.08", 2), INT64_MIN);
}

static void assert_refused(const char *text, int exponent, const char *code)
{
    int64_t minor = 7;
    struct error err;
    assert_int_equal(money_parse(text_from(text), exponent, &minor, &err), STATUS_INVALID);
    assert_string_equal(err.code, code);
    assert_int_equal(minor, 7);
}

static void more_decimals_than_the_currency_has_are_refused(void **state)
{
    (void)state;
    assert_refused("12.9", 0, "money.decimals");
    assert_refused("12.900", 2, "money.decimals");
    assert_refused("12.9005", 3, "money.decimals");
    assert_refused("92233720368547758.08", 2, "money.range");
    assert_refused("-92233720368547758.09", 2, "money.range");
    assert_refused("1000000000000000000000000000000000000000000000000000000000000000000000000000", 2, "money.range");
    static const char *const wrong[] = {"",   "-",  ".5",  "5.",    "+5",  "1e3", "1,000",
                                        " 1", "1 ", "--1", "1.2.3", "NaN", "0x1"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_refused(wrong[i], 2, "money.syntax");
}

static void imports_may_carry_the_dust_of_floating_point(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t minor;
        bool rounded;
    } cases[] = {
        {"4.4e-16", 0, true},     {"12.34000000001", 1234, true},  {"12.3399999999", 1234, true},
        {"12.3400", 1234, false}, {"1.29E1", 1290, false},         {"+.5", 50, false},
        {"5.", 500, false},       {"-12.3399999999", -1234, true}, {"-4.4e-16", 0, true},
        {"0e9999999", 0, false},  {"1e-9999999", 0, true},         {"9.999999999999", 1000, true},
        {"0.129e2", 1290, false}, {"1290e-2", 1290, false},        {"12.34009e0", 0, false},
        {"0.000000999", 0, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t minor = 7;
        bool rounded = !cases[i].rounded;
        enum status status = money_parse_import(text_from(cases[i].text), 2, &minor, &rounded, NULL);
        if (text_equals(TEXT("12.34009e0"), cases[i].text)) { /* 0.009 minor units are no dust */
            assert_int_equal(status, STATUS_INVALID);
            continue;
        }
        assert_int_equal(status, STATUS_OK);
        assert_int_equal(minor, cases[i].minor);
        assert_int_equal(rounded, cases[i].rounded);
    }
}

static void imports_refuse_a_larger_excess(void **state)
{
    (void)state;
    static const char *const wrong[] = {"12.345", "12.340001", "12.339999", "e5", "1e", "1e+", "", "1e99", "12.34.5"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int64_t minor = 7;
        bool rounded = false;
        assert_int_equal(money_parse_import(text_from(wrong[i]), 2, &minor, &rounded, NULL), STATUS_INVALID);
        assert_int_equal(minor, 7);
    }
}

static void amounts_are_written_with_all_their_decimals(void **state)
{
    (void)state;
    char out[MONEY_TEXT_SIZE];
    assert_string_equal(money_format(1290, 2, out), "12.90");
    assert_string_equal(money_format(5, 2, out), "0.05");
    assert_string_equal(money_format(-5, 3, out), "-0.005");
    assert_string_equal(money_format(0, 2, out), "0.00");
    assert_string_equal(money_format(0, 0, out), "0");
    assert_string_equal(money_format(129, 0, out), "129");
    assert_string_equal(money_format(INT64_MIN, 2, out), "-92233720368547758.08");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(currencies_have_their_own_exponent),
        cmocka_unit_test(amounts_are_read_exactly),
        cmocka_unit_test(more_decimals_than_the_currency_has_are_refused),
        cmocka_unit_test(imports_may_carry_the_dust_of_floating_point),
        cmocka_unit_test(imports_refuse_a_larger_excess),
        cmocka_unit_test(amounts_are_written_with_all_their_decimals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
