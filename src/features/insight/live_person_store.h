/* live_person_store.h: all scores of one person as of now, from the days, the lines and the models as they are kept. */
#ifndef PATRON_FEATURES_INSIGHT_LIVE_PERSON_STORE_H
#define PATRON_FEATURES_INSIGHT_LIVE_PERSON_STORE_H

#include "features/insight/churn_live_store.h"
#include "features/insight/habit_store.h"
#include "features/insight/live_store.h"

struct person_question {
    int64_t leader, now;
    int weeks; /* ahead */
    const struct programme_set *programmes;
};

struct person_scores {
    bool bought; /* there is a day with a purchase */
    bool known;  /* ... and a model: `score` holds */
    size_t purchase_days;
    struct kept_model model;
    struct live_score score; /* its risk by the model in force, its kind by the habit */
    bool fitted;             /* the risk is that of the fitted model: `window` and `why` hold */
    int32_t window;
    struct churn_why why;
    struct habit_base base; /* known: the habit is judged */
    struct habit habit;
};

enum status person_scores_read(struct storage_session *session, struct arena *arena,
                               const struct person_question *question, struct person_scores *out, struct error *err);

/* The traits that move the risk most, the strongest first; returns how many, at most `limit`. */
size_t churn_why_strongest(const struct churn_why *why, enum churn_trait *out, size_t limit);

#endif
