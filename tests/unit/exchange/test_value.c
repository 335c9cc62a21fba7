#include "features/exchange/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "foundation/instant.h"

/* The moment as "2017-01-28 14:06:53.5" in UTC. */
static void assert_moment(const char *text, const char *format, const char *expected)
{
    struct moment moment;
    struct error error = {0};
    char day[DAY_TEXT_SIZE], found[64];
    enum status status = moment_parse(text_from(text), format, &moment, &error);
    if (status != STATUS_OK)
        fail_msg("%s: %s", text, error.message);
    int64_t seconds = moment.micros / INSTANT_SECOND;
    snprintf(found, sizeof found, "%s %02d:%02d:%02d", day_format(moment.day, day), (int)(seconds / 3600),
             (int)(seconds / 60 % 60), (int)(seconds % 60));
    assert_string_equal(found, expected);
}

static void assert_refused(const char *text, const char *format, const char *code)
{
    struct moment moment;
    struct error error = {0};
    assert_int_equal(moment_parse(text_from(text), format, &moment, &error), STATUS_INVALID);
    assert_string_equal(error.code, code);
}

static void dates_are_read_in_the_forms_that_say_one_thing_only(void **state)
{
    (void)state;
    assert_moment("2017-01-28 14:06:53", NULL, "2017-01-28 14:06:53");
    assert_moment("2017/1/8", NULL, "2017-01-08 00:00:00");
    assert_moment("19970101", NULL, "1997-01-01 00:00:00");
    assert_moment("20170128140653", NULL, "2017-01-28 14:06:53");
    assert_moment("20170128 1406", NULL, "2017-01-28 14:06:00");
    assert_moment("28.01.2017 14:06", NULL, "2017-01-28 14:06:00");
    assert_moment("2017年1月28日 14:06", NULL, "2017-01-28 14:06:00");
    assert_refused("01/02/2017", NULL, "import.date_format");
    assert_refused("2017-02-29", NULL, "import.date");
    assert_refused("yesterday", NULL, "import.date");
    assert_refused("", NULL, "import.date");
}

static void a_format_decides_what_is_ambiguous(void **state)
{
    (void)state;
    assert_moment("01/02/2017", "d/m/y", "2017-02-01 00:00:00");
    assert_moment("01/02/2017", "m/d/y", "2017-01-02 00:00:00");
    assert_moment("1/2/17 9:05", "m/d/y H:M", "2017-01-02 09:05:00");
    assert_moment("28.01.99", "%d.%m.%y", "1999-01-28 00:00:00");
    assert_moment("20170128", "ymd", "2017-01-28 00:00:00");
    assert_refused("31/02/2017", "d/m/y", "import.date");
    assert_refused("01-02-2017", "d/m/y", "import.date");
    assert_refused("01/02/2017 later", "d/m/y", "import.date");
}

static void an_offset_makes_the_moment_absolute(void **state)
{
    struct moment moment;
    (void)state;
    assert_int_equal(moment_parse(TEXT("2026-11-22T08:00:00+08:00"), NULL, &moment, NULL), STATUS_OK);
    assert_true(moment.absolute);
    assert_int_equal(moment.instant % INSTANT_DAY, 0);
}

static void times_of_tills_may_drop_the_zero(void **state)
{
    int64_t micros = 0;
    (void)state;
    assert_int_equal(time_parse(TEXT("1406"), &micros, NULL), STATUS_OK);
    assert_int_equal(micros, 14 * INSTANT_HOUR + 6 * INSTANT_MINUTE);
    assert_int_equal(time_parse(TEXT("906"), &micros, NULL), STATUS_OK);
    assert_int_equal(micros, 9 * INSTANT_HOUR + 6 * INSTANT_MINUTE);
    assert_int_equal(time_parse(TEXT("14:06:53"), &micros, NULL), STATUS_OK);
    assert_int_equal(micros, 14 * INSTANT_HOUR + 6 * INSTANT_MINUTE + 53 * INSTANT_SECOND);
    assert_int_equal(time_parse(TEXT("25:00"), &micros, NULL), STATUS_INVALID);
}

static void assert_number(const char *text, bool comma, const char *expected)
{
    char plain[NUMBER_TEXT_SIZE];
    enum status status = number_plain(text_from(text), comma, plain, NULL);
    if (expected == NULL)
        assert_int_equal(status, STATUS_INVALID);
    else
        assert_string_equal(plain, expected);
}

static void numbers_lose_currency_signs_and_thousands(void **state)
{
    (void)state;
    assert_number("1,234.50", false, "1234.50");
    assert_number("1.234,50", true, "1234.50");
    assert_number("12,90", true, "12.90");
    assert_number("$ 12.90", false, "12.90");
    assert_number("¥12.90", false, "12.90");
    assert_number("4.440892e-16", false, "4.440892e-16");
    assert_number("12,90", false, NULL);
    assert_number("1.2.3", false, NULL);
    assert_number("twelve", false, NULL);
    assert_number("", false, NULL);
}

static void quantities_are_counted_in_thousandths(void **state)
{
    int64_t milli = 0;
    (void)state;
    assert_int_equal(number_parse(TEXT("0"), false, 3, &milli, NULL), STATUS_OK);
    assert_int_equal(milli, 0);
    assert_int_equal(number_parse(TEXT("1.25"), false, 3, &milli, NULL), STATUS_OK);
    assert_int_equal(milli, 1250);
    assert_int_equal(number_parse(TEXT("1.2345"), false, 3, &milli, NULL), STATUS_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_read_in_the_forms_that_say_one_thing_only),
        cmocka_unit_test(a_format_decides_what_is_ambiguous),
        cmocka_unit_test(an_offset_makes_the_moment_absolute),
        cmocka_unit_test(times_of_tills_may_drop_the_zero),
        cmocka_unit_test(numbers_lose_currency_signs_and_thousands),
        cmocka_unit_test(quantities_are_counted_in_thousandths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
