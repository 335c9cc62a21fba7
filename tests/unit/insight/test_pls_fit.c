/* Path models fitted to correlations whose model is known. */
#include "pls_fixture.h"

/* What the columns correlate with when the truth holds without chance. */
static void population(double out[TRUTH_COLUMNS * TRUTH_COLUMNS])
{
    double constructs[TRUTH_CONSTRUCTS][TRUTH_CONSTRUCTS];

    truth_correlations(constructs);
    for (size_t i = 0; i < TRUTH_COLUMNS; i++)
        for (size_t j = 0; j < TRUTH_COLUMNS; j++)
            out[i * TRUTH_COLUMNS + j] =
                i == j ? 1 : truth_loadings[i] * truth_loadings[j] * constructs[i / TRUTH_EACH][j / TRUTH_EACH];
}

/* Dijkstra and Henseler 2015: PLSc gives the truth of a model of factors from its correlations, in every scheme. */
static void consistent_estimates_of_a_factor_model_are_its_truth(void **state)
{
    struct arena *arena = arena_new((size_t)1 << 24);
    double correlations[TRUTH_COLUMNS * TRUTH_COLUMNS];
    struct pls_estimate estimate;
    struct pls_plan plan;

    (void)state;
    population(correlations);
    truth_plan(arena, truth_model, &plan);
    pls_estimate_start(arena, &plan, &estimate);
    for (int scheme = 0; scheme < PLS_SCHEMES; scheme++) {
        const struct pls_settings settings = {.scheme = (enum pls_scheme)scheme, .consistent = true};
        const struct pls_fit *fit = &estimate.final;

        assert_int_equal(pls_estimate(&plan, &settings, correlations, &estimate), PLS_FITTED);
        for (size_t i = 0; i < TRUTH_COLUMNS; i++)
            assert_near(fit->loadings[i], truth_loadings[i], 1e-9);
        for (size_t from = 0; from < TRUTH_CONSTRUCTS; from++)
            for (size_t to = 0; to < TRUTH_CONSTRUCTS; to++)
                assert_near(fit->paths[from * TRUTH_CONSTRUCTS + to], truth_paths[from][to], 1e-9);
        assert_near(fit->totals[0 * TRUTH_CONSTRUCTS + 2], 0.3 + 0.5 * 0.4, 1e-9);
        assert_near(fit->totals[0 * TRUTH_CONSTRUCTS + 3], (0.3 + 0.5 * 0.4) * 0.6, 1e-9);
        assert_near(fit->explained[3], 0.36, 1e-9);
    }
    arena_free(arena);
}

static void plain_estimates_of_a_factor_model_are_too_small(void **state)
{
    struct arena *arena = arena_new((size_t)1 << 24);
    double correlations[TRUTH_COLUMNS * TRUTH_COLUMNS];
    const struct pls_settings settings = {PLS_SCHEME_PATH, false};
    struct pls_estimate estimate;
    struct pls_plan plan;

    (void)state;
    population(correlations);
    truth_plan(arena, truth_model, &plan);
    pls_estimate_start(arena, &plan, &estimate);
    assert_int_equal(pls_estimate(&plan, &settings, correlations, &estimate), PLS_FITTED);
    assert_true(estimate.final.paths[1] < 0.47 && estimate.final.paths[1] > 0.35);
    /* The attenuation is what rho_A says. */
    assert_near(estimate.final.scores[1], 0.5 * sqrt(estimate.final.reliability[0] * estimate.final.reliability[1]),
                1e-9);
    arena_free(arena);
}

