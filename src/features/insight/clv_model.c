#include "features/insight/clv_model.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "mathematics/jet.h"
#include "mathematics/newton.h"
#include "mathematics/special.h"

static const size_t SCRATCH_LIMIT = (size_t)16 << 30;

struct model {
    const char *name;
    size_t parameter_count;
    const char *parameters[CLV_PARAMETERS];
};

static const struct model models[CLV_MODELS] = {
    [CLV_BG_NBD] = {"bg-nbd", 4, {"r", "alpha", "a", "b"}},
    [CLV_MBG_NBD] = {"mbg-nbd", 4, {"r", "alpha", "a", "b"}},
    [CLV_PARETO_NBD] = {"pareto-nbd", 4, {"r", "alpha", "s", "beta"}},
    [CLV_NBD] = {"nbd", 2, {"r", "alpha", NULL, NULL}},
    [CLV_BG_CNBD] = {"bg-cnbd-k", 4, {"r", "alpha", "a", "b"}},
    [CLV_MBG_CNBD] = {"mbg-cnbd-k", 4, {"r", "alpha", "a", "b"}},
};

const char *clv_model_name(enum clv_model model)
{
    return models[model].name;
}

bool clv_model_from(const char *name, enum clv_model *out)
{
    for (int i = 0; i < CLV_MODELS; i++)
        if (strcmp(models[i].name, name) == 0) {
            *out = (enum clv_model)i;
            return true;
        }
    return false;
}

size_t clv_model_parameter_count(enum clv_model model)
{
    return models[model].parameter_count;
}

const char *clv_model_parameter(enum clv_model model, size_t i)
{
    assert(i < models[model].parameter_count);
    return models[model].parameters[i];
}

/* ---- fit ---- */

struct search {
    const struct clv_rows *rows;
    struct clv_pareto *pareto; /* NULL: a model of the beta family */
    struct clv_fit fit;        /* model and regularity; the parameters tried */
    double *scratch;
};

static double evaluate(const void *context, const double *parameters, double *gradient, double *hessian)
{
    const struct search *search = context;
    size_t count = models[search->fit.model].parameter_count;
    struct jet sum;

    if (search->pareto != NULL) {
        clv_pareto_likelihood(search->pareto, parameters, &sum);
    } else {
        struct clv_fit fit = search->fit;

        memcpy(fit.parameters, parameters, count * sizeof *parameters);
        clv_beta_likelihood(search->rows, &fit, search->scratch, &sum);
    }
    jet_spread(&sum, count, gradient, hessian);
    return sum.value;
}

/* A point with the mean rate of the data: near enough for Newton from anywhere, in any unit of time. */
static void start_from(const struct search *search, double *start)
{
    double gap = search->rows->observed / search->rows->repeats; /* mean time for a repeat purchase */

    start[0] = 0.5;
    start[1] = 0.3 * gap * search->fit.regularity;
    start[2] = search->pareto != NULL ? 0.6 : 1;
    start[3] = search->pareto != NULL ? 0.6 * search->rows->observed / search->rows->customers : 2.5;
}

static enum status fit_one(const struct search *search, struct clv_fit *out, struct error *err)
{
    size_t count = models[search->fit.model].parameter_count;
    struct objective objective = {
        .parameter_count = count, .positive_count = count, .evaluate = evaluate, .context = search};
    struct optimum optimum;
    double start[CLV_PARAMETERS];

    start_from(search, start);
    newton_maximise(&objective, start, &optimum);
    if (!isfinite(optimum.value))
        return error_set(err, STATUS_INVALID, "clv.fit", "", "%s does not fit these purchases",
                         models[search->fit.model].name);
    *out = search->fit;
    memcpy(out->parameters, optimum.parameters, count * sizeof(double));
    memcpy(out->errors, optimum.errors, count * sizeof(double));
    memcpy(out->covariance, optimum.covariance, count * count * sizeof(double));
    out->log_likelihood = optimum.value;
    out->evaluations = optimum.evaluations;
    out->converged = optimum.converged;
    out->at_limit = optimum.at_limit;
    return STATUS_OK;
}

/* k = 1, 2, ... until the likelihood has fallen twice, as BTYDplus does. */
static enum status fit_regularity(struct search *search, struct clv_fit *out, struct error *err)
{
    struct clv_fit best = {0}, tried;
    double before = -INFINITY;
    int falls = 0;

    for (int k = 1; k <= CLV_REGULARITY_MAX && falls < 2; k++) {
        search->fit.regularity = k;
        enum status status = fit_one(search, &tried, err);

        if (status != STATUS_OK)
            return status;
        falls = tried.log_likelihood < before ? falls + 1 : 0;
        before = tried.log_likelihood;
        if (k == 1 || tried.log_likelihood > best.log_likelihood)
            best = tried;
    }
    *out = best;
    return STATUS_OK;
}

