/* Segments of members drawn from groups that are known, and of members in no groups. */
#include "clv_fixture.h"

#include <string.h>

#include "features/insight/segments.h"

enum { MEMBERS = 900 };

struct base {
    struct arena *arena;
    double *columns[3];
    const char *names[3];
    struct segment_features features;
    struct segmentation found;
    struct random random;
    enum segment_method method;
};

static void start(struct base *base)
{
    *base = (struct base){.arena = arena_new((size_t)1 << 28), .names = {"visits", "spend", "shoe_size"}};
    for (int i = 0; i < 3; i++)
        base->columns[i] = arena_array(base->arena, MEMBERS, sizeof(double));
    base->features = (struct segment_features){(const double *const *)base->columns, base->names, 3, MEMBERS};
    random_start(&base->random, 99);
}

/* Groups of 450, 300 and 150; spend is skewed, shoes tell nothing. */
static void draw_groups(struct base *base)
{
    static const double visits[] = {3, 10, 10}, spend[] = {3, 3, 6};

    for (size_t i = 0; i < MEMBERS; i++) {
        size_t group = i < 450 ? 0 : i < 750 ? 1 : 2;

        base->columns[0][i] = visits[group] + random_normal(&base->random);
        base->columns[1][i] = exp(spend[group] + 0.3 * random_normal(&base->random));
        base->columns[2][i] = 39;
    }
}

static enum status find(struct base *base, size_t wanted, struct error *err)
{
    const struct segment_question question = {.method = base->method, .wanted = wanted, .seed = 1};

    return segments_find(base->arena, &base->features, &question, &base->found, err);
}

static void the_groups_are_found_counted_and_named(void **state)
{
    struct error err = {0};
    struct base base;

    (void)state;
    start(&base);
    draw_groups(&base);
    base.columns[0][7] = NAN;
    assert_int_equal(find(&base, 0, &err), STATUS_OK);
    assert_int_equal(base.found.count, 3);
    assert_int_equal(base.found.members, MEMBERS - 1);
    assert_int_equal(base.found.of[7], SEGMENT_NONE);
    assert_near((double)base.found.segments[0].members, 449, 3);
    assert_near((double)base.found.segments[1].members, 300, 3);
    assert_near((double)base.found.segments[2].members, 150, 3);
    assert_string_equal(base.found.segments[0].name, "low visits");
    assert_non_null(strstr(base.found.segments[2].name, "high spend"));
    assert_true(base.found.features[1].logarithm);
    assert_false(base.found.features[2].used);
    for (int i = 0; i < 3; i++)
        assert_true(base.found.segments[i].means[0].low < (i == 0 ? 3 : 10) + 0.1);
    assert_true(base.found.explained > 0.8);
    arena_free(base.arena);
}

static void the_same_seed_gives_the_same_segments(void **state)
{
    struct error err = {0};
    struct base base;
    uint32_t *before;

    (void)state;
    start(&base);
    draw_groups(&base);
    assert_int_equal(find(&base, 4, &err), STATUS_OK);
    assert_int_equal(base.found.count, 4);
    before = base.found.of;
    assert_int_equal(find(&base, 4, &err), STATUS_OK);
    assert_memory_equal(before, base.found.of, MEMBERS * sizeof *before);
    arena_free(base.arena);
}

static void members_in_no_groups_are_one_segment(void **state)
{
    struct error err = {0};
    struct base base;

    (void)state;
    for (int even = 0; even < 2; even++) {
        start(&base);
        for (size_t i = 0; i < MEMBERS; i++)
            for (int j = 0; j < 3; j++)
                base.columns[j][i] = even ? random_uniform(&base.random) : random_normal(&base.random);
        assert_int_equal(find(&base, 0, &err), STATUS_OK);
        assert_int_equal(base.found.count, 1);
        assert_string_equal(base.found.segments[0].name, "average");
        arena_free(base.arena);
    }
}

static void features_that_tell_nothing_are_told(void **state)
{
    struct error err = {0};
    struct base base;

    (void)state;
    start(&base);
    assert_int_equal(find(&base, 0, &err), STATUS_INVALID);
    assert_string_equal(err.code, "segments.features");
    base.features.member_count = 19;
    assert_int_equal(find(&base, 0, &err), STATUS_INVALID);
    assert_string_equal(err.code, "segments.members");
    arena_free(base.arena);
}

/* Two clouds about one middle, one of them much wider: k-means cannot tell them, a mixture can. */
static void a_mixture_tells_groups_by_their_width(void **state)
{
    struct error err = {0};
    struct base base;
    size_t right = 0;

    (void)state;
    start(&base);
    base.method = SEGMENT_MIXTURE;
    for (size_t i = 0; i < MEMBERS; i++)
        for (int j = 0; j < 3; j++)
            base.columns[j][i] = 100 + (i < 600 ? 1 : 12) * random_normal(&base.random);
    assert_int_equal(find(&base, 2, &err), STATUS_OK);
    for (size_t i = 0; i < MEMBERS; i++)
        right += base.found.of[i] == (i < 600 ? 0 : 1);
    assert_true(right > MEMBERS * 95 / 100);
    assert_true(base.found.bic[2] < base.found.bic[1] - 100);
    assert_true(base.found.bic[2] < base.found.bic[4]);
    base.method = SEGMENT_MEANS;
    assert_int_equal(find(&base, 2, &err), STATUS_OK);
    assert_true(isnan(base.found.bic[2]));
    arena_free(base.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_groups_are_found_counted_and_named),
        cmocka_unit_test(the_same_seed_gives_the_same_segments),
        cmocka_unit_test(members_in_no_groups_are_one_segment),
        cmocka_unit_test(features_that_tell_nothing_are_told),
        cmocka_unit_test(a_mixture_tells_groups_by_their_width),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