/* Composites: the columns of a block correlate as they like, and mode B finds the weights that made the score. */
static void mode_b_finds_the_weights_that_made_the_scores(void **state)
{
    static const double within[2][4] = {{1, 0.3, 0.3, 1}, {1, 0.5, 0.5, 1}}, raw[2][2] = {{0.6, 0.5}, {-0.2, 0.9}};
    struct arena *arena = arena_new((size_t)1 << 24);
    double weights[2][2], shadows[2][2], correlations[16];
    const struct text names[] = {TEXT("a"), TEXT("b"), TEXT("c"), TEXT("d")};
    const struct pls_settings settings = {PLS_SCHEME_PATH, true};
    struct pls_estimate estimate;
    struct error err = {0};
    struct pls_plan plan;

    (void)state;
    for (size_t c = 0; c < 2; c++) {
        double variance = raw[c][0] * raw[c][0] + raw[c][1] * raw[c][1] + 2 * raw[c][0] * raw[c][1] * within[c][1];

        for (size_t i = 0; i < 2; i++)
            weights[c][i] = raw[c][i] / sqrt(variance);
        for (size_t i = 0; i < 2; i++)
            shadows[c][i] = within[c][2 * i] * weights[c][0] + within[c][2 * i + 1] * weights[c][1];
    }
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 4; j++)
            correlations[4 * i + j] = i / 2 == j / 2 ? within[i / 2][2 * (i % 2) + j % 2]
                                                     : 0.55 * shadows[i / 2][i % 2] * shadows[j / 2][j % 2];
    assert_int_equal(pls_model_parse(arena, text_from("X (B): a b\nY (B): c d\nX -> Y"), names, 4, &plan, &err),
                     STATUS_OK);
    pls_estimate_start(arena, &plan, &estimate);
    assert_int_equal(pls_estimate(&plan, &settings, correlations, &estimate), PLS_FITTED);
    assert_near(estimate.final.paths[1], 0.55, 1e-9);
    for (size_t i = 0; i < 4; i++)
        assert_near(estimate.final.weights[i], weights[i / 2][i % 2], 1e-8);
    arena_free(arena);
}

/* Of single columns the model is a chain of regressions: r = .6, .5, .7 give .44 / .75... by hand. */
static void single_columns_are_plain_regressions(void **state)
{
    static const double correlations[] = {1, 0.5, 0.6, 0.5, 1, 0.7, 0.6, 0.7, 1};
    const struct text names[] = {TEXT("x"), TEXT("y"), TEXT("z")};
    struct arena *arena = arena_new((size_t)1 << 24);
    const struct pls_settings settings = {PLS_SCHEME_CENTROID, true};
    struct pls_reliability reliability;
    struct pls_estimate estimate;
    const struct pls_fit *fit = &estimate.final;
    struct error err = {0};
    struct pls_plan plan;

    (void)state;
    assert_int_equal(pls_model_parse(arena, text_from("X: x\nY: y\nZ: z\nX -> Y\nX, Y -> Z"), names, 3, &plan, &err),
                     STATUS_OK);
    pls_estimate_start(arena, &plan, &estimate);
    assert_int_equal(pls_estimate(&plan, &settings, correlations, &estimate), PLS_FITTED);
    double x = (0.6 - 0.5 * 0.7) / 0.75, y = (0.7 - 0.5 * 0.6) / 0.75, share = x * 0.6 + y * 0.7;

    assert_near(fit->paths[2], x, 1e-14);
    assert_near(fit->paths[5], y, 1e-14);
    assert_near(fit->explained[2], share, 1e-14);
    assert_near(fit->totals[2], x + 0.5 * y, 1e-14);
    assert_near(pls_effect_size(&plan.final, fit, 0, 2), (share - 0.49) / (1 - share), 1e-13);
    assert_near(pls_inflation(&plan.final, fit, 0, 2), 1 / 0.75, 1e-13);
    assert_near(pls_adjusted(&plan.final, fit, 2, 103), 1 - (1 - share) * 102 / 100, 1e-13);
    assert_true(isnan(pls_goodness(&plan.final, fit)));
    assert_near(pls_htmt(&plan.final, correlations, 0, 2), 0.6, 1e-14);
    pls_reliability_measure(&plan.final, correlations, fit, 0, &reliability);
    assert_near(reliability.alpha, 1, 0);
    arena_free(arena);
}

/* Columns of one loading: alpha and HTMT are then the reliability and the correlation of the constructs. */
static void measures_of_equal_columns_are_known(void **state)
{
    struct arena *arena = arena_new((size_t)1 << 24);
    double correlations[TRUTH_COLUMNS * TRUTH_COLUMNS], constructs[TRUTH_CONSTRUCTS][TRUTH_CONSTRUCTS];
    const struct pls_settings settings = {PLS_SCHEME_FACTORIAL, true};
    struct pls_reliability reliability;
    struct pls_estimate estimate;
    struct pls_plan plan;

    (void)state;
    truth_correlations(constructs);
    for (size_t i = 0; i < TRUTH_COLUMNS; i++)
        for (size_t j = 0; j < TRUTH_COLUMNS; j++)
            correlations[i * TRUTH_COLUMNS + j] = i == j ? 1 : 0.64 * constructs[i / 3][j / 3];
    truth_plan(arena, truth_model, &plan);
    pls_estimate_start(arena, &plan, &estimate);
    assert_int_equal(pls_estimate(&plan, &settings, correlations, &estimate), PLS_FITTED);
    double truth = 3 * 0.64 / (1 + 2 * 0.64);

    for (size_t c = 0; c < TRUTH_CONSTRUCTS; c++) {
        pls_reliability_measure(&plan.final, correlations, &estimate.final, c, &reliability);
        assert_near(reliability.alpha, truth, 1e-12);
        assert_near(reliability.rho_a, truth, 1e-9);
        assert_near(reliability.rho_c, truth, 1e-9);
        assert_near(reliability.shared, 0.64, 1e-9);
        for (size_t other = c + 1; other < TRUTH_CONSTRUCTS; other++)
            assert_near(pls_htmt(&plan.final, correlations, c, other), constructs[c][other], 1e-12);
    }
    arena_free(arena);
}

