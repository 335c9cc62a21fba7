/* The models of lifetime value against published values of single customers, closed forms and chance itself. */
#include "clv_fixture.h"

#include "features/insight/clv_discrete.h"
#include "features/insight/clv_spend.h"
#include "mathematics/jet.h"
#include "mathematics/special.h"

static void score_one(const struct clv_fit *fit, struct clv_customer customer, struct clv_question question,
                      struct clv_score *out)
{
    struct arena *arena = arena_new((size_t)1 << 24);
    struct error err = {0};
    struct clv_rows rows;

    assert_int_equal(clv_rows_build(arena, &customer, 1, &rows, &err), STATUS_OK);
    clv_score_rows(arena, &rows, fit, &question, out);
    arena_free(arena);
}

static double likelihood_one(const struct clv_fit *fit, struct clv_customer customer)
{
    struct arena *arena = arena_new((size_t)1 << 24);
    struct error err = {0};
    struct clv_rows rows;
    double scratch[2];
    struct jet sum;

    assert_int_equal(clv_rows_build(arena, &customer, 1, &rows, &err), STATUS_OK);
    if (fit->model == CLV_PARETO_NBD)
        clv_pareto_likelihood(clv_pareto_new(arena, &rows), fit->parameters, &sum);
    else
        clv_beta_likelihood(&rows, fit, scratch, &sum);
    arena_free(arena);
    return sum.value;
}

/* BTYD walkthrough and the tests of lifetimes. */
static void the_published_customers_of_cdnow_have_their_published_values(void **state)
{
    const struct clv_fit bg = {
        .model = CLV_BG_NBD, .regularity = 1, .parameters = {0.2425945, 4.4136019, 0.7929199, 2.4258881}};
    const struct clv_fit pareto = {
        .model = CLV_PARETO_NBD, .regularity = 1, .parameters = {0.55315, 10.57633, 0.60625, 11.67150}};
    const struct clv_customer busy = {.repeats = 26, .last = 30.857143, .observed = 31};
    struct clv_score score;

    (void)state;
    score_one(&bg, busy, (struct clv_question){52, 0}, &score);
    assert_near(score.alive, 0.96885, 5e-6);
    assert_near(score.expected, 25.7574, 5e-5);
    score_one(&pareto, busy, (struct clv_question){52, 0}, &score);
    assert_near(score.alive, 0.997874, 5e-7);
    assert_near(score.expected, 25.45647, 5e-4); /* the published parameters have six digits */
    score_one(&bg, (struct clv_customer){30.43, 38.86, 2}, (struct clv_question){39, 0}, &score);
    assert_near(score.expected, 1.226, 5e-4);
}

static void the_expected_number_of_a_new_customer_is_as_published(void **state)
{
    static const double times[] = {0.1429, 1, 3, 31.8571, 32, 78};
    static const double expected[] = {0.0078, 0.0532, 0.1506, 1.0405, 1.0437, 1.8576};
    const struct clv_fit best = {
        .model = CLV_BG_NBD, .regularity = 1, .parameters = {0.2425945, 4.4136019, 0.7929199, 2.4258881}};

    (void)state;
    for (int i = 0; i < 5; i++)
        assert_near(clv_expectation(&best, times[i]), expected[i], 5.1e-5);
    assert_near(clv_expectation(&best, times[5]), expected[5], 5e-4); /* of another fit */
    assert_near(clv_expectation(&best, 78), 1.8580, 5.1e-5);
}

static void the_expected_number_agrees_with_the_hypergeometric_form(void **state)
{
    const double r = 0.243, alpha = 4.414, a = 0.793, b = 2.426;
    const struct clv_fit fit = {.model = CLV_BG_NBD, .regularity = 1, .parameters = {r, alpha, a, b}};

    (void)state;
    for (double t = 0.01; t < 3000; t *= 3) {
        double power = pow(alpha / (alpha + t), r);
        double closed = (a + b - 1) / (a - 1) * (1 - power * hypergeometric(r, b, a + b - 1, t / (alpha + t)));

        assert_near(clv_expectation(&fit, t), closed, 1e-9 * closed);
    }
}

