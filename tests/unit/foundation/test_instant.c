#include "foundation/instant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int32_t day(const char *text)
{
    int32_t out = 0;
    assert_true(day_parse(text_from(text), &out));
    return out;
}

static const char *day_text(int32_t value)
{
    static char out[DAY_TEXT_SIZE];
    return day_format(value, out);
}

static int64_t instant(const char *text)
{
    int64_t out = 0;
    assert_true(instant_parse(text_from(text), &out));
    return out;
}

static void days_and_dates_agree_over_nine_thousand_years(void **state)
{
    (void)state;
    int32_t expected = day("0001-01-01");
    for (int year = 1; year <= 9999; year++)
        for (int month = 1; month <= 12; month++)
            for (int in_month = 1; in_month <= days_in_month(year, month); in_month++, expected++) {
                struct date date = date_from_day(expected);
                if (date.year != year || date.month != month || date.day != in_month || day_from_date(date) != expected)
                    fail_msg("%04d-%02d-%02d is not day %d", year, month, in_month, expected);
            }
    assert_int_equal(day("1970-01-01"), 0);
    assert_int_equal(day("2000-03-01"), 11017);
}

static void the_week_starts_on_monday(void **state)
{
    (void)state;
    assert_int_equal(day_of_week(day("1970-01-01")), 3);
    assert_int_equal(day_of_week(day("2026-11-22")), 6);
    assert_int_equal(day_of_week(day("1900-01-01")), 0);
}

static void a_month_after_31_january_is_the_last_of_february(void **state)
{
    (void)state;
    assert_string_equal(day_text(day_add_months(day("2026-01-31"), 1)), "2026-02-28");
    assert_string_equal(day_text(day_add_months(day("2024-01-31"), 1)), "2024-02-29");
    assert_string_equal(day_text(day_add_months(day("2024-02-29"), 12)), "2025-02-28");
    assert_string_equal(day_text(day_add_months(day("2020-07-06"), 12)), "2021-07-06");
    assert_string_equal(day_text(day_add_months(day("2026-12-15"), 1)), "2027-01-15");
    assert_string_equal(day_text(day_add_months(day("2026-01-15"), -1)), "2025-12-15");
    assert_string_equal(day_text(day_add_months(day("2026-03-31"), -13)), "2025-02-28");
}

static void days_that_do_not_exist_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"2026-02-29", "2026-13-01", "2026-00-01",
                                        "2026-01-00", "2026-1-1",   "2026-01-01 ",
                                        "0000-01-01", "1900-02-29", ""};
    int32_t out = 7;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(day_parse(text_from(wrong[i]), &out));
    assert_int_equal(out, 7);
    assert_string_equal(day_text(day("2000-02-29")), "2000-02-29");
}

static void instants_read_with_fraction_and_offset(void **state)
{
    (void)state;
    assert_int_equal(instant("1970-01-01T00:00:00Z"), 0);
    assert_int_equal(instant("2026-11-22T02:05:13.5Z"), instant("2026-11-22T10:05:13.500000+08:00"));
    assert_int_equal(instant("2026-11-22T02:05:13.123456789Z") % INSTANT_SECOND, 123456);
    assert_int_equal(instant("1969-12-31t23:59:59.999999z"), -1);
    assert_int_equal(instant("2026-01-01T00:00:00-05:30"), instant("2026-01-01T05:30:00Z"));
}

static void instants_of_another_form_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "2026-11-22",
        "2026-11-22T02:05:13",
        "2026-11-22T24:00:00Z",
        "2026-11-22T02:60:00Z",
        "2026-11-22T02:05:60Z",
        "2026-11-22T02:05:13.Z",
        "2026-11-22T02:05:13+8:00",
        "2026-11-22T02:05:13+24:00",
        "1899-12-31T00:00:00Z",
        "2026-11-22T02:05:13ZZ",
        "2026-11-22T02:05:13.1234567890Z",
        "2026-02-30T00:00:00Z",
    };
    int64_t out = 7;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(instant_parse(text_from(wrong[i]), &out));
    assert_int_equal(out, 7);
}

static void an_instant_is_written_in_utc_with_the_decimals_it_needs(void **state)
{
    (void)state;
    char out[INSTANT_TEXT_SIZE];
    assert_string_equal(instant_format(0, out), "1970-01-01T00:00:00Z");
    assert_string_equal(instant_format(-1, out), "1969-12-31T23:59:59.999999Z");
    assert_string_equal(instant_format(instant("2026-11-22T10:05:13.5+08:00"), out), "2026-11-22T02:05:13.500000Z");
    assert_string_equal(instant_format(INSTANT_NEVER, out), "294247-01-10T04:00:54.775807Z");
    assert_string_equal(instant_format(INT64_MIN, out), "-290308-12-21T19:59:05.224192Z");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_and_dates_agree_over_nine_thousand_years),
        cmocka_unit_test(the_week_starts_on_monday),
        cmocka_unit_test(a_month_after_31_january_is_the_last_of_february),
        cmocka_unit_test(days_that_do_not_exist_are_refused),
        cmocka_unit_test(instants_read_with_fraction_and_offset),
        cmocka_unit_test(instants_of_another_form_are_refused),
        cmocka_unit_test(an_instant_is_written_in_utc_with_the_decimals_it_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
