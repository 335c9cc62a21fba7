/* Path models of drawn answers: the truth lies within the intervals. */
#include "pls_fixture.h"

#include "mathematics/random.h"

enum { ANSWERS = 600 };

struct survey {
    struct arena *arena;
    double columns[TRUTH_COLUMNS][ANSWERS];
    const double *pointers[TRUTH_COLUMNS];
    struct text names[TRUTH_COLUMNS];
};

static void survey_start(struct survey *survey, uint64_t seed)
{
    struct random random;

    survey->arena = arena_new((size_t)1 << 28);
    random_start(&random, seed);
    truth_columns(survey->names);
    for (size_t i = 0; i < TRUTH_COLUMNS; i++)
        survey->pointers[i] = survey->columns[i];
    double correlations[TRUTH_CONSTRUCTS][TRUTH_CONSTRUCTS];

    truth_correlations(correlations);
    for (size_t row = 0; row < ANSWERS; row++) {
        double scores[TRUTH_CONSTRUCTS] = {0};

        for (size_t to = 0; to < TRUTH_CONSTRUCTS; to++) {
            double explained = 0;

            for (size_t from = 0; from < to; from++) {
                scores[to] += truth_paths[from][to] * scores[from];
                explained += truth_paths[from][to] * correlations[from][to];
            }
            scores[to] += sqrt(1 - explained) * random_normal(&random);
        }
        for (size_t i = 0; i < TRUTH_COLUMNS; i++)
            survey->columns[i][row] =
                5 + 2 * (truth_loadings[i] * scores[i / TRUTH_EACH] +
                         sqrt(1 - truth_loadings[i] * truth_loadings[i]) * random_normal(&random));
    }
}

static void survey_run(struct survey *survey, const char *model, size_t rows, const struct pls_settings *settings,
                       const struct pls_resampling *resampling, struct pls_results *out)
{
    struct pls_estimate estimate;
    struct pls_moments moments;
    struct error err = {0};
    struct pls_plan plan;
    struct pls_data data;
    const double *columns[TRUTH_COLUMNS];

    truth_plan(survey->arena, model, &plan);
    for (size_t i = 0; i < plan.first.indicator_count; i++)
        columns[i] = survey->pointers[plan.columns[i]];
    const struct pls_answers answers = {columns, plan.first.indicators, plan.first.indicator_count, rows};

    assert_int_equal(pls_data_prepare(survey->arena, &answers, PLS_MISSING_MEAN, &data, &err), STATUS_OK);
    pls_moments_start(survey->arena, data.column_count, &moments);
    assert_true(pls_moments_take(&data, NULL, &moments));
    pls_estimate_start(survey->arena, &plan, &estimate);
    assert_int_equal(pls_estimate(&plan, settings, moments.correlations, &estimate), PLS_FITTED);
    const struct pls_problem problem = {&plan, settings, &data, &estimate};

    pls_bootstrap(survey->arena, &problem, resampling, out);
}

static const struct pls_statistic *statistic_of(const struct pls_results *results, enum pls_figure figure, size_t a,
                                                size_t b)
{
    for (size_t i = 0; i < results->count; i++)
        if (results->statistics[i].figure == figure && results->statistics[i].a == a && results->statistics[i].b == b)
            return &results->statistics[i];
    fail_msg("figure %d of %zu and %zu is not there", (int)figure, a, b);
    return NULL;
}

static const struct pls_resampling usual = {
    .samples = 500, .seed = 1, .threads = 2, .confidence = 0.9, .scale = {-5, 15}};