static void the_chances_of_numbers_of_purchases_are_as_published(void **state)
{
    static const double expected[] = {0.0019995214, 0.0015170236, 0.0011633150, 0.0009003148, 0.0007023638,
                                      0.0005517902, 0.0004361913, 0.0003467171, 0.0002769613, 0.0002222260};
    const struct clv_fit fit = {.model = CLV_BG_NBD, .regularity = 1, .parameters = {0.243, 4.414, 0.793, 2.426}};
    double sum = 0;

    (void)state;
    for (uint32_t n = 11; n <= 20; n++)
        assert_near(clv_probability(&fit, 30, n), expected[n - 11], 5.1e-11);
    assert_near(clv_probability(&fit, 39, 0), 0.5737864, 5e-8);
    for (uint32_t n = 0; n < 400; n++)
        sum += n * clv_probability(&fit, 30, n);
    assert_near(sum, clv_expectation(&fit, 30), 1e-9);
}

static void the_likelihood_of_a_customer_is_as_published(void **state)
{
    const struct clv_fit fit = {.model = CLV_BG_NBD, .regularity = 1, .parameters = {0.25, 4, 0.8, 2.5}};

    (void)state;
    assert_near(likelihood_one(&fit, (struct clv_customer){0, 40, 0}), -0.59947382, 5e-9);
    assert_near(likelihood_one(&fit, (struct clv_customer){38, 40, 200}), 100.7957, 5e-5);
}

/* Fader and Hardie 2005, "A note on deriving the Pareto/NBD model", eq. 23-24. */
static double pareto_closed(const double *p, double x, double last, double observed)
{
    double r = p[0], alpha = p[1], s = p[2], beta = p[3], sum = r + s + x;
    double high = fmax(alpha, beta), second = alpha >= beta ? s + 1 : r + x, gap = fabs(alpha - beta), at[2];
    double times[2] = {last, observed};

    for (int i = 0; i < 2; i++)
        at[i] = hypergeometric(sum, second, sum + 1, gap / (high + times[i])) / pow(high + times[i], sum);
    double here = pow(alpha + observed, -(r + x)) * pow(beta + observed, -s);

    return log_gamma(r + x) - log_gamma(r) + r * log(alpha) + s * log(beta) + log(here + s / sum * (at[0] - at[1]));
}

static void the_integral_of_pareto_agrees_with_the_hypergeometric_form(void **state)
{
    static const double parameters[][4] = {
        {0.55, 10.6, 0.61, 11.7}, {2, 0.3, 0.4, 40}, {0.7, 30, 1, 0.5}, {1, 5, 3, 5}};
    static const struct clv_customer customers[] = {{0, 39, 0}, {30.86, 31, 26}, {2, 38, 1}, {38, 38, 3}, {20, 38, 60}};

    (void)state;
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 5; j++) {
            struct clv_fit fit = {.model = CLV_PARETO_NBD, .regularity = 1};

            for (int k = 0; k < 4; k++)
                fit.parameters[k] = parameters[i][k];
            double closed =
                pareto_closed(fit.parameters, customers[j].repeats, customers[j].last, customers[j].observed);

            assert_near(likelihood_one(&fit, customers[j]), closed, 1e-9 * fabs(closed));
        }
}

static void regular_gaps_of_one_phase_are_gaps_at_random(void **state)
{
    const struct clv_customer customer = {20, 38, 4};
    struct clv_fit one = {.model = CLV_BG_NBD, .regularity = 1, .parameters = {0.5, 6, 0.9, 1.6}}, other = one;
    struct clv_score first, second;

    (void)state;
    other.model = CLV_BG_CNBD;
    assert_near(likelihood_one(&one, customer), likelihood_one(&other, customer), 0);
    score_one(&one, customer, (struct clv_question){52, 0.003}, &first);
    score_one(&other, customer, (struct clv_question){52, 0.003}, &second);
    assert_near(first.expected, second.expected, 0);
    assert_near(first.discounted, second.discounted, 0);
}

