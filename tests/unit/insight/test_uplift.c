/* Uplift: curves worked out by hand, and effects of drawn members that are known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "features/insight/uplift_model.h"
#include "mathematics/random.h"

enum { MEMBERS = 6000 };

#define assert_near(got, expected, tolerance) check_near((got), (expected), (tolerance), __LINE__)

static void check_near(double got, double expected, double tolerance, int line)
{
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("line %d: %.10g is not %.10g within %g", line, got, expected, tolerance);
}

static void a_curve_is_as_worked_out_by_hand(void **state)
{
    static const double outcomes[] = {1, 0, 1, 1, 0, 0, 0, 1}, scores[] = {3, 3, 2, 2, 1, 1, 1, 1};
    static const unsigned char treated[] = {1, 0, 1, 0, 1, 0, 1, 0};
    struct arena *arena = arena_new((size_t)1 << 20);
    const struct uplift_data data = {outcomes, treated, 8};
    struct uplift_curve curve;
    struct uplift_point best;
    struct error err = {0};
    double profit;

    (void)state;
    assert_int_equal(uplift_curve_build(arena, &data, scores, &curve, &err), STATUS_OK);
    assert_int_equal(curve.count, 4);
    assert_near(curve.points[1].share, 0.25, 1e-15);
    assert_near(curve.points[1].gain, 0.25, 1e-15);
    assert_near(curve.points[2].gain, 0.25, 1e-15);
    assert_near(curve.effect, 0, 1e-15);
    assert_near(curve.qini, 0.15625, 1e-15);
    assert_near(curve.auuc, 0.15625, 1e-15);
    best = uplift_best(&curve, 10, 1, &profit);
    assert_near(best.share, 0.25, 0);
    assert_near(profit, 10 * 0.25 - 0.25, 1e-15);
    best = uplift_best(&curve, 1, 100, &profit);
    assert_near(best.share, 0, 0);
    arena_free(arena);
}

/* Members whose effect is .3 x where x is their first number; the outcome a number or 0 and 1. */
struct base {
    struct arena *arena;
    double *outcomes, *truth, *x, *noise, *score;
    unsigned char *treated;
    struct uplift_data data;
    struct uplift_design design;
};

static void base_start(struct base *base, bool shares, uint64_t seed)
{
    struct arena *arena = arena_new((size_t)1 << 28);
    struct random random;

    *base = (struct base){.arena = arena};
    base->outcomes = arena_array(arena, MEMBERS, sizeof(double));
    base->truth = arena_array(arena, MEMBERS, sizeof(double));
    base->x = arena_array(arena, MEMBERS, sizeof(double));
    base->noise = arena_array(arena, MEMBERS, sizeof(double));
    base->score = arena_array(arena, MEMBERS, sizeof(double));
    base->treated = arena_array(arena, MEMBERS, 1);
    random_start(&random, seed);
    for (int i = 0; i < MEMBERS; i++) {
        base->x[i] = random_normal(&random);
        base->noise[i] = random_normal(&random);
        base->treated[i] = random_uniform(&random) < 0.4;
        double low = shares ? 0.2 : base->noise[i],
               high = shares ? fmin(0.9, fmax(0, 0.3 + 0.2 * base->x[i])) : low + 0.3 * base->x[i];

        base->truth[i] = high - low;
        base->outcomes[i] = base->treated[i] ? high : low;
        if (shares)
            base->outcomes[i] = random_uniform(&random) < base->outcomes[i];
        else
            base->outcomes[i] += random_normal(&random);
    }
    base->data = (struct uplift_data){base->outcomes, base->treated, MEMBERS};
    const struct uplift_feature features[] = {{.name = "x", .numbers = base->x},
                                              {.name = "noise", .numbers = base->noise}};

    assert_int_equal(uplift_design_build(arena, features, 2, MEMBERS, &base->design, NULL), STATUS_OK);
}

static void equal_scores_need_no_order(void **state)
{
    struct base base;
    struct uplift_curve first, second;
    double *outcomes, *scores;
    unsigned char *treated;

    (void)state;
    base_start(&base, true, 1);
    outcomes = arena_array(base.arena, MEMBERS, sizeof *outcomes);
    scores = arena_array(base.arena, MEMBERS, sizeof *scores);
    treated = arena_array(base.arena, MEMBERS, 1);
    for (int i = 0; i < MEMBERS; i++) {
        int from = MEMBERS - 1 - i;

        base.score[i] = floor(2 * base.x[i]);
        scores[from] = base.score[i];
        outcomes[from] = base.outcomes[i];
        treated[from] = base.treated[i];
    }
    const struct uplift_data turned = {outcomes, treated, MEMBERS};

    assert_int_equal(uplift_curve_build(base.arena, &base.data, base.score, &first, NULL), STATUS_OK);
    assert_int_equal(uplift_curve_build(base.arena, &turned, scores, &second, NULL), STATUS_OK);
    assert_near(first.qini, second.qini, 0);
    assert_near(first.auuc, second.auuc, 0);
    for (int i = 0; i < MEMBERS; i++)
        base.score[i] = 7;
    assert_int_equal(uplift_curve_build(base.arena, &base.data, base.score, &first, NULL), STATUS_OK);
    assert_near(first.qini, 0, 1e-15);
    arena_free(base.arena);
}

