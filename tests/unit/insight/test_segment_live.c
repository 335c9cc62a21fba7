/* Segments that are found again are known again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/insight/segment_live.h"

static void a_segment_goes_on_where_most_of_its_members_went(void **state)
{
    const struct segment_overlap overlap = {
        .shared = {{5, 80, 0}, {90, 10, 0}, {0, 0, 20}},
        .fresh = {90, 100, 200},
        .old = {95, 90, 30},
        .fresh_count = 3,
        .old_count = 3,
    };
    size_t old_of[SEGMENTS_MAX];

    (void)state;
    segments_match(&overlap, old_of);
    assert_int_equal(old_of[0], 1);
    assert_int_equal(old_of[1], 0);
    assert_true(old_of[2] == SEGMENT_UNMATCHED); /* 20 of 210: another one */
}

static void an_old_segment_goes_on_once(void **state)
{
    const struct segment_overlap overlap = {
        .shared = {{60}, {40}}, .fresh = {60, 40}, .old = {100}, .fresh_count = 2, .old_count = 1};
    size_t old_of[SEGMENTS_MAX];

    (void)state;
    segments_match(&overlap, old_of);
    assert_int_equal(old_of[0], 0);
    assert_true(old_of[1] == SEGMENT_UNMATCHED);
}

static void a_name_stays_while_it_holds(void **state)
{
    const char *const names[] = {"visits", "spend"};
    const struct segment_features features = {.names = names, .feature_count = 2};
    struct segment segment = {.name = "high spend", .means = {{.apart = -0.3}, {.apart = 1.2}}};

    (void)state;
    assert_true(segment_name_holds("high spend, low visits", &features, &segment));
    assert_false(segment_name_holds("high spend, high visits", &features, &segment));
    assert_false(segment_name_holds("high shoes", &features, &segment));
    assert_false(segment_name_holds("average", &features, &segment));
    segment.means[0].apart = -0.1;
    assert_false(segment_name_holds("high spend, low visits", &features, &segment));
    segment.name = "average";
    assert_true(segment_name_holds("average", &features, &segment));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_segment_goes_on_where_most_of_its_members_went),
        cmocka_unit_test(an_old_segment_goes_on_once),
        cmocka_unit_test(a_name_stays_while_it_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
