#include "features/insight/churn_live.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { USUAL_TIMES = 3, SEED = 1 };

static const double RISK_MIN = 1e-6, NORMAL_95 = 1.6448536269514722;

const char *churn_trait_name(enum churn_trait trait)
{
    static const char *const names[CHURN_TRAITS] = {
        [TRAIT_RECENCY] = "days_since_purchase",
        [TRAIT_DAYS] = "purchase_days",
        [TRAIT_TENURE] = "days_since_first",
        [TRAIT_GAP] = "mean_gap_days",
        [TRAIT_LATENESS] = "silence_in_own_gaps",
        [TRAIT_UNEVENNESS] = "unevenness_of_gaps",
        [TRAIT_SPEND] = "mean_spend",
        [TRAIT_RECENT] = "purchase_days_of_90",
    };

    return names[trait];
}

/* ---- traits ---- */

/* Those of all persons of a base as of its `today`, a column each. */
struct traits {
    double *numbers[CHURN_TRAITS];
    struct churn_column columns[CHURN_TRAITS];
};

static void person_traits(const struct clv_purchase *days, size_t count, int32_t today, double out[CHURN_TRAITS])
{
    double gaps = (double)count - 1, mean = NAN, squares = 0, spend = 0, recent = 0;

    for (size_t i = 0; i < count; i++) {
        spend += days[i].amount;
        recent += days[i].day > today - CHURN_LIVE_RECENT;
    }
    if (count > 1)
        mean = (days[count - 1].day - days[0].day) / gaps;
    for (size_t i = 1; i < count; i++)
        squares += pow(days[i].day - days[i - 1].day - mean, 2);
    out[TRAIT_RECENCY] = today - days[count - 1].day;
    out[TRAIT_DAYS] = (double)count;
    out[TRAIT_TENURE] = today - days[0].day;
    out[TRAIT_GAP] = mean;
    out[TRAIT_LATENESS] = out[TRAIT_RECENCY] / mean;
    out[TRAIT_UNEVENNESS] = count > 2 ? sqrt(squares / gaps) / mean : NAN;
    out[TRAIT_SPEND] = spend / (double)count;
    out[TRAIT_RECENT] = recent;
}

static struct traits *find_traits(struct arena *arena, const struct live_base *base)
{
    struct traits *traits = arena_alloc(arena, sizeof *traits);
    size_t end = 0;

    for (int t = 0; t < CHURN_TRAITS; t++) {
        traits->numbers[t] = arena_array(arena, base->person_count + 1, sizeof(double));
        traits->columns[t] = (struct churn_column){.name = text_from(churn_trait_name((enum churn_trait)t)),
                                                   .numbers = traits->numbers[t]};
    }
    for (size_t person = 0, first = 0; person < base->person_count; person++, first = end) {
        double own[CHURN_TRAITS];

        while (end < base->day_count && base->days[end].customer == person)
            end++;
        person_traits(base->days + first, end - first, base->today, own);
        for (int t = 0; t < CHURN_TRAITS; t++)
            traits->numbers[t][person] = own[t];
    }
    return traits;
}

/* ---- what there was to know, and what came ---- */

struct past {
    struct live_base base; /* up to the day */
    uint8_t *left;
};

struct span {
    size_t first, known, end; /* days of a person: known ones end before `known` */
};

/* Whether the person counts: bought by the day, and not too long before. */
static bool take_span(const struct live_base *base, int32_t day, size_t first, struct span *out)
{
    *out = (struct span){.first = first, .known = first};
    for (out->end = first; out->end < base->day_count && base->days[out->end].customer == base->days[first].customer;
         out->end++)
        if (base->days[out->end].day <= day)
            out->known = out->end + 1;
    return out->known > first && base->days[out->known - 1].day > day - CHURN_LIVE_BACK;
}

/* Every `stride`-th of those who count. */
static void look_back(struct arena *arena, const struct live_base *base, int32_t day, int32_t window, struct past *out)
{
    struct span span;
    size_t count = 0;

    for (size_t first = 0; first < base->day_count; first = span.end)
        count += take_span(base, day, first, &span);
    size_t stride = count / CHURN_LIVE_MEMBERS + 1, at = 0;

    *out =
        (struct past){.base = {.days = arena_array(arena, base->day_count + 1, sizeof *out->base.days), .today = day},
                      .left = arena_array(arena, count + 1, sizeof *out->left)};
    for (size_t first = 0; first < base->day_count; first = span.end) {
        if (!take_span(base, day, first, &span) || at++ % stride != 0)
            continue;
        size_t person = out->base.person_count++;

        for (size_t i = span.first; i < span.known; i++) {
            out->base.days[out->base.day_count] = base->days[i];
            out->base.days[out->base.day_count++].customer = (uint32_t)person;
        }
        out->left[person] = span.known == span.end || base->days[span.known].day > day + window;
    }
}

