/* Key drivers on drawn surveys whose truth is known, and on data that holds nothing. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "features/insight/satisfaction_drivers.h"
#include "mathematics/random.h"

enum { ROWS_MAX = 5000, COLUMNS_MAX = 30 };

struct survey {
    double outcome[ROWS_MAX], columns[COLUMNS_MAX][ROWS_MAX];
    const double *drivers[COLUMNS_MAX];
};

static void assert_near(double got, double expected, double tolerance)
{
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("%.15g is not %.15g", got, expected);
}

/* The outcome is 2 a + b + noise of variance 3, with a and b of variance 1 and correlation 1/2; other columns are noise. */
static struct driver_data draw(struct survey *survey, size_t columns, size_t rows, uint64_t seed)
{
    struct random random;

    random_start(&random, seed);
    for (size_t row = 0; row < rows; row++) {
        double common = random_normal(&random);

        for (size_t j = 0; j < columns; j++)
            survey->columns[j][row] =
                (j < 2 ? sqrt(0.5) * common + sqrt(0.5) * random_normal(&random) : random_normal(&random)) + (double)j;
        survey->outcome[row] = 2 * survey->columns[0][row] + survey->columns[1][row] + sqrt(3) * random_normal(&random);
    }
    for (size_t j = 0; j < columns; j++)
        survey->drivers[j] = survey->columns[j];
    return (struct driver_data){survey->outcome, survey->drivers, columns, rows};
}

/* Variance 4 + 1 + 2 + 3 = 10, R2 .7. Correlations 2.5/sqrt(10) and 2/sqrt(10): alone .625 and .4; shares .4625 and .2375. */
static const double TRUE_SHARES[] = {0.4625, 0.2375}, TRUE_R2 = 0.7;

static void drivers_of_drawn_surveys_are_found_and_covered(void **state)
{
    enum { RUNS = 60 };
    static struct survey survey;
    const struct driver_options options = {.confidence = 0.95, .samples = 200, .seed = 1};
    int covered = 0, explained = 0;

    (void)state;
    for (uint64_t run = 0; run < RUNS; run++) {
        struct arena *arena = arena_new((size_t)1 << 26);
        struct driver_data data = draw(&survey, 3, 400, 100 + run);
        struct driver_report report;
        struct error err;

        assert_int_equal(driver_analyze(arena, &data, &options, &report, &err), STATUS_OK);
        covered += report.drivers[0].lmg_low <= TRUE_SHARES[0] && TRUE_SHARES[0] <= report.drivers[0].lmg_high;
        explained += report.explained_low <= TRUE_R2 && TRUE_R2 <= report.explained_high;
        assert_true(report.drivers[2].lmg < 0.03);
        arena_free(arena);
    }
    assert_in_range(covered, 52, 60); /* 95 % of 60 is 57, its standard error 1.7 */
    assert_in_range(explained, 52, 60);
}

static void many_rows_are_grouped_and_say_the_same(void **state)
{
    static struct survey survey;
    struct arena *arena = arena_new((size_t)1 << 27);
    const struct driver_options options = {.confidence = 0.95, .seed = 7};
    struct driver_data data = draw(&survey, 3, ROWS_MAX, 4);
    struct driver_report report, again, fewer;
    struct error err;

    (void)state;
    data.row_count = 2000;
    assert_int_equal(driver_analyze(arena, &data, &options, &fewer, &err), STATUS_OK);
    data.row_count = ROWS_MAX;
    assert_int_equal(driver_analyze(arena, &data, &options, &report, &err), STATUS_OK);
    for (int j = 0; j < 2; j++) {
        double error = (report.drivers[j].lmg_high - report.drivers[j].lmg_low) / (2 * 1.96);

        assert_near(report.drivers[j].lmg, TRUE_SHARES[j], 2 * error);
        /* 2,000 rows are sampled one by one: their error, carried over to 5,000. */
        double single = (fewer.drivers[j].lmg_high - fewer.drivers[j].lmg_low) / (2 * 1.96) * sqrt(2000.0 / ROWS_MAX);

        assert_near(error, single, 0.15 * single);
    }
    assert_near(report.drivers[0].coefficient, 2 / sqrt(10), 0.03);
    assert_near(report.drivers[0].inflation, 1 / 0.75, 0.05);
    assert_near(report.drivers[0].lmg + report.drivers[1].lmg + report.drivers[2].lmg, report.explained, 1e-12);
    assert_int_equal(report.samples, DRIVER_SAMPLES);
    /* Means are 0, 1 and 2, so the first is important and the lowest. */
    assert_int_equal(report.drivers[0].place, DRIVER_IMPROVE_FIRST);
    assert_int_equal(report.drivers[2].place, DRIVER_ENOUGH);
    assert_int_equal(driver_analyze(arena, &data, &options, &again, &err), STATUS_OK);
    assert_true(again.drivers[1].lmg_low == report.drivers[1].lmg_low);
    arena_free(arena);
}

