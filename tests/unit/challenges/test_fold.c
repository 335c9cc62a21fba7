/* Where a person stands in a challenge, from the rows that were counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "features/challenges/challenge.h"

#define DAY INSTANT_DAY

static struct arena *arena;
static const struct zone *zone;

static int setup(void **state)
{
    struct error err;

    (void)state;
    arena = arena_new(64 << 20);
    return zone_load(arena, TEXT("UTC"), &zone, &err) == STATUS_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static struct challenge_row row_of(int64_t event, int64_t at, const char *step, const char *value, int64_t units)
{
    return (struct challenge_row){.challenge = TEXT("c"),
                                  .step = text_from(step),
                                  .member = 64,
                                  .event = event,
                                  .at = at,
                                  .value = text_from(value),
                                  .units = units};
}

static struct challenge_progress fold(const struct challenge *challenge, const struct challenge_row *rows, size_t count,
                                      int64_t now)
{
    struct challenge_progress progress;
    const struct challenge_folding folding = {zone, rows, count, INT64_MIN, now};

    challenge_fold(arena, challenge, &folding, &progress);
    return progress;
}

static const struct challenge_step cups = {
    .code = {"cups", 4}, .measure = MEASURE_QUANTITY, .by_line = true, .target = 10000};

static void what_is_over_counts_for_the_next_stamp_card(void **state)
{
    const struct challenge challenge = {.repeat = INT64_MAX, .steps = &cups, .step_count = 1};
    const struct challenge_row rows[] = {row_of(1, 10, "cups", "", 4000), row_of(2, 20, "cups", "", 5000),
                                         row_of(3, 30, "cups", "", 24000)};

    (void)state;
    assert_int_equal(fold(&challenge, rows, 2, 100).completed, 0);
    assert_int_equal(fold(&challenge, rows, 2, 100).reached[0], 9000);
    struct challenge_progress progress = fold(&challenge, rows, 3, 100);
    assert_int_equal(progress.completed, 3);
    assert_int_equal(progress.reached[0], 3000);
    assert_int_equal(progress.completed_at, 30);
    assert_false(progress.finished);
}

static void a_calendar_window_begins_anew_by_itself(void **state)
{
    const struct challenge challenge = {
        .window = WINDOW_CALENDAR, .period = PERIOD_MONTH, .repeat = 1, .steps = &cups, .step_count = 1};
    const int64_t january = day_from_date((struct date){2026, 1, 31}) * DAY;
    const struct challenge_row rows[] = {row_of(1, january, "cups", "", 8000),
                                         row_of(2, january + DAY, "cups", "", 8000),
                                         row_of(3, january + 2 * DAY, "cups", "", 8000)};

    (void)state;
    struct challenge_progress progress = fold(&challenge, rows, 3, january + 3 * DAY);
    assert_int_equal(progress.completed, 1);
    assert_int_equal(progress.completed_here, 1);
    assert_true(progress.finished);
    assert_int_equal(progress.window_from, january + DAY);
    assert_int_equal(progress.window_until, january + 29 * DAY);
    progress = fold(&challenge, rows, 3, january + 29 * DAY); /* 1 March */
    assert_int_equal(progress.completed, 1);
    assert_int_equal(progress.completed_here, 0);
    assert_int_equal(progress.reached[0], 0);
    assert_false(progress.finished);
}

static void a_rolling_window_begins_with_the_first_event(void **state)
{
    const struct challenge challenge = {
        .window = WINDOW_ROLLING, .days = 10, .repeat = 1, .steps = &cups, .step_count = 1};
    const struct challenge_row rows[] = {row_of(1, 1 * DAY, "cups", "", 6000), row_of(2, 11 * DAY, "cups", "", 6000),
                                         row_of(3, 20 * DAY, "cups", "", 4000)};

    (void)state;
    assert_int_equal(fold(&challenge, rows, 2, 12 * DAY).completed, 0);
    assert_int_equal(fold(&challenge, rows, 2, 12 * DAY).reached[0], 6000);
    assert_int_equal(fold(&challenge, rows, 3, 20 * DAY).completed, 1);
    assert_int_equal(fold(&challenge, rows, 3, 21 * DAY).reached[0], 0); /* over, and none has begun */
}

