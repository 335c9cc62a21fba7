/* Scores of answers: hand-computed values, exact coverage of the intervals, and the level of the tests. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/insight/satisfaction_score.h"
#include "mathematics/random.h"
#include "mathematics/special.h"

static const double CONFIDENCE = 0.95;

static void assert_near(double got, double expected, double tolerance)
{
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("%.15g is not %.15g", got, expected);
}

static struct answer_tally tally_of(const struct answer_scale *scale, const double *answers, size_t count)
{
    struct answer_tally tally = {0};

    for (size_t i = 0; i < count; i++)
        answer_tally_add(&tally, scale, answers[i]);
    return tally;
}

static void answers_are_sorted_into_promoters_and_detractors(void **state)
{
    const double answers[] = {10, 9, 8, 7, 6, 0, NAN, 11, -1, 8.5, 10, 9};
    struct answer_scale scale = answer_scale_nps();
    struct answer_tally tally = tally_of(&scale, answers, 12);
    struct answer_estimate estimate;

    (void)state;
    assert_near(tally.count, 8, 0);
    assert_near(tally.missing, 1, 0);
    assert_near(tally.off_scale, 3, 0);
    answer_estimate(&tally, &scale, ANSWER_NET, CONFIDENCE, &estimate);
    assert_near(estimate.value, 25, 1e-12); /* 4 promoters, 2 detractors of 8 */
    /* p = 4.5 / 10, q = 2.5 / 10: 20 +- 1.96 * 100 sqrt((.7 - .04) / 8). */
    assert_near(estimate.low, 20 - 195.9963984540054 * sqrt(0.0825), 1e-9);
    assert_near(estimate.high, 20 + 195.9963984540054 * sqrt(0.0825), 1e-9);
}

static void a_scale_says_what_a_good_answer_is(void **state)
{
    struct answer_scale csat = answer_scale_csat(1, 5), ces = answer_scale_ces(1, 7), wide = answer_scale_csat(0, 100);
    double low, high;

    (void)state;
    assert_true(csat.top == 4 && csat.bottom == 2);
    assert_true(ces.top == 5 && ces.bottom == 3);
    assert_true(wide.top == 80 && wide.bottom == 20);
    ces = answer_scale_ces(1, 10);
    assert_true(ces.top == 6 && ces.bottom == 5);
    assert_true(answer_scale_guess(1, 5, &low, &high) && low == 1 && high == 5);
    assert_true(answer_scale_guess(0, 7, &low, &high) && low == 0 && high == 10);
    assert_true(answer_scale_guess(2, 7, &low, &high) && high == 7);
    assert_false(answer_scale_guess(-1, 5, &low, &high));
}

/* Sample 3, 5, 4, 4, 2, 5: mean 23/6, s2 = 41/30; two-sided t of 5 degrees at 95 % is 2.570582. */
static void a_mean_has_the_interval_of_student(void **state)
{
    const double answers[] = {3, 5, 4, 4, 2, 5};
    struct answer_scale scale = answer_scale_csat(1, 5);
    struct answer_tally tally = tally_of(&scale, answers, 6);
    struct answer_estimate estimate;
    double reach = 2.5705818356 * sqrt(41.0 / 30 / 6);

    (void)state;
    answer_estimate(&tally, &scale, ANSWER_MEAN, CONFIDENCE, &estimate);
    assert_near(estimate.value, 23.0 / 6, 1e-14);
    assert_near(estimate.low, 23.0 / 6 - reach, 1e-9);
    assert_near(estimate.high, 5, 0); /* kept on the scale */
    answer_estimate(&tally, &scale, ANSWER_TOP, CONFIDENCE, &estimate);
    assert_near(estimate.value, 400.0 / 6, 1e-12);
    assert_near(estimate.low, 29.9993, 0.01); /* Wilson, 4 of 6 */
}

/* P(the interval holds the truth), summed over every sample of `n` answers that can come. */
static double net_coverage(int n, double good, double bad)
{
    struct answer_scale scale = answer_scale_nps();
    double covered = 0;

    for (int top = 0; top <= n; top++)
        for (int bottom = 0; top + bottom <= n; bottom++) {
            int other = n - top - bottom;
            double logarithm = log_gamma(n + 1) - log_gamma(top + 1) - log_gamma(bottom + 1) - log_gamma(other + 1) +
                               top * log(good) + bottom * log(bad) + other * log(1 - good - bad);
            struct answer_tally tally = {.count = n, .top = top, .bottom = bottom};
            struct answer_estimate estimate;

            if (logarithm < -25)
                continue;
            answer_estimate(&tally, &scale, ANSWER_NET, CONFIDENCE, &estimate);
            if (estimate.low <= 100 * (good - bad) + 1e-9 && estimate.high >= 100 * (good - bad) - 1e-9)
                covered += exp(logarithm);
        }
    return covered;
}

static void the_net_interval_covers_between_94_and_96_per_cent(void **state)
{
    static const int sizes[] = {12, 15, 20, 30, 50, 80, 130, 250};
    int cells = 0;

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (int good = 1; good < 20; good++)
            for (int bad = good; good + bad < 20; bad++) {
                double p = good / 20.0, q = bad / 20.0, n = sizes[i];

                if (n * p < 4.999 || n * q < 4.999 || n * (1 - p - q) < 0.999)
                    continue;
                double coverage = net_coverage(sizes[i], p, q);

                cells++;
                if (!(coverage >= 0.94 && coverage <= 0.96))
                    fail_msg("%.4f at %d answers, %g promoters, %g detractors", coverage, sizes[i], p, q);
            }
    assert_true(cells > 300);
}

