/* The models of lifetime value on real data against the published fits of other programs. Skipped without the data. */
#include "clv_fixture.h"

#include "features/insight/clv_discrete.h"
#include "features/insight/clv_spend.h"

struct published {
    enum clv_model model;
    double parameters[CLV_PARAMETERS], errors[CLV_PARAMETERS]; /* 0: not published */
    double log_likelihood, total, mae, rmse;                   /* NaN: not published */
    int digits;                                                /* of the likelihood, after the point */
};

static void check_holdout(struct fixture *fixture, const struct clv_fit *fit, const struct published *published)
{
    const struct clv_history *history = &fixture->history;
    struct clv_score *scores = arena_array(fixture->arena, fixture->rows.row_count, sizeof *scores);
    double total = 0, absolute = 0, squares = 0, n = (double)history->count;

    clv_score_rows(fixture->arena, &fixture->rows, fit,
                   &(struct clv_question){(history->until - history->end) / 7.0, 0}, scores);
    for (size_t i = 0; i < history->count; i++) {
        double expected = scores[fixture->rows.row_of[i]].expected, miss = expected - history->later[i];

        total += expected;
        absolute += fabs(miss);
        squares += miss * miss;
    }
    if (!isnan(published->total))
        assert_near(total, published->total, 1e-4 * published->total);
    if (!isnan(published->mae))
        assert_near(absolute / n, published->mae, 5e-5);
    if (!isnan(published->rmse))
        assert_near(sqrt(squares / n), published->rmse, 5e-5);
}

static void check(struct fixture *fixture, const struct published *published)
{
    struct error err = {0};
    struct clv_fit fit;

    assert_int_equal(clv_fit(fixture->arena, &fixture->rows, published->model, 1, &fit, &err), STATUS_OK);
    assert_true(fit.converged);
    assert_near(fit.log_likelihood, published->log_likelihood, fmax(0.001, pow(10, -published->digits)));
    for (size_t i = 0; i < clv_model_parameter_count(published->model); i++) {
        if (published->parameters[i] != 0)
            assert_near(fit.parameters[i], published->parameters[i], 1e-3 * published->parameters[i]);
        if (published->errors[i] != 0)
            assert_near(fit.errors[i], published->errors[i], 0.01 * published->errors[i]);
    }
    check_holdout(fixture, &fit, published);
}

static void the_sample_of_cdnow_is_fitted_as_published(void **state)
{
    static const struct published table[] = {
        {CLV_BG_NBD,
         {.2425945, 4.4136019, .7929199, 2.4258881},
         {.01256, .37822, .18573, .70541},
         -9582.429,
         1653.39,
         .78545,
         1.60798,
         3},
        {CLV_PARETO_NBD,
         {.55315, 10.57633, .60625, 11.67150},
         {.0476264, .8427222, .1872594, 6.2105448},
         -9594.976,
         1665.43,
         .75451,
         1.60285,
         3},
        {CLV_MBG_NBD, {.5248436, 6.1830928, .8913878, 1.6140483}, {0}, -9582.1357, 1576.71, .76478, 1.60718, 4},
        {CLV_NBD, {.3847659, 12.0720137}, {0}, -9763.6576, 2929.82, 1.04102, NAN, 4},
    };
    struct fixture fixture;

    (void)state;
    fixture_start(&fixture, "cdnow/CDNOW_sample.txt", FORM_SAMPLE, 19970930, 19980630);
    assert_int_equal(fixture.history.count, 2357);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        check(&fixture, &table[i]);
    fixture_stop(&fixture);
}

static void the_whole_of_cdnow_is_fitted_as_published(void **state)
{
    static const struct published table[] = {
        {CLV_PARETO_NBD,
         {.597413561, 11.585113838, .522170086, 8.825979456},
         {0},
         -95415.1186,
         17153.0,
         .793761,
         1.726153,
         4},
        {CLV_BG_NBD,
         {.251623795, 4.788941213, .723429637, 2.161077067},
         {0},
         -95368.4439,
         16873.8,
         .818742,
         1.732911,
         4},
    };
    struct fixture fixture;
    double actual = 0;

    (void)state;
    fixture_start(&fixture, "cdnow/CDNOW_master.txt", FORM_MASTER, 19970930, 19980630);
    assert_int_equal(fixture.history.count, 23570);
    for (size_t i = 0; i < fixture.history.count; i++)
        actual += fixture.history.later[i];
    assert_near(actual, 19684, 0);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        check(&fixture, &table[i]);
    fixture_stop(&fixture);
}

