/* finance_api.h: the routes and the job of finance. */
#ifndef PATRON_FEATURES_FINANCE_FINANCE_API_H
#define PATRON_FEATURES_FINANCE_FINANCE_API_H

#include "api/call.h"
#include "api/job.h"

struct finance_view; /* view_api.h */

/* Catches up with the journal and opens a view for the caller; end it with call_read_end(call, view->session). */
enum status finance_call_view(struct call *call, struct finance_view *view, struct error *err);

extern const struct shape finance_months_query_shape, finance_line_shape, finance_close_input_shape,
    finance_month_shape;
enum status finance_months_handle(struct call *call, struct item *item, struct error *err);
enum status finance_month_handle(struct call *call, struct item *item, struct error *err);
enum status finance_close_handle(struct call *call, struct item *item, struct error *err);

extern const struct shape finance_vintages_query_shape, finance_vintages_shape;
enum status finance_vintages_handle(struct call *call, struct item *item, struct error *err);

extern const struct shape finance_settlements_query_shape, finance_settlements_shape, finance_file_query_shape;
enum status finance_settlements_handle(struct call *call, struct item *item, struct error *err);
enum status finance_settlements_file_handle(struct call *call, struct item *item, struct error *err);

/* Answers with a table of the months of a finance_file_query_shape that `write` makes, called `name`. */
struct finance_range;
struct table_options;
typedef enum status finance_table_writer(struct finance_view *view, const struct finance_range *range,
                                         const struct table_options *options, struct error *err);
enum status finance_file_reply(struct call *call, const char *name, finance_table_writer *write, struct error *err);

extern const struct job_kind finance_verify_job;
enum status finance_verify_handle(struct call *call, struct item *item, struct error *err);

#endif
