/* exchange_api.h: the routes of exchanges and of returns without a receipt. */
#ifndef PATRON_FEATURES_EVENTS_EXCHANGE_API_H
#define PATRON_FEATURES_EVENTS_EXCHANGE_API_H

#include "api/route.h"

extern const struct shape exchange_input_shape, exchange_shape, unreceipted_input_shape;

enum status exchange_handle(struct call *call, struct item *item, struct error *err);
void exchange_finish(struct item *item, struct json_writer *writer);
enum status unreceipted_handle(struct call *call, struct item *item, struct error *err);

#endif
