/* tiers_api.h: the routes of tiers of a member, and of those that wait for a second person. */
#ifndef PATRON_FEATURES_ENTITLEMENTS_TIERS_API_H
#define PATRON_FEATURES_ENTITLEMENTS_TIERS_API_H

#include "api/call.h"
#include "features/programme/held.h"

extern const struct shape member_tiers_shape, tier_given_input_shape, tier_request_shape, tier_request_query_shape,
    tier_decision_shape, right_end_input_shape, right_ended_shape;

enum status member_tiers_handle(struct call *call, struct item *item, struct error *err);
enum status tier_give_handle(struct call *call, struct item *item, struct error *err);
void tier_give_finish(struct item *item, struct json_writer *writer);
enum status right_end_handle(struct call *call, struct item *item, struct error *err);
void right_end_finish(struct item *item, struct json_writer *writer);
enum status tier_requests_handle(struct call *call, struct item *item, struct error *err);
enum status tier_decision_handle(struct call *call, struct item *item, struct error *err);
void tier_decision_finish(struct item *item, struct json_writer *writer);

#endif