static void nothing_overflows_for_customers_who_buy_without_end(void **state)
{
    (void)state;
    for (int model = 0; model < CLV_MODELS; model++)
        for (uint32_t repeats = 0; repeats <= 100000; repeats = repeats * 10 + 2) {
            struct clv_fit fit = {
                .model = (enum clv_model)model, .regularity = 1, .parameters = {0.24, 4.4, 0.79, 2.4}};
            struct clv_customer customer = {repeats > 0 ? 38 : 0, 39, repeats};
            struct clv_score score;

            if (model == CLV_BG_CNBD || model == CLV_MBG_CNBD)
                fit.regularity = 3;
            assert_true(isfinite(likelihood_one(&fit, customer)));
            score_one(&fit, customer, (struct clv_question){52, 0.0029}, &score);
            assert_true(score.alive >= 0 && score.alive <= 1);
            assert_true(score.expected >= 0 && isfinite(score.expected));
            assert_true(score.variance >= 0 && isfinite(score.variance));
            assert_true(score.discounted >= 0 && isfinite(score.discounted));
        }
}

/* The discounted number is the limit of discounted numbers of short times. */
static void the_discounted_number_is_the_sum_of_its_parts(void **state)
{
    const struct clv_customer customer = {25, 38, 3};

    (void)state;
    for (int model = 0; model < CLV_MODELS; model++) {
        struct clv_fit fit = {.model = (enum clv_model)model, .regularity = 1, .parameters = {0.6, 6, 0.9, 2.4}};
        struct clv_score before = {0}, after, asked;
        const double rate = 0.05;
        double sum = 0;

        if (model == CLV_BG_CNBD || model == CLV_MBG_CNBD)
            fit.regularity = 2;
        score_one(&fit, customer, (struct clv_question){1, rate}, &asked);
        for (double t = 0.25; t < 600; t += 0.25) {
            score_one(&fit, customer, (struct clv_question){t, 0}, &after);
            sum += exp(-rate * (t - 0.125)) * (after.expected - before.expected);
            before = after;
        }
        assert_near(asked.discounted, sum, 1e-4 * sum);
    }
}

/* Scores against the frequencies of 400,000 customers drawn from the model, given what was seen of them. */
static void scores_are_the_means_and_variances_of_what_follows(void **state)
{
    (void)state;
    for (int model = 0; model < CLV_MODELS; model++) {
        struct clv_fit truth = {.model = (enum clv_model)model, .regularity = 1, .parameters = {1.1, 3, 0.8, 1.9}};
        struct dice dice = {88172645463325252ULL + (unsigned)model};
        double n = 0, sum = 0, squares = 0, expected = 0, within = 0;

        if (model == CLV_BG_CNBD || model == CLV_MBG_CNBD)
            truth.regularity = 2;
        if (model == CLV_PARETO_NBD)
            truth.parameters[3] = 12;
        for (int i = 0; i < 400000; i++) {
            uint32_t later;
            struct clv_customer customer = dice_customer(&dice, &truth, 6, 8, &later);

            if (customer.repeats != 2 || customer.last < 3.8 || customer.last > 4.2)
                continue;
            struct clv_score score;
            customer.last = round(customer.last * 100) / 100;
            score_one(&truth, customer, (struct clv_question){8, 0}, &score);
            n++;
            sum += later;
            expected += score.expected;
            within += score.variance;
            squares += (later - score.expected) * (later - score.expected);
        }
        assert_true(n > 500);
        assert_near(sum / n, expected / n, 3.5 * sqrt(within / n / n));
        assert_near(squares / n, within / n, 0.15 * within / n);
    }
}

