#include <math.h>
#include <string.h>

#include "features/insight/pls_fit.h"

void pls_estimate_start(struct arena *arena, const struct pls_plan *plan, struct pls_estimate *out)
{
    size_t p = plan->final.indicator_count;

    *out = (struct pls_estimate){0};
    if (plan->two_stages)
        pls_fit_start(arena, &plan->first, &out->first);
    pls_fit_start(arena, &plan->final, &out->final);
    out->correlations = arena_array(arena, p * p, sizeof *out->correlations);
    out->effective =
        arena_array(arena, plan->final.construct_count * plan->first.indicator_count, sizeof *out->effective);
}

/* What a final indicator is worth in base indicators: itself, or the weights of the construct whose score it is. */
static void spread_indicator(const struct pls_plan *plan, const struct pls_estimate *estimate, size_t indicator,
                             double weight, double *effective)
{
    ptrdiff_t origin = plan->origins[indicator];

    if (origin >= 0) {
        effective[origin] += weight;
        return;
    }
    const struct pls_construct *part = &plan->first.constructs[-1 - origin];

    for (size_t i = part->first; i < part->first + part->count; i++)
        effective[i] += weight * estimate->first.weights[i];
}

static double final_correlation(const struct pls_plan *plan, const struct pls_fit *first, const double *correlations,
                                size_t a, size_t b)
{
    size_t base = plan->first.indicator_count, k = plan->first.construct_count;
    ptrdiff_t from = plan->origins[a], to = plan->origins[b];

    if (a == b)
        return 1;
    if (from >= 0 && to >= 0)
        return correlations[(size_t)from * base + (size_t)to];
    if (from < 0 && to < 0)
        return first->scores[(size_t)(-1 - from) * k + (size_t)(-1 - to)];
    return from >= 0 ? first->cross[(size_t)from * k + (size_t)(-1 - to)]
                     : first->cross[(size_t)to * k + (size_t)(-1 - from)];
}

enum pls_outcome pls_estimate(const struct pls_plan *plan, const struct pls_settings *settings,
                              const double *correlations, struct pls_estimate *out)
{
    size_t base = plan->first.indicator_count, p = plan->final.indicator_count, k = plan->final.construct_count;
    enum pls_outcome outcome = PLS_FITTED;

    out->first.fault = SIZE_MAX;
    if (plan->two_stages) {
        const struct pls_settings plain = {.scheme = settings->scheme};

        outcome = pls_fit(&plan->first, &plain, correlations, &out->first);
        if (outcome != PLS_FITTED)
            return outcome;
        out->first.fault = SIZE_MAX;
        for (size_t a = 0; a < p; a++)
            for (size_t b = 0; b < p; b++)
                out->correlations[a * p + b] = final_correlation(plan, &out->first, correlations, a, b);
    } else {
        memcpy(out->correlations, correlations, p * p * sizeof *correlations);
    }
    outcome = pls_fit(&plan->final, settings, out->correlations, &out->final);
    if (outcome != PLS_FITTED)
        return outcome;
    memset(out->effective, 0, k * base * sizeof *out->effective);
    for (size_t c = 0; c < k; c++) {
        const struct pls_construct *block = &plan->final.constructs[c];

        for (size_t i = block->first; i < block->first + block->count; i++)
            spread_indicator(plan, out, i, out->final.weights[i], &out->effective[c * base]);
    }
    return PLS_FITTED;
}

static void turn(const struct pls_model *model, struct pls_fit *fit, size_t construct)
{
    const struct pls_construct *block = &model->constructs[construct];
    size_t k = model->construct_count;

    for (size_t i = block->first; i < block->first + block->count; i++) {
        fit->weights[i] = -fit->weights[i];
        fit->loadings[i] = -fit->loadings[i];
    }
    for (size_t i = 0; i < model->indicator_count; i++)
        fit->cross[i * k + construct] = -fit->cross[i * k + construct];
    for (size_t other = 0; other < k; other++) {
        double *const squares[] = {fit->scores, fit->correlations, fit->paths, fit->totals};

        for (size_t s = 0; other != construct && s < sizeof squares / sizeof squares[0]; s++) {
            squares[s][construct * k + other] = -squares[s][construct * k + other];
            squares[s][other * k + construct] = -squares[s][other * k + construct];
        }
    }
}

size_t pls_estimate_align(const struct pls_plan *plan, const struct pls_estimate *reference,
                          struct pls_estimate *estimate)
{
    const struct pls_model *model = &plan->final;
    size_t turned = 0, base = plan->first.indicator_count;

    for (size_t c = 0; c < model->construct_count; c++) {
        const struct pls_construct *block = &model->constructs[c];
        double same = 0, opposite = 0;

        for (size_t i = block->first; i < block->first + block->count; i++) {
            same += fabs(reference->final.loadings[i] - estimate->final.loadings[i]);
            opposite += fabs(reference->final.loadings[i] + estimate->final.loadings[i]);
        }
        if (opposite >= same)
            continue;
        turn(model, &estimate->final, c);
        for (size_t i = 0; i < base; i++)
            estimate->effective[c * base + i] = -estimate->effective[c * base + i];
        turned++;
    }
    return turned;
}

enum status pls_estimate_fault(const struct pls_plan *plan, enum pls_outcome outcome,
                               const struct pls_estimate *estimate, struct error *err)
{
    static const char *const reasons[PLS_OUTCOMES] = {
        [PLS_FITTED] = "fits",
        [PLS_CONSTANT] = "has an indicator that does not vary",
        [PLS_COLLINEAR] = "has indicators, or is acted on by constructs, that depend on each other",
        [PLS_UNRELATED] = "correlates with none of the constructs it is joined to",
        [PLS_ENDLESS] = "has weights that do not settle: another scheme may",
        [PLS_INADMISSIBLE] =
            "cannot be corrected for its reliability: its indicators agree too little, or more than chance allows",
    };
    bool first = plan->two_stages && estimate->first.fault != SIZE_MAX;
    const struct pls_model *model = first ? &plan->first : &plan->final;
    const struct text name = model->constructs[first ? estimate->first.fault : estimate->final.fault].name;

    return error_set(err, STATUS_INVALID, "pls.fit", "model", "the model cannot be computed: '%.*s' %s", (int)name.size,
                     name.bytes, reasons[outcome]);
}
