/* case_api.h: fraud cases over HTTP. */
#ifndef PATRON_FEATURES_REDEMPTION_CASE_API_H
#define PATRON_FEATURES_REDEMPTION_CASE_API_H

#include "api/call.h"
#include "api/job.h"

extern const struct shape case_open_shape, case_query_shape, case_close_shape, fraud_case_shape;
enum status case_open_handle(struct call *call, struct item *item, struct error *err);
enum status case_list_handle(struct call *call, struct item *item, struct error *err);
enum status case_get_handle(struct call *call, struct item *item, struct error *err);
enum status case_close_handle(struct call *call, struct item *item, struct error *err);

/* Gives back what no open case holds any more. */
extern const struct job_kind thaw_job;

#endif
