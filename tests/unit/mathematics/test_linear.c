/* Linear algebra on matrices whose answers are known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mathematics/linear.h"

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance))
        fail_msg("%.17g is not %.17g within %g", found, expected, tolerance);
}

static void a_positive_matrix_is_factored_solved_and_inverted(void **state)
{
    const double matrix[] = {4, 12, -16, 12, 37, -43, -16, -43, 98};
    const double lower[] = {2, 6, 1, -8, 5, 3};          /* the textbook's factor */
    double factor[9], inverse[9], vector[] = {0, 6, 39}; /* matrix times (1, 1, 1) */

    (void)state;
    for (int i = 0; i < 9; i++)
        factor[i] = matrix[i];
    assert_true(cholesky_factor(factor, 3));
    for (int i = 0, k = 0; i < 3; i++)
        for (int j = 0; j <= i; j++)
            assert_near(factor[i * 3 + j], lower[k++], 1e-14);
    cholesky_solve(factor, 3, vector);
    for (int i = 0; i < 3; i++)
        assert_near(vector[i], 1, 1e-12);
    cholesky_inverse(factor, 3, inverse);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            double sum = 0;

            for (int k = 0; k < 3; k++)
                sum += matrix[i * 3 + k] * inverse[k * 3 + j];
            assert_near(sum, i == j, 1e-11);
        }
    assert_near(cholesky_log_determinant(factor, 3), log(36), 1e-14);
}

static void a_matrix_that_is_not_positive_is_told(void **state)
{
    double indefinite[] = {1, 2, 2, 1}, singular[] = {1, 1, 1, 1}, unknown[] = {1, NAN, NAN, 1}, nothing[] = {0};

    (void)state;
    assert_false(cholesky_factor(indefinite, 2));
    assert_false(cholesky_factor(singular, 2));
    assert_false(cholesky_factor(unknown, 2));
    assert_false(cholesky_factor(nothing, 1));
}

static void eigenvalues_come_largest_first_with_their_vectors(void **state)
{
    const double matrix[] = {2, 0, 0, 0, 3, 4, 0, 4, 9};
    const double expected[] = {11, 2, 1};
    struct arena *arena = arena_new((size_t)1 << 20);
    double values[3], vectors[9], unknown[] = {NAN};

    (void)state;
    assert_true(symmetric_eigen(arena, matrix, 3, values, vectors));
    for (int i = 0; i < 3; i++) {
        assert_near(values[i], expected[i], 1e-13);
        for (int row = 0; row < 3; row++) {
            double sum = 0;

            for (int k = 0; k < 3; k++)
                sum += matrix[row * 3 + k] * vectors[i * 3 + k];
            assert_near(sum, values[i] * vectors[i * 3 + row], 1e-12);
        }
    }
    assert_near(vectors[2], 2 / sqrt(5), 1e-13); /* the largest element is positive */
    assert_false(symmetric_eigen(arena, unknown, 1, values, vectors));
    arena_free(arena);
}

static void a_square_system_is_solved_whatever_the_order_of_its_rows(void **state)
{
    double matrix[] = {0, 2, 1, 1, 1, 1, 2, 0, 3}, vector[] = {7, 6, 11}, singular[] = {1, 2, 2, 4};

    (void)state;
    assert_true(linear_solve(matrix, 3, vector));
    for (int i = 0; i < 3; i++)
        assert_near(vector[i], i + 1, 1e-12);
    assert_false(linear_solve(singular, 2, vector));
}

/* Longley's data are the usual touchstone: NIST, certified values to 15 digits. */
static void the_certified_regression_of_longley_is_met(void **state)
{
    static const double rows[16 * 7] = {
        1, 83.0,  234289, 2356, 1590, 107608, 1947, 1, 88.5,  259426, 2325, 1456, 108632, 1948,
        1, 88.2,  258054, 3682, 1616, 109773, 1949, 1, 89.5,  284599, 3351, 1650, 110929, 1950,
        1, 96.2,  328975, 2099, 3099, 112075, 1951, 1, 98.1,  346999, 1932, 3594, 113270, 1952,
        1, 99.0,  365385, 1870, 3547, 115094, 1953, 1, 100.0, 363112, 3578, 3350, 116219, 1954,
        1, 101.2, 397469, 2904, 3048, 117388, 1955, 1, 104.6, 419180, 2822, 2857, 118734, 1956,
        1, 108.4, 442769, 2936, 2798, 120445, 1957, 1, 110.8, 444546, 4681, 2637, 121950, 1958,
        1, 112.6, 482704, 3813, 2552, 123366, 1959, 1, 114.2, 502601, 3931, 2514, 125368, 1960,
        1, 115.7, 518173, 4806, 2572, 127852, 1961, 1, 116.9, 554894, 4007, 2827, 130081, 1962};
    static const double target[16] = {60323, 61122, 60171, 61187, 63221, 63639, 64989, 63761,
                                      66019, 67857, 68169, 66513, 68655, 69564, 69331, 70551};
    static const double certified[7] = {-3482258.63459582, 15.0618722713733,  -0.358191792925910e-1,
                                        -2.02022980381683, -1.03322686717359, -0.511041056535807e-1,
                                        1829.15146461355};
    static const double errors[7] = {890420.383607373,  84.9149257747669,  0.334910077722432e-1, 0.488399681651699,
                                     0.214274163161675, 0.226073200069370, 455.478499142212};
    struct arena *arena = arena_new((size_t)1 << 20);
    struct least_squares found;

    (void)state;
    assert_true(least_squares(arena, rows, 16, 7, target, &found));
    assert_int_equal(found.freedom, 9);
    assert_near(found.residual, 836424.055505915, 1e-2);
    for (int i = 0; i < 7; i++) {
        double error = sqrt(found.unscaled[i * 7 + i] * found.residual / (double)found.freedom);

        assert_near(found.coefficients[i], certified[i], 1e-7 * fabs(certified[i]));
        assert_near(error, errors[i], 1e-7 * errors[i]);
    }
    arena_free(arena);
}

static void columns_that_depend_on_each_other_are_told(void **state)
{
    const double rows[] = {1, 2, 3, 1, 3, 4, 1, 5, 6, 1, 7, 8}, target[] = {1, 2, 3, 4};
    struct arena *arena = arena_new((size_t)1 << 20);
    struct least_squares found;

    (void)state;
    assert_false(least_squares(arena, rows, 4, 3, target, &found));
    assert_false(least_squares(arena, rows, 2, 3, target, &found));
    assert_true(least_squares(arena, rows, 3, 1, target, &found));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_positive_matrix_is_factored_solved_and_inverted),
        cmocka_unit_test(a_matrix_that_is_not_positive_is_told),
        cmocka_unit_test(eigenvalues_come_largest_first_with_their_vectors),
        cmocka_unit_test(a_square_system_is_solved_whatever_the_order_of_its_rows),
        cmocka_unit_test(the_certified_regression_of_longley_is_met),
        cmocka_unit_test(columns_that_depend_on_each_other_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
