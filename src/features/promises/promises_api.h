/* promises_api.h: the routes of honours and missed benefits. */
#ifndef PATRON_FEATURES_PROMISES_PROMISES_API_H
#define PATRON_FEATURES_PROMISES_PROMISES_API_H

#include "api/call.h"

/* honours_api.c */
extern const struct shape traceless_input_shape, honour_query_shape, honour_decision_shape, honour_shape;
enum status honour_make_handle(struct call *call, struct item *item, struct error *err);
void honour_make_finish(struct item *item, struct json_writer *writer);
enum status honour_list_handle(struct call *call, struct item *item, struct error *err);
enum status honour_get_handle(struct call *call, struct item *item, struct error *err);
enum status honour_decide_handle(struct call *call, struct item *item, struct error *err);
void honour_decide_finish(struct item *item, struct json_writer *writer);

/* missed_api.c */
extern const struct shape missed_query_shape, missed_decision_shape, missed_shape;
enum status missed_list_handle(struct call *call, struct item *item, struct error *err);
enum status missed_get_handle(struct call *call, struct item *item, struct error *err);
enum status missed_decide_handle(struct call *call, struct item *item, struct error *err);
void missed_decide_finish(struct item *item, struct json_writer *writer);

/* report_api.c */
extern const struct shape promise_report_query_shape, promise_report_shape;
enum status promise_report_handle(struct call *call, struct item *item, struct error *err);
enum status promise_report_file_handle(struct call *call, struct item *item, struct error *err);

#endif
