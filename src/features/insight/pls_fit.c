#include "features/insight/pls_fit.h"

#include <math.h>
#include <string.h>

#include "mathematics/linear.h"

static const double SETTLED = 1e-10;

enum { K_MAX = PLS_CONSTRUCTS_MAX };

void pls_fit_start(struct arena *arena, const struct pls_model *model, struct pls_fit *out)
{
    size_t p = model->indicator_count, k = model->construct_count;

    *out = (struct pls_fit){
        .weights = arena_array(arena, p, sizeof(double)),
        .loadings = arena_array(arena, p, sizeof(double)),
        .cross = arena_array(arena, p * k, sizeof(double)),
        .scores = arena_array(arena, k * k, sizeof(double)),
        .correlations = arena_array(arena, k * k, sizeof(double)),
        .reliability = arena_array(arena, k, sizeof(double)),
        .paths = arena_array(arena, k * k, sizeof(double)),
        .totals = arena_array(arena, k * k, sizeof(double)),
        .explained = arena_array(arena, k, sizeof(double)),
        .work = arena_array(arena, p * p + p, sizeof(double)),
    };
}

/* ---- regression among constructs ---- */

bool pls_regress(const struct pls_model *model, const double *correlations, size_t to, size_t without,
                 double *coefficients, double *explained)
{
    double matrix[K_MAX * K_MAX], vector[K_MAX];
    size_t causes[K_MAX], count = 0, k = model->construct_count;
    double share = 0;

    for (size_t from = 0; from < k; from++) {
        coefficients[from] = 0;
        if (model->paths[from][to] && from != without)
            causes[count++] = from;
    }
    for (size_t i = 0; i < count; i++) {
        vector[i] = correlations[causes[i] * k + to];
        for (size_t j = 0; j < count; j++)
            matrix[i * count + j] = correlations[causes[i] * k + causes[j]];
    }
    if (!cholesky_factor(matrix, count))
        return false;
    cholesky_solve(matrix, count, vector);
    for (size_t i = 0; i < count; i++) {
        coefficients[causes[i]] = vector[i];
        share += vector[i] * correlations[causes[i] * k + to];
    }
    *explained = share;
    return true;
}

/* ---- weights ---- */

/* Gives the weights of a construct variance 1. False when they give none. */
static bool scale_weights(const struct pls_model *model, const double *correlations, size_t construct, double *weights)
{
    const struct pls_construct *block = &model->constructs[construct];
    size_t p = model->indicator_count;
    double variance = 0;

    for (size_t i = block->first; i < block->first + block->count; i++)
        for (size_t j = block->first; j < block->first + block->count; j++)
            variance += weights[i] * weights[j] * correlations[i * p + j];
    if (!(variance > 1e-24) || !isfinite(variance))
        return false;
    for (size_t i = block->first; i < block->first + block->count; i++)
        weights[i] = block->count == 1 ? copysign(1, weights[i]) : weights[i] / sqrt(variance);
    return true;
}

/* Correlations of indicators with scores, and of scores. */
static void correlate_scores(const struct pls_model *model, const double *correlations, struct pls_fit *fit)
{
    size_t p = model->indicator_count, k = model->construct_count;

    for (size_t i = 0; i < p; i++)
        for (size_t c = 0; c < k; c++) {
            const struct pls_construct *block = &model->constructs[c];
            double sum = 0;

            for (size_t j = block->first; j < block->first + block->count; j++)
                sum += correlations[i * p + j] * fit->weights[j];
            fit->cross[i * k + c] = sum;
        }
    for (size_t a = 0; a < k; a++)
        for (size_t b = 0; b <= a; b++) {
            const struct pls_construct *block = &model->constructs[a];
            double sum = 0;

            for (size_t i = block->first; i < block->first + block->count; i++)
                sum += fit->weights[i] * fit->cross[i * k + b];
            fit->scores[a * k + b] = fit->scores[b * k + a] = a == b ? 1 : sum;
        }
}

