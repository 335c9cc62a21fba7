#include "features/insight/pls_quality.h"

#include <math.h>

/* Mean absolute (or plain) correlation of the indicators of one construct with each other; NaN for one alone. */
static double mean_within(const struct pls_model *model, const double *correlations, size_t construct, bool absolute)
{
    const struct pls_construct *block = &model->constructs[construct];
    double sum = 0, count = 0;

    for (size_t i = block->first; i < block->first + block->count; i++)
        for (size_t j = block->first; j < i; j++) {
            double correlation = correlations[i * model->indicator_count + j];

            sum += absolute ? fabs(correlation) : correlation;
            count++;
        }
    return count > 0 ? sum / count : NAN;
}

void pls_reliability_measure(const struct pls_model *model, const double *correlations, const struct pls_fit *fit,
                             size_t construct, struct pls_reliability *out)
{
    const struct pls_construct *block = &model->constructs[construct];
    double count = (double)block->count, sum = 0, squares = 0;

    *out = (struct pls_reliability){NAN, NAN, NAN, NAN};
    if (block->mode == PLS_MODE_B)
        return;
    if (block->count == 1) {
        *out = (struct pls_reliability){1, 1, 1, 1};
        return;
    }
    for (size_t i = block->first; i < block->first + block->count; i++) {
        sum += fit->loadings[i];
        squares += fit->loadings[i] * fit->loadings[i];
    }
    double mean = mean_within(model, correlations, construct, false), total = 1 + (count - 1) * mean;

    out->alpha = total > 0 ? count * mean / total : NAN;
    out->rho_a = fit->reliability[construct];
    out->rho_c = sum * sum / (sum * sum + count - squares);
    out->shared = squares / count;
}

double pls_htmt(const struct pls_model *model, const double *correlations, size_t a, size_t b)
{
    const struct pls_construct *one = &model->constructs[a], *other = &model->constructs[b];
    double sum = 0;

    for (size_t i = one->first; i < one->first + one->count; i++)
        for (size_t j = other->first; j < other->first + other->count; j++)
            sum += fabs(correlations[i * model->indicator_count + j]);
    double within_one = one->count == 1 ? 1 : mean_within(model, correlations, a, true);
    double within_other = other->count == 1 ? 1 : mean_within(model, correlations, b, true);
    double within = sqrt(within_one * within_other);

    return within > 0 ? sum / (double)(one->count * other->count) / within : NAN;
}

double pls_effect_size(const struct pls_model *model, const struct pls_fit *fit, size_t from, size_t to)
{
    double coefficients[PLS_CONSTRUCTS_MAX], without;

    if (!(fit->explained[to] < 1 - 1e-12) || !pls_regress(model, fit->correlations, to, from, coefficients, &without))
        return NAN;
    return (fit->explained[to] - without) / (1 - fit->explained[to]);
}

double pls_inflation(const struct pls_model *model, const struct pls_fit *fit, size_t from, size_t to)
{
    struct pls_model other = {.construct_count = model->construct_count};
    double coefficients[PLS_CONSTRUCTS_MAX], explained;

    for (size_t cause = 0; cause < model->construct_count; cause++)
        other.paths[cause][from] = cause != from && model->paths[cause][to];
    if (!pls_regress(&other, fit->correlations, from, model->construct_count, coefficients, &explained))
        return NAN;
    return explained < 1 ? 1 / (1 - explained) : NAN;
}

double pls_adjusted(const struct pls_model *model, const struct pls_fit *fit, size_t to, size_t row_count)
{
    double causes = 0, n = (double)row_count;

    for (size_t from = 0; from < model->construct_count; from++)
        causes += model->paths[from][to];
    return n - causes > 1 ? 1 - (1 - fit->explained[to]) * (n - 1) / (n - causes - 1) : NAN;
}

double pls_goodness(const struct pls_model *model, const struct pls_fit *fit)
{
    double squares = 0, indicators = 0, explained = 0, targets = 0;

    for (size_t c = 0; c < model->construct_count; c++) {
        const struct pls_construct *block = &model->constructs[c];
        bool is_target = false;

        for (size_t i = block->first; block->count > 1 && i < block->first + block->count; i++) {
            double loading = fit->cross[i * model->construct_count + c];

            squares += loading * loading;
            indicators++;
        }
        for (size_t from = 0; from < model->construct_count; from++)
            is_target = is_target || model->paths[from][c];
        explained += is_target ? fit->explained[c] : 0;
        targets += is_target;
    }
    return indicators > 0 && targets > 0 ? sqrt(squares / indicators * fmax(explained / targets, 0)) : NAN;
}

double pls_index(const double *weights, const double *means, const double *deviations, size_t column_count,
                 const double scale[2])
{
    double sum = 0, whole = 0;

    for (size_t i = 0; i < column_count; i++) {
        double weight = weights[i] == 0 ? 0 : weights[i] / deviations[i];

        sum += weight * (means[i] - scale[0]) / (scale[1] - scale[0]);
        whole += weight;
    }
    return whole > 0 ? 100 * sum / whole : NAN;
}
