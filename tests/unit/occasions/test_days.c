/* On which day of a year an occasion falls, and of which year it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/occasions/occasion.h"

static int32_t day(int year, int month, int day_of_month)
{
    return day_from_date((struct date){year, month, day_of_month});
}

static void a_birthday_is_found_on_its_day_and_a_week_later(void **state)
{
    const struct birthday may = {.month = 5, .day = 1, .leap_day = 28};
    struct occasion_day found;

    (void)state;
    assert_false(occasion_birthday(&may, day(2026, 4, 30), &found));
    assert_true(occasion_birthday(&may, day(2026, 5, 1), &found));
    assert_int_equal(found.year, 2026);
    assert_true(occasion_birthday(&may, day(2026, 5, 8), &found));
    assert_int_equal(found.day, day(2026, 5, 1));
    assert_false(occasion_birthday(&may, day(2026, 5, 9), &found));
}

static void a_birthday_at_the_end_of_a_year_is_of_that_year(void **state)
{
    const struct birthday last = {.month = 12, .day = 30, .leap_day = 28};
    struct occasion_day found;

    (void)state;
    assert_true(occasion_birthday(&last, day(2027, 1, 3), &found));
    assert_int_equal(found.day, day(2026, 12, 30));
    assert_int_equal(found.year, 2026);
}

static void a_leap_day_falls_as_the_programme_says(void **state)
{
    const struct birthday before = {.month = 2, .day = 29, .leap_day = 28}, after = {2, 29, false, 29};
    struct occasion_day found;

    (void)state;
    assert_true(occasion_birthday(&before, day(2026, 2, 28), &found));
    assert_false(occasion_birthday(&after, day(2026, 2, 28), &found));
    assert_true(occasion_birthday(&after, day(2026, 3, 1), &found));
    assert_false(occasion_birthday(&before, day(2028, 2, 28), &found));
    assert_true(occasion_birthday(&before, day(2028, 2, 29), &found));
}

/* The 25th of the twelfth month of 2024 fell on 24 January 2025, that of 2025 on 12 February 2026. */
static void a_lunar_birthday_is_of_its_lunar_year(void **state)
{
    const struct birthday autumn = {8, 15, true, 28}, winter = {12, 25, true, 28};
    struct occasion_day found;

    (void)state;
    assert_true(occasion_birthday(&autumn, day(2024, 9, 17), &found));
    assert_int_equal(found.day, day(2024, 9, 17));
    assert_int_equal(found.year, 2024);
    assert_true(occasion_birthday(&autumn, day(2025, 10, 6), &found));
    assert_true(occasion_birthday(&winter, day(2025, 1, 24), &found));
    assert_int_equal(found.day, day(2025, 1, 24));
    assert_int_equal(found.year, 2024);
    assert_true(occasion_birthday(&winter, day(2026, 2, 12), &found));
    assert_int_equal(found.day, day(2026, 2, 12));
    assert_int_equal(found.year, 2025);
}

static void years_are_counted_from_the_day_of_joining(void **state)
{
    struct occasion_day found;

    (void)state;
    assert_false(occasion_anniversary(day(2024, 2, 29), 28, day(2024, 3, 1), &found));
    assert_true(occasion_anniversary(day(2024, 2, 29), 28, day(2025, 2, 28), &found));
    assert_int_equal(found.year, 2025);
    assert_true(occasion_anniversary(day(2024, 2, 29), 29, day(2025, 3, 1), &found));
    assert_false(occasion_anniversary(day(2024, 7, 1), 28, day(2025, 6, 30), &found));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_birthday_is_found_on_its_day_and_a_week_later),
        cmocka_unit_test(a_birthday_at_the_end_of_a_year_is_of_that_year),
        cmocka_unit_test(a_leap_day_falls_as_the_programme_says),
        cmocka_unit_test(a_lunar_birthday_is_of_its_lunar_year),
        cmocka_unit_test(years_are_counted_from_the_day_of_joining),
    };

    return cmocka_run_group_tests_name("days", tests, NULL, NULL);
}
