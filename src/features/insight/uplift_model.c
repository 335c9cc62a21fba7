#include "features/insight/uplift_model.h"

#include <math.h>
#include <string.h>

#include "mathematics/linear.h"
#include "mathematics/random.h"

enum { ITERATIONS_MAX = 50, HALVINGS_MAX = 30 };

static const double STEP_ENOUGH = 1e-6, PRIOR = 1, PRIOR_OF_CONSTANT = 1e-6;

static const char *const model_names[UPLIFT_MODELS] = {"two-models", "class"};

const char *uplift_model_name(enum uplift_model model)
{
    return model_names[model];
}

bool uplift_model_from(const char *name, enum uplift_model *out)
{
    for (int i = 0; i < UPLIFT_MODELS; i++)
        if (strcmp(name, model_names[i]) == 0) {
            *out = (enum uplift_model)i;
            return true;
        }
    return false;
}

/* ---- one regression ---- */

/* Rows with targets and weights, and whether the targets are chances. */
struct regression {
    const struct uplift_design *design;
    const uint32_t *rows;
    const double *targets, *weights;
    size_t row_count, width; /* width: the constant and the columns */
    bool logistic;
    double *at, *next, *step, *gradient, *hessian;
};

static double predict(const double *coefficients, const double *row, size_t column_count)
{
    double sum = coefficients[0];

    for (size_t k = 0; k < column_count; k++)
        sum += coefficients[k + 1] * row[k];
    return sum;
}

static double logistic(double x)
{
    return x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x));
}

/* The loss at `at`, with its gradient (downhill) and Hessian, of which the lower triangle only. */
static double evaluate(struct regression *regression, const double *at)
{
    size_t width = regression->width, columns = width - 1;
    double loss = 0, *gradient = regression->gradient, *hessian = regression->hessian;

    memset(hessian, 0, width * width * sizeof *hessian);
    for (size_t k = 0; k < width; k++) {
        double prior = k > 0 ? PRIOR : PRIOR_OF_CONSTANT;

        loss += prior * at[k] * at[k] / 2;
        gradient[k] = -prior * at[k];
        hessian[k * width + k] = prior;
    }
    for (size_t i = 0; i < regression->row_count; i++) {
        const double *row = &regression->design->values[regression->rows[i] * columns];
        double sum = predict(at, row, columns), target = regression->targets[i], weight = regression->weights[i];
        double expected = regression->logistic ? logistic(sum) : sum;
        double curve = regression->logistic ? expected * (1 - expected) * weight : weight;
        double pull = weight * (target - expected);

        loss += regression->logistic ? weight * (fmax(sum, 0) + log1p(exp(-fabs(sum))) - target * sum)
                                     : weight * (sum - target) * (sum - target) / 2;
        gradient[0] += pull;
        hessian[0] += curve;
        for (size_t k = 0; k < columns; k++) {
            double scaled = curve * row[k], *line = &hessian[(k + 1) * width];

            gradient[k + 1] += pull * row[k];
            line[0] += scaled;
            for (size_t l = 0; l <= k; l++)
                line[l + 1] += scaled * row[l];
        }
    }
    return loss;
}

/* Newton's method, its steps halved until the loss falls. The prior keeps the Hessian regular. */
static void regress(struct regression *regression)
{
    size_t width = regression->width;
    double sum = 0, weights = 0, *step = regression->step;

    for (size_t i = 0; i < regression->row_count; i++) {
        sum += regression->weights[i] * regression->targets[i];
        weights += regression->weights[i];
    }
    regression->at[0] = regression->logistic ? log((sum + 0.5) / (weights - sum + 0.5)) : sum / weights;
    double loss = evaluate(regression, regression->at);

    for (int turn = 0; turn < ITERATIONS_MAX; turn++) {
        double share = 1, longest = 0, next = INFINITY;

        if (!cholesky_factor(regression->hessian, width))
            return;
        memcpy(step, regression->gradient, width * sizeof *step);
        cholesky_solve(regression->hessian, width, step);
        for (int halving = 0; halving < HALVINGS_MAX && !(next <= loss); halving++, share /= 2) {
            for (size_t k = 0; k < width; k++)
                regression->next[k] = regression->at[k] + share * step[k];
            next = evaluate(regression, regression->next);
        }
        if (!(next <= loss))
            return;
        for (size_t k = 0; k < width; k++)
            longest = fmax(longest, fabs(step[k]));
        memcpy(regression->at, regression->next, width * sizeof *regression->at);
        loss = next;
        if (longest < STEP_ENOUGH)
            return;
    }
}

static double *learn_one(struct arena *arena, struct regression *regression)
{
    size_t width = regression->design->column_count + 1;

    regression->width = width;
    regression->at = arena_array(arena, width, sizeof(double));
    regression->next = arena_array(arena, width, sizeof(double));
    regression->step = arena_array(arena, width, sizeof(double));
    regression->gradient = arena_array(arena, width, sizeof(double));
    regression->hessian = arena_array(arena, width * width, sizeof(double));
    regress(regression);
    return regression->at;
}

/* ---- the models ---- */

static double target_of(const struct uplift_task *task, uint32_t row, bool shares, double share_treated)
{
    bool treated = task->data->treated[row] != 0;
    double outcome = task->data->outcomes[row];

    if (task->model == UPLIFT_TWO_MODELS)
        return outcome;
    if (shares)
        return (outcome == 1) == treated;
    return treated ? outcome / share_treated : -outcome / (1 - share_treated);
}

