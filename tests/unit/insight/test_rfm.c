#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/insight/rfm.h"

static void distinct_values_fall_into_quintiles(void **state)
{
    int64_t values[] = {90, 10, 50, 30, 70, 100, 20, 60, 40, 80};
    const int expected[] = {1, 1, 2, 2, 3, 3, 4, 4, 5, 5};

    (void)state;
    struct rfm_cuts cuts = rfm_cut(values, 10, 5);
    for (int i = 0; i < 10; i++)
        assert_int_equal(rfm_score(&cuts, (i + 1) * 10), expected[i]);
}

static void equal_values_have_equal_scores(void **state)
{
    /* Six of ten bought once: score 1. Below 2 lie six of ten: 1 + floor(5 x 6 / 10) = 4. */
    int64_t values[] = {1, 1, 1, 1, 1, 1, 2, 2, 3, 9};

    (void)state;
    struct rfm_cuts cuts = rfm_cut(values, 10, 5);
    assert_int_equal(rfm_score(&cuts, 1), 1);
    assert_int_equal(rfm_score(&cuts, 2), 4);
    assert_int_equal(rfm_score(&cuts, 3), 5);
    assert_int_equal(rfm_score(&cuts, 9), 5);
}

static void every_score_follows_the_definition_for_any_number_of_bins(void **state)
{
    int64_t original[57], sorted[57];
    uint32_t seed = 12345;

    (void)state;
    for (int bins = RFM_BINS_MIN; bins <= RFM_BINS_MAX; bins++) {
        for (int n = 1; n <= 57; n += 7) {
            for (int i = 0; i < n; i++) {
                seed = seed * 1103515245u + 12345u;
                original[i] = sorted[i] = (int64_t)(seed >> 16) % 20;
            }
            struct rfm_cuts cuts = rfm_cut(sorted, (size_t)n, bins);
            for (int i = 0; i < n; i++) {
                int below = 0;
                for (int j = 0; j < n; j++)
                    below += original[j] < original[i];
                assert_int_equal(rfm_score(&cuts, original[i]), 1 + bins * below / n);
            }
        }
    }
}

static void a_base_of_nobody_and_of_one_has_scores(void **state)
{
    int64_t value = 5;

    (void)state;
    struct rfm_cuts none = rfm_cut(&value, 0, 5);
    assert_int_equal(rfm_score(&none, 5), 1);
    struct rfm_cuts one = rfm_cut(&value, 1, 5);
    assert_int_equal(rfm_score(&one, 5), 1);
}

static void each_dimension_is_scored_by_itself(void **state)
{
    const struct rfm_value values[] = {{10, 1, 900}, {20, 5, 100}};
    struct rfm_scores scores[2];
    struct arena *arena = arena_new(1 << 20);

    (void)state;
    rfm_score_all(arena, values, 2, 2, scores);
    assert_int_equal(scores[0].recency, 1);
    assert_int_equal(scores[0].frequency, 1);
    assert_int_equal(scores[0].monetary, 2);
    assert_int_equal(scores[1].recency, 2);
    assert_int_equal(scores[1].frequency, 2);
    assert_int_equal(scores[1].monetary, 1);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distinct_values_fall_into_quintiles),
        cmocka_unit_test(equal_values_have_equal_scores),
        cmocka_unit_test(every_score_follows_the_definition_for_any_number_of_bins),
        cmocka_unit_test(a_base_of_nobody_and_of_one_has_scores),
        cmocka_unit_test(each_dimension_is_scored_by_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
