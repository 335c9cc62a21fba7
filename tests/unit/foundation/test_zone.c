#include "foundation/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct arena *arena;

static const struct zone *zone(const char *name)
{
    const struct zone *out = NULL;
    assert_int_equal(zone_load(arena, text_from(name), &out, NULL), STATUS_OK);
    assert_string_equal(zone_name(out), name);
    return out;
}

static int32_t day(const char *text)
{
    int32_t out = 0;
    assert_true(day_parse(text_from(text), &out));
    return out;
}

static int64_t instant(const char *text)
{
    int64_t out = 0;
    assert_true(instant_parse(text_from(text), &out));
    return out;
}

static void half_past_four_in_the_afternoon_utc_is_the_next_day_in_shanghai(void **state)
{
    (void)state;
    const struct zone *shanghai = zone("Asia/Shanghai");
    assert_int_equal(zone_day(shanghai, instant("2026-04-30T16:30:00Z")), day("2026-05-01"));
    assert_int_equal(zone_day(shanghai, instant("2026-04-30T15:59:59.999999Z")), day("2026-04-30"));
    assert_int_equal(zone_day_start(shanghai, day("2021-08-01")), instant("2021-07-31T16:00:00Z"));
    assert_int_equal(zone_offset_seconds(shanghai, instant("2026-01-01T00:00:00Z")), 8 * 3600);
    assert_int_equal(zone_offset_seconds(shanghai, instant("1988-07-01T00:00:00Z")), 9 * 3600);
}

static void a_local_time_that_does_not_exist_is_the_next_that_does(void **state)
{
    (void)state;
    const struct zone *york = zone("America/New_York");
    int32_t gap = day("2026-03-08");
    assert_int_equal(zone_local(york, gap, 2 * INSTANT_HOUR + 30 * INSTANT_MINUTE),
                     instant("2026-03-08T03:00:00-04:00"));
    assert_int_equal(zone_local(york, gap, 2 * INSTANT_HOUR), instant("2026-03-08T03:00:00-04:00"));
    assert_int_equal(zone_local(york, gap, 3 * INSTANT_HOUR), instant("2026-03-08T03:00:00-04:00"));
    assert_int_equal(zone_local(york, gap, 2 * INSTANT_HOUR - 1), instant("2026-03-08T01:59:59.999999-05:00"));
    assert_int_equal(zone_local(york, gap, 3 * INSTANT_HOUR + 1), instant("2026-03-08T03:00:00.000001-04:00"));
}

static void a_local_time_that_exists_twice_is_the_first(void **state)
{
    (void)state;
    const struct zone *york = zone("America/New_York");
    assert_int_equal(zone_local(york, day("2026-11-01"), 90 * INSTANT_MINUTE), instant("2026-11-01T01:30:00-04:00"));
    assert_int_equal(zone_local(york, day("2026-11-01"), 2 * INSTANT_HOUR), instant("2026-11-01T02:00:00-05:00"));
}

static void a_day_without_midnight_starts_at_the_next_instant(void **state)
{
    (void)state;
    const struct zone *cairo = zone("Africa/Cairo"), *apia = zone("Pacific/Apia"), *havana = zone("America/Havana");
    assert_int_equal(zone_day_start(cairo, day("2014-05-16")), instant("2014-05-16T01:00:00+03:00"));
    assert_int_equal(zone_day_start(apia, day("2011-12-30")), instant("2011-12-31T00:00:00+14:00"));
    assert_int_equal(zone_day_start(apia, day("2011-12-31")), instant("2011-12-31T00:00:00+14:00"));
    assert_int_equal(zone_day_start(havana, day("2026-11-01")), instant("2026-11-01T00:00:00-04:00"));
}

static void every_hour_of_two_centuries_reads_back(void **state)
{
    (void)state;
    static const char *const names[] = {"America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC",
                                        "Europe/Dublin"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct zone *place = zone(names[i]);
        int64_t end = instant("2100-12-31T00:00:00Z");
        for (int64_t at = instant("1900-01-02T00:00:00Z"); at < end; at += 7 * INSTANT_HOUR) {
            int32_t local_day = zone_day(place, at);
            int64_t micros = at + zone_offset_seconds(place, at) * INSTANT_SECOND - local_day * INSTANT_DAY;
            int64_t back = zone_local(place, local_day, micros);
            if (back != at && (back > at || at - back > 2 * INSTANT_HOUR)) /* the first of two is earlier */
                fail_msg("%s: %ld came back as %ld", names[i], (long)at, (long)back);
        }
    }
}

static void the_ends_of_the_scale_do_not_overflow(void **state)
{
    (void)state;
    const struct zone *shanghai = zone("Asia/Shanghai");
    assert_int_equal(zone_day(shanghai, INSTANT_NEVER), INSTANT_NEVER / INSTANT_DAY);
    assert_int_equal(zone_local(shanghai, INT32_MAX, 0), INSTANT_NEVER);
}

static void what_is_no_iana_zone_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "Asia/Nowhere", "GMT+8:13", "\xFF",
                                        "a name that is much too long to be the name of any time zone in the world"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const struct zone *out = NULL;
        struct error err;
        assert_int_equal(zone_load(arena, text_from(wrong[i]), &out, &err), STATUS_INVALID);
        assert_string_equal(err.code, "zone.unknown");
        assert_null(out);
    }
}

static int start(void **state)
{
    (void)state;
    arena = arena_new(1 << 20);
    return arena == NULL ? -1 : 0;
}

static int stop(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_past_four_in_the_afternoon_utc_is_the_next_day_in_shanghai),
        cmocka_unit_test(a_local_time_that_does_not_exist_is_the_next_that_does),
        cmocka_unit_test(a_local_time_that_exists_twice_is_the_first),
        cmocka_unit_test(a_day_without_midnight_starts_at_the_next_instant),
        cmocka_unit_test(every_hour_of_two_centuries_reads_back),
        cmocka_unit_test(the_ends_of_the_scale_do_not_overflow),
        cmocka_unit_test(what_is_no_iana_zone_is_refused),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