static enum pls_outcome outcome_of(struct arena *arena, const char *model, const double correlations[16],
                                   bool consistent, struct error *err)
{
    const struct text names[] = {TEXT("a"), TEXT("b"), TEXT("c"), TEXT("d")};
    const struct pls_settings settings = {PLS_SCHEME_PATH, consistent};
    struct pls_estimate estimate;
    struct pls_plan plan;

    assert_int_equal(pls_model_parse(arena, text_from(model), names, 4, &plan, err), STATUS_OK);
    pls_estimate_start(arena, &plan, &estimate);
    enum pls_outcome outcome = pls_estimate(&plan, &settings, correlations, &estimate);

    if (outcome != PLS_FITTED)
        pls_estimate_fault(&plan, outcome, &estimate, err);
    return outcome;
}

static void what_cannot_be_fitted_has_a_reason(void **state)
{
    static const double twins[16] = {1, 1, 0.4, 0.4, 1, 1, 0.4, 0.4, 0.4, 0.4, 1, 0.2, 0.4, 0.4, 0.2, 1};
    static const double strangers[16] = {1, 0.3, 0, 0, 0.3, 1, 0, 0, 0, 0, 1, 0.3, 0, 0, 0.3, 1};
    static const double loose[16] = {1, 0.05, 0.6, 0.6, 0.05, 1, 0.6, 0.6, 0.6, 0.6, 1, 0.05, 0.6, 0.6, 0.05, 1};
    struct arena *arena = arena_new((size_t)1 << 24);
    struct error err = {0};

    (void)state;
    assert_int_equal(outcome_of(arena, "X (B): a b\nY: c d\nX -> Y", twins, false, &err), PLS_COLLINEAR);
    assert_string_equal(err.code, "pls.fit");
    assert_non_null(strstr(err.message, "'X'"));
    assert_int_equal(outcome_of(arena, "X: a b\nY: c d\nX -> Y", twins, false, &err), PLS_FITTED);
    assert_int_equal(outcome_of(arena, "X: a\nY: b\nZ: c d\nX, Y -> Z", twins, false, &err), PLS_COLLINEAR);
    assert_int_equal(outcome_of(arena, "X: a b\nY: c d\nX -> Y", strangers, false, &err), PLS_UNRELATED);
    assert_int_equal(outcome_of(arena, "X: a b\nY: c d\nX -> Y", loose, true, &err), PLS_INADMISSIBLE);
    arena_free(arena);
}

static void an_index_runs_from_the_least_to_the_greatest_answer(void **state)
{
    static const double weights[] = {0.5, 0.25, 0}, deviations[] = {2, 1, 1}, scale[] = {1, 10};

    (void)state;
    assert_near(pls_index(weights, (double[]){1, 1, 5}, deviations, 3, scale), 0, 1e-12);
    assert_near(pls_index(weights, (double[]){10, 10, 5}, deviations, 3, scale), 100, 1e-12);
    assert_near(pls_index(weights, (double[]){5.5, 10, 5}, deviations, 3, scale), 75, 1e-12);
    assert_true(isnan(pls_index((double[]){1, -1, 0}, (double[]){5, 5, 5}, (double[]){1, 1, 1}, 3, scale)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(consistent_estimates_of_a_factor_model_are_its_truth),
        cmocka_unit_test(plain_estimates_of_a_factor_model_are_too_small),
        cmocka_unit_test(mode_b_finds_the_weights_that_made_the_scores),
        cmocka_unit_test(single_columns_are_plain_regressions),
        cmocka_unit_test(measures_of_equal_columns_are_known),
        cmocka_unit_test(what_cannot_be_fitted_has_a_reason),
        cmocka_unit_test(an_index_runs_from_the_least_to_the_greatest_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
