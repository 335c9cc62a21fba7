#include "features/insight/clv_choice.h"

#include <math.h>

static const double DAYS = 7, BIAS_MAX = 0.1;

static void measure(struct arena *arena, const struct clv_history *history, const struct clv_rows *rows,
                    const struct clv_fit *fit, struct clv_trial *trial)
{
    struct clv_score *scores = arena_array(arena, rows->row_count, sizeof *scores);
    const struct clv_question question = {.time = (history->until - history->end) / DAYS};
    double squares = 0, n = (double)history->count;

    clv_score_rows(arena, rows, fit, &question, scores);
    for (size_t i = 0; i < history->count; i++) {
        double miss = scores[rows->row_of[i]].expected - history->later[i];

        trial->expected += miss + history->later[i];
        trial->actual += history->later[i];
        trial->absolute += fabs(miss) / n;
        squares += miss * miss / n;
    }
    trial->square = sqrt(squares);
}

static bool is_within(const struct clv_trial *trial)
{
    return fabs(trial->expected - trial->actual) <= BIAS_MAX * trial->actual;
}

enum status clv_choose(struct arena *arena, const struct clv_history *history, struct clv_choice *out,
                       struct error *err)
{
    struct clv_choice choice = {.end = history->end};
    struct clv_trial *best = NULL;
    struct clv_rows rows;
    uint64_t later = 0;

    for (size_t i = 0; i < history->count; i++)
        later += history->later != NULL ? history->later[i] : 0;
    if (history->count == 0 || later == 0)
        return error_set(err, STATUS_INVALID, "clv.holdout", "holdout",
                         "the holdout needs purchases before it and, by the same customers, in it");
    enum status status = clv_history_rows(arena, history, &rows, err);

    for (int i = 0; status == STATUS_OK && i < CLV_MODELS; i++) {
        struct clv_trial *trial = &choice.trials[i];
        struct clv_fit fit;

        trial->model = (enum clv_model)i;
        trial->fitted = clv_fit(arena, &rows, trial->model, 0, &fit, err) == STATUS_OK && fit.converged;
        if (!trial->fitted)
            continue;
        trial->regularity = fit.regularity;
        trial->log_likelihood = fit.log_likelihood;
        measure(arena, history, &rows, &fit, trial);
        status = clv_total(&rows, &fit, (history->until - history->end) / DAYS, &trial->total, err);
        bool better = best == NULL || is_within(trial) > is_within(best) ||
                      (is_within(trial) == is_within(best) && trial->absolute < best->absolute);

        best = better ? trial : best;
    }
    if (status != STATUS_OK)
        return status;
    if (best == NULL)
        return error_set(err, STATUS_INVALID, "clv.fit", "", "no model fits these purchases");
    choice.chosen = best->model;
    choice.within = is_within(best);
    *out = choice;
    return STATUS_OK;
}
