/* churn_live_store.h: recorded reasons counted, and the risk of the base by week. */
#ifndef PATRON_FEATURES_INSIGHT_CHURN_LIVE_STORE_H
#define PATRON_FEATURES_INSIGHT_CHURN_LIVE_STORE_H

#include "engine/engine.h"
#include "features/insight/churn_cause.h"
#include "features/insight/churn_live.h"
#include "features/insight/churn_risk.h"

/* Reasons recorded of [first, beyond) by cause; with `members` only of those whose ids are keys of it. */
struct churn_reasons_range {
    int64_t first, beyond;
    const struct map *members; /* NULL: all */
};
enum status churn_reasons_count(struct storage_session *session, const struct churn_reasons_range *range,
                                size_t counts[CHURN_CAUSES], struct error *err);

struct risk_point {
    enum churn_series series;
    int32_t day; /* the last of its week that was measured */
    int64_t members;
    double risk;
};
struct risk_points {
    struct risk_point *items; /* by series and day */
    size_t count, capacity;
};
enum status risks_read(struct storage_session *session, struct arena *arena, int32_t first, struct risk_points *out,
                       struct error *err);
/* In the transaction under way. */
enum status risks_put(struct storage_session *session, struct arena *arena, const struct risk_points *points,
                      struct error *err);

/* The fitted risk. Release `live` when done; learned_at 0: there is none. */
struct kept_churn {
    int64_t learned_at;
    bool fresh; /* learned since it was read */
    struct churn_live live;
};
enum status churn_kept_get(struct storage_session *session, struct arena *arena, struct kept_churn *out,
                           struct error *err);
enum status churn_kept_put(struct storage_session *session, struct arena *arena, const struct kept_churn *churn,
                           struct error *err);

#endif
