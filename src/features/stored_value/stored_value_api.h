/* stored_value_api.h: handlers and shapes of the routes of stored value. */
#ifndef PATRON_FEATURES_STORED_VALUE_STORED_VALUE_API_H
#define PATRON_FEATURES_STORED_VALUE_STORED_VALUE_API_H

#include "api/call.h"

extern const struct shape top_up_input_shape, top_up_void_input_shape, stored_refund_input_shape;
extern const struct shape stored_moved_shape, stored_balance_shape, stored_value_shape, store_balance_shape;

enum status top_up_handle(struct call *call, struct item *item, struct error *err);
void top_up_finish(struct item *item, struct json_writer *writer);
enum status top_up_void_handle(struct call *call, struct item *item, struct error *err);
void top_up_void_finish(struct item *item, struct json_writer *writer);
enum status stored_refund_handle(struct call *call, struct item *item, struct error *err);
void stored_refund_finish(struct item *item, struct json_writer *writer);
enum status stored_values_handle(struct call *call, struct item *item, struct error *err);
enum status stored_balances_handle(struct call *call, struct item *item, struct error *err);
enum status store_balances_handle(struct call *call, struct item *item, struct error *err);

#endif
