/* retention_api.h: handlers and shapes of the routes of retention. */
#ifndef PATRON_FEATURES_RETENTION_RETENTION_API_H
#define PATRON_FEATURES_RETENTION_RETENTION_API_H

#include "api/call.h"

extern const struct shape retention_shape, retention_input_shape;
extern const struct job_kind retention_job;

enum status retention_get_handle(struct call *call, struct item *item, struct error *err);
enum status retention_put_handle(struct call *call, struct item *item, struct error *err);
enum status retention_start_handle(struct call *call, struct item *item, struct error *err);

#endif
