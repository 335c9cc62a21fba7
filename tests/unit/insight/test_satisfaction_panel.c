/* Two waves: paths of a drawn panel are recovered, errors are true, and nobody leads where nobody does. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/insight/satisfaction_panel.h"
#include "mathematics/random.h"

enum { MEMBERS_MAX = 2000 };

static double columns[PANEL_VARIABLES][MEMBERS_MAX];

static void assert_near(double got, double expected, double tolerance)
{
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("%.15g is not %.15g", got, expected);
}

/*
 * Variances of 1, correlation .5 in the first wave. What is left in the second wave has correlation .3. `lumpy` puts answers
 * on marks, which are far from normal.
 */
static struct panel_data draw(struct random *random, size_t count, const double paths[4], int lumpy)
{
    for (size_t i = 0; i < count; i++) {
        double s = random_normal(random), l = 0.5 * s + sqrt(0.75) * random_normal(random);
        double a = random_normal(random), b = 0.3 * a + sqrt(0.91) * random_normal(random);
        double satisfied = paths[0] * paths[0] + paths[3] * paths[3] + paths[0] * paths[3];
        double loyal = paths[1] * paths[1] + paths[2] * paths[2] + paths[1] * paths[2];
        const double values[] = {s, l, paths[0] * s + paths[3] * l + sqrt(1 - satisfied) * a,
                                 paths[1] * l + paths[2] * s + sqrt(1 - loyal) * b};

        for (int j = 0; j < PANEL_VARIABLES; j++)
            columns[j][i] = lumpy ? fmin(5, fmax(1, round(3.8 + values[j]))) : 10 + 3 * values[j];
    }
    return (struct panel_data){{columns[0], columns[1], columns[2], columns[3]}, count};
}

static void paths_are_recovered_within_their_errors(void **state)
{
    static const double truth[] = {0.5, 0.4, 0.3, 0.1};
    struct panel_report report;
    struct random random;
    struct error err;
    int covered[PANEL_PATHS] = {0};

    (void)state;
    random_start(&random, 1);
    for (int run = 0; run < 1000; run++) {
        struct panel_data data = draw(&random, 300, truth, 0);

        assert_int_equal(panel_estimate(&data, 0.95, &report, &err), STATUS_OK);
        for (int path = 0; path < PANEL_PATHS; path++) {
            double value = path == PANEL_DIFFERENCE ? truth[2] - truth[3] : truth[path];

            covered[path] += report.paths[path].low <= value && value <= report.paths[path].high;
        }
    }
    for (int path = 0; path < PANEL_PATHS; path++)
        assert_in_range(covered[path], 926, 971); /* 950, standard error 6.9 */
    random_start(&random, 2);
    struct panel_data data = draw(&random, MEMBERS_MAX, truth, 0);

    assert_int_equal(panel_estimate(&data, 0.95, &report, &err), STATUS_OK);
    for (int path = 0; path < PANEL_DIFFERENCE; path++)
        assert_near(report.paths[path].value, truth[path], 2 * report.paths[path].error);
    assert_near(report.together_1, 0.5, 0.05);
    assert_near(report.together_2, 0.3, 0.06);
    assert_near(report.explained[0], 0.31, 0.05);
    assert_int_equal(report.lead, PANEL_SATISFACTION_LEADS);
}

static void nobody_leads_where_both_paths_are_alike(void **state)
{
    static const double truth[] = {0.4, 0.4, 0.2, 0.2};
    struct panel_report report;
    struct random random;
    struct error err;
    int alarms = 0;

    (void)state;
    random_start(&random, 3);
    for (int run = 0; run < 1000; run++) {
        struct panel_data data = draw(&random, 200, truth, 1);

        assert_int_equal(panel_estimate(&data, 0.95, &report, &err), STATUS_OK);
        alarms += report.paths[PANEL_DIFFERENCE].p_value < 0.05;
    }
    assert_in_range(alarms, 29, 71);
}

static void a_panel_by_hand_has_its_paths(void **state)
{
    /* r12 = 0 by design, so that paths are correlations: satisfaction2 = satisfaction1, loyalty2 = their sum. */
    static const double s[] = {1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1};
    static const double l[] = {1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1};
    double sum[12];
    struct panel_report report;
    struct error err;

    (void)state;
    for (int i = 0; i < 12; i++)
        sum[i] = s[i] + l[i];
    const struct panel_data data = {{s, l, s, sum}, 12};

    assert_int_equal(panel_estimate(&data, 0.95, &report, &err), STATUS_OK);
    assert_near(report.paths[PANEL_SATISFACTION_STAYS].value, 1, 1e-14);
    assert_near(report.paths[PANEL_LOYALTY_TO_SATISFACTION].value, 0, 1e-14);
    assert_near(report.paths[PANEL_SATISFACTION_TO_LOYALTY].value, sqrt(0.5), 1e-14);
    assert_near(report.paths[PANEL_LOYALTY_STAYS].value, sqrt(0.5), 1e-14);
    assert_true(isnan(report.together_2));
}

static void panels_that_hold_nothing_are_refused(void **state)
{
    static const double truth[] = {0.4, 0.4, 0.2, 0.2};
    struct panel_report report;
    struct random random;
    struct error err;

    (void)state;
    random_start(&random, 4);
    struct panel_data data = draw(&random, 40, truth, 1);

    columns[2][3] = NAN;
    columns[3][7] = NAN;
    assert_int_equal(panel_estimate(&data, 0.95, &report, &err), STATUS_OK);
    assert_true(report.count == 38 && report.left_out == 2);
    assert_true(report.stayed_p_value >= 0 && report.stayed_p_value <= 1);
    data.count = 9;
    assert_int_equal(panel_estimate(&data, 0.95, &report, &err), STATUS_INVALID);
    assert_string_equal(err.code, "panel.rows");
    data.count = 40;
    data.columns[1] = data.columns[0];
    assert_int_equal(panel_estimate(&data, 0.95, &report, &err), STATUS_INVALID);
    assert_string_equal(err.code, "panel.constant");
    for (int i = 0; i < 40; i++)
        columns[2][i] = 4.1;
    assert_int_equal(panel_estimate(&data, 0.95, &report, &err), STATUS_INVALID);
    assert_string_equal(err.code, "panel.constant");
    assert_string_equal(err.field, "satisfaction2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_recovered_within_their_errors),
        cmocka_unit_test(nobody_leads_where_both_paths_are_alike),
        cmocka_unit_test(a_panel_by_hand_has_its_paths),
        cmocka_unit_test(panels_that_hold_nothing_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
