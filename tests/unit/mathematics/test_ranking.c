/* Areas under the curve against counts of pairs. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mathematics/random.h"
#include "mathematics/ranking.h"

static void assert_near(double got, double expected, double tolerance)
{
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("%.12g is not %.12g", got, expected);
}

static void the_area_is_the_share_of_pairs_in_order_and_half_of_those_alike(void **state)
{
    const double scores[] = {0.1, 0.4, 0.4, 0.4, 0.9};
    const bool in_class[] = {false, false, true, true, true};
    struct arena *arena = arena_new(1 << 20);
    double placements[5];

    (void)state;
    /* pairs: .4 over .1 twice, .4 with .4 twice, .9 over both: (2 + 1 + 2) / 6 */
    assert_near(ranking_area(arena, scores, in_class, 5, placements), 5.0 / 6, 1e-15);
    const double expected[] = {1, 2.0 / 3, 0.75, 0.75, 1};

    for (int i = 0; i < 5; i++)
        assert_near(placements[i], expected[i], 1e-15);
    assert_true(isnan(ranking_area(arena, scores, in_class + 2, 3, NULL)));
    assert_true(isnan(ranking_area(arena, scores, in_class, 0, NULL)));
    arena_free(arena);
}

/* The error of a difference against the spread of differences over samples drawn anew. */
static void the_error_of_a_difference_is_that_of_repeated_samples(void **state)
{
    enum { SAMPLES = 300, COUNT = 400 };
    double first[COUNT], second[COUNT], sum = 0, squares = 0, errors = 0;
    struct arena *arena = arena_new(1 << 22);
    struct random random;
    bool in_class[COUNT];

    (void)state;
    random_start(&random, 11);
    for (int sample = 0; sample < SAMPLES; sample++) {
        struct ranking_difference found;

        arena_reset(arena);
        for (int i = 0; i < COUNT; i++) {
            double truth = random_normal(&random);

            in_class[i] = truth + random_normal(&random) > 0.8;
            first[i] = truth + 0.3 * random_normal(&random);
            second[i] = truth + random_normal(&random);
        }
        ranking_compare(arena, first, second, in_class, COUNT, &found);
        sum += found.first - found.second;
        squares += (found.first - found.second) * (found.first - found.second);
        errors += found.error;
    }
    double spread = sqrt((squares - sum * sum / SAMPLES) / (SAMPLES - 1));

    assert_near(errors / SAMPLES / spread, 1, 0.13);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_area_is_the_share_of_pairs_in_order_and_half_of_those_alike),
        cmocka_unit_test(the_error_of_a_difference_is_that_of_repeated_samples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