/* How much each neighbour counts for construct `at`. */
static bool weigh_neighbours(const struct pls_model *model, enum pls_scheme scheme, const double *scores, size_t at,
                             double *inner)
{
    size_t k = model->construct_count;
    double share;

    if (scheme == PLS_SCHEME_PATH && !pls_regress(model, scores, at, k, inner, &share))
        return false;
    for (size_t b = 0; b < k; b++) {
        double correlation = scores[at * k + b];

        if (!model->paths[at][b] && !model->paths[b][at])
            inner[b] = 0;
        else if (scheme == PLS_SCHEME_CENTROID)
            inner[b] = correlation > 0 ? 1 : correlation < 0 ? -1 : 0;
        else if (scheme == PLS_SCHEME_FACTORIAL || model->paths[at][b])
            inner[b] = correlation;
    }
    return true;
}

/* Cholesky's factors of the blocks of mode B, one after the other. */
static bool factor_blocks(const struct pls_model *model, const double *correlations, struct pls_fit *fit)
{
    double *factor = fit->work + model->indicator_count;

    for (size_t c = 0; c < model->construct_count; c++) {
        const struct pls_construct *block = &model->constructs[c];

        if (block->mode != PLS_MODE_B)
            continue;
        for (size_t i = 0; i < block->count; i++)
            for (size_t j = 0; j < block->count; j++)
                factor[i * block->count + j] =
                    correlations[(block->first + i) * model->indicator_count + block->first + j];
        fit->fault = c;
        if (!cholesky_factor(factor, block->count))
            return false;
        factor += block->count * block->count;
    }
    return true;
}

/* One round: new weights of all constructs from the scores of the last round. */
static enum pls_outcome renew_weights(const struct pls_model *model, enum pls_scheme scheme, const double *correlations,
                                      struct pls_fit *fit)
{
    size_t p = model->indicator_count, k = model->construct_count;
    double *renewed = fit->work, *factor = fit->work + p, inner[K_MAX];

    correlate_scores(model, correlations, fit);
    for (size_t c = 0; c < k; c++) {
        const struct pls_construct *block = &model->constructs[c];

        fit->fault = c;
        if (!weigh_neighbours(model, scheme, fit->scores, c, inner))
            return PLS_COLLINEAR;
        for (size_t i = block->first; i < block->first + block->count; i++) {
            double sum = 0;

            for (size_t b = 0; b < k; b++)
                sum += inner[b] * fit->cross[i * k + b];
            renewed[i] = sum;
        }
        if (block->mode == PLS_MODE_B) {
            cholesky_solve(factor, block->count, &renewed[block->first]);
            factor += block->count * block->count;
        }
        if (!scale_weights(model, correlations, c, renewed))
            return PLS_UNRELATED;
    }
    return PLS_FITTED;
}

static enum pls_outcome seek_weights(const struct pls_model *model, enum pls_scheme scheme, const double *correlations,
                                     struct pls_fit *fit)
{
    size_t p = model->indicator_count;

    for (size_t i = 0; i < p; i++)
        fit->weights[i] = 1;
    for (size_t c = 0; c < model->construct_count; c++)
        if (!scale_weights(model, correlations, c, fit->weights)) {
            fit->fault = c;
            return PLS_COLLINEAR;
        }
    if (!factor_blocks(model, correlations, fit))
        return PLS_COLLINEAR;
    for (fit->iterations = 1; fit->iterations <= PLS_ITERATIONS_MAX; fit->iterations++) {
        enum pls_outcome outcome = renew_weights(model, scheme, correlations, fit);
        double change = 0;

        if (outcome != PLS_FITTED)
            return outcome;
        for (size_t i = 0; i < p; i++)
            change = fmax(change, fabs(fit->work[i] - fit->weights[i]));
        memcpy(fit->weights, fit->work, p * sizeof *fit->weights);
        if (change <= SETTLED)
            return PLS_FITTED;
    }
    return PLS_ENDLESS;
}

/* A score and its opposite fit alike: the one that agrees with its indicators is taken. */
static void turn_constructs(const struct pls_model *model, struct pls_fit *fit)
{
    for (size_t c = 0; c < model->construct_count; c++) {
        const struct pls_construct *block = &model->constructs[c];
        double sum = 0;

        for (size_t i = block->first; i < block->first + block->count; i++)
            sum += fit->cross[i * model->construct_count + c];
        for (size_t i = block->first; sum < 0 && i < block->first + block->count; i++)
            fit->weights[i] = -fit->weights[i];
    }
}

