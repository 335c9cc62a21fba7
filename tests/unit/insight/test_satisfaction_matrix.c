/* Fields of the matrix, cuts, and gaps between expectation and experience, by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "features/insight/satisfaction_gap.h"
#include "features/insight/satisfaction_matrix.h"

static void assert_near(double got, double expected, double tolerance)
{
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("%.15g is not %.15g", got, expected);
}

static void members_fall_into_the_types_of_jones_and_sasser(void **state)
{
    const double satisfaction[] = {5, 4, 2, 3, 5, 1, NAN, 4}, loyalty[] = {5, 4, 5, 4, 1, 2, 5, NAN};
    const struct matrix_data data = {satisfaction, loyalty, 8, 4, 4};
    struct arena *arena = arena_new((size_t)1 << 20);
    struct matrix_report report;
    struct error err;

    (void)state;
    assert_int_equal(matrix_build(arena, &data, 0.95, &report, &err), STATUS_OK);
    assert_true(report.count == 6 && report.left_out == 2);
    assert_true(report.cells[MATRIX_HIGH_HIGH].count == 2 && report.cells[MATRIX_LOW_HIGH].count == 2);
    assert_true(report.cells[MATRIX_HIGH_LOW].count == 1 && report.cells[MATRIX_LOW_LOW].count == 1);
    assert_near(report.cells[MATRIX_LOW_HIGH].satisfaction, 2.5, 1e-15);
    assert_near(report.cells[MATRIX_HIGH_HIGH].sum_share, 9.0 / 21, 1e-15);
    assert_near(report.cells[MATRIX_HIGH_HIGH].low, 0.0968, 1e-4); /* Wilson, 2 of 6 */
    assert_string_equal(matrix_field_name(MATRIX_LOYALTY, MATRIX_LOW_HIGH), "hostage");
    for (int field = 0; field < MATRIX_FIELDS; field++)
        assert_true(strlen(matrix_field_action(MATRIX_VALUE, (enum matrix_field)field)) > 10);
    arena_free(arena);
}

static void empty_fields_and_losses_give_no_false_numbers(void **state)
{
    const double satisfaction[] = {5, 5, 4}, value[] = {-3, 10, 20}, none[] = {NAN, NAN, NAN};
    struct matrix_data data = {satisfaction, value, 3, 4, 10};
    struct arena *arena = arena_new((size_t)1 << 20);
    struct matrix_report report;
    struct error err;

    (void)state;
    assert_int_equal(matrix_build(arena, &data, 0.95, &report, &err), STATUS_OK);
    assert_true(isnan(report.cells[MATRIX_LOW_LOW].other) && report.cells[MATRIX_LOW_LOW].share == 0);
    assert_true(isnan(report.cells[MATRIX_HIGH_HIGH].sum_share));
    data.other = none;
    assert_int_equal(matrix_build(arena, &data, 0.95, &report, &err), STATUS_INVALID);
    assert_string_equal(err.code, "survey.empty");
    arena_free(arena);
}

static void cuts_lie_at_marks_and_leave_nobody_out(void **state)
{
    const double values[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, tied[] = {0, 0, 0, 0, 5, NAN}, same[] = {3, 3, NAN};
    struct arena *arena = arena_new((size_t)1 << 20);
    struct error err;
    double cut;

    (void)state;
    assert_near(matrix_cut_scale(1, 5), 4, 0);
    assert_near(matrix_cut_scale(1, 7), 6, 0);
    assert_near(matrix_cut_scale(1, 10), 8, 0);
    assert_near(matrix_cut_scale(0, 10), 8, 0);
    assert_int_equal(matrix_cut_best(arena, values, 10, 0.3, &cut, &err), STATUS_OK);
    assert_near(cut, 8, 0);
    assert_int_equal(matrix_cut_best(arena, tied, 6, 0.3, &cut, &err), STATUS_OK);
    assert_near(cut, 5, 0); /* not 0, which would put everybody on one side */
    assert_int_equal(matrix_cut_best(arena, same, 3, 0.3, &cut, &err), STATUS_INVALID);
    assert_string_equal(err.code, "matrix.cut");
    arena_free(arena);
}

static void gaps_are_tested_in_pairs(void **state)
{
    /* Gaps -1 -1 -2 0 -1: mean -1, variance 1/2, t = -sqrt(10), 4 degrees. */
    const double experience[] = {4, 3, 2, 5, 4, NAN, 3}, expectation[] = {5, 4, 4, 5, 5, 5, NAN};
    const double better[] = {5, 5, 4, 5, 5, 5, 5}, worse[] = {4, 3, 2, 5, 4, 2, 2};
    const double *scores[] = {experience, better}, *expected[] = {expectation, worse};
    const struct attribute_data data = {scores, expected, 2, 7, answer_scale_csat(1, 5)};
    struct arena *arena = arena_new((size_t)1 << 20);
    double reach = 2.7764451052 * sqrt(0.1);
    struct attribute found[2];
    struct error err;

    (void)state;
    assert_int_equal(attributes_score(arena, &data, 0.95, found, &err), STATUS_OK);
    assert_near(found[0].tally.count, 6, 0);
    assert_near(found[0].pairs, 5, 0);
    assert_near(found[0].expectation, 4.6, 1e-14);
    assert_near(found[0].gap.value, -1, 1e-14);
    assert_near(found[0].gap.low, -1 - reach, 1e-8);
    /* 4 degrees have 1 - t (t^2 + 6) / (t^2 + 4)^1.5. */
    assert_near(found[0].p_value, 1 - sqrt(10) * 16 / pow(14, 1.5), 1e-12);
    assert_int_equal(found[0].verdict, ATTRIBUTE_BELOW);
    assert_int_equal(found[1].verdict, ATTRIBUTE_ABOVE);
    assert_true(found[1].gap.value > 0);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_fall_into_the_types_of_jones_and_sasser),
        cmocka_unit_test(empty_fields_and_losses_give_no_false_numbers),
        cmocka_unit_test(cuts_lie_at_marks_and_leave_nobody_out),
        cmocka_unit_test(gaps_are_tested_in_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
