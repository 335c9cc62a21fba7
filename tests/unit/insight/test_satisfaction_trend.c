/* Trends: alarms as seldom as told, falls found on their day, alerts on the last period. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/insight/satisfaction_trend.h"
#include "foundation/instant.h"
#include "mathematics/random.h"

enum { ANSWERS_MAX = 4000 };

static double answers[ANSWERS_MAX];
static int32_t days[ANSWERS_MAX];

static void assert_near(double got, double expected, double tolerance)
{
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("%.15g is not %.15g", got, expected);
}

/* Marks of 0 to 10 over a year from 1 January 2025, not in order; promoters become fewer by `loss` from `fall` on. */
static struct trend_data draw(struct random *random, size_t count, int32_t fall, double loss)
{
    int32_t first = day_from_date((struct date){2025, 1, 1});

    for (size_t i = 0; i < count; i++) {
        days[i] = first + (int32_t)random_below(random, 365);
        double u = random_uniform(random), promoters = 0.5 - (days[i] >= first + fall ? loss : 0);

        answers[i] = u < promoters ? 9 + floor(2 * random_uniform(random)) : floor(8.99 * random_uniform(random));
    }
    return (struct trend_data){answers, days, count, answer_scale_nps(), ANSWER_NET, COHORT_MONTH};
}

static void a_level_that_stays_is_seldom_told_to_have_changed(void **state)
{
    enum { RUNS = 1000 };
    struct trend_options options = {.confidence = 0.95, .false_alarm = 0.05};
    struct trend_report report;
    struct random random;
    struct error err;
    int changes = 0, alerts = 0, drifts = 0;

    (void)state;
    random_start(&random, 1);
    for (int run = 0; run < RUNS; run++) {
        struct arena *arena = arena_new((size_t)1 << 22);
        struct trend_data data = draw(&random, 240, 0, 0);

        options.seed = (uint64_t)run;
        assert_int_equal(trend_build(arena, &data, &options, &report, &err), STATUS_OK);
        changes += report.change_count > 0;
        alerts += report.change_count == 0 && report.alert;
        drifts += report.drift.p_value < 0.05;
        arena_free(arena);
    }
    assert_in_range(changes, 30, 70); /* 50, standard error 6.9 */
    assert_in_range(alerts, 20, 70);
    assert_in_range(drifts, 30, 70);
}

static void a_fall_is_found_near_its_day_and_measured(void **state)
{
    struct trend_options options = {.confidence = 0.95, .false_alarm = 0.01, .seed = 3};
    struct arena *arena = arena_new((size_t)1 << 24);
    int32_t fall = day_from_date((struct date){2025, 8, 10});
    struct trend_report report;
    struct random random;
    struct error err;

    (void)state;
    random_start(&random, 2);
    struct trend_data data = draw(&random, ANSWERS_MAX, 221, 0.2);

    assert_int_equal(trend_build(arena, &data, &options, &report, &err), STATUS_OK);
    assert_int_equal(report.period_count, 12);
    assert_int_equal(report.change_count, 1);
    assert_near(report.changes[0].day, fall, 8);
    assert_true(report.changes[0].p_value <= 0.01);
    /* Of 100 answers 20 go from promoters to others, 7 in 9 of which detract. */
    double truth = -100 * 0.2 * (1 + 7 / 8.99);

    assert_near(report.changes[0].difference.value, truth, 6);
    assert_true(report.changes[0].difference.low < truth && truth < report.changes[0].difference.high);
    assert_true(report.drift.high < 0);
    assert_true(fabs(report.echo) < 0.7 && report.echo_limit > 0.5);
    arena_free(arena);
}

static void a_bad_last_period_is_an_alert(void **state)
{
    struct trend_options options = {.confidence = 0.95, .false_alarm = 0.01, .seed = 3};
    struct arena *arena = arena_new((size_t)1 << 22);
    struct trend_report report;
    struct random random;
    struct error err;

    (void)state;
    random_start(&random, 4);
    struct trend_data data = draw(&random, 600, 335, 0.5);

    assert_int_equal(trend_build(arena, &data, &options, &report, &err), STATUS_OK);
    assert_true(report.alert);
    assert_true(report.last.value < -40);
    arena_free(arena);
}

static void short_and_empty_files_give_an_answer_or_a_sentence(void **state)
{
    struct trend_options options = {.confidence = 0.95, .false_alarm = 0.05, .seed = 3};
    const double few[] = {9, 3, NAN, 12};
    const int32_t when[] = {20000, 20800, 20001, 20002}, ages[] = {-2000000, 2000000, 0, 0};
    struct trend_data data = {few, when, 4, answer_scale_nps(), ANSWER_NET, COHORT_QUARTER};
    struct arena *arena = arena_new((size_t)1 << 22);
    struct trend_report report;
    struct error err;

    (void)state;
    assert_int_equal(trend_build(arena, &data, &options, &report, &err), STATUS_OK);
    assert_true(report.period_count == 9 && report.change_count == 0 && !report.alert);
    assert_true(report.periods[0].tally.count == 1 && report.periods[3].tally.count == 0);
    assert_true(isnan(report.drift.value) && isnan(report.echo));
    data.count = 1;
    assert_int_equal(trend_build(arena, &data, &options, &report, &err), STATUS_OK);
    assert_true(isnan(report.last.p_value));
    data.count = 2;
    data.days = ages;
    assert_int_equal(trend_build(arena, &data, &options, &report, &err), STATUS_LIMIT);
    assert_string_equal(err.code, "trend.periods");
    data.answers = &few[2];
    assert_int_equal(trend_build(arena, &data, &options, &report, &err), STATUS_INVALID);
    assert_string_equal(err.code, "survey.empty");
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_level_that_stays_is_seldom_told_to_have_changed),
        cmocka_unit_test(a_fall_is_found_near_its_day_and_measured),
        cmocka_unit_test(a_bad_last_period_is_an_alert),
        cmocka_unit_test(short_and_empty_files_give_an_answer_or_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