static const struct challenge_step stores = {
    .code = {"stores", 6}, .measure = MEASURE_DISTINCT, .of = OF_STORE, .target = 3};

static void three_stores_within_any_thirty_days(void **state)
{
    const struct challenge challenge = {
        .window = WINDOW_SLIDING, .days = 30, .repeat = 2, .steps = &stores, .step_count = 1};
    const struct challenge_row rows[] = {row_of(1, 0 * DAY, "stores", "A", 1),  row_of(2, 20 * DAY, "stores", "B", 1),
                                         row_of(3, 30 * DAY, "stores", "C", 1), /* A is 30 days old: out */
                                         row_of(4, 49 * DAY, "stores", "A", 1), /* B, C, A */
                                         row_of(5, 50 * DAY, "stores", "B", 1), row_of(6, 51 * DAY, "stores", "B", 1)};

    (void)state;
    assert_int_equal(fold(&challenge, rows, 3, 30 * DAY).completed, 0);
    assert_int_equal(fold(&challenge, rows, 3, 30 * DAY).reached[0], 2);
    assert_int_equal(fold(&challenge, rows, 4, 49 * DAY).completed, 1);
    assert_int_equal(fold(&challenge, rows, 6, 52 * DAY).reached[0], 1);
    assert_int_equal(fold(&challenge, rows, 6, 81 * DAY).reached[0], 0);
}

static void a_streak_breaks_when_more_is_left_out_than_its_grace(void **state)
{
    static const struct challenge_step weeks = {
        .code = {"weeks", 5}, .measure = MEASURE_STREAK, .period = PERIOD_WEEK, .grace = 1, .target = 4};
    const struct challenge challenge = {.repeat = 1, .steps = &weeks, .step_count = 1};
    const int64_t monday = 4 * DAY; /* 5 January 1970, week 1 */
    const struct challenge_row rows[] = {
        row_of(1, monday, "weeks", "1", 1), row_of(2, monday + 7 * DAY, "weeks", "2", 1),
        row_of(3, monday + 21 * DAY, "weeks", "4", 1), row_of(4, monday + 35 * DAY, "weeks", "6", 1),
        row_of(5, monday + 42 * DAY, "weeks", "7", 1)};

    (void)state;
    assert_int_equal(challenge_period_number(PERIOD_WEEK, 4), 1);
    assert_int_equal(challenge_period_number(PERIOD_WEEK, 3), 0);
    assert_int_equal(challenge_period_number(PERIOD_WEEK, -4), -1);
    assert_int_equal(fold(&challenge, rows, 3, monday + 21 * DAY).reached[0], 3);
    assert_int_equal(fold(&challenge, rows, 4, monday + 35 * DAY).reached[0], 1); /* weeks 3 and 5: one too many */
    assert_int_equal(fold(&challenge, rows, 3, monday + 28 * DAY).reached[0], 3); /* week 5 has begun, not gone */
    assert_int_equal(fold(&challenge, rows, 3, monday + 35 * DAY).reached[0], 0); /* it has gone */
    assert_int_equal(fold(&challenge, rows, 5, monday + 42 * DAY).reached[0], 2);
}

static void in_order_a_step_waits_for_the_one_before(void **state)
{
    static const struct challenge_step steps[] = {
        {.code = {"look", 4}, .measure = MEASURE_EVENTS, .target = 1},
        {.code = {"buy", 3}, .measure = MEASURE_EVENTS, .target = 2},
    };
    const struct challenge any = {.repeat = 1, .steps = steps, .step_count = 2};
    struct challenge given = any;
    const struct challenge_row rows[] = {row_of(1, 1, "buy", "", 1), row_of(2, 2, "look", "", 1),
                                         row_of(2, 2, "buy", "", 1), row_of(3, 3, "buy", "", 1)};

    (void)state;
    given.in_order = true;
    assert_int_equal(fold(&any, rows, 3, 10).completed, 1);
    assert_int_equal(fold(&given, rows, 4, 10).completed, 0);
    assert_int_equal(fold(&given, rows, 4, 10).reached[0], 1);
    assert_int_equal(fold(&given, rows, 4, 10).reached[1], 1); /* the event that ends a step does not begin the next */
}

