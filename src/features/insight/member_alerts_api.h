/* member_alerts_api.h: members whose risk has risen: listed, acknowledged; and the fitted model of risk. */
#ifndef PATRON_FEATURES_INSIGHT_MEMBER_ALERTS_API_H
#define PATRON_FEATURES_INSIGHT_MEMBER_ALERTS_API_H

#include "api/call.h"

extern const struct shape member_alerts_query_shape, member_alert_shape, alerts_acknowledged_shape, churn_fitted_shape;

enum status member_alerts_list(struct call *call, struct item *item, struct error *err);
enum status member_alerts_post(struct call *call, struct item *item, struct error *err);
enum status churn_fitted_get(struct call *call, struct item *item, struct error *err);

#endif