static void the_truth_of_drawn_answers_is_recovered(void **state)
{
    struct survey *survey = test_malloc(sizeof *survey);
    const struct pls_settings settings = {PLS_SCHEME_PATH, true};
    struct pls_results results;

    (void)state;
    survey_start(survey, 20);
    survey_run(survey, truth_model, ANSWERS, &settings, &usual, &results);
    assert_true(results.fitted == 500);
    for (size_t from = 0; from < TRUTH_CONSTRUCTS; from++)
        for (size_t to = 0; to < TRUTH_CONSTRUCTS; to++) {
            if (truth_paths[from][to] == 0)
                continue;
            const struct pls_statistic *path = statistic_of(&results, PLS_PATH, from, to);

            assert_near(path->value, truth_paths[from][to], 2 * path->error);
            assert_true(path->error > 0.02 && path->error < 0.08);
            assert_true(path->low < path->value && path->value < path->high);
            assert_near(path->normal_high - path->value, 1.6448536 * path->error, 1e-6);
        }
    for (size_t i = 0; i < TRUTH_COLUMNS; i++) {
        const struct pls_statistic *loading = statistic_of(&results, PLS_LOADING, i, i / TRUTH_EACH);

        assert_near(loading->value, truth_loadings[i], 2 * loading->error);
    }
    const struct pls_statistic *index = statistic_of(&results, PLS_INDEX, 3, 3);

    assert_near(index->value, 50, 2 * index->error);
    assert_true(index->low < 50.5 && index->high > 49.5);
    arena_free(survey->arena);
    test_free(survey);
}

/* Of 300 surveys some 270 should hold the truth in their intervals of 90 %; chance is 5 either way. */
static void intervals_hold_the_truth_as_often_as_they_say(void **state)
{
    enum { SURVEYS = 300 };
    struct survey *survey = test_malloc(sizeof *survey);
    const struct pls_settings settings = {PLS_SCHEME_PATH, true};
    struct pls_resampling short_one = usual;
    unsigned by_percentile = 0, by_error = 0;

    (void)state;
    short_one.samples = 200;
    for (uint64_t seed = 0; seed < SURVEYS; seed++) {
        struct pls_results results;

        survey_start(survey, 1000 + seed);
        survey_run(survey, truth_model, 200, &settings, &short_one, &results);
        const struct pls_statistic *path = statistic_of(&results, PLS_PATH, 1, 2);

        by_percentile += path->low <= truth_paths[1][2] && truth_paths[1][2] <= path->high;
        by_error += path->normal_low <= truth_paths[1][2] && truth_paths[1][2] <= path->normal_high;
        arena_free(survey->arena);
    }
    assert_in_range(by_percentile, 255, 285);
    assert_in_range(by_error, 255, 285);
    test_free(survey);
}

static void any_number_of_threads_gives_the_same_intervals(void **state)
{
    struct survey *survey = test_malloc(sizeof *survey);
    const struct pls_settings settings = {PLS_SCHEME_CENTROID, false};
    struct pls_resampling alone = usual, other = usual;
    struct pls_results one, two, three;

    (void)state;
    survey_start(survey, 5);
    alone.threads = 1;
    alone.samples = other.samples = 60;
    survey_run(survey, truth_model, 100, &settings, &alone, &one);
    other.threads = 7;
    survey_run(survey, truth_model, 100, &settings, &other, &two);
    other.seed = 1000;
    survey_run(survey, truth_model, 100, &settings, &other, &three);
    assert_int_equal(one.count, two.count);
    for (size_t i = 0; i < one.count; i++) {
        assert_memory_equal(&one.statistics[i].low, &two.statistics[i].low, sizeof(double));
        assert_memory_equal(&one.statistics[i].error, &two.statistics[i].error, sizeof(double));
    }
    assert_true(one.statistics[0].low != three.statistics[0].low);
    arena_free(survey->arena);
    test_free(survey);
}

static void failed_samples_are_counted_and_left_out(void **state)
{
    struct survey *survey = test_malloc(sizeof *survey);
    const struct pls_settings settings = {PLS_SCHEME_PATH, false};
    struct pls_results results;

    (void)state;
    survey_start(survey, 9);
    for (size_t row = 0; row < 40; row++)
        survey->columns[4][row] = row == 17 ? 9 : 3; /* drawn in about 63 of 100 samples */
    survey_run(survey, truth_model, 40, &settings, &usual, &results);
    assert_in_range(results.failed[PLS_CONSTANT], 150, 220);
    assert_int_equal(results.fitted, 500 - results.failed[PLS_CONSTANT]);
    for (size_t i = 0; i < results.count; i++)
        assert_true(isfinite(results.statistics[i].low) && isfinite(results.statistics[i].error));
    arena_free(survey->arena);
    test_free(survey);
}

