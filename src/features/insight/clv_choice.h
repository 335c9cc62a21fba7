/* clv_choice.h: which model of lifetime value foretells these customers best, tried on purchases held out. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_CLV_CHOICE_H
#define PATRON_FEATURES_INSIGHT_CLV_CHOICE_H

#include "features/insight/clv_log.h"
#include "features/insight/clv_model.h"

struct clv_trial {
    enum clv_model model;
    bool fitted; /* false: the model found no maximum */
    int regularity;
    double log_likelihood;
    double expected, actual; /* purchases in the holdout */
    double absolute, square; /* mean absolute error of a customer, and root of the mean square */
    struct clv_total total;  /* with its 90 % interval */
};

struct clv_choice {
    struct clv_trial trials[CLV_MODELS];
    enum clv_model chosen;
    bool within; /* its total misses by at most a tenth */
    int32_t end; /* last day that the trials learned from */
};

/*
 * Fits every model on the purchases up to `end`, lets it foretell those after it up to `until`, and chooses the smallest
 * mean absolute error among those whose total misses by at most a tenth; when there is none, among all. STATUS_INVALID
 * `clv.holdout` without a purchase before and after, or the fault of the models when none fits.
 */
enum status clv_choose(struct arena *arena, const struct clv_history *history, struct clv_choice *out,
                       struct error *err);

#endif
