/* Pareto/NBD with covariates: derivatives by the chain, and the truth of drawn bases. */
#include "clv_fixture.h"

#include <string.h>

#include "features/insight/clv_covariate.h"

enum { CUSTOMERS = 12000, WIDTH = 2 };

static const struct clv_fit BASE = {.model = CLV_PARETO_NBD, .regularity = 1, .parameters = {1.2, 14, 0.8, 16}};
static const double BUYING[WIDTH] = {0.7, -0.3}, LEAVING[WIDTH] = {-0.5, 0.4};

/* A channel (0 or 1) and a class of age; returns what they buy in the `ahead` weeks after. */
static double draw(struct dice *dice, struct clv_customer *customers, double *values, size_t count, double ahead)
{
    double later_sum = 0;

    for (size_t i = 0; i < count; i++) {
        struct clv_fit truth = BASE;
        double *z = values + i * WIDTH;
        uint32_t later;

        z[0] = dice_uniform(dice) < 0.4;
        z[1] = floor(5 * dice_uniform(dice)) - 1;
        truth.parameters[1] *= exp(-(z[0] * BUYING[0] + z[1] * BUYING[1]));
        truth.parameters[3] *= exp(-(z[0] * LEAVING[0] + z[1] * LEAVING[1]));
        customers[i] = dice_customer(dice, &truth, 40 + (double)(i % 20), ahead, &later);
        customers[i].last = round(customers[i].last * 7) / 7;
        if (customers[i].repeats > 0 && customers[i].last == 0)
            customers[i].last = 1.0 / 7;
        later_sum += later;
    }
    return later_sum;
}

static void effects_of_a_drawn_base_are_recovered(void **state)
{
    struct arena *arena = arena_new((size_t)1 << 28);
    struct clv_customer *customers = arena_array(arena, CUSTOMERS, sizeof *customers);
    double *values = arena_array(arena, CUSTOMERS * WIDTH, sizeof *values), actual;
    struct clv_score *scores = arena_array(arena, CUSTOMERS, sizeof *scores);
    struct dice dice = {88172645463325252ULL};
    struct clv_covariate_fit fit;
    struct error err = {0};
    struct clv_kinds *kinds;
    struct clv_total total;
    double sum = 0;

    (void)state;
    actual = draw(&dice, customers, values, CUSTOMERS, 30);
    assert_int_equal(clv_kinds_build(arena, &(struct clv_known){customers, values, CUSTOMERS, WIDTH}, &kinds, &err),
                     STATUS_OK);
    assert_int_equal(clv_covariate_fit(arena, kinds, &fit, &err), STATUS_OK);
    assert_true(fit.converged);
    assert_int_equal(fit.parameter_count, 8);
    for (int i = 0; i < CLV_PARAMETERS; i++)
        assert_near(fit.parameters[i], BASE.parameters[i], 2 * fit.errors[i]);
    for (int i = 0; i < WIDTH; i++) {
        assert_near(fit.parameters[CLV_PARAMETERS + i], BUYING[i], 2 * fit.errors[CLV_PARAMETERS + i]);
        assert_near(fit.parameters[CLV_PARAMETERS + WIDTH + i], LEAVING[i], 2 * fit.errors[CLV_PARAMETERS + WIDTH + i]);
        assert_true(fit.errors[CLV_PARAMETERS + i] < 0.1);
    }
    assert_true(fit.log_likelihood > fit.plain + 100);
    clv_covariate_score(arena, kinds, &fit, &(struct clv_question){30, 0.002}, scores);
    for (int i = 0; i < CUSTOMERS; i++)
        sum += scores[i].expected;
    clv_covariate_total(arena, kinds, &fit, 30, &total);
    assert_near(total.expected, sum, 1e-6 * sum);
    assert_true(total.low < actual && actual < total.high);
    arena_free(arena);
}

/* One covariate of two values is two fits whose r and s are shared: scores agree with clv_model's at their parameters. */
static void scores_are_those_of_the_own_parameters(void **state)
{
    enum { FEW = 3000 };
    struct arena *arena = arena_new((size_t)1 << 28);
    struct clv_customer *customers = arena_array(arena, FEW, sizeof *customers);
    double *values = arena_array(arena, FEW * WIDTH, sizeof *values);
    struct clv_score *scores = arena_array(arena, FEW, sizeof *scores), one;
    struct dice dice = {2463534242ULL};
    struct clv_covariate_fit fit = {.width = WIDTH, .parameter_count = 8};
    struct error err = {0};
    struct clv_kinds *kinds;

    (void)state;
    draw(&dice, customers, values, FEW, 0);
    assert_int_equal(clv_kinds_build(arena, &(struct clv_known){customers, values, FEW, WIDTH}, &kinds, &err),
                     STATUS_OK);
    for (int i = 0; i < CLV_PARAMETERS; i++)
        fit.parameters[i] = BASE.parameters[i];
    for (int i = 0; i < WIDTH; i++) {
        fit.parameters[CLV_PARAMETERS + i] = BUYING[i];
        fit.parameters[CLV_PARAMETERS + WIDTH + i] = LEAVING[i];
    }
    clv_covariate_score(arena, kinds, &fit, &(struct clv_question){26, 0.002}, scores);
    for (int i = 0; i < FEW; i += 300) {
        struct clv_fit own = BASE;
        struct clv_rows rows;

        own.parameters[1] *= exp(-(values[i * WIDTH] * BUYING[0] + values[i * WIDTH + 1] * BUYING[1]));
        own.parameters[3] *= exp(-(values[i * WIDTH] * LEAVING[0] + values[i * WIDTH + 1] * LEAVING[1]));
        assert_int_equal(clv_rows_build(arena, &customers[i], 1, &rows, &err), STATUS_OK);
        clv_score_rows(arena, &rows, &own, &(struct clv_question){26, 0.002}, &one);
        assert_near(scores[i].alive, one.alive, 1e-9);
        assert_near(scores[i].expected, one.expected, 1e-9 * (1 + one.expected));
        assert_near(scores[i].discounted, one.discounted, 1e-9 * (1 + one.discounted));
    }
    arena_free(arena);
}

static void covariates_that_tell_nothing_are_refused(void **state)
{
    struct arena *arena = arena_new((size_t)1 << 28);
    struct clv_customer *customers = arena_array(arena, 500, sizeof *customers);
    double *values = arena_array(arena, 500 * WIDTH, sizeof *values);
    struct dice dice = {2463534242ULL};
    struct error err = {0};
    struct clv_kinds *kinds;

    (void)state;
    draw(&dice, customers, values, 500, 0);
    const struct clv_known known = {customers, values, 500, WIDTH};

    for (int i = 0; i < 500; i++)
        values[i * WIDTH + 1] = 3;
    assert_int_equal(clv_kinds_build(arena, &known, &kinds, &err), STATUS_INVALID);
    assert_string_equal(err.code, "clv.covariates");
    for (int i = 0; i < 500; i++)
        values[i * WIDTH + 1] = 2 * values[i * WIDTH] - 1;
    err = (struct error){0};
    assert_int_equal(clv_kinds_build(arena, &known, &kinds, &err), STATUS_INVALID);
    assert_string_equal(err.code, "clv.covariates");
    values[7] = NAN;
    assert_int_equal(clv_kinds_build(arena, &known, &kinds, &err), STATUS_INVALID);
    assert_non_null(strstr(err.message, "lacks a covariate"));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(effects_of_a_drawn_base_are_recovered),
        cmocka_unit_test(scores_are_those_of_the_own_parameters),
        cmocka_unit_test(covariates_that_tell_nothing_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