static bool has_shares(const struct uplift_data *data)
{
    for (size_t i = 0; i < data->count; i++)
        if (data->outcomes[i] != 0 && data->outcomes[i] != 1)
            return false;
    return true;
}

enum status uplift_learn(struct arena *arena, const struct uplift_task *task, const uint32_t *rows, size_t row_count,
                         struct uplift_fit *out, struct error *err)
{
    uint32_t *chosen = arena_array(arena, row_count + 1, sizeof *chosen);
    double *targets = arena_array(arena, row_count + 1, sizeof *targets);
    double *weights = arena_array(arena, row_count + 1, sizeof *weights), treated = 0;
    bool two = task->model == UPLIFT_TWO_MODELS;
    struct uplift_fit fit = {
        .model = task->model, .shares = has_shares(task->data), .column_count = task->design->column_count};

    for (size_t i = 0; i < row_count; i++)
        treated += task->data->treated[rows[i]] != 0;
    if (treated < 2 || (double)row_count - treated < 2)
        return error_set(err, STATUS_INVALID, "uplift.groups", "treatment",
                         "there are %.0f treated and %.0f control members to learn from: each needs two", treated,
                         (double)row_count - treated);
    double share = treated / (double)row_count;

    for (int arm = two ? 0 : 1; arm < 2; arm++) {
        size_t count = 0;

        for (size_t i = 0; i < row_count; i++) {
            bool is_treated = task->data->treated[rows[i]] != 0;

            if (two && is_treated != (arm == 1))
                continue;
            chosen[count] = rows[i];
            targets[count] = target_of(task, rows[i], fit.shares, share);
            /* Both groups weigh alike in the class model, whatever their sizes. */
            weights[count++] = two || !fit.shares ? 1 : 0.5 / (is_treated ? share : 1 - share);
        }
        struct regression regression = {.design = task->design,
                                        .rows = chosen,
                                        .targets = targets,
                                        .weights = weights,
                                        .row_count = count,
                                        .logistic = fit.shares};

        fit.coefficients[two && arm == 0] = learn_one(arena, &regression);
    }
    *out = fit;
    return STATUS_OK;
}

double uplift_score(const struct uplift_fit *fit, const double *row)
{
    double first = predict(fit->coefficients[0], row, fit->column_count), second = 0;

    if (fit->model == UPLIFT_CLASS)
        return fit->shares ? 2 * logistic(first) - 1 : first;
    second = predict(fit->coefficients[1], row, fit->column_count);
    return fit->shares ? logistic(first) - logistic(second) : first - second;
}

static uint32_t *draw_order(struct arena *arena, size_t count, uint64_t seed)
{
    uint32_t *order = arena_array(arena, count + 1, sizeof *order);
    struct random random;

    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    random_start(&random, seed);
    random_shuffle(&random, order, count);
    return order;
}

enum status uplift_cross(struct arena *arena, const struct uplift_task *task, size_t folds, uint64_t seed,
                         double *scores, struct error *err)
{
    size_t count = task->data->count, columns = task->design->column_count;
    uint32_t *order = draw_order(arena, count, seed), *rows = arena_array(arena, count + 1, sizeof *rows);

    for (size_t fold = 0; fold < folds; fold++) {
        size_t from = fold * count / folds, to = (fold + 1) * count / folds;
        struct uplift_fit fit;

        memcpy(rows, order, from * sizeof *rows);
        memcpy(rows + from, order + to, (count - to) * sizeof *rows);
        enum status status = uplift_learn(arena, task, rows, count - (to - from), &fit, err);

        if (status != STATUS_OK)
            return status;
        for (size_t i = from; i < to; i++)
            scores[order[i]] = uplift_score(&fit, &task->design->values[order[i] * columns]);
    }
    return STATUS_OK;
}

enum status uplift_half(struct arena *arena, const struct uplift_task *task, const double *baseline, uint64_t seed,
                        double qinis[2], struct error *err)
{
    size_t count = task->data->count, half = count / 2, rest = count - half, columns = task->design->column_count;
    uint32_t *order = draw_order(arena, count, seed);
    double *scores[2], *outcomes = arena_array(arena, rest + 1, sizeof *outcomes);
    unsigned char *treated = arena_array(arena, rest + 1, sizeof *treated);
    struct uplift_data data = {outcomes, treated, rest};
    struct uplift_fit fit;
    enum status status = uplift_learn(arena, task, order, half, &fit, err);

    if (status != STATUS_OK)
        return status;
    for (int i = 0; i < 2; i++)
        scores[i] = arena_array(arena, rest + 1, sizeof *scores[i]);
    for (size_t i = 0; i < rest; i++) {
        uint32_t row = order[half + i];

        outcomes[i] = task->data->outcomes[row];
        treated[i] = task->data->treated[row];
        scores[0][i] = uplift_score(&fit, &task->design->values[row * columns]);
        scores[1][i] = baseline != NULL ? baseline[row] : 0;
    }
    for (int i = 0; status == STATUS_OK && i < 2; i++) {
        struct uplift_curve curve;

        status = uplift_curve_build(arena, &data, scores[i], &curve, err);
        qinis[i] = status == STATUS_OK ? curve.qini : 0;
    }
    return status;
}