static void events_are_late_when_the_window_is_settled(void **state)
{
    const struct challenge fixed = {
        .window = WINDOW_FIXED, .starts_at = 10 * DAY, .ends_at = 20 * DAY, .late_days = 7, .step_count = 1};

    (void)state;
    assert_false(challenge_in_time(&fixed, zone, 10 * DAY - 1, 10 * DAY));
    assert_true(challenge_in_time(&fixed, zone, 10 * DAY, 10 * DAY));
    assert_false(challenge_in_time(&fixed, zone, 20 * DAY, 20 * DAY));
    assert_true(challenge_in_time(&fixed, zone, 20 * DAY - 1, 27 * DAY - 1));
    assert_false(challenge_in_time(&fixed, zone, 20 * DAY - 1, 27 * DAY));
}

/* ---- whatever the order ---- */

enum { ROWS = 60, ROUNDS = 300 };

static uint64_t seed;
static int64_t draw(int64_t below)
{
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (int64_t)((seed >> 33) % (uint64_t)below);
}

static void the_order_in_which_rows_came_does_not_matter(void **state)
{
    static const struct challenge_step steps[] = {
        {.code = {"cups", 4}, .measure = MEASURE_QUANTITY, .target = 7000},
        {.code = {"stores", 6}, .measure = MEASURE_DISTINCT, .target = 3},
        {.code = {"weeks", 5}, .measure = MEASURE_STREAK, .period = PERIOD_WEEK, .grace = 1, .target = 2},
    };
    static const char *const names[] = {"cups", "stores", "weeks"}, *const values[] = {"A", "B", "C", "D"};
    struct challenge_row rows[ROWS];

    (void)state;
    for (seed = 1; seed < ROUNDS; seed++) {
        const uint64_t start = seed;
        const struct challenge challenge = {.window = (enum challenge_window)draw(5),
                                            .starts_at = 5 * DAY,
                                            .ends_at = 90 * DAY,
                                            .period = (enum challenge_period)draw(5),
                                            .days = 1 + draw(40),
                                            .in_order = draw(2) == 0,
                                            .repeat = 1 + draw(4),
                                            .steps = steps,
                                            .step_count = (size_t)(1 + draw(3))};
        for (int64_t i = 0; i < ROWS; i++) {
            int64_t step = draw(3), at = draw(100 * DAY);
            const char *week =
                arena_format(arena, "%lld", (long long)challenge_period_number(PERIOD_WEEK, (int32_t)(at / DAY)));
            rows[i] = row_of(i, at, names[step],
                             step == 1   ? values[draw(4)]
                             : step == 2 ? week
                                         : "",
                             step == 0 ? 1000 * (1 + draw(3)) : 1);
        }
        struct challenge_progress first = fold(&challenge, rows, ROWS, 101 * DAY);
        for (size_t i = ROWS - 1; i > 0; i--) {
            size_t other = (size_t)draw((int64_t)i + 1);
            struct challenge_row row = rows[i];
            rows[i] = rows[other];
            rows[other] = row;
        }
        struct challenge_progress second = fold(&challenge, rows, ROWS, 101 * DAY);
        assert_memory_equal(&first, &second, sizeof first);
        seed = start;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_over_counts_for_the_next_stamp_card),
        cmocka_unit_test(a_calendar_window_begins_anew_by_itself),
        cmocka_unit_test(a_rolling_window_begins_with_the_first_event),
        cmocka_unit_test(three_stores_within_any_thirty_days),
        cmocka_unit_test(a_streak_breaks_when_more_is_left_out_than_its_grace),
        cmocka_unit_test(in_order_a_step_waits_for_the_one_before),
        cmocka_unit_test(events_are_late_when_the_window_is_settled),
        cmocka_unit_test(the_order_in_which_rows_came_does_not_matter),
    };

    return cmocka_run_group_tests_name("fold", tests, setup, teardown);
}