static void the_grocer_is_fitted_as_published_and_buys_at_regular_gaps(void **state)
{
    static const struct published table[] = {
        {CLV_PARETO_NBD, {0}, {0}, -15782.39, NAN, 1.50790, NAN, 2},
        {CLV_BG_NBD, {0}, {0}, -15836.57, NAN, 1.57740, NAN, 2},
        {CLV_MBG_NBD, {0}, {0}, -15781.94, NAN, 1.51306, NAN, 2},
    };
    struct fixture fixture;
    struct error err = {0};
    struct clv_fit fit;

    (void)state;
    fixture_start(&fixture, "grocery-btydplus/groceryElog.csv", FORM_GROCERY, 20061231, 20071230);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        check(&fixture, &table[i]);
    assert_int_equal(clv_fit(fixture.arena, &fixture.rows, CLV_MBG_CNBD, 0, &fit, &err), STATUS_OK);
    assert_int_equal(fit.regularity, 2);
    const double expected[] = {1.32920, 2.81260, .42472, .79004};

    for (int i = 0; i < 4; i++)
        assert_near(fit.parameters[i], expected[i], 1e-3 * expected[i]);
    assert_near(fit.log_likelihood, -14978.21, 0.01);
    check_holdout(&fixture, &fit, &(struct published){.total = NAN, .mae = 1.39979, .rmse = NAN});
    assert_int_equal(clv_fit(fixture.arena, &fixture.rows, CLV_BG_CNBD, 0, &fit, &err), STATUS_OK);
    assert_int_equal(fit.regularity, 2);
    assert_near(fit.log_likelihood, -15054.17, 0.01);
    fixture_stop(&fixture);
}

static void the_regularity_of_the_grocer_is_as_published(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_start(&fixture, "grocery-btydplus/groceryElog.csv", FORM_GROCERY, 20071231, 20071231);
    assert_near(fixture.history.regularity, 1.826, 2e-3); /* the peer draws the order of gaps by lot */
    fixture_stop(&fixture);
}

static void spending_at_cdnow_is_fitted_as_published(void **state)
{
    const double expected[] = {6.24934918, 3.74425633, 15.44430669};
    struct fixture fixture;
    struct clv_spend_fit fit;
    struct error err = {0};

    (void)state;
    fixture_start(&fixture, "cdnow/CDNOW_sample.txt", FORM_SAMPLE, 19970930, 19970930);
    assert_int_equal(clv_spend_fit(fixture.arena, fixture.history.spends, fixture.history.count, &fit, &err),
                     STATUS_OK);
    for (int i = 0; i < 3; i++)
        assert_near(fit.parameters[i], expected[i], 1e-3 * expected[i]);
    assert_near(fit.log_likelihood, -4055.917695, 0.001);
    assert_int_equal(fit.customers, 946);
    assert_near(fit.correlation, 0.11, 0.01); /* Fader, Hardie 2013 */
    fixture_stop(&fixture);
}

static void donors_are_fitted_as_published(void **state)
{
    const double expected[] = {1.203507, .7497667, .6567568, 2.783887};
    FILE *file = fixture_open("donations/donations.csv");
    struct clv_chance chances[64];
    struct clv_discrete_fit fit;
    struct error err = {0};
    unsigned repeats, last, opportunities, donors;
    double total = 0;
    size_t count = 0;
    char line[128];

    (void)state;
    if (file == NULL)
        skip();
    while (fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "%u,%u,%u,%u", &repeats, &last, &opportunities, &donors) == 4)
            chances[count++] = (struct clv_chance){repeats, last, opportunities, donors};
    fclose(file);
    assert_int_equal(clv_discrete_fit(chances, count, &fit, &err), STATUS_OK);
    for (int i = 0; i < 4; i++)
        assert_near(fit.parameters[i], expected[i], 1e-3 * expected[i]);
    assert_near(fit.log_likelihood, -33225.58, 0.01);
    for (size_t i = 0; i < count; i++)
        total += chances[i].count * clv_discrete_score(&fit, &chances[i], 5, 0).expected;
    assert_near(total, 12884.2, 0.1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sample_of_cdnow_is_fitted_as_published),
        cmocka_unit_test(the_whole_of_cdnow_is_fitted_as_published),
        cmocka_unit_test(the_grocer_is_fitted_as_published_and_buys_at_regular_gaps),
        cmocka_unit_test(the_regularity_of_the_grocer_is_as_published),
        cmocka_unit_test(spending_at_cdnow_is_fitted_as_published),
        cmocka_unit_test(donors_are_fitted_as_published),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
