#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/insight/churn_model.h"
#include "mathematics/random.h"

enum { ROWS = 1200, COLUMNS = 5 };

/* A base with a known cause of leaving, a curve, a text, a constant and a name. */
struct base {
    struct arena *arena;
    double visits[ROWS], age[ROWS], constant[ROWS], truth[ROWS];
    uint32_t plans[ROWS], names[ROWS];
    struct text plan_levels[3], name_levels[ROWS];
    uint8_t left[ROWS];
    struct churn_column columns[COLUMNS];
    struct churn_design design;
};

static void fill(struct base *base)
{
    struct random random;

    random_start(&random, 17);
    for (uint32_t i = 0; i < ROWS; i++) {
        base->visits[i] = i % 50 == 0 ? NAN : random_uniform(&random) * 10;
        base->age[i] = 20 + random_uniform(&random) * 50;
        base->constant[i] = 3;
        base->plans[i] = (uint32_t)random_below(&random, 3);
        base->names[i] = i;
        base->name_levels[i] = text_from(arena_format(base->arena, "m%u", i));
        base->truth[i] = -0.5 + 0.9 * (base->plans[i] == 1) - 0.2 * (isnan(base->visits[i]) ? 5 : base->visits[i]) +
                         0.002 * pow(base->age[i] - 45, 2);
        base->left[i] = random_uniform(&random) < logistic_probability(base->truth[i]);
    }
}

static int set_up(void **state)
{
    struct arena *arena = arena_new((size_t)1 << 30);
    struct base *base = arena_alloc(arena, sizeof *base);
    struct error error;

    base->arena = arena;
    base->plan_levels[0] = TEXT("basic");
    base->plan_levels[1] = TEXT("monthly");
    base->plan_levels[2] = TEXT("yearly");
    fill(base);
    base->columns[0] = (struct churn_column){.name = TEXT("visits"), .numbers = base->visits};
    base->columns[1] = (struct churn_column){.name = TEXT("age"), .numbers = base->age};
    base->columns[2] = (struct churn_column){.name = TEXT("constant"), .numbers = base->constant};
    base->columns[3] = (struct churn_column){
        .name = TEXT("plan"), .codes = base->plans, .levels = base->plan_levels, .level_count = 3};
    base->columns[4] = (struct churn_column){
        .name = TEXT("name"), .codes = base->names, .levels = base->name_levels, .level_count = ROWS};
    *state = base;
    const struct churn_table table = {base->columns, COLUMNS, ROWS, false};

    return churn_design_make(arena, &table, &base->design, &error) == STATUS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    arena_free(((struct base *)*state)->arena);
    return 0;
}

static void learn(struct base *base, enum churn_kind kind, struct churn_result *out)
{
    const struct churn_case known = {.design = &base->design, .outcome = base->left, .known = {NULL, ROWS}};
    const struct churn_setup setup = {kind, 4, 9};
    struct error error;

    if (churn_learn(base->arena, &known, &setup, out, &error) != STATUS_OK)
        fail_msg("%s", error.message);
}

static void columns_that_tell_nothing_apart_are_left_out(void **state)
{
    const struct base *base = *state;

    assert_int_equal(base->design.uses[0], CHURN_USED);
    assert_int_equal(base->design.uses[2], CHURN_CONSTANT);
    assert_int_equal(base->design.uses[3], CHURN_USED);
    assert_int_equal(base->design.uses[4], CHURN_NAMES);
    /* Visits: number, two curves, missing; age: number, two curves; plan: two levels. */
    assert_int_equal(base->design.term_count, 9);
    for (size_t i = 0; i < ROWS * base->design.term_count; i++)
        assert_true(isfinite(base->design.rows[i]));
}

/* The probabilities of rows held out come near those that drew the outcomes. */
static void held_out_rows_are_foretold_by_the_truth(void **state)
{
    struct base *base = *state;

    for (int kind = CHURN_LOGISTIC; kind <= CHURN_BOTH; kind++) {
        struct churn_result result;
        double off = 0;

        learn(base, (enum churn_kind)kind, &result);
        for (size_t i = 0; i < ROWS; i++)
            off += fabs(result.trial.probabilities[i] - logistic_probability(base->truth[i])) / ROWS;
        assert_true(off < (kind == CHURN_TREES ? 0.08 : 0.06)); /* trees draw a curve by steps */
        assert_true(fabs(result.trial.slope.value - 1) < 2 * 1.96 * result.trial.slope.error);
        assert_true(result.trial.auc.value > 0.65 && result.trial.auc.value < 0.85);
        churn_model_release(&result.model);
    }
}

static void reasons_sum_up_to_the_score(void **state)
{
    static const uint32_t chosen[] = {5, 0, 1199, 50};
    static double scores[4], parts[4 * COLUMNS];
    struct base *base = *state;
    const struct churn_rows rows = {chosen, 4};
    struct churn_reasons reasons = {.parts = parts};
    struct churn_result result;
    struct error error;

    learn(base, CHURN_BOTH, &result);
    assert_int_equal(churn_score(&result.model, &base->design, &rows, scores, &error), STATUS_OK);
    assert_int_equal(churn_explain(base->arena, &result.model, &base->design, &rows, &reasons, &error), STATUS_OK);
    for (size_t i = 0; i < 4; i++) {
        double sum = reasons.base;

        for (size_t c = 0; c < COLUMNS; c++)
            sum += parts[i * COLUMNS + c];
        assert_true(fabs(sum - scores[i]) < 1e-4);
        assert_true(parts[i * COLUMNS + 2] == 0 && parts[i * COLUMNS + 4] == 0);
    }
    churn_model_release(&result.model);
}

static void every_part_has_its_share_of_leavers(void **state)
{
    struct base *base = *state;
    struct churn_result result;
    size_t rows[4] = {0}, left[4] = {0};

    learn(base, CHURN_LOGISTIC, &result);
    for (size_t i = 0; i < ROWS; i++) {
        rows[result.trial.fold_of[i]]++;
        left[result.trial.fold_of[i]] += base->left[i];
    }
    for (size_t part = 1; part < 4; part++) {
        assert_true(rows[part] + 1 >= rows[0] && rows[part] <= rows[0] + 1);
        assert_true(left[part] + 1 >= left[0] && left[part] <= left[0] + 1);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(columns_that_tell_nothing_apart_are_left_out),
        TEST(held_out_rows_are_foretold_by_the_truth),
        TEST(reasons_sum_up_to_the_score),
        TEST(every_part_has_its_share_of_leavers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
