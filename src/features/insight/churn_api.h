/* churn_api.h: why members left, as recorded, and alerts when the risk of the base rises. */
#ifndef PATRON_FEATURES_INSIGHT_CHURN_API_H
#define PATRON_FEATURES_INSIGHT_CHURN_API_H

#include "api/call.h"

extern const struct shape churn_reason_body_shape, churn_reason_recorded_shape, churn_causes_query_shape,
    churn_causes_shape, alerts_shape;

enum status churn_reason_handle(struct call *call, struct item *item, struct error *err);
void churn_reason_finish(struct item *item, struct json_writer *writer);
enum status churn_causes_get(struct call *call, struct item *item, struct error *err);
enum status alerts_get(struct call *call, struct item *item, struct error *err);

#endif
