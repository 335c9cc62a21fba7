#include "features/insight/live_model.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features/insight/loyalty.h"
#include "features/insight/loyalty_base.h"

enum { HOLDOUT_DAYS_MIN = 28, GAP_DAYS_MAX = 36525, TEXT_VERSION = 1, TEXT_SIZE_MAX = 4096 };

static const double YEAR_WEEKS = 365.25 / 7;

/* ---- learning ---- */

/* The median of the days between purchases, by counting: gaps are few different numbers. */
static double usual_interval(struct arena *arena, const struct live_base *base)
{
    size_t *counts = arena_array(arena, GAP_DAYS_MAX + 1, sizeof *counts), gaps = 0, below = 0;
    double low = NAN;

    for (size_t i = 1; i < base->day_count; i++)
        if (base->days[i].customer == base->days[i - 1].customer) {
            int32_t gap = base->days[i].day - base->days[i - 1].day;

            counts[gap < GAP_DAYS_MAX ? gap : GAP_DAYS_MAX]++;
            gaps++;
        }
    for (int gap = 0; gap <= GAP_DAYS_MAX && gaps > 0; gap++) {
        below += counts[gap];
        if (isnan(low) && 2 * below >= gaps)
            low = gap;
        if (2 * below > gaps)
            return (low + gap) / 2;
    }
    return LOYALTY_USUAL_DAYS;
}

/* A base too small for a trial keeps the model it is given. */
static enum clv_model choose(struct arena *arena, const struct live_base *base, struct live_model *out)
{
    int32_t first = base->today;
    struct clv_history history;
    struct clv_choice choice;
    struct error ignored;

    for (size_t i = 0; i < base->day_count; i++)
        first = base->days[i].day < first ? base->days[i].day : first;
    struct clv_period period = {.end = base->today - (base->today - first) / 3, .until = base->today};

    if (period.until - period.end < HOLDOUT_DAYS_MIN)
        return CLV_PARETO_NBD;
    clv_log_sum(arena, base->days, base->day_count, base->person_count, &period, &history);
    if (clv_choose(arena, &history, &choice, &ignored) != STATUS_OK)
        return CLV_PARETO_NBD;
    out->chosen = true;
    out->within = choice.within;
    return choice.chosen;
}

static void sum_up(struct arena *arena, const struct live_base *base, struct clv_history *out)
{
    const struct clv_period period = {.end = base->today, .until = base->today};

    clv_log_sum(arena, base->days, base->day_count, base->person_count, &period, out);
}

enum status live_learn(struct arena *arena, const struct live_base *base, enum clv_model model, struct live_model *out,
                       struct error *err)
{
    struct live_model learned = {.today = base->today};
    struct clv_history history;
    struct clv_rows rows;
    struct error ignored;

    if (model == CLV_MODELS)
        model = choose(arena, base, &learned);
    sum_up(arena, base, &history);
    enum status status = clv_history_rows(arena, &history, &rows, err);

    if (status == STATUS_OK)
        status = clv_fit(arena, &rows, model, 0, &learned.fit, err);
    if (status != STATUS_OK)
        return status;
    learned.spends = clv_spend_fit(arena, history.spends, history.count, &learned.spend, &ignored) == STATUS_OK;
    learned.customers = rows.customers;
    learned.repeats = rows.repeats;
    learned.usual = usual_interval(arena, base);
    *out = learned;
    return STATUS_OK;
}

/* ---- as text ---- */

enum { NUMBERS = 27 };

/* Every number of a model in one order, for writing and reading. */
static void numbers_of(const struct live_model *model, double numbers[NUMBERS])
{
    const struct clv_fit *fit = &model->fit;
    const struct clv_spend_fit *spend = &model->spend;
    size_t at = 0;

    for (int i = 0; i < CLV_PARAMETERS; i++) {
        numbers[at++] = fit->parameters[i];
        numbers[at++] = fit->errors[i];
    }
    for (int i = 0; i < CLV_SPEND_PARAMETERS; i++) {
        numbers[at++] = spend->parameters[i];
        numbers[at++] = spend->errors[i];
    }
    const double rest[] = {fit->log_likelihood,   fit->regularity,    fit->converged, fit->at_limit,
                           spend->log_likelihood, spend->correlation, spend->mean,    spend->customers,
                           model->spends,         model->chosen,      model->within,  model->customers,
                           model->repeats};

    memcpy(numbers + at, rest, sizeof rest);
    assert(at + sizeof rest / sizeof rest[0] == NUMBERS);
}

