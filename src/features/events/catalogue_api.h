/* catalogue_api.h: the routes of stores, channels, items, categories, shelves, event kinds, places and employees. */
#ifndef PATRON_FEATURES_EVENTS_CATALOGUE_API_H
#define PATRON_FEATURES_EVENTS_CATALOGUE_API_H

#include "api/route.h"
#include "features/events/events_store.h"

extern const struct shape store_input_shape, channel_input_shape, store_shape, channel_shape;

/* Which catalogue is told from the route's path. */
enum status catalogue_list_handle(struct call *call, struct item *item, struct error *err);
enum status catalogue_get_handle(struct call *call, struct item *item, struct error *err);
enum status catalogue_put_handle(struct call *call, struct item *item, struct error *err);
enum status catalogue_delete_handle(struct call *call, struct item *item, struct error *err);

/* The row that the path names. STATUS_MISSING `catalogue.unknown`. */
enum status catalogue_row_read(struct call *call, struct catalogue_row **out, struct error *err);
/* Writes the row as its next version, checked and audited, and answers with it. */
enum status catalogue_row_change(struct call *call, struct item *item, struct catalogue_row *row, struct error *err);

#endif