/* ---- learning ---- */

static double log_odds_of(double risk)
{
    double kept = fmin(fmax(risk, RISK_MIN), 1 - RISK_MIN);

    return log(kept / (1 - kept));
}

static void fill_skill(struct arena *arena, const double *probabilities, const uint8_t *left, size_t count,
                       struct churn_skill *out)
{
    const struct foretelling told = {probabilities, left, count};

    out->auc = foretelling_auc(arena, &told);
    out->log_loss = foretelling_log_loss(&told);
    out->brier = foretelling_brier(&told);
}

/* 1 - alive made a probability of leaving within the window, by a line on the log-odds of the members of other folds. */
static void calibrate(struct arena *arena, const double *plain, const struct past *past,
                      const struct churn_trial *trial, double *out)
{
    size_t count = past->base.person_count;
    double *rows = arena_array(arena, count, sizeof *rows);
    uint32_t *chosen = arena_array(arena, count, sizeof *chosen);

    for (size_t i = 0; i < count; i++)
        rows[i] = log_odds_of(plain[i]);
    for (size_t fold = 0; fold < trial->folds; fold++) {
        struct logistic_data data = {.rows = rows, .outcome = past->left, .chosen = chosen, .column_count = 1};
        struct logistic_fit fit;

        for (uint32_t i = 0; i < count; i++)
            if (trial->fold_of[i] != fold)
                chosen[data.chosen_count++] = i;
        bool known = logistic_learn(arena, &data, &fit);

        for (size_t i = 0; i < count; i++)
            if (trial->fold_of[i] == fold)
                out[i] = known ? logistic_probability(logistic_score(&fit, &rows[i])) : plain[i];
    }
}

static double loss(double probability, bool left)
{
    double kept = fmin(fmax(probability, RISK_MIN), 1 - RISK_MIN);

    return -log(left ? kept : 1 - kept);
}

static struct measure gain_of(const double *plain, const double *own, const uint8_t *left, size_t count)
{
    double sum = 0, squares = 0, n = (double)count;

    for (size_t i = 0; i < count; i++) {
        double gain = loss(plain[i], left[i]) - loss(own[i], left[i]);

        sum += gain;
        squares += gain * gain;
    }
    return (struct measure){sum / n, sqrt(fmax(0, squares / n - sum / n * sum / n) / n)};
}

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void find_threshold(struct arena *arena, const double *risks, const uint8_t *left, size_t count,
                           struct churn_threshold *out)
{
    double *stayed = arena_array(arena, count + 1, sizeof *stayed), false_alarms = 0, caught = 0;
    size_t stayers = 0;

    for (size_t i = 0; i < count; i++)
        if (!left[i])
            stayed[stayers++] = risks[i];
    qsort(stayed, stayers, sizeof *stayed, compare_numbers);
    double highest = stayed[(size_t)((1 - ALERT_FALSE_SHARE) * (double)stayers)];

    *out = (struct churn_threshold){.risk = (floor(highest / RISK_MIN) + 1) * RISK_MIN};
    for (size_t i = 0; i < count; i++) {
        bool told = risks[i] >= out->risk;

        false_alarms += told && !left[i];
        caught += told && left[i];
    }
    out->false_alarms = false_alarms / (double)stayers;
    out->caught = caught / (double)(count - stayers);
}

/* The shares of terms that are not standard; the means of the others are 0. */
static void keep_means(struct arena *arena, struct churn_design *design)
{
    double *means = arena_array(arena, design->term_count + 1, sizeof *means);

    for (size_t row = 0; row < design->row_count; row++)
        for (size_t t = 0; t < design->term_count; t++)
            means[t] += design->rows[row * design->term_count + t] / (double)design->row_count;
    design->means = means;
}