/* Draws answers of 0 to 10 in which a share `good` is 9 or 10, a share `bad` 0 to 6. */
static struct answer_tally draw(struct random *random, int n, double good, double bad)
{
    struct answer_scale scale = answer_scale_nps();
    struct answer_tally tally = {0};

    for (int i = 0; i < n; i++) {
        double u = random_uniform(random), mark = random_uniform(random);

        answer_tally_add(&tally, &scale,
                         u < good         ? 9 + floor(2 * mark)
                         : u < good + bad ? floor(7 * mark)
                                          : 7 + floor(2 * mark));
    }
    return tally;
}

static void drawn_surveys_are_covered_and_equal_stores_seldom_called_different(void **state)
{
    enum { RUNS = 10000 };
    static const double laws[][3] = {{20, 0.3, 0.3}, {60, 0.6, 0.15}, {200, 0.1, 0.7}};
    struct answer_scale scale = answer_scale_nps();
    struct random random;

    (void)state;
    random_start(&random, 20);
    for (size_t law = 0; law < 3; law++) {
        const double *at = laws[law];
        int covered = 0, alarms[3] = {0};

        for (int run = 0; run < RUNS; run++) {
            struct answer_tally first = draw(&random, (int)at[0], at[1], at[2]);
            struct answer_tally second = draw(&random, 2 * (int)at[0], at[1], at[2]);
            static const enum answer_measure measures[] = {ANSWER_NET, ANSWER_TOP, ANSWER_MEAN};
            struct answer_estimate estimate;

            answer_estimate(&first, &scale, ANSWER_NET, CONFIDENCE, &estimate);
            covered += estimate.low <= 100 * (at[1] - at[2]) && 100 * (at[1] - at[2]) <= estimate.high;
            for (int i = 0; i < 3; i++) {
                struct answer_difference difference;

                answer_compare(&first, &second, measures[i], CONFIDENCE, &difference);
                alarms[i] += difference.p_value < 0.05;
            }
        }
        assert_near((double)covered / RUNS, 0.95, 0.01 + 3 * 0.0022);
        for (int i = 0; i < 3; i++)
            assert_near((double)alarms[i] / RUNS, 0.05, 0.01 + 3 * 0.0022);
    }
}

/* Welch's own example is Student's when both sides are alike: 1 2 3 4 and 3 4 5 6, t = -2 / sqrt(5/6), 6 degrees. */
static void differences_are_tested_as_by_hand(void **state)
{
    const double low[] = {1, 2, 3, 4}, high[] = {3, 4, 5, 6};
    struct answer_scale scale = answer_scale_csat(1, 7);
    struct answer_tally groups[] = {tally_of(&scale, low, 4), tally_of(&scale, high, 4)};
    struct arena *arena = arena_new((size_t)1 << 20);
    struct answer_difference difference, rest[2];

    (void)state;
    answer_compare(&groups[0], &groups[1], ANSWER_MEAN, CONFIDENCE, &difference);
    assert_near(difference.value, -2, 1e-14);
    assert_near(difference.p_value, 23.0 / 324, 1e-9);
    assert_near(difference.high, -2 + 2.4469118 * sqrt(5.0 / 6), 1e-6);
    /* Two groups: Welch's F is the square of t, and all others are the other one. */
    assert_near(answer_groups_differ(groups, 2, ANSWER_MEAN), difference.p_value, 1e-12);
    answer_against_rest(arena, groups, 2, ANSWER_MEAN, CONFIDENCE, rest);
    assert_near(rest[0].p_value, 2 * difference.p_value, 1e-12);
    assert_near(rest[1].value, 2, 1e-14);
    arena_free(arena);
}

static void few_answers_give_no_interval_rather_than_a_wrong_one(void **state)
{
    struct answer_scale scale = answer_scale_nps();
    const double alike[] = {10, 10, 10};
    struct answer_tally none = {0}, same = tally_of(&scale, alike, 3), one = tally_of(&scale, alike, 1);
    struct answer_difference difference;
    struct answer_estimate estimate;

    (void)state;
    answer_estimate(&none, &scale, ANSWER_NET, CONFIDENCE, &estimate);
    assert_true(isnan(estimate.value) && isnan(estimate.low));
    answer_estimate(&one, &scale, ANSWER_MEAN, CONFIDENCE, &estimate);
    assert_true(estimate.value == 10 && isnan(estimate.low));
    answer_estimate(&same, &scale, ANSWER_NET, CONFIDENCE, &estimate);
    assert_true(estimate.value == 100 && estimate.high == 100 && estimate.low < 70);
    answer_compare(&same, &one, ANSWER_MEAN, CONFIDENCE, &difference);
    assert_true(difference.value == 0 && isnan(difference.p_value));
    answer_compare(&same, &none, ANSWER_NET, CONFIDENCE, &difference);
    assert_true(isnan(difference.p_value));
    assert_true(isnan(answer_groups_differ(&none, 1, ANSWER_NET)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_sorted_into_promoters_and_detractors),
        cmocka_unit_test(a_scale_says_what_a_good_answer_is),
        cmocka_unit_test(a_mean_has_the_interval_of_student),
        cmocka_unit_test(the_net_interval_covers_between_94_and_96_per_cent),
        cmocka_unit_test(drawn_surveys_are_covered_and_equal_stores_seldom_called_different),
        cmocka_unit_test(differences_are_tested_as_by_hand),
        cmocka_unit_test(few_answers_give_no_interval_rather_than_a_wrong_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