enum status clv_fit(struct arena *arena, const struct clv_rows *rows, enum clv_model model, int regularity,
                    struct clv_fit *out, struct error *err)
{
    bool regular = model == CLV_BG_CNBD || model == CLV_MBG_CNBD;
    struct search search = {.rows = rows, .fit = {.model = model, .regularity = regular ? regularity : 1}};

    assert(regularity >= 0 && regularity <= CLV_REGULARITY_MAX);
    if (rows->repeats == 0)
        return error_set(err, STATUS_INVALID, "clv.repeats", "",
                         "none of %.0f customers has bought twice: there is nothing to learn from yet",
                         rows->customers);
    if (model == CLV_PARETO_NBD)
        search.pareto = clv_pareto_new(arena, rows);
    else
        search.scratch = arena_array(arena, rows->time_count, sizeof(double));
    return search.fit.regularity == 0 ? fit_regularity(&search, out, err) : fit_one(&search, out, err);
}

/* ---- questions ---- */

void clv_score_rows(struct arena *arena, const struct clv_rows *rows, const struct clv_fit *fit,
                    const struct clv_question *question, struct clv_score *out)
{
    if (fit->model == CLV_PARETO_NBD)
        clv_pareto_score(clv_pareto_new(arena, rows), fit->parameters, question, out);
    else
        clv_beta_score(arena, rows, fit, question, out);
}

double clv_expectation(const struct clv_fit *fit, double time)
{
    const double *p = fit->parameters;

    if (fit->model != CLV_PARETO_NBD)
        return clv_beta_expectation(fit, time);
    double length = log1p(time / p[3]), c = (p[2] - 1) * length;

    return p[0] / p[1] * p[3] * (fabs(c) < 1e-12 ? length : -expm1(-c) / (p[2] - 1));
}

double clv_probability(const struct clv_fit *fit, double time, uint32_t purchases)
{
    assert(fit->model != CLV_PARETO_NBD);
    return clv_beta_probability(fit, time, purchases);
}

/* ---- totals ---- */

/* Memory for one answer, forgotten before the next. */
struct counting {
    struct arena *scratch;
    const struct clv_rows *rows;
    double time;
};

static double total(const struct counting *counting, const struct clv_fit *fit, double *variance)
{
    const struct clv_rows *rows = counting->rows;
    const struct clv_question question = {.time = counting->time};
    double sum = 0;

    arena_reset(counting->scratch);
    struct clv_score *scores = arena_array(counting->scratch, rows->row_count, sizeof *scores);

    *variance = 0;
    clv_score_rows(counting->scratch, rows, fit, &question, scores);
    for (size_t i = 0; i < rows->row_count; i++) {
        sum += rows->rows[i].count * scores[i].expected;
        *variance += rows->rows[i].count * scores[i].variance;
    }
    return sum;
}

/* What the doubt of the parameters adds to the variance: the delta method, with slopes by their logarithms. */
static double doubt(const struct counting *counting, const struct clv_fit *fit)
{
    static const double step = 1e-3;
    size_t count = models[fit->model].parameter_count;
    double slopes[CLV_PARAMETERS], sum = 0, ignored;

    if (!isfinite(fit->covariance[0]))
        return 0;
    for (size_t i = 0; i < count; i++) {
        struct clv_fit up = *fit, down = *fit;

        up.parameters[i] *= exp(step);
        down.parameters[i] *= exp(-step);
        slopes[i] =
            (total(counting, &up, &ignored) - total(counting, &down, &ignored)) / (2 * step * fit->parameters[i]);
    }
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            sum += slopes[i] * slopes[j] * fit->covariance[i * count + j];
    return sum;
}

enum status clv_total(const struct clv_rows *rows, const struct clv_fit *fit, double time, struct clv_total *out,
                      struct error *err)
{
    struct counting counting = {.scratch = arena_new(SCRATCH_LIMIT), .rows = rows, .time = time};
    double variance;

    if (counting.scratch == NULL)
        return error_set(err, STATUS_LIMIT, "clv.memory", "", "no memory for %zu rows", rows->row_count);
    double expected = total(&counting, fit, &variance);
    double reach = normal_quantile(0.95) * sqrt(fmax(0, variance + doubt(&counting, fit)));

    arena_free(counting.scratch);
    *out = (struct clv_total){expected, fmax(0, expected - reach), expected + reach};
    return STATUS_OK;
}