static void from_numbers(struct live_model *model, const double numbers[NUMBERS])
{
    struct clv_fit *fit = &model->fit;
    struct clv_spend_fit *spend = &model->spend;
    size_t at = 0;

    for (int i = 0; i < CLV_PARAMETERS; i++) {
        fit->parameters[i] = numbers[at++];
        fit->errors[i] = numbers[at++];
    }
    for (int i = 0; i < CLV_SPEND_PARAMETERS; i++) {
        spend->parameters[i] = numbers[at++];
        spend->errors[i] = numbers[at++];
    }
    fit->log_likelihood = numbers[at++];
    fit->regularity = (int)numbers[at++];
    fit->converged = numbers[at++] > 0;
    fit->at_limit = numbers[at++] > 0;
    spend->log_likelihood = numbers[at++];
    spend->correlation = numbers[at++];
    spend->mean = numbers[at++];
    spend->customers = (uint32_t)numbers[at++];
    model->spends = numbers[at++] > 0;
    model->chosen = numbers[at++] > 0;
    model->within = numbers[at++] > 0;
    model->customers = numbers[at++];
    model->repeats = numbers[at++];
}

struct text live_model_write(struct arena *arena, const struct live_model *model)
{
    struct builder out = {.arena = arena};
    double numbers[NUMBERS];

    numbers_of(model, numbers);
    builder_format(&out, "%d %s %d %.17g", TEXT_VERSION, clv_model_name(model->fit.model), model->today, model->usual);
    for (int i = 0; i < NUMBERS; i++)
        builder_format(&out, " %.17g", numbers[i]);
    return builder_done(&out);
}

bool live_model_read(struct text text, struct live_model *out)
{
    char copy[TEXT_SIZE_MAX], *rest = NULL;
    struct live_model model = {0};
    double numbers[NUMBERS];

    if (text.size == 0 || text.size >= sizeof copy)
        return false;
    memcpy(copy, text.bytes, text.size);
    copy[text.size] = '\0';
    const char *version = strtok_r(copy, " ", &rest), *name = strtok_r(NULL, " ", &rest);

    if (version == NULL || name == NULL || atoi(version) != TEXT_VERSION || !clv_model_from(name, &model.fit.model))
        return false;
    for (int i = -2; i < NUMBERS; i++) {
        const char *word = strtok_r(NULL, " ", &rest);

        if (word == NULL)
            return false;
        if (i == -2)
            model.today = atoi(word);
        else if (i == -1)
            model.usual = strtod(word, NULL);
        else
            numbers[i] = strtod(word, NULL);
    }
    from_numbers(&model, numbers);
    model.fit.covariance[0] = NAN;
    if (!(model.usual > 0) || model.fit.regularity < 1 || model.fit.regularity > CLV_REGULARITY_MAX)
        return false;
    *out = model;
    return true;
}

/* ---- scoring ---- */

static void score_loyalty(const struct live_base *base, const struct live_model *model, struct live_score *out)
{
    size_t at = 0;

    for (size_t person = 0; person < base->person_count; person++) {
        struct loyalty_habits habits = {0};
        double parts[LOYALTY_PARTS];
        struct loyalty_score score;

        for (int i = 0; i < LOYALTY_PARTS; i++)
            parts[i] = NAN;
        for (; at < base->day_count && base->days[at].customer == person; at++)
            loyalty_habits_add(&habits, base->days[at].day, model->usual);
        loyalty_behaviour(&habits, base->today, model->usual, parts);
        loyalty_score(&loyalty_weights_usual, parts, &score);
        out[person].loyalty = score.index;
    }
}

enum status live_score(struct arena *arena, const struct live_base *base, const struct live_model *model, int weeks,
                       struct live_score *out, struct error *err)
{
    const struct clv_question question = {.time = weeks, .discount = log1p(LIVE_DISCOUNT_PERCENT / 100.0) / YEAR_WEEKS};
    struct clv_history history;
    struct clv_rows rows;

    sum_up(arena, base, &history);
    assert(history.count == base->person_count);
    enum status status = clv_history_rows(arena, &history, &rows, err);

    if (status != STATUS_OK)
        return status;
    struct clv_score *scores = arena_array(arena, rows.row_count, sizeof *scores);

    clv_score_rows(arena, &rows, &model->fit, &question, scores);
    for (size_t i = 0; i < history.count; i++) {
        const struct clv_score *score = &scores[rows.row_of[i]];
        double spend = model->spends ? clv_spend_expected(&model->spend, &history.spends[i]) : NAN;

        out[i] = (struct live_score){.alive = score->alive,
                                     .expected = score->expected,
                                     .spend = spend,
                                     .value = spend * score->expected,
                                     .lifetime = spend * score->discounted,
                                     .risk = 1 - score->alive,
                                     .kind = TYPE_UNKNOWN};
    }
    score_loyalty(base, model, out);
    return STATUS_OK;
}
