/* points_api.h: handlers and shapes of the routes of points. */
#ifndef PATRON_FEATURES_POINTS_POINTS_API_H
#define PATRON_FEATURES_POINTS_POINTS_API_H

#include "api/call.h"

/* commands_api.c */
extern const struct shape redemption_input_shape, hold_input_shape, hold_end_input_shape, undoing_input_shape;
extern const struct shape adjustment_input_shape, transfer_input_shape;
extern const struct shape points_moved_shape, hold_made_shape, hold_shape, transfer_shape;

enum status redeem_handle(struct call *call, struct item *item, struct error *err);
void redeem_finish(struct item *item, struct json_writer *writer);
enum status reverse_handle(struct call *call, struct item *item, struct error *err);
void reverse_finish(struct item *item, struct json_writer *writer);
enum status hold_handle(struct call *call, struct item *item, struct error *err);
void hold_finish(struct item *item, struct json_writer *writer);
enum status hold_get_handle(struct call *call, struct item *item, struct error *err);
enum status capture_handle(struct call *call, struct item *item, struct error *err);
enum status release_handle(struct call *call, struct item *item, struct error *err);
void hold_end_finish(struct item *item, struct json_writer *writer);
enum status adjust_handle(struct call *call, struct item *item, struct error *err);
void adjust_finish(struct item *item, struct json_writer *writer);
enum status transfer_handle(struct call *call, struct item *item, struct error *err);
void transfer_finish(struct item *item, struct json_writer *writer);

/* balances_api.c */
extern const struct shape balance_shape, lot_shape, statement_query_shape, statement_shape, liability_shape;
extern const struct shape ledger_query_shape, ledger_entry_shape;

enum status balances_handle(struct call *call, struct item *item, struct error *err);
enum status lots_handle(struct call *call, struct item *item, struct error *err);
enum status statement_handle(struct call *call, struct item *item, struct error *err);
enum status liability_handle(struct call *call, struct item *item, struct error *err);
enum status ledger_handle(struct call *call, struct item *item, struct error *err);

/* heads_api.c */
extern const struct shape heads_shape;

enum status heads_handle(struct call *call, struct item *item, struct error *err);

/* verify_api.c */
extern const struct job_kind verify_job;
enum status verify_handle(struct call *call, struct item *item, struct error *err);

#endif
