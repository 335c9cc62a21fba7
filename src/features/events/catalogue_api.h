/* catalogue_api.h: the routes of stores, channels, items and event kinds. */
#ifndef PATRON_FEATURES_EVENTS_CATALOGUE_API_H
#define PATRON_FEATURES_EVENTS_CATALOGUE_API_H

#include "api/route.h"

extern const struct shape store_input_shape, channel_input_shape, item_input_shape, kind_input_shape;
extern const struct shape store_shape, channel_shape, item_shape, kind_shape;

/* Which catalogue is told from the route's path. */
enum status catalogue_list_handle(struct call *call, struct item *item, struct error *err);
enum status catalogue_get_handle(struct call *call, struct item *item, struct error *err);
enum status catalogue_put_handle(struct call *call, struct item *item, struct error *err);
enum status catalogue_delete_handle(struct call *call, struct item *item, struct error *err);

#endif