/* Columns that point either way leave the direction of a construct open; turning it settles that. */
static void turned_samples_are_counted_and_signs_can_be_kept(void **state)
{
    struct survey *survey = test_malloc(sizeof *survey);
    const struct pls_settings settings = {PLS_SCHEME_PATH, false};
    struct pls_resampling kept = usual;
    struct pls_results turned, open;

    (void)state;
    survey_start(survey, 3);
    for (size_t row = 0; row < ANSWERS; row++)
        survey->columns[1][row] = -survey->columns[0][row] + (survey->columns[1][row] - 5) / 3;
    kept.keep_signs = true;
    survey_run(survey, "A: a1 a2\nB: b1 b2\nA -> B", 80, &settings, &usual, &turned);
    survey_run(survey, "A: a1 a2\nB: b1 b2\nA -> B", 80, &settings, &kept, &open);
    assert_in_range(turned.turned, 1, 499);
    assert_int_equal(open.turned, 0);
    assert_true(statistic_of(&turned, PLS_PATH, 0, 1)->error < statistic_of(&open, PLS_PATH, 0, 1)->error);
    arena_free(survey->arena);
    test_free(survey);
}

static void both_stages_are_drawn_anew_in_each_sample(void **state)
{
    struct survey *survey = test_malloc(sizeof *survey);
    const struct pls_settings settings = {PLS_SCHEME_PATH, false};
    struct pls_resampling short_one = usual;
    struct pls_results results;

    (void)state;
    survey_start(survey, 11);
    short_one.samples = 100;
    survey_run(survey, "A: a1 a2 a3\nB: b1 b2 b3\nWhole: A B\nC: c1 c2 c3\nD: d1 d2 d3\nWhole -> C\nC -> D\n", ANSWERS,
               &settings, &short_one, &results);
    const struct pls_statistic *weight = statistic_of(&results, PLS_WEIGHT, 0, 0);

    assert_true(weight->error > 0.001 && weight->low < weight->value && weight->value < weight->high);
    assert_near(statistic_of(&results, PLS_INDEX, 0, 0)->value, 50, 2);
    arena_free(survey->arena);
    test_free(survey);
}

static void missing_answers_take_the_mean_or_leave_with_their_row(void **state)
{
    const double first[] = {1, 2, NAN, 3, NAN}, second[] = {2, 4, 6, NAN, NAN}, flat[] = {1, 1, 1, 1, 1};
    const double *const columns[] = {first, second}, *const constant[] = {first, flat};
    const struct text names[] = {TEXT("first"), TEXT("second")};
    const struct pls_answers answers = {columns, names, 2, 5}, flat_ones = {constant, names, 2, 5};
    struct arena *arena = arena_new((size_t)1 << 20);
    struct error err = {0};
    struct pls_data data;

    (void)state;
    assert_int_equal(pls_data_prepare(arena, &answers, PLS_MISSING_MEAN, &data, &err), STATUS_OK);
    assert_int_equal(data.row_count, 4); /* the last answered nothing */
    assert_int_equal(data.missing, 4);
    assert_near(data.means[0], 2, 0);
    assert_near(data.deviations[0], sqrt(2.0 / 3), 1e-14);
    assert_near(data.values[2 * 2 + 0], 0, 0);
    assert_int_equal(pls_data_prepare(arena, &answers, PLS_MISSING_CASEWISE, &data, &err), STATUS_INVALID);
    assert_string_equal(err.code, "pls.rows");
    assert_int_equal(pls_data_prepare(arena, &flat_ones, PLS_MISSING_MEAN, &data, &err), STATUS_INVALID);
    assert_string_equal(err.code, "pls.constant");
    assert_non_null(strstr(err.message, "second"));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_truth_of_drawn_answers_is_recovered),
        cmocka_unit_test(intervals_hold_the_truth_as_often_as_they_say),
        cmocka_unit_test(any_number_of_threads_gives_the_same_intervals),
        cmocka_unit_test(failed_samples_are_counted_and_left_out),
        cmocka_unit_test(turned_samples_are_counted_and_signs_can_be_kept),
        cmocka_unit_test(both_stages_are_drawn_anew_in_each_sample),
        cmocka_unit_test(missing_answers_take_the_mean_or_leave_with_their_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
