/* fraud_api.h: alerts of unusual earning over HTTP. */
#ifndef PATRON_FEATURES_REDEMPTION_FRAUD_API_H
#define PATRON_FEATURES_REDEMPTION_FRAUD_API_H

#include "api/call.h"
#include "api/job.h"

extern const struct shape fraud_query_shape, fraud_alert_shape, fraud_evidence_shape, fraud_decision_shape,
    fraud_search_shape;
enum status fraud_list_handle(struct call *call, struct item *item, struct error *err);
enum status fraud_get_handle(struct call *call, struct item *item, struct error *err);
enum status fraud_decide_handle(struct call *call, struct item *item, struct error *err);
enum status fraud_search_handle(struct call *call, struct item *item, struct error *err);

extern const struct job_kind fraud_job;

#endif
