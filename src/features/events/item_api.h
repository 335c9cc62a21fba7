/* item_api.h: items, their categories, and where they lie in stores. */
#ifndef PATRON_FEATURES_EVENTS_ITEM_API_H
#define PATRON_FEATURES_EVENTS_ITEM_API_H

#include "api/call.h"
#include "features/events/events_store.h"

extern const struct shape item_input_shape, item_shape, category_input_shape, category_shape, shelf_input_shape,
    shelf_shape;

/* Body to row and row to reply, for the catalogues. */
enum status item_row_read(struct call *call, const void *body, struct catalogue_row *row, struct error *err);
void item_row_write(struct call *call, struct json_writer *writer, const struct catalogue_row *row);
enum status item_category_row_read(struct call *call, const void *body, struct catalogue_row *row, struct error *err);
void item_category_row_write(struct call *call, struct json_writer *writer, const struct catalogue_row *row);
enum status item_shelf_row_read(struct call *call, const void *body, struct catalogue_row *row, struct error *err);
void item_shelf_row_write(struct call *call, struct json_writer *writer, const struct catalogue_row *row);

/* The key of what lies in a store: the store of the address, and its own. */
struct text item_shelf_key(const struct call *call, struct text own);

#endif
