/* approval_api.h: exports of many rows wait for a second person. */
#ifndef PATRON_FEATURES_EXCHANGE_APPROVAL_API_H
#define PATRON_FEATURES_EXCHANGE_APPROVAL_API_H

#include "api/call.h"
#include "api/job.h"

extern const struct shape approval_shape, export_policy_shape, export_policy_input_shape;

struct export_asked {
    const char *table;
    int64_t rows;
    struct arena *arena;
};
/* An export of so many rows is finished: asks for approval when they are many, and opens a task for that. */
enum status export_ask(struct job *job, struct engine *engine, const struct export_asked *asked, struct error *err);
/* Whether the file may be had: STATUS_FORBIDDEN `export.approval`. */
enum status export_check(struct call *call, int64_t job, struct error *err);

enum status approval_list_handle(struct call *call, struct item *item, struct error *err);
enum status approval_approve_handle(struct call *call, struct item *item, struct error *err);
enum status approval_refuse_handle(struct call *call, struct item *item, struct error *err);
void approval_finish(struct item *item, struct json_writer *writer);
enum status export_policy_get_handle(struct call *call, struct item *item, struct error *err);
enum status export_policy_put_handle(struct call *call, struct item *item, struct error *err);

#endif