static enum status judge(struct arena *arena, const struct past *past, const struct live_model *clv,
                         const struct churn_trial *trial, struct churn_live *live, struct error *err)
{
    size_t count = past->base.person_count;
    struct live_score *scores = arena_array(arena, count, sizeof *scores);
    double *plain = arena_array(arena, count, sizeof *plain), *calibrated = arena_array(arena, count, sizeof *plain);
    enum status status = live_score(arena, &past->base, clv, 1, scores, err);

    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        plain[i] = 1 - scores[i].alive;
        live->left += past->left[i] / (double)count;
    }
    calibrate(arena, plain, past, trial, calibrated);
    fill_skill(arena, trial->probabilities, past->left, count, &live->own);
    fill_skill(arena, calibrated, past->left, count, &live->plain);
    live->gain = gain_of(calibrated, trial->probabilities, past->left, count);
    live->in_force = live->gain.value > NORMAL_95 * live->gain.error;
    find_threshold(arena, live->in_force ? trial->probabilities : plain, past->left, count, &live->threshold);
    return STATUS_OK;
}

static enum status learn(struct arena *arena, const struct past *past, const struct live_model *clv,
                         struct churn_live *live, struct error *err)
{
    size_t count = past->base.person_count;
    const struct traits *traits = find_traits(arena, &past->base);
    const struct churn_table table = {.columns = traits->columns, .column_count = CHURN_TRAITS, .row_count = count};
    const struct churn_setup setup = {.kind = CHURN_BOTH, .folds = CHURN_LIVE_FOLDS, .seed = SEED};
    struct churn_result result;
    enum status status = churn_design_make(arena, &table, &live->design, err);
    const struct churn_case known = {.design = &live->design, .outcome = past->left, .known = {.count = count}};

    if (status == STATUS_OK)
        status = churn_learn(arena, &known, &setup, &result, err);
    if (status != STATUS_OK)
        return status;
    live->model = result.model;
    live->members = (double)count;
    keep_means(arena, &live->design);
    status = judge(arena, past, clv, &result.trial, live, err);
    if (status != STATUS_OK)
        churn_model_release(&live->model);
    return status;
}

enum status churn_live_learn(struct arena *arena, const struct live_base *base, const struct live_model *clv,
                             struct churn_live *out, struct error *err)
{
    int32_t window = (int32_t)fmin(fmax(USUAL_TIMES * clv->usual, CHURN_LIVE_WINDOW_MIN), CHURN_LIVE_WINDOW_MAX),
            first = base->today;
    struct churn_live live = {.day = base->today - window, .window = window, .threshold = {.risk = NAN}};
    struct past past;

    *out = (struct churn_live){.threshold = {.risk = NAN}};
    for (size_t i = 0; i < base->day_count; i++)
        first = base->days[i].day < first ? base->days[i].day : first;
    if (first > live.day - window)
        return STATUS_OK;
    look_back(arena, base, live.day, window, &past);
    if (past.base.person_count == 0)
        return STATUS_OK;
    enum status status = learn(arena, &past, clv, &live, err);

    if (status == STATUS_INVALID) /* too few who left, or who stayed: nothing to learn */
        return STATUS_OK;
    live.learned = status == STATUS_OK;
    if (status == STATUS_OK)
        *out = live;
    return status;
}

void churn_live_release(struct churn_live *live)
{
    churn_model_release(&live->model);
}

/* ---- asking ---- */

static void apply(struct arena *arena, const struct churn_live *live, const struct live_base *base,
                  struct traits **traits, struct churn_design *out)
{
    *traits = find_traits(arena, base);
    const struct churn_table table = {
        .columns = (*traits)->columns, .column_count = CHURN_TRAITS, .row_count = base->person_count};

    churn_design_apply(arena, &live->design, &table, out);
}

enum status churn_live_risks(struct arena *arena, const struct churn_live *live, const struct live_base *base,
                             double *out, struct error *err)
{
    struct traits *traits;
    struct churn_design design;

    apply(arena, live, base, &traits, &design);
    enum status status =
        churn_score(&live->model, &design, &(struct churn_rows){.count = base->person_count}, out, err);

    for (size_t i = 0; status == STATUS_OK && i < base->person_count; i++)
        out[i] = logistic_probability(out[i]);
    return status;
}

enum status churn_live_explain(struct arena *arena, const struct churn_live *live, const struct live_base *base,
                               struct churn_why *out, struct error *err)
{
    struct churn_reasons reasons = {.parts = out->parts};
    struct traits *traits;
    struct churn_design design;

    apply(arena, live, base, &traits, &design);
    for (int t = 0; t < CHURN_TRAITS; t++)
        out->values[t] = traits->numbers[t][0];
    return churn_explain(arena, &live->model, &design, &(struct churn_rows){.count = 1}, &reasons, err);
}
