#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/plot/scale.h"
#include "foundation/instant.h"

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static void assert_labels(const struct scale *scale, const char *const *expected, size_t count)
{
    assert_int_equal(scale->tick_count, count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(text_string(arena, scale_label(arena, scale, scale->ticks[i])), expected[i]);
}

static int32_t day_of(int year, int month, int day)
{
    return day_from_date((struct date){year, month, day});
}

static void ticks_are_round_and_hold_all_values(void **state)
{
    struct scale scale;

    (void)state;
    scale_make(&scale, SCALE_NUMBER, 3, 1987, 5);
    assert_labels(&scale, (const char *[]){"0", "500", "1,000", "1,500", "2,000"}, 5);
    scale_make(&scale, SCALE_NUMBER, -0.13, 0.21, 4);
    assert_labels(&scale,
                  (const char *[]){"\xE2\x88\x92"
                                   "0.2",
                                   "\xE2\x88\x92"
                                   "0.1",
                                   "0.0", "0.1", "0.2", "0.3"},
                  6);
    scale_make(&scale, SCALE_SHARE, 0, 0.034, 4);
    assert_labels(&scale, (const char *[]){"0 %", "1 %", "2 %", "3 %", "4 %"}, 5);
    scale_make(&scale, SCALE_NUMBER, 0, 4.4e6, 5);
    assert_labels(&scale, (const char *[]){"0 M", "1 M", "2 M", "3 M", "4 M", "5 M"}, 6);
    for (int i = 0; i < 2000; i++) {
        double low = pow(10, i % 13 - 6) * (i - 1000), high = low + pow(10, i % 17 - 8) * (i + 1);

        scale_make(&scale, SCALE_NUMBER, low, high, 6);
        assert_true(scale.tick_count >= 2 && scale.tick_count <= 13);
        assert_true(scale.low <= low + 1e-6 * scale.step && scale.high >= high - 1e-6 * scale.step);
        for (size_t k = 1; k < scale.tick_count; k++)
            assert_true(scale.ticks[k] > scale.ticks[k - 1]);
    }
}

static void a_range_without_width_is_widened(void **state)
{
    struct scale scale;

    (void)state;
    scale_make(&scale, SCALE_NUMBER, 0, 0, 5);
    assert_true(scale.low < 0 && scale.high > 0);
    scale_make(&scale, SCALE_NUMBER, 7, 7, 5);
    assert_true(scale.low < 7 && scale.high > 7);
    scale_make_exact(&scale, SCALE_DAY, 20000, 20000, 5);
    assert_true(scale.low < 20000 && scale.high > 20000 && scale.tick_count > 0);
    scale_make(&scale, SCALE_NUMBER, -1e300, 1e300, 5);
    assert_true(isfinite(scale.high - scale.low));
}

static void days_are_labelled_by_the_calendar(void **state)
{
    struct scale scale;

    (void)state;
    scale_make(&scale, SCALE_DAY, day_of(2017, 1, 1), day_of(2017, 12, 31), 5);
    assert_labels(&scale, (const char *[]){"Jan 2017", "Apr 2017", "Jul 2017", "Oct 2017"}, 4);
    scale_make(&scale, SCALE_DAY, day_of(2017, 3, 4), day_of(2017, 3, 27), 4);
    assert_labels(&scale, (const char *[]){"6 Mar 2017", "13 Mar 2017", "20 Mar 2017", "27 Mar 2017"}, 4);
    scale_make(&scale, SCALE_DAY, day_of(1999, 5, 1), day_of(2006, 2, 1), 8);
    assert_labels(&scale, (const char *[]){"2000", "2001", "2002", "2003", "2004", "2005", "2006"}, 7);
    assert_true(scale.low == day_of(1999, 5, 1));
}

static void values_take_their_place(void **state)
{
    struct scale scale;

    (void)state;
    scale_make(&scale, SCALE_NUMBER, 0, 10, 5);
    scale.from = 500;
    scale.to = 100;
    assert_true(scale_place(&scale, 0) == 500 && scale_place(&scale, 10) == 100 && scale_place(&scale, 5) == 300);
    assert_true(isfinite(scale_place(&scale, 1e300)));
}

static void numbers_are_written_for_people(void **state)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {{23570, "23,570"}, {0, "0"},          {1.5, "1.50"},    {0.1234, "0.123"}, {999.6, "1,000"},
                 {12.34, "12.3"},   {2.5e6, "2.50 M"}, {7e9, "7.00 bn"}, {100, "100"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(text_string(arena, scale_number(arena, cases[i].value)), cases[i].text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ticks_are_round_and_hold_all_values), TEST(a_range_without_width_is_widened),
        TEST(days_are_labelled_by_the_calendar),   TEST(values_take_their_place),
        TEST(numbers_are_written_for_people),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
