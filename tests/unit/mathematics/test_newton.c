/* Newton's method on functions whose maximum is known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mathematics/newton.h"

/* n observations of mean 3 under a gamma law with known mean logarithm; the free third pulls to -2. */
static double gamma_law(const void *context, const double *p, double *gradient, double *hessian)
{
    double n = *(const double *)context, a = p[0], b = p[1];

    gradient[0] = n * (log(b) + 1 - log(a));
    gradient[1] = n * (a / b - 3);
    gradient[2] = -2 * (p[2] + 2);
    for (int i = 0; i < 9; i++)
        hessian[i] = 0;
    hessian[0] = -n / a;
    hessian[1] = hessian[3] = n / b;
    hessian[4] = -n * a / (b * b) - n; /* the quadratic term below */
    hessian[8] = -2;
    gradient[1] -= n * (b - 0.5);
    return n * (a * log(b) - a * log(a) + 2 * a - 3 * b - (b - 0.5) * (b - 0.5) / 2) - (p[2] + 2) * (p[2] + 2);
}

static void a_maximum_is_found_from_afar(void **state)
{
    double n = 50, start[] = {1e-3, 40, 100};
    struct objective objective = {3, 2, gamma_law, &n};
    struct optimum optimum;

    (void)state;
    newton_maximise(&objective, start, &optimum);
    assert_true(optimum.converged);
    /* d/da: b = a / e; then a / b - 3 - (b - 1/2) = 0 gives b = e - 2.5. */
    assert_true(fabs(optimum.parameters[1] - (M_E - 2.5)) < 1e-7);
    assert_true(fabs(optimum.parameters[0] - M_E * (M_E - 2.5)) < 1e-7);
    assert_true(fabs(optimum.parameters[2] + 2) < 1e-7);
    assert_true(fabs(optimum.errors[2] - sqrt(0.5)) < 1e-9);
}

/* Rises for ever: the parameter is not held by the data. */
static double endless(const void *context, const double *p, double *gradient, double *hessian)
{
    (void)context;
    gradient[0] = 1 / (p[0] * p[0]);
    hessian[0] = -2 / (p[0] * p[0] * p[0]);
    return -1 / p[0];
}

static void a_parameter_that_runs_away_is_told(void **state)
{
    struct objective objective = {1, 1, endless, NULL};
    struct optimum optimum;

    (void)state;
    newton_maximise(&objective, (double[]){1}, &optimum);
    assert_true(optimum.at_limit);
    assert_true(isnan(optimum.errors[0]));
}

static void a_matrix_of_unlike_scales_is_inverted(void **state)
{
    double matrix[] = {4e12, 2e3, 2e3, 2e-6}, inverse[4];

    (void)state;
    assert_true(invert_positive(matrix, 2, inverse));
    assert_true(fabs(inverse[0] * 4e12 - 2) < 1e-10);
    assert_true(fabs(inverse[1] * 2e3 + 1) < 1e-10);
    assert_false(invert_positive((double[]){1, 2, 2, 1}, 2, inverse));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_maximum_is_found_from_afar),
        cmocka_unit_test(a_parameter_that_runs_away_is_told),
        cmocka_unit_test(a_matrix_of_unlike_scales_is_inverted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
