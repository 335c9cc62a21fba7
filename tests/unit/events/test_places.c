#include "till.h"

#include "features/events/places.h"

static void places_are_ordered_each_after_the_one_it_lies_in(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct place_node nodes[] = {
        {.code = TEXT("A"), .parent = TEXT("Z")},   {.code = TEXT("B"), .parent = TEXT("A")},
        {.code = TEXT("C"), .parent = TEXT("Z")},   {.code = TEXT("LOST"), .parent = TEXT("GONE")},
        {.code = TEXT("R1"), .parent = TEXT("R2")}, {.code = TEXT("R2"), .parent = TEXT("R1")},
        {.code = TEXT("Z"), .parent = TEXT("")},
    };
    static const char *const order[] = {"LOST", "Z", "A", "B", "C", "R1", "R2"};
    static const int depths[] = {0, 0, 1, 2, 1, 0, 1};

    (void)state;
    place_order(arena, nodes, 7);
    for (size_t i = 0; i < 7; i++) {
        assert_true(text_equals(nodes[i].code, order[i]));
        assert_int_equal(nodes[i].depth, depths[i]);
    }
    assert_int_equal(nodes[1].index, 6);
    arena_free(arena);
}

static void later_kinds_lie_below_earlier_ones(void **state)
{
    struct error error;

    (void)state;
    assert_int_equal(place_check_below(PLACE_COMPANY, PLACE_STORE, &error), STATUS_OK);
    assert_int_equal(place_check_below(PLACE_REGION, PLACE_REGION, &error), STATUS_OK);
    assert_int_equal(place_check_below(PLACE_STORE, PLACE_TILL, &error), STATUS_OK);
    assert_int_equal(place_check_below(PLACE_REGION, PLACE_TILL, &error), STATUS_INVALID);
    assert_int_equal(place_check_below(PLACE_STORE, PLACE_STORE, &error), STATUS_INVALID);
    assert_int_equal(place_check_below(PLACE_STORE, PLACE_BRAND, &error), STATUS_INVALID);
}

static void a_till_is_named_after_its_store(void **state)
{
    struct error error;

    (void)state;
    assert_int_equal(place_check_till(TEXT("soho/3"), TEXT("soho"), &error), STATUS_OK);
    assert_int_equal(place_check_till(TEXT("soho/"), TEXT("soho"), &error), STATUS_INVALID);
    assert_int_equal(place_check_till(TEXT("sohoX3"), TEXT("soho"), &error), STATUS_INVALID);
    assert_int_equal(place_check_till(TEXT("so"), TEXT("soho"), &error), STATUS_INVALID);
}

static void times_of_the_clock_are_read_strictly(void **state)
{
    int minutes = -1;

    (void)state;
    assert_true(minutes_read(TEXT("09:30"), &minutes));
    assert_int_equal(minutes, 570);
    assert_true(minutes_read(TEXT("24:00"), &minutes));
    assert_int_equal(minutes, 1440);
    assert_false(minutes_read(TEXT("24:01"), &minutes));
    assert_false(minutes_read(TEXT("9:30"), &minutes));
    assert_false(minutes_read(TEXT("09:60"), &minutes));
    assert_false(minutes_read(TEXT("0a:10"), &minutes));
}

static void the_weekday_of_a_day_is_that_of_the_calendar(void **state)
{
    int32_t day = 0;

    (void)state;
    assert_int_equal(weekday_of(0), 3);
    assert_true(day_parse(TEXT("2026-11-22"), &day));
    assert_int_equal(weekday_of(day), 6);
    assert_true(day_parse(TEXT("1969-12-29"), &day));
    assert_int_equal(weekday_of(day), 0);
}

static void an_exception_replaces_its_day_and_a_night_goes_on(void **state)
{
    int32_t day = 0;
    const struct opening weekly[] = {{.days = 127, .opens = 18 * 60, .closes = 2 * 60}};

    (void)state;
    assert_true(day_parse(TEXT("2026-11-24"), &day));
    const struct opening_exception exceptions[] = {{.day = day, .closed = true}};
    const struct opening_hours hours = {weekly, 1, exceptions, 1};
    assert_true(opening_hours_open(&hours, day, 60));
    assert_false(opening_hours_open(&hours, day, 120));
    assert_false(opening_hours_open(&hours, day, 20 * 60));
    assert_false(opening_hours_open(&hours, day + 1, 60));
    assert_true(opening_hours_open(&hours, day + 1, 20 * 60));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_ordered_each_after_the_one_it_lies_in),
        cmocka_unit_test(later_kinds_lie_below_earlier_ones),
        cmocka_unit_test(a_till_is_named_after_its_store),
        cmocka_unit_test(times_of_the_clock_are_read_strictly),
        cmocka_unit_test(the_weekday_of_a_day_is_that_of_the_calendar),
        cmocka_unit_test(an_exception_replaces_its_day_and_a_night_goes_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
