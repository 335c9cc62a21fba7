/* live_model.h: what is learned from the purchase days of a whole base, and asked of each member at any time. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_LIVE_MODEL_H
#define PATRON_FEATURES_INSIGHT_LIVE_MODEL_H

#include "features/insight/clv_choice.h"
#include "features/insight/clv_spend.h"
#include "features/insight/types.h"

enum { LIVE_HORIZON_WEEKS = 52, LIVE_HORIZON_MAX = 520, LIVE_DISCOUNT_PERCENT = 10 };

/* Days with purchases of persons, each person's together and ascending; persons are numbered from 0. */
struct live_base {
    struct clv_purchase *days;
    size_t day_count;
    int64_t *persons; /* leader's id, by number */
    size_t person_count;
    int32_t today; /* not before any of the days */
};

/* What is kept of a base to score its members. */
struct live_model {
    struct clv_fit fit; /* without its covariance */
    struct clv_spend_fit spend;
    bool spends;   /* amounts could be learned from */
    bool chosen;   /* by holdout; else taken as it was, or too little data for a choice */
    bool within;   /* ... and its total missed by at most a tenth */
    int32_t today; /* last day learned from */
    double customers, repeats;
    double usual; /* days that members usually leave between purchases: the median of all gaps */
};

/*
 * Learns from a base. `model` CLV_MODELS: chosen by the last third of the days, held out; a base too short for that takes
 * Pareto/NBD. STATUS_INVALID `clv.customers`, `clv.repeats` or `clv.fit` when there is nothing to learn from.
 */
enum status live_learn(struct arena *arena, const struct live_base *base, enum clv_model model, struct live_model *out,
                       struct error *err);

/* As text to be kept, and back; false for a text that is none. */
struct text live_model_write(struct arena *arena, const struct live_model *model);
bool live_model_read(struct text text, struct live_model *out);

struct live_score {
    double alive;            /* probability of still being a customer */
    double expected;         /* purchases within the horizon */
    double spend;            /* at each; NaN without amounts to learn from, as the two below */
    double value;            /* of the purchases expected */
    double lifetime;         /* of all purchases to come, discounted to today */
    double loyalty;          /* behaviour's index, 0 .. 100 */
    double risk;             /* 1 - alive; a fitted model may say it better (churn_live.h) */
    enum customer_type kind; /* TYPE_UNKNOWN: days alone do not tell (habit_store.h) */
};

/* Scores each person of `base` as of its `today`, `weeks` ahead; `out` has person_count elements. */
enum status live_score(struct arena *arena, const struct live_base *base, const struct live_model *model, int weeks,
                       struct live_score *out, struct error *err);

#endif
