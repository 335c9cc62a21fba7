/* promises_api.h: the routes of missed benefits. */
#ifndef PATRON_FEATURES_PROMISES_PROMISES_API_H
#define PATRON_FEATURES_PROMISES_PROMISES_API_H

#include "api/call.h"

/* missed_api.c */
extern const struct shape missed_query_shape, missed_decision_shape, missed_shape;
enum status missed_list_handle(struct call *call, struct item *item, struct error *err);
enum status missed_get_handle(struct call *call, struct item *item, struct error *err);
enum status missed_decide_handle(struct call *call, struct item *item, struct error *err);
void missed_decide_finish(struct item *item, struct json_writer *writer);

#endif
