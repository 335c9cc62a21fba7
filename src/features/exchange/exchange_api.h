/* exchange_api.h: what the routes of import and export do, and the kinds of jobs that do the work. */
#ifndef PATRON_FEATURES_EXCHANGE_EXCHANGE_API_H
#define PATRON_FEATURES_EXCHANGE_EXCHANGE_API_H

#include "api/call.h"
#include "api/job.h"

extern const struct job_kind import_job_kind, export_job_kind;

extern const struct shape export_body_shape, import_query_shape, mapping_body_shape, mapping_list_shape,
    mapping_reply_shape;

enum status import_post(struct call *call, struct item *item, struct error *err);
enum status import_get_errors(struct call *call, struct item *item, struct error *err);
enum status export_post(struct call *call, struct item *item, struct error *err);
enum status export_get_file(struct call *call, struct item *item, struct error *err);
enum status mapping_list(struct call *call, struct item *item, struct error *err);
enum status mapping_get(struct call *call, struct item *item, struct error *err);
enum status mapping_put(struct call *call, struct item *item, struct error *err);
enum status mapping_remove(struct call *call, struct item *item, struct error *err);

/* The reply of a request that starts a job: 202 with its id. */

#endif
