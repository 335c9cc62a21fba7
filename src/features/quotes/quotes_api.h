/* quotes_api.h: the routes of quotes. */
#ifndef PATRON_FEATURES_QUOTES_QUOTES_API_H
#define PATRON_FEATURES_QUOTES_QUOTES_API_H

#include "api/call.h"

enum status quote_handle(struct call *call, struct item *item, struct error *err);
void quote_finish(struct item *item, struct json_writer *writer);
enum status quote_get_handle(struct call *call, struct item *item, struct error *err);
enum status quote_delete_handle(struct call *call, struct item *item, struct error *err);
void quote_delete_finish(struct item *item, struct json_writer *writer);
enum status quote_list_handle(struct call *call, struct item *item, struct error *err);
enum status quote_listing_handle(struct call *call, struct item *item, struct error *err);
extern const struct shape quote_input_shape, quote_listing_query_shape;

#endif
