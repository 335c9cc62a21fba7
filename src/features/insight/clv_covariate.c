#include "features/insight/clv_covariate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mathematics/jet.h"
#include "mathematics/linear.h"
#include "mathematics/newton.h"
#include "mathematics/special.h"

enum { R, ALPHA, S, BETA };

struct kind {
    const double *values;
    const uint32_t *members; /* customers, as numbered in rows.row_of */
    struct clv_rows rows;
    struct clv_pareto *pareto;
};

struct clv_kinds {
    struct kind *list;
    size_t count, width, customer_count;
    struct clv_rows all; /* regardless of values */
};

/* ---- kinds ---- */

struct sorting {
    const struct clv_known *known;
    uint32_t customer;
};

static int compare_values(const void *a, const void *b)
{
    const struct sorting *left = a, *right = b;
    const double *x = left->known->values + left->customer * left->known->width;
    const double *y = right->known->values + right->customer * right->known->width;

    for (size_t i = 0; i < left->known->width; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

/* Whether no covariate is the same for all or made of the others: their covariance then has a Cholesky factor. */
static bool are_independent(const struct clv_known *known)
{
    double means[CLV_COVARIATES_MAX] = {0}, matrix[CLV_COVARIATES_MAX * CLV_COVARIATES_MAX] = {0};
    size_t width = known->width;

    for (size_t i = 0; i < known->count * width; i++)
        means[i % width] += known->values[i] / (double)known->count;
    for (size_t i = 0; i < known->count; i++)
        for (size_t j = 0; j < width; j++)
            for (size_t k = 0; k <= j; k++)
                matrix[j * width + k] += (known->values[i * width + j] - means[j]) *
                                         (known->values[i * width + k] - means[k]) / (double)known->count;
    for (size_t j = 0; j < width; j++)
        if (!(matrix[j * width + j] > 1e-12 * means[j] * means[j]))
            return false;
    return cholesky_factor(matrix, width);
}

static enum status check(const struct clv_known *known, struct error *err)
{
    if (known->width == 0 || known->width > CLV_COVARIATES_MAX)
        return error_set(err, STATUS_INVALID, "clv.covariates", "covariates", "%zu covariates are not 1 to %d",
                         known->width, CLV_COVARIATES_MAX);
    for (size_t i = 0; i < known->count * known->width; i++)
        if (!isfinite(known->values[i]))
            return error_set(err, STATUS_INVALID, "clv.covariates", "covariates",
                             "customer %zu lacks a covariate: leave out such customers, or the covariate",
                             i / known->width + 1);
    if (known->count > 0 && !are_independent(known))
        return error_set(err, STATUS_INVALID, "clv.covariates", "covariates",
                         "a covariate is the same for all customers or made of the others: leave it out");
    return STATUS_OK;
}

static enum status add_kind(struct arena *arena, const struct clv_known *known, const struct sorting *sorted,
                            size_t count, struct kind *out, struct error *err)
{
    struct clv_customer *customers = arena_array(arena, count, sizeof *customers);
    uint32_t *members = arena_array(arena, count, sizeof *members);

    for (size_t i = 0; i < count; i++) {
        members[i] = sorted[i].customer;
        customers[i] = known->customers[members[i]];
    }
    out->values = known->values + members[0] * known->width;
    out->members = members;
    enum status status = clv_rows_build(arena, customers, count, &out->rows, err);

    if (status == STATUS_OK)
        out->pareto = clv_pareto_new(arena, &out->rows);
    return status;
}

enum status clv_kinds_build(struct arena *arena, const struct clv_known *known, struct clv_kinds **out,
                            struct error *err)
{
    struct clv_kinds *kinds = arena_alloc(arena, sizeof *kinds);
    struct sorting *sorted = arena_array(arena, known->count + 1, sizeof *sorted);
    enum status status = check(known, err);

    if (status == STATUS_OK)
        status = clv_rows_build(arena, known->customers, known->count, &kinds->all, err);
    if (status != STATUS_OK)
        return status;
    for (uint32_t i = 0; i < known->count; i++)
        sorted[i] = (struct sorting){known, i};
    qsort(sorted, known->count, sizeof *sorted, compare_values);
    for (size_t i = 0; i < known->count; i++)
        kinds->count += i == 0 || compare_values(&sorted[i], &sorted[i - 1]) != 0;
    kinds->list = arena_array(arena, kinds->count, sizeof *kinds->list);
    kinds->width = known->width;
    kinds->customer_count = known->count;
    size_t at = 0;

    for (size_t i = 0, end = 0; status == STATUS_OK && i < known->count; i = end) {
        for (end = i; end < known->count && compare_values(&sorted[end], &sorted[i]) == 0; end++)
            ;
        status = add_kind(arena, known, sorted + i, end - i, &kinds->list[at++], err);
    }
    if (status == STATUS_OK)
        *out = kinds;
    return status;
}

/* ---- fit ---- */

/* The parameters of a kind. */
static void parameters_of(const struct clv_kinds *kinds, const struct kind *kind, const double *parameters,
                          double out[CLV_PARAMETERS])
{
    double buying = 0, leaving = 0;

    for (size_t i = 0; i < kinds->width; i++) {
        buying += kind->values[i] * parameters[CLV_PARAMETERS + i];
        leaving += kind->values[i] * parameters[CLV_PARAMETERS + kinds->width + i];
    }
    memcpy(out, parameters, CLV_PARAMETERS * sizeof *out);
    out[ALPHA] *= exp(-buying);
    out[BETA] *= exp(-leaving);
}

/* Slopes of a kind's own four parameters by all; row by row. */
static void find_slopes(const struct clv_kinds *kinds, const struct kind *kind, const double *parameters,
                        const double *own, double *slopes)
{
    size_t count = CLV_PARAMETERS + 2 * kinds->width;

    memset(slopes, 0, CLV_PARAMETERS * count * sizeof *slopes);
    slopes[R * count + R] = slopes[S * count + S] = 1;
    slopes[ALPHA * count + ALPHA] = own[ALPHA] / parameters[ALPHA];
    slopes[BETA * count + BETA] = own[BETA] / parameters[BETA];
    for (size_t i = 0; i < kinds->width; i++) {
        slopes[ALPHA * count + CLV_PARAMETERS + i] = -own[ALPHA] * kind->values[i];
        slopes[BETA * count + CLV_PARAMETERS + kinds->width + i] = -own[BETA] * kind->values[i];
    }
}

/* What the bend of one own parameter adds: alpha exp(-z'g) by alpha and g, and by g and g. */
static void add_bend(const struct clv_kinds *kinds, const struct kind *kind, const double place[2], size_t first,
                     double *hessian)
{
    size_t count = CLV_PARAMETERS + 2 * kinds->width, parameter = first == CLV_PARAMETERS ? ALPHA : BETA;
    double slope = place[0], per_parameter = place[1]; /* dL / d own, times own; and own / parameter of it */

    for (size_t i = 0; i < kinds->width; i++) {
        double cross = -slope * per_parameter * kind->values[i];

        hessian[parameter * count + first + i] += cross;
        hessian[(first + i) * count + parameter] += cross;
        for (size_t j = 0; j < kinds->width; j++)
            hessian[(first + i) * count + first + j] += slope * kind->values[i] * kind->values[j];
    }
}

/* Adds the derivatives of a kind's likelihood by all parameters; returns it. */
static double add_likelihood(const struct clv_kinds *kinds, const struct kind *kind, const double *parameters,
                             double *gradient, double *hessian)
{
    double own[CLV_PARAMETERS], slopes[CLV_PARAMETERS * CLV_COVARIATE_PARAMETERS];
    double own_gradient[CLV_PARAMETERS], own_hessian[CLV_PARAMETERS * CLV_PARAMETERS];
    size_t count = CLV_PARAMETERS + 2 * kinds->width;
    struct jet sum;

    parameters_of(kinds, kind, parameters, own);
    clv_pareto_likelihood(kind->pareto, own, &sum);
    jet_spread(&sum, CLV_PARAMETERS, own_gradient, own_hessian);
    find_slopes(kinds, kind, parameters, own, slopes);
    for (size_t p = 0; p < CLV_PARAMETERS; p++)
        for (size_t i = 0; i < count; i++) {
            double slope = slopes[p * count + i];

            gradient[i] += own_gradient[p] * slope;
            for (size_t q = 0; slope != 0 && q < CLV_PARAMETERS; q++)
                for (size_t j = 0; j < count; j++)
                    hessian[i * count + j] += slope * own_hessian[p * CLV_PARAMETERS + q] * slopes[q * count + j];
        }
    add_bend(kinds, kind, (double[]){own_gradient[ALPHA] * own[ALPHA], 1 / parameters[ALPHA]}, CLV_PARAMETERS, hessian);
    add_bend(kinds, kind, (double[]){own_gradient[BETA] * own[BETA], 1 / parameters[BETA]},
             CLV_PARAMETERS + kinds->width, hessian);
    return sum.value;
}

static double evaluate(const void *context, const double *parameters, double *gradient, double *hessian)
{
    const struct clv_kinds *kinds = context;
    size_t count = CLV_PARAMETERS + 2 * kinds->width;
    double value = 0;

    memset(gradient, 0, count * sizeof *gradient);
    memset(hessian, 0, count * count * sizeof *hessian);
    for (size_t i = 0; i < kinds->count; i++)
        value += add_likelihood(kinds, &kinds->list[i], parameters, gradient, hessian);
    return value;
}

enum status clv_covariate_fit(struct arena *arena, const struct clv_kinds *kinds, struct clv_covariate_fit *out,
                              struct error *err)
{
    size_t count = CLV_PARAMETERS + 2 * kinds->width;
    struct objective objective = {
        .parameter_count = count, .positive_count = CLV_PARAMETERS, .evaluate = evaluate, .context = kinds};
    double start[CLV_COVARIATE_PARAMETERS] = {0};
    struct optimum optimum;
    struct clv_fit plain;
    enum status status = clv_fit(arena, &kinds->all, CLV_PARETO_NBD, 1, &plain, err);

    if (status != STATUS_OK)
        return status;
    memcpy(start, plain.parameters, sizeof plain.parameters);
    newton_maximise(&objective, start, &optimum);
    if (!isfinite(optimum.value))
        return error_set(err, STATUS_INVALID, "clv.fit", "", "pareto-nbd with covariates does not fit these purchases");
    struct clv_covariate_fit fit = {.width = kinds->width,
                                    .parameter_count = count,
                                    .log_likelihood = optimum.value,
                                    .plain = plain.log_likelihood,
                                    .converged = optimum.converged,
                                    .at_limit = optimum.at_limit};

    memcpy(fit.parameters, optimum.parameters, count * sizeof(double));
    memcpy(fit.errors, optimum.errors, count * sizeof(double));
    memcpy(fit.covariance, optimum.covariance, count * count * sizeof(double));
    *out = fit;
    return STATUS_OK;
}

/* ---- answers ---- */

void clv_covariate_score(struct arena *arena, const struct clv_kinds *kinds, const struct clv_covariate_fit *fit,
                         const struct clv_question *question, struct clv_score *out)
{
    struct clv_score *scores = arena_array(arena, kinds->customer_count, sizeof *scores);

    for (size_t i = 0; i < kinds->count; i++) {
        const struct kind *kind = &kinds->list[i];
        double own[CLV_PARAMETERS];

        parameters_of(kinds, kind, fit->parameters, own);
        clv_pareto_score(kind->pareto, own, question, scores);
        for (size_t j = 0; j < (size_t)kind->rows.customers; j++)
            out[kind->members[j]] = scores[kind->rows.row_of[j]];
    }
}

static double total(const struct clv_kinds *kinds, const struct clv_covariate_fit *fit,
                    const struct clv_question *question, struct clv_score *scores, double *variance)
{
    double sum = 0;

    *variance = 0;
    for (size_t i = 0; i < kinds->count; i++) {
        const struct clv_rows *rows = &kinds->list[i].rows;
        double own[CLV_PARAMETERS];

        parameters_of(kinds, &kinds->list[i], fit->parameters, own);
        clv_pareto_score(kinds->list[i].pareto, own, question, scores);
        for (size_t j = 0; j < rows->row_count; j++) {
            sum += rows->rows[j].count * scores[j].expected;
            *variance += rows->rows[j].count * scores[j].variance;
        }
    }
    return sum;
}

void clv_covariate_total(struct arena *arena, const struct clv_kinds *kinds, const struct clv_covariate_fit *fit,
                         double time, struct clv_total *out)
{
    struct clv_score *scores = arena_array(arena, kinds->customer_count, sizeof *scores);
    const struct clv_question question = {.time = time};
    double slopes[CLV_COVARIATE_PARAMETERS], variance, ignored;
    double expected = total(kinds, fit, &question, scores, &variance);
    size_t count = fit->parameter_count;

    for (size_t i = 0; i < count; i++) {
        struct clv_covariate_fit up = *fit, down = *fit;
        double step = 1e-3 * (isfinite(fit->errors[i]) ? fit->errors[i] : fabs(fit->parameters[i]));

        up.parameters[i] += step;
        down.parameters[i] -= step;
        slopes[i] =
            step > 0
                ? (total(kinds, &up, &question, scores, &ignored) - total(kinds, &down, &question, scores, &ignored)) /
                      (2 * step)
                : 0;
    }
    for (size_t i = 0; i < count && isfinite(fit->covariance[0]); i++)
        for (size_t j = 0; j < count; j++)
            variance += slopes[i] * slopes[j] * fit->covariance[i * count + j];
    double reach = normal_quantile(0.95) * sqrt(fmax(0, variance));

    *out = (struct clv_total){expected, fmax(0, expected - reach), expected + reach};
}
