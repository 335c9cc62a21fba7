/* Change points: the chance of a false alarm is the one named, and true jumps are found where they are. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mathematics/change_point.h"
#include "mathematics/random.h"

enum { VALUES_MAX = 30000, MOMENTS = 60 };

static double values[VALUES_MAX];
static size_t starts[MOMENTS + 1];

/* Skewed marks of 0 to 10, some moments fuller than others; marks fall by `drop` from moment 40 on. */
static struct change_series draw(struct random *random, size_t per_moment, double drop)
{
    size_t count = 0;

    for (size_t i = 0; i < MOMENTS; i++) {
        starts[i] = count;
        for (size_t k = 0; k < per_moment + i % 3; k++) {
            double u = random_uniform(random);

            values[count++] = floor(10.99 * sqrt(sqrt(u)) - (i >= 40 ? drop : 0));
        }
    }
    starts[MOMENTS] = count;
    return (struct change_series){values, starts, MOMENTS};
}

static int count_alarms(int runs, size_t per_moment, size_t draws)
{
    struct change_options options = {.level = 0.05, .draws = draws, .minimum = 5};
    struct change_point found[CHANGE_POINTS_MAX];
    struct random random;
    int alarms = 0;

    random_start(&random, per_moment);
    for (int run = 0; run < runs; run++) {
        struct arena *arena = arena_new((size_t)1 << 22);
        struct change_series series = draw(&random, per_moment, 0);

        options.seed = (uint64_t)run;
        alarms += change_points_find(arena, &series, &options, found) > 0;
        arena_free(arena);
    }
    return alarms;
}

static void a_series_without_change_alarms_as_seldom_as_told(void **state)
{
    (void)state;
    /* 2,000 series at 5 %: 100 alarms, standard error 9.7. */
    assert_in_range(count_alarms(2000, 2, 199), 71, 129);
    /* Beyond 20,000 values, by the normal limit: 400 series, 20 alarms, standard error 4.4. */
    assert_in_range(count_alarms(400, 340, 199), 7, 33);
}

static void a_jump_is_found_where_it_is(void **state)
{
    struct change_options options = {.level = 0.01, .draws = 999, .minimum = 5};
    struct change_point found[CHANGE_POINTS_MAX];
    struct random random;
    int hits = 0;

    (void)state;
    random_start(&random, 5);
    for (int run = 0; run < 50; run++) {
        struct arena *arena = arena_new((size_t)1 << 22);
        struct change_series series = draw(&random, 5, 2);

        options.seed = (uint64_t)run;
        size_t count = change_points_find(arena, &series, &options, found);

        hits += count >= 1 && found[0].moment >= 38 && found[0].moment <= 42 && found[0].p_value <= 0.01;
        assert_true(count <= 2);
        arena_free(arena);
    }
    assert_true(hits >= 47);
}

static void steps_up_and_down_are_found_in_order(void **state)
{
    static const double levels[] = {3, 6, 1, 6};
    struct change_options options = {.level = 0.01, .draws = 999, .minimum = 2};
    struct arena *arena = arena_new((size_t)1 << 22);
    struct change_point found[CHANGE_POINTS_MAX];
    struct random random;

    (void)state;
    random_start(&random, 6);
    for (size_t i = 0; i < MOMENTS; i++) {
        starts[i] = i;
        values[i] = levels[i / 15] + 0.2 * random_normal(&random);
    }
    starts[MOMENTS] = MOMENTS;
    struct change_series series = {values, starts, MOMENTS};

    assert_int_equal(change_points_find(arena, &series, &options, found), 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(found[i].moment, 15 * (i + 1));
    arena_free(arena);
}

static void series_that_cannot_change_do_not(void **state)
{
    struct change_options options = {.level = 0.05, .draws = 99, .minimum = 2};
    struct arena *arena = arena_new((size_t)1 << 22);
    struct change_point found[CHANGE_POINTS_MAX];
    const double same[] = {4, 4, 4, 4}, two[] = {1, 9};
    const size_t each[] = {0, 1, 2, 3, 4}, once[] = {0, 4}, none[] = {0};

    (void)state;
    assert_int_equal(change_points_find(arena, &(struct change_series){same, each, 4}, &options, found), 0);
    assert_int_equal(change_points_find(arena, &(struct change_series){same, once, 1}, &options, found), 0);
    assert_int_equal(change_points_find(arena, &(struct change_series){two, each, 2}, &options, found), 0);
    assert_int_equal(change_points_find(arena, &(struct change_series){two, none, 0}, &options, found), 0);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_series_without_change_alarms_as_seldom_as_told),
        cmocka_unit_test(a_jump_is_found_where_it_is),
        cmocka_unit_test(steps_up_and_down_are_found_in_order),
        cmocka_unit_test(series_that_cannot_change_do_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