/* ---- reliability and correction ---- */

/* rho_A (Dijkstra, Henseler 2015, equation 3). */
static double block_reliability(const struct pls_model *model, const double *correlations, size_t construct,
                                const double *weights)
{
    const struct pls_construct *block = &model->constructs[construct];
    double square = 0, above = 0, below = 0;

    for (size_t i = block->first; i < block->first + block->count; i++) {
        square += weights[i] * weights[i];
        for (size_t j = block->first; j < block->first + block->count; j++) {
            if (i == j)
                continue;
            above += weights[i] * weights[j] * correlations[i * model->indicator_count + j];
            below += weights[i] * weights[i] * weights[j] * weights[j];
        }
    }
    return square * square * above / below;
}

static bool is_corrected(const struct pls_construct *block)
{
    return block->mode == PLS_MODE_A && block->count > 1;
}

static enum pls_outcome correct(const struct pls_model *model, const struct pls_settings *settings,
                                const double *correlations, struct pls_fit *fit)
{
    size_t k = model->construct_count;

    for (size_t c = 0; c < k; c++) {
        const struct pls_construct *block = &model->constructs[c];
        double rho = is_corrected(block) ? block_reliability(model, correlations, c, fit->weights) : 1, square = 0;

        fit->reliability[c] = isfinite(rho) ? rho : NAN;
        for (size_t i = block->first; i < block->first + block->count; i++) {
            fit->loadings[i] = fit->cross[i * k + c];
            square += fit->weights[i] * fit->weights[i];
        }
        if (!settings->consistent || !is_corrected(block))
            continue;
        fit->fault = c;
        if (!(rho > 0 && rho <= 1))
            return PLS_INADMISSIBLE;
        for (size_t i = block->first; i < block->first + block->count; i++)
            fit->loadings[i] = fit->weights[i] * sqrt(rho) / square;
    }
    for (size_t a = 0; a < k; a++)
        for (size_t b = 0; b < k; b++) {
            double scale = settings->consistent && a != b ? sqrt(fit->reliability[a] * fit->reliability[b]) : 1;

            fit->correlations[a * k + b] = fit->scores[a * k + b] / scale;
        }
    return PLS_FITTED;
}

/* ---- paths ---- */

static enum pls_outcome find_paths(const struct pls_model *model, const struct pls_settings *settings,
                                   struct pls_fit *fit)
{
    size_t k = model->construct_count;
    double coefficients[K_MAX];

    for (size_t to = 0; to < k; to++) {
        fit->fault = to;
        if (!pls_regress(model, fit->correlations, to, k, coefficients, &fit->explained[to]))
            return settings->consistent ? PLS_INADMISSIBLE : PLS_COLLINEAR;
        if (fit->explained[to] > 1 + 1e-9)
            return PLS_INADMISSIBLE;
        for (size_t from = 0; from < k; from++)
            fit->paths[from * k + to] = coefficients[from];
    }
    for (size_t from = 0; from < k; from++)
        for (size_t i = 0; i < k; i++) {
            size_t to = model->order[i];
            double sum = fit->paths[from * k + to];

            for (size_t through = 0; through < k; through++)
                if (model->paths[through][to] && through != from)
                    sum += fit->totals[from * k + through] * fit->paths[through * k + to];
            fit->totals[from * k + to] = to == from ? 0 : sum;
        }
    return PLS_FITTED;
}

enum pls_outcome pls_fit(const struct pls_model *model, const struct pls_settings *settings, const double *correlations,
                         struct pls_fit *out)
{
    enum pls_outcome outcome = seek_weights(model, settings->scheme, correlations, out);

    if (outcome != PLS_FITTED)
        return outcome;
    correlate_scores(model, correlations, out);
    turn_constructs(model, out);
    correlate_scores(model, correlations, out);
    outcome = correct(model, settings, correlations, out);
    return outcome == PLS_FITTED ? find_paths(model, settings, out) : outcome;
}
