#include "features/conditions/birthday.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "foundation/instant.h"

static int32_t day(const char *text)
{
    int32_t out;
    assert_true(day_parse(text_from(text), &out));
    return out;
}

/* The first birthday from a day on, as a day. */
static void next_is(const char *birthday, const char *calendar, int leap_day, const char *from, const char *expected)
{
    struct birthday read;
    char shown[DAY_TEXT_SIZE];
    assert_true(birthday_read(text_from(birthday), text_from(calendar), leap_day, &read));
    assert_string_equal(day_format(birthday_from(&read, day(from)), shown), expected);
}

static void a_birthday_comes_every_year_also_without_a_year(void **state)
{
    (void)state;
    next_is("1990-05-01", "", 28, "2026-05-01", "2026-05-01");
    next_is("1990-05-01", "gregorian", 28, "2026-05-02", "2027-05-01");
    next_is("--12-31", "", 28, "2027-01-01", "2027-12-31");
}

static void the_leap_day_falls_as_the_programme_says_in_common_years(void **state)
{
    (void)state;
    next_is("2000-02-29", "", 28, "2026-01-01", "2026-02-28");
    next_is("2000-02-29", "", 29, "2026-01-01", "2026-03-01");
    next_is("2000-02-29", "", 28, "2028-01-01", "2028-02-29");
    next_is("2000-02-29", "", 29, "2028-02-29", "2028-02-29");
}

static void lunar_birthdays_follow_the_chinese_calendar(void **state)
{
    (void)state;
    next_is("--08-15", "lunar", 28, "2024-01-01", "2024-09-17");
    next_is("1980-08-15", "lunar", 28, "2025-01-01", "2025-10-06");
    next_is("--01-01", "lunar", 28, "2026-01-01", "2026-02-17"); /* the new year of the horse */
    next_is("--12-08", "lunar", 28, "2026-01-01", "2026-01-26"); /* of the lunar year that began in 2025 */
    next_is("--12-30", "lunar", 28, "2026-01-01", "2026-02-16"); /* a month of 29 days: its last */
}

static void what_is_no_birthday_is_none(void **state)
{
    static const char *const wrong[] = {"", "1990", "1990-13-01", "--02-30", "--00-10", "--0a-10"};
    struct birthday read;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(birthday_read(text_from(wrong[i]), TEXT("gregorian"), 28, &read));
    assert_true(birthday_read(TEXT("--02-30"), TEXT("lunar"), 28, &read));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_birthday_comes_every_year_also_without_a_year),
        cmocka_unit_test(the_leap_day_falls_as_the_programme_says_in_common_years),
        cmocka_unit_test(lunar_birthdays_follow_the_chinese_calendar),
        cmocka_unit_test(what_is_no_birthday_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
