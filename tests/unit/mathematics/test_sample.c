/* Samples: moments, tests of means, ranks and many tests at once, by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mathematics/random.h"
#include "mathematics/sample.h"

static void assert_near(double got, double expected, double tolerance)
{
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("%.15g is not %.15g", got, expected);
}

static struct sample sample_of(const double *values, size_t count)
{
    struct sample sample = {0};

    for (size_t i = 0; i < count; i++)
        sample_add(&sample, values[i]);
    return sample;
}

static void moments_keep_their_digits_far_from_zero(void **state)
{
    struct sample sample = sample_of((const double[]){1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}, 4);
    double low, high;

    (void)state;
    assert_near(sample.mean, 1e9 + 10, 0);
    assert_near(sample_variance(&sample), 30, 0);
    sample_interval(&sample, 0.95, &low, &high);
    assert_near(high - sample.mean, 3.182446305 * sqrt(7.5), 1e-6);
    sample.count = 1;
    sample_interval(&sample, 0.95, &low, &high);
    assert_true(isnan(low) && isnan(high));
}

static void means_are_compared_by_welch(void **state)
{
    struct sample first = sample_of((const double[]){1, 2, 3, 4}, 4),
                  second = sample_of((const double[]){3, 4, 5, 6}, 4);
    struct sample same = sample_of((const double[]){2, 2}, 2);

    (void)state;
    /* t = -2 / sqrt(5/6) with 6 degrees: tails of 23/324. */
    assert_near(sample_differ(&first, &second), 23.0 / 324, 1e-12);
    assert_true(isnan(sample_differ(&same, &same)));
    assert_true(isnan(sample_differs_from_zero(&same)));
    /* t = 2.5 / sqrt(5/12) = sqrt(15) with 3 degrees: 1 - 2/pi (atan(sqrt 5) + sqrt 5 / 6). */
    assert_near(sample_differs_from_zero(&first), 1 - 2 / M_PI * (atan(sqrt(5)) + sqrt(5) / 6), 1e-12);
}

static void p_values_of_many_tests_are_raised(void **state)
{
    double p_values[] = {0.01, 0.04, NAN, 0.03, 0.005};
    struct arena *arena = arena_new((size_t)1 << 20);

    (void)state;
    holm_adjust(arena, p_values, 5);
    assert_near(p_values[4], 0.02, 1e-15);
    assert_near(p_values[0], 0.03, 1e-15);
    assert_near(p_values[3], 0.06, 1e-15);
    assert_near(p_values[1], 0.06, 1e-15);
    assert_true(isnan(p_values[2]));
    arena_free(arena);
}

static void ranks_share_ties(void **state)
{
    const double values[] = {3, 1, 3, 2, 3}, rising[] = {1, 2, 3, 4, 5}, same[] = {1, 1, 1, 1, 1};
    struct arena *arena = arena_new((size_t)1 << 20);
    double ranks[5], interval[2];

    (void)state;
    ranks_find(arena, values, 5, ranks);
    assert_true(ranks[0] == 4 && ranks[1] == 1 && ranks[2] == 4 && ranks[3] == 2 && ranks[4] == 4);
    /* Of ranks 4 1 4 2 4 and 1 to 5: 1 / sqrt(8 * 10). */
    assert_near(rank_correlation(arena, values, rising, 5, 0.95, interval), 1 / sqrt(80), 1e-14);
    assert_true(interval[0] < 0 && interval[1] > 0.8);
    assert_true(isnan(rank_correlation(arena, values, same, 5, 0.95, interval)));
    assert_near(rank_correlation(arena, rising, rising, 5, 0.95, interval), 1, 1e-14);
    assert_true(isnan(interval[0]));
    arena_free(arena);
}

/* Two normals of correlation .6 have a rank correlation of 6/pi asin(.3). */
static void the_interval_of_a_rank_correlation_covers_it(void **state)
{
    enum { RUNS = 1000, COUNT = 80 };
    double truth = 6 / M_PI * asin(0.3), x[COUNT], y[COUNT], interval[2];
    struct arena *arena = arena_new((size_t)1 << 24);
    struct random random;
    int covered = 0;

    (void)state;
    random_start(&random, 2);
    for (int run = 0; run < RUNS; run++) {
        arena_reset(arena);
        for (int i = 0; i < COUNT; i++) {
            x[i] = random_normal(&random);
            y[i] = 0.6 * x[i] + 0.8 * random_normal(&random);
        }
        rank_correlation(arena, x, y, COUNT, 0.95, interval);
        covered += interval[0] <= truth && truth <= interval[1];
    }
    assert_in_range(covered, 929, 971);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_keep_their_digits_far_from_zero),
        cmocka_unit_test(means_are_compared_by_welch),
        cmocka_unit_test(p_values_of_many_tests_are_raised),
        cmocka_unit_test(ranks_share_ties),
        cmocka_unit_test(the_interval_of_a_rank_correlation_covers_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
