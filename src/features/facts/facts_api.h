/* facts_api.h: expressions over the API: what may be named, checking, evaluating for a member. */
#ifndef PATRON_FEATURES_FACTS_FACTS_API_H
#define PATRON_FEATURES_FACTS_FACTS_API_H

#include "api/call.h"

extern const struct shape facts_shape, rule_check_body_shape, rule_check_shape, rule_evaluate_body_shape,
    rule_evaluation_shape;

enum status facts_list(struct call *call, struct item *item, struct error *err);
enum status rule_check_post(struct call *call, struct item *item, struct error *err);
enum status rule_evaluate_post(struct call *call, struct item *item, struct error *err);

#endif