static int compare_numbers(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

/* The true effect among those of the highest scores. */
static double truth_at(const struct base *base, double share)
{
    double *sorted = arena_copy(base->arena, base->score, MEMBERS * sizeof *sorted), sum = 0, count = 0;

    qsort(sorted, MEMBERS, sizeof *sorted, compare_numbers);
    for (int i = 0; i < MEMBERS; i++)
        if (base->score[i] >= sorted[(int)((1 - share) * MEMBERS)]) {
            sum += base->truth[i];
            count++;
        }
    return sum / count;
}

static void each_model_finds_whom_the_treatment_changes(void **state)
{
    (void)state;
    for (int shares = 0; shares < 2; shares++)
        for (int model = 0; model < UPLIFT_MODELS; model++) {
            struct base base;
            struct uplift_curve curve, best;
            double product = 0, own = 0, other = 0;
            struct effect top;

            base_start(&base, shares == 1, 3);
            const struct uplift_task task = {&base.design, &base.data, (enum uplift_model)model};

            assert_int_equal(uplift_cross(base.arena, &task, 5, 1, base.score, NULL), STATUS_OK);
            assert_int_equal(uplift_curve_build(base.arena, &base.data, base.score, &curve, NULL), STATUS_OK);
            assert_int_equal(uplift_curve_build(base.arena, &base.data, base.truth, &best, NULL), STATUS_OK);
            double error = uplift_qini_error(base.arena, &base.data, base.score, 100, 1);

            assert_true(curve.qini > 4 * error);
            assert_near(curve.qini, best.qini, 2 * error);
            for (int i = 0; i < MEMBERS; i++) {
                product += base.score[i] * base.x[i];
                own += base.score[i] * base.score[i];
                other += base.x[i] * base.x[i];
            }
            assert_true(product / sqrt(own * other) > 0.8);
            assert_int_equal(uplift_at(base.arena, &base.data, base.score, 0.3, &top, NULL), STATUS_OK);
            assert_near(top.value, truth_at(&base, 0.3), 2 * top.error);
            arena_free(base.arena);
        }
}

static void a_bootstrap_tells_how_far_the_qini_of_chance_strays(void **state)
{
    double sum = 0, squares = 0, told = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct base base;
        struct uplift_curve curve;

        base_start(&base, true, seed);
        assert_int_equal(uplift_curve_build(base.arena, &base.data, base.noise, &curve, NULL), STATUS_OK);
        sum += curve.qini / 60;
        squares += curve.qini * curve.qini / 60;
        if (seed <= 5)
            told += uplift_qini_error(base.arena, &base.data, base.noise, 60, seed) / 5;
        arena_free(base.arena);
    }
    assert_near(sum, 0, 3 * told / sqrt(60));
    assert_near(told, sqrt(squares), 0.3 * told);
}

static void bands_hold_everyone_once(void **state)
{
    struct base base;
    struct uplift_band bands[10];
    double count = 0, arms = 0;

    (void)state;
    base_start(&base, true, 2);
    for (int i = 0; i < MEMBERS; i++)
        base.score[i] = fmax(0, base.x[i]);
    uplift_bands(base.arena, &base.data, base.score, 10, bands);
    for (int i = 0; i < 10; i++) {
        count += (double)bands[i].count;
        arms += bands[i].treated.count + bands[i].control.count;
    }
    assert_near(count, MEMBERS, 0);
    assert_near(arms, MEMBERS, 0);
    arena_free(base.arena);
}

