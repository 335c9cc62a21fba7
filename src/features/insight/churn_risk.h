/* churn_risk.h: the mean risk of a base and of parts of it on any day, from its days with purchases. Pure. */
#ifndef PATRON_FEATURES_INSIGHT_CHURN_RISK_H
#define PATRON_FEATURES_INSIGHT_CHURN_RISK_H

#include "features/insight/live_model.h"

enum churn_series {
    CHURN_ALL,
    CHURN_BEST, /* the fifth who had bought most by then */
    CHURN_NEW,  /* whose first purchase was at most 90 days ago */
    CHURN_SERIES,
};
const char *churn_series_name(enum churn_series series); /* "best_fifth" */

enum { CHURN_ACTIVE_DAYS = 365 }; /* who bought within so many days counts: the risk of others is no news */

struct churn_mean {
    double members, risk; /* risk NaN without members */
};

/* 1 - alive, as it was on `day`, of those who bought within the CHURN_ACTIVE_DAYS before. */
enum status churn_risk_measure(struct arena *arena, const struct live_base *base, const struct live_model *model,
                               int32_t day, struct churn_mean out[CHURN_SERIES], struct error *err);

#endif