static void parameters_of_a_drawn_base_are_recovered(void **state)
{
    enum { CUSTOMERS = 20000 };
    struct clv_customer *customers = test_malloc(CUSTOMERS * sizeof *customers);

    (void)state;
    for (int model = 0; model < CLV_MODELS; model++) {
        struct clv_fit truth = {.model = (enum clv_model)model, .regularity = 1, .parameters = {0.8, 4, 0.9, 2.5}}, fit;
        struct arena *arena = arena_new((size_t)1 << 28);
        struct dice dice = {2463534242ULL};
        struct error err = {0};
        struct clv_rows rows;
        uint32_t later;

        if (model == CLV_BG_CNBD || model == CLV_MBG_CNBD)
            truth.regularity = 3;
        if (model == CLV_PARETO_NBD)
            truth.parameters[3] = 10;
        for (int i = 0; i < CUSTOMERS; i++)
            customers[i] = dice_customer(&dice, &truth, 30 + i % 20, 0, &later);
        assert_int_equal(clv_rows_build(arena, customers, CUSTOMERS, &rows, &err), STATUS_OK);
        assert_int_equal(clv_fit(arena, &rows, truth.model, truth.regularity, &fit, &err), STATUS_OK);
        assert_true(fit.converged);
        for (size_t i = 0; i < clv_model_parameter_count(truth.model); i++)
            assert_near(fit.parameters[i], truth.parameters[i], 2 * fit.errors[i]);
        arena_free(arena);
    }
    test_free(customers);
}

static void donors_of_one_kind_have_the_published_future(void **state)
{
    /* Fader, Hardie, Shang 2010; the walkthrough of BTYD. */
    const struct clv_discrete_fit fit = {.parameters = {1.203507, 0.7497667, 0.6567568, 2.783887}};
    struct clv_score score = clv_discrete_score(&fit, &(struct clv_chance){6, 6, 6, 1}, 5, 0);

    (void)state;
    assert_near(1203 * score.expected, 1203 * 3.75, 1203 * 0.005);
    assert_near(clv_discrete_score(&fit, &(struct clv_chance){0, 0, 6, 1}, 5, 0).expected, 0.07, 0.005);
}

/* The tests of lifetimes: of 11,104 donors those expected to give in none and in all of six years. */
static void donors_are_as_many_of_each_kind_as_published(void **state)
{
    const struct clv_discrete_fit fit = {.parameters = {1.203507, 0.7497667, 0.6567568, 2.783887}};
    double sum = 0;

    (void)state;
    assert_near(11104 * clv_discrete_probability(&fit, 6, 0), 3454.9, 0.1);
    assert_near(11104 * clv_discrete_probability(&fit, 6, 6), 1253.1, 0.1);
    for (uint32_t used = 0; used <= 6; used++)
        sum += clv_discrete_probability(&fit, 6, used);
    assert_near(sum, 1, 1e-12);
}

static void spending_lies_between_all_and_one(void **state)
{
    const struct clv_spend_fit fit = {.parameters = {6.25, 3.74, 15.44}, .mean = 35};
    double all = 6.25 * 15.44 / 2.74;

    (void)state;
    assert_near(clv_spend_expected(&fit, &(struct clv_spend){0, 0}), all, 1e-9);
    /* lifetimes: a customer with 2 repeat purchases of 22.35 on average */
    assert_near(clv_spend_expected(&fit, &(struct clv_spend){2, 22.35}), 24.66, 0.01);
    assert_near(clv_spend_expected(&fit, &(struct clv_spend){100000, 22.35}), 22.35, 0.01);
}

static void customers_that_cannot_be_are_refused(void **state)
{
    static const struct clv_customer wrong[] = {{3, 2, 1},   {0, 2, 1},        {1, 2, 0},
                                                {NAN, 2, 1}, {1, INFINITY, 1}, {-1, 2, 1}};
    struct arena *arena = arena_new((size_t)1 << 20);
    struct clv_customer once = {0, 5, 0};
    struct error err = {0};
    struct clv_rows rows;
    struct clv_fit fit;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(clv_rows_build(arena, &wrong[i], 1, &rows, &err), STATUS_INVALID);
        assert_string_equal(err.code, "clv.times");
    }
    assert_int_equal(clv_rows_build(arena, &once, 0, &rows, &err), STATUS_INVALID);
    assert_string_equal(err.code, "clv.customers");
    assert_int_equal(clv_rows_build(arena, &once, 1, &rows, &err), STATUS_OK);
    assert_int_equal(clv_fit(arena, &rows, CLV_BG_NBD, 1, &fit, &err), STATUS_INVALID);
    assert_string_equal(err.code, "clv.repeats");
    arena_free(arena);
}