static void columns_that_say_nothing_are_left_out(void **state)
{
    static const double numbers[] = {1, 2, 3, NAN, 5, 6, 7, 1000}, constant[] = {4, 4, 4, 4, 4, 4, 4, 4};
    static const uint32_t codes[] = {0, 1, 0, 1, 0, UPLIFT_MISSING, 0, 1};
    static const struct text levels[] = {{"red", 3}, {"blue", 4}};
    const struct uplift_feature features[] = {{.name = "n", .numbers = numbers},
                                              {.name = "same", .numbers = constant},
                                              {.name = "twice", .numbers = numbers},
                                              {.name = "colour", .codes = codes, .levels = levels, .level_count = 2}};
    struct arena *arena = arena_new((size_t)1 << 20);
    struct uplift_design design;
    struct error err = {0};

    (void)state;
    assert_int_equal(uplift_design_build(arena, features, 4, 8, &design, &err), STATUS_OK);
    assert_int_equal(design.column_count, 6); /* n, log n, n missing; red, blue, missing */
    for (size_t i = 0; i < 8 * design.column_count; i++)
        assert_true(isfinite(design.values[i]));
    assert_int_equal(uplift_design_build(arena, &features[1], 1, 8, &design, &err), STATUS_INVALID);
    assert_string_equal(err.code, "uplift.features");
    arena_free(arena);
}

/* Ranges of a measure, and regions of towns: the measure and the towns say all of it. */
static void coarser_forms_of_a_column_are_left_out(void **state)
{
    enum { ROWS = 120 };
    static const struct text names[] = {{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}};
    double measure[ROWS], few[ROWS];
    uint32_t ranges[ROWS], towns[ROWS], regions[ROWS], twins[ROWS], own[ROWS];
    struct uplift_feature features[] = {{.name = "ranges", .codes = ranges, .levels = names, .level_count = 3},
                                        {.name = "measure", .numbers = measure},
                                        {.name = "few", .numbers = few},
                                        {.name = "towns", .codes = towns, .levels = names, .level_count = 4},
                                        {.name = "regions", .codes = regions, .levels = names, .level_count = 2},
                                        {.name = "twins", .codes = twins, .levels = names, .level_count = 4},
                                        {.name = "own", .codes = own, .levels = names, .level_count = 2}};
    struct arena *arena = arena_new((size_t)1 << 22);
    struct uplift_design design;
    struct error err = {0};

    (void)state;
    for (uint32_t i = 0; i < ROWS; i++) {
        measure[i] = i * 7 % ROWS;
        ranges[i] = measure[i] < 30 ? 2 : measure[i] < 90 ? 0 : 1;
        towns[i] = i % 4;
        few[i] = towns[i]; /* a number of a few values: its levels may bend as a line does not */
        regions[i] = towns[i] == 1 || towns[i] == 2;
        twins[i] = 3 - towns[i];
        own[i] = i % 3 == 0;
    }
    assert_int_equal(uplift_design_build(arena, features, 7, ROWS, &design, &err), STATUS_OK);
    assert_int_equal(design.coarse_count, 3);
    assert_string_equal(design.coarse[0], "ranges");
    assert_string_equal(design.finer[0], "measure");
    assert_string_equal(design.coarse[1], "regions");
    assert_string_equal(design.finer[1], "towns");
    assert_string_equal(design.coarse[2], "twins");
    assert_int_equal(design.column_count, 1 + 1 + 4 + 1); /* of two levels of `own` one repeats the other */
    ranges[40] = 2; /* reaches into another range: no longer a form of the measure */
    measure[40] = 55;
    assert_int_equal(uplift_design_build(arena, features, 2, ROWS, &design, &err), STATUS_OK);
    assert_int_equal(design.coarse_count, 0);
    measure[0] = NAN; /* missing in one only */
    assert_int_equal(uplift_design_build(arena, features, 2, ROWS, &design, &err), STATUS_OK);
    assert_int_equal(design.coarse_count, 0);
    arena_free(arena);
}

static void groups_without_anyone_are_told(void **state)
{
    static const double outcomes[] = {1, 0, 1}, scores[] = {1, 2, 3};
    static const unsigned char treated[] = {1, 1, 1};
    const struct uplift_data data = {outcomes, treated, 3};
    struct arena *arena = arena_new((size_t)1 << 20);
    struct uplift_curve curve;
    struct error err = {0};

    (void)state;
    assert_int_equal(uplift_curve_build(arena, &data, scores, &curve, &err), STATUS_INVALID);
    assert_string_equal(err.code, "uplift.groups");
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_curve_is_as_worked_out_by_hand),
        cmocka_unit_test(equal_scores_need_no_order),
        cmocka_unit_test(each_model_finds_whom_the_treatment_changes),
        cmocka_unit_test(a_bootstrap_tells_how_far_the_qini_of_chance_strays),
        cmocka_unit_test(bands_hold_everyone_once),
        cmocka_unit_test(columns_that_say_nothing_are_left_out),
        cmocka_unit_test(coarser_forms_of_a_column_are_left_out),
        cmocka_unit_test(groups_without_anyone_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
