#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mathematics/boosted_trees.h"

static void assert_near(double found, double wanted, double tolerance)
{
    if (!(fabs(found - wanted) <= tolerance))
        fail_msg("%.12g instead of %.12g", found, wanted);
}

enum { ROWS = 1000, COLUMNS = 3, ROUNDS = 40 };

static const struct boosting how = {
    .rounds = ROUNDS, .depth = 3, .rate = 0.2, .row_share = 0.8, .column_share = 1, .weight_min = 1, .seed = 5};

/* One of two traits but not both; the third column says nothing and is missing in every fourth row. */
static void fill(float *values, uint8_t *outcome)
{
    for (size_t i = 0; i < ROWS; i++) {
        values[COLUMNS * i] = (float)(i % 2);
        values[COLUMNS * i + 1] = (float)(i / 2 % 2);
        values[COLUMNS * i + 2] = i % 4 == 0 ? NAN : (float)(i % 7);
        outcome[i] = (i % 2 != i / 2 % 2) != (i % 50 == 0);
    }
}

static struct boosted_trees *learn(const struct tree_rows *rows, const struct tree_rows *held_out, double *losses)
{
    struct boosted_trees *trees = NULL;
    struct error error;

    if (boosted_trees_learn(&how, rows, held_out, losses, &trees, &error) != STATUS_OK)
        fail_msg("%s", error.message);
    return trees;
}

static void what_no_line_can_tell_is_learnt(void **state)
{
    static float values[ROWS * COLUMNS];
    static uint8_t outcome[ROWS];
    static double losses[ROUNDS], scores[ROWS];
    const struct tree_rows rows = {values, outcome, NULL, ROWS, COLUMNS};
    struct error error;
    size_t right = 0;

    (void)state;
    fill(values, outcome);
    struct boosted_trees *trees = learn(&rows, &rows, losses);

    assert_true(losses[ROUNDS - 1] < losses[0] / 2);
    assert_int_equal(boosted_trees_score(trees, &rows, ROUNDS, scores, &error), STATUS_OK);
    for (size_t i = 0; i < ROWS; i++)
        right += (scores[i] > 0) == outcome[i];
    assert_true(right >= ROWS - ROWS / 50);
    boosted_trees_free(trees);
}

static void contributions_sum_up_to_the_score(void **state)
{
    static float values[ROWS * COLUMNS];
    static uint8_t outcome[ROWS];
    static double scores[ROWS], parts[ROWS * (COLUMNS + 1)];
    static const uint32_t chosen[] = {7, 3, 500, 999};
    const struct tree_rows rows = {values, outcome, NULL, ROWS, COLUMNS}, some = {values, NULL, chosen, 4, COLUMNS};
    struct error error;

    (void)state;
    fill(values, outcome);
    struct boosted_trees *trees = learn(&rows, NULL, NULL);

    assert_int_equal(boosted_trees_score(trees, &some, 10, scores, &error), STATUS_OK);
    assert_int_equal(boosted_trees_explain(trees, &some, 10, parts, &error), STATUS_OK);
    for (size_t i = 0; i < 4; i++) {
        double sum = 0;

        for (size_t j = 0; j <= COLUMNS; j++)
            sum += parts[i * (COLUMNS + 1) + j];
        assert_near(sum, scores[i], 1e-4);
    }
    boosted_trees_free(trees);
}

static void the_same_seed_gives_the_same_trees(void **state)
{
    static float values[ROWS * COLUMNS];
    static uint8_t outcome[ROWS];
    static double scores[2][ROWS];
    const struct tree_rows rows = {values, outcome, NULL, ROWS, COLUMNS};
    struct error error;

    (void)state;
    fill(values, outcome);
    for (size_t k = 0; k < 2; k++) {
        struct boosted_trees *trees = learn(&rows, NULL, NULL);

        assert_int_equal(boosted_trees_score(trees, &rows, ROUNDS, scores[k], &error), STATUS_OK);
        boosted_trees_free(trees);
    }
    assert_memory_equal(scores[0], scores[1], sizeof scores[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_no_line_can_tell_is_learnt),
        cmocka_unit_test(contributions_sum_up_to_the_score),
        cmocka_unit_test(the_same_seed_gives_the_same_trees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