static void one_customer_gives_an_answer_without_nan(void **state)
{
    struct arena *arena = arena_new((size_t)1 << 22);
    struct clv_customer one = {5, 8, 3};
    struct error err = {0};
    struct clv_rows rows;

    (void)state;
    assert_int_equal(clv_rows_build(arena, &one, 1, &rows, &err), STATUS_OK);
    for (int model = 0; model < CLV_MODELS; model++) {
        struct clv_score score;
        struct clv_total total;
        struct clv_fit fit;

        if (clv_fit(arena, &rows, (enum clv_model)model, 1, &fit, &err) != STATUS_OK)
            continue;
        clv_score_rows(arena, &rows, &fit, &(struct clv_question){52, 0.0029}, &score);
        assert_true(isfinite(score.alive) && isfinite(score.expected) && isfinite(score.discounted));
        assert_int_equal(clv_total(&rows, &fit, 52, &total, &err), STATUS_OK);
        assert_true(isfinite(total.low) && total.low <= total.expected && isfinite(total.high));
    }
    arena_free(arena);
}

/* So many times that they are sorted by digits and looked up in steps; few of them huge, most close together. */
static void every_customer_is_found_again_in_the_rows(void **state)
{
    enum { CUSTOMERS = 20000 };
    static struct clv_customer customers[CUSTOMERS];
    struct arena *arena = arena_new((size_t)1 << 24);
    struct error err = {0};
    struct clv_rows rows;
    double total = 0;

    (void)state;
    for (uint32_t i = 0; i < CUSTOMERS; i++) {
        double observed = i % 1000 == 0 ? 1e6 * i + 1 : 40 + fmod(i * 0.6180339887, 1) / 64;

        customers[i] = (struct clv_customer){.repeats = i % 3, .observed = observed};
        customers[i].last = i % 3 > 0 ? observed * (i % 7 + 1) / 8 : -0.0;
    }
    assert_int_equal(clv_rows_build(arena, customers, CUSTOMERS, &rows, &err), STATUS_OK);
    for (size_t i = 1; i < rows.time_count; i++)
        assert_true(rows.times[i - 1] < rows.times[i]);
    for (size_t i = 0; i < CUSTOMERS; i++) {
        const struct clv_row *row = &rows.rows[rows.row_of[i]];

        assert_int_equal(row->repeats, customers[i].repeats);
        assert_true(rows.times[row->last] == customers[i].last);
        assert_true(rows.times[row->observed] == customers[i].observed);
    }
    for (size_t i = 0; i < rows.row_count; i++)
        total += rows.rows[i].count;
    assert_true(total == CUSTOMERS);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_customers_of_cdnow_have_their_published_values),
        cmocka_unit_test(the_expected_number_of_a_new_customer_is_as_published),
        cmocka_unit_test(the_expected_number_agrees_with_the_hypergeometric_form),
        cmocka_unit_test(the_chances_of_numbers_of_purchases_are_as_published),
        cmocka_unit_test(the_likelihood_of_a_customer_is_as_published),
        cmocka_unit_test(the_integral_of_pareto_agrees_with_the_hypergeometric_form),
        cmocka_unit_test(regular_gaps_of_one_phase_are_gaps_at_random),
        cmocka_unit_test(nothing_overflows_for_customers_who_buy_without_end),
        cmocka_unit_test(the_discounted_number_is_the_sum_of_its_parts),
        cmocka_unit_test(scores_are_the_means_and_variances_of_what_follows),
        cmocka_unit_test(parameters_of_a_drawn_base_are_recovered),
        cmocka_unit_test(donors_of_one_kind_have_the_published_future),
        cmocka_unit_test(donors_are_as_many_of_each_kind_as_published),
        cmocka_unit_test(spending_lies_between_all_and_one),
        cmocka_unit_test(customers_that_cannot_be_are_refused),
        cmocka_unit_test(every_customer_is_found_again_in_the_rows),
        cmocka_unit_test(one_customer_gives_an_answer_without_nan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
