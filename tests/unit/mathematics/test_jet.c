/* Derivatives of jets against differences. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mathematics/jet.h"

/* log(exp(log G(a + 2b)) * 3 + exp(5 log(c + d) - 1)): every operation once. */
static void compute(const double *p, struct jet *out)
{
    struct jet one = {0}, other = {.value = -1}, raw = {0};

    jet_add_log_gamma(&one, 1, p[0] + 2 * p[1], (double[]){1, 2, 0, 0});
    jet_add_log_linear(&other, 5, p[2] + p[3], (double[]){0, 0, 1, 1});
    jet_add_exp(&raw, 3, &one, 0.5);
    jet_add_exp(&raw, 1, &other, 0.5);
    *out = (struct jet){0};
    jet_add_log(out, 2, &raw, 0.5);
}

static void derivatives_agree_with_differences(void **state)
{
    const double point[4] = {0.7, 0.9, 0.4, 0.8}, step = 1e-5;
    double gradient[4], hessian[16];
    struct jet here;

    (void)state;
    compute(point, &here);
    jet_spread(&here, 4, gradient, hessian);
    for (int i = 0; i < 4; i++) {
        double up[4], down[4], high[4], low[4], unused[16];
        struct jet above, below;

        memcpy(up, point, sizeof up);
        memcpy(down, point, sizeof down);
        up[i] += step;
        down[i] -= step;
        compute(up, &above);
        compute(down, &below);
        assert_true(fabs((above.value - below.value) / (2 * step) - gradient[i]) < 1e-8);
        jet_spread(&above, 4, high, unused);
        jet_spread(&below, 4, low, unused);
        for (int j = 0; j < 4; j++)
            assert_true(fabs((high[j] - low[j]) / (2 * step) - hessian[i * 4 + j]) < 1e-7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(derivatives_agree_with_differences)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