static void more_drivers_than_can_be_counted_are_drawn_with_their_error(void **state)
{
    static struct survey survey;
    struct arena *arena = arena_new((size_t)1 << 27);
    const struct driver_options options = {.confidence = 0.95, .samples = 100, .seed = 7};
    struct driver_data data = draw(&survey, 26, 3000, 9);
    struct driver_report report;
    struct error err;
    double sum = 0;

    (void)state;
    assert_int_equal(driver_analyze(arena, &data, &options, &report, &err), STATUS_OK);
    assert_false(report.exact);
    for (int j = 0; j < 26; j++) {
        sum += report.drivers[j].lmg;
        assert_true(report.drivers[j].draw_error < 0.002);
        assert_true(report.drivers[j].lmg_low <= report.drivers[j].lmg &&
                    report.drivers[j].lmg <= report.drivers[j].lmg_high + 0.005);
    }
    assert_near(sum, report.explained, 1e-10);
    assert_near(report.drivers[0].lmg, TRUE_SHARES[0], 0.03);
    arena_free(arena);
}

static void gaps_constants_and_twins_are_told(void **state)
{
    static struct survey survey;
    struct arena *arena = arena_new((size_t)1 << 26);
    const struct driver_options options = {.confidence = 0.95, .samples = 50, .seed = 7};
    struct driver_data data = draw(&survey, 4, 200, 9);
    struct driver_report report;
    struct error err;

    (void)state;
    for (size_t row = 0; row < 200; row++) {
        survey.columns[2][row] = 5;
        survey.columns[3][row] = survey.columns[0][row];
        if (row % 10 == 0)
            survey.columns[0][row] = NAN;
    }
    assert_int_equal(driver_analyze(arena, &data, &options, &report, &err), STATUS_OK);
    assert_int_equal(report.rows, 180);
    assert_int_equal(report.left_out, 20);
    assert_int_equal(report.drivers[0].missing, 20);
    assert_true(report.left_out_p_value > 0 && report.left_out_p_value <= 1);
    assert_true(report.drivers[2].constant && report.drivers[2].lmg == 0 && report.drivers[2].johnson < 1e-12);
    assert_near(report.drivers[0].lmg, report.drivers[3].lmg, 1e-9);
    assert_true(isnan(report.drivers[0].coefficient));
    arena_free(arena);
}

static void what_cannot_be_computed_is_refused(void **state)
{
    static struct survey survey;
    struct arena *arena = arena_new((size_t)1 << 26);
    const struct driver_options options = {.confidence = 0.95, .samples = 50, .seed = 7};
    struct driver_data data = draw(&survey, 2, 50, 9);
    struct driver_report report;
    struct error err;

    (void)state;
    data.row_count = 4;
    assert_int_equal(driver_analyze(arena, &data, &options, &report, &err), STATUS_INVALID);
    assert_string_equal(err.code, "drivers.rows");
    data.row_count = 50;
    survey.columns[1][7] = 1e200;
    assert_int_equal(driver_analyze(arena, &data, &options, &report, &err), STATUS_INVALID);
    assert_string_equal(err.code, "drivers.number");
    survey.columns[1][7] = NAN;
    for (size_t row = 0; row < 50; row++)
        survey.outcome[row] = 9.1;
    assert_int_equal(driver_analyze(arena, &data, &options, &report, &err), STATUS_INVALID);
    assert_string_equal(err.code, "drivers.constant");
    data.driver_count = 0;
    assert_int_equal(driver_analyze(arena, &data, &options, &report, &err), STATUS_INVALID);
    assert_string_equal(err.code, "drivers.count");
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drivers_of_drawn_surveys_are_found_and_covered),
        cmocka_unit_test(many_rows_are_grouped_and_say_the_same),
        cmocka_unit_test(more_drivers_than_can_be_counted_are_drawn_with_their_error),
        cmocka_unit_test(gaps_constants_and_twins_are_told),
        cmocka_unit_test(what_cannot_be_computed_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
