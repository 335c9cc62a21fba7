/* Groups of points whose truth is known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mathematics/clusters.h"

enum { COUNT = 600 };

static void assert_near(double got, double expected, double tolerance)
{
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("%.12g is not %.12g", got, expected);
}

static void agreement_is_that_of_hubert_and_arabie(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    /* Cells 1 1 0 / 1 2 1 / 0 0 4: the worked example of Yeung and Ruzzo 2001, .313 */
    const uint32_t first[] = {0, 0, 1, 1, 1, 1, 2, 2, 2, 2}, second[] = {0, 1, 0, 1, 1, 2, 2, 2, 2, 2};
    const uint32_t renamed[] = {2, 2, 0, 0, 0, 0, 1, 1, 1, 1}, one[10] = {0};

    (void)state;
    assert_near(clusters_agreement(arena, first, second, 10), 0.313, 5e-4);
    assert_near(clusters_agreement(arena, first, renamed, 10), 1, 1e-12);
    assert_near(clusters_agreement(arena, one, one, 10), 1, 0);
    assert_near(clusters_agreement(arena, first, one, 10), 0, 1e-12);
    arena_free(arena);
}

static void the_groups_of_few_points_are_the_best_there_are(void **state)
{
    const double rows[] = {0, 1, 2, 10, 11, 12, 20};
    struct arena *arena = arena_new(1 << 20);
    struct clusters clusters;
    struct random random;

    (void)state;
    random_start(&random, 3);
    clusters_find(arena, &(struct points){rows, 7, 1}, 3, 10, &random, &clusters);
    assert_int_equal(clusters.count, 3);
    assert_near(clusters.within, 4, 1e-12);
    assert_int_equal(clusters.of[0], clusters.of[2]);
    assert_int_equal(clusters.of[3], clusters.of[5]);
    assert_int_not_equal(clusters.of[6], clusters.of[5]);
    arena_free(arena);
}

static void equal_points_make_one_group(void **state)
{
    const double rows[] = {4, 4, 4, 4, 4};
    struct arena *arena = arena_new(1 << 20);
    struct clusters clusters;
    struct random random;

    (void)state;
    random_start(&random, 3);
    clusters_find(arena, &(struct points){rows, 5, 1}, 3, 2, &random, &clusters);
    assert_int_equal(clusters.count, 1);
    assert_near(clusters.within, 0, 0);
    assert_int_equal(clusters.sizes[0], 5);
    arena_free(arena);
}

static void a_true_number_is_stable_and_a_wrong_one_less(void **state)
{
    static const double centres[3][2] = {{0, 0}, {4, 0}, {2, 4}};
    struct arena *arena = arena_new(1 << 26);
    double *rows = arena_array(arena, 2 * COUNT, sizeof *rows);
    const struct points points = {rows, COUNT, 2};
    struct random random;

    (void)state;
    random_start(&random, 17);
    for (size_t i = 0; i < 2 * COUNT; i++)
        rows[i] = centres[i / 2 % 3][i % 2] + 0.7 * random_normal(&random);
    assert_true(clusters_stability(arena, &points, &means_grouper, 3, 6, &random) > 0.97);
    assert_true(clusters_stability(arena, &points, &means_grouper, 2, 6, &random) < 0.9);
    assert_true(clusters_stability(arena, &points, &means_grouper, 5, 6, &random) < 0.9);
    arena_free(arena);
}

static void even_points_fill_the_box_of_the_axes(void **state)
{
    struct arena *arena = arena_new(1 << 22);
    double *rows = arena_array(arena, 2 * COUNT, sizeof *rows), *even;
    struct random random;

    (void)state;
    random_start(&random, 17);
    for (size_t i = 0; i < COUNT; i++) {
        double along = random_uniform(&random) * 10, across = random_uniform(&random);

        rows[2 * i] = along - across;
        rows[2 * i + 1] = along + across;
    }
    even = clusters_even(arena, &(struct points){rows, COUNT, 2}, &random);
    for (size_t i = 0; i < COUNT; i++) {
        double along = (even[2 * i] + even[2 * i + 1]) / 2, across = (even[2 * i + 1] - even[2 * i]) / 2;

        assert_true(along > -0.2 && along < 10.2);
        assert_true(across > -0.2 && across < 1.2);
    }
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agreement_is_that_of_hubert_and_arabie),
        cmocka_unit_test(the_groups_of_few_points_are_the_best_there_are),
        cmocka_unit_test(equal_points_make_one_group),
        cmocka_unit_test(a_true_number_is_stable_and_a_wrong_one_less),
        cmocka_unit_test(even_points_fill_the_box_of_the_axes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
