/* place_api.h: the routes of the tree of places and of employees. */
#ifndef PATRON_FEATURES_EVENTS_PLACE_API_H
#define PATRON_FEATURES_EVENTS_PLACE_API_H

#include "api/call.h"
#include "features/events/events_store.h"

extern const struct shape place_input_shape, employee_input_shape, place_move_shape, place_close_shape;
extern const struct shape place_shape, employee_shape, place_node_shape, place_now_shape, place_now_query_shape;

/* Body to row and row to reply, for the catalogues. */
enum status place_row_read(struct call *call, const void *body, struct catalogue_row *row, struct error *err);
void place_row_write(struct call *call, struct json_writer *writer, const struct catalogue_row *row);
enum status employee_row_read(struct call *call, const void *body, struct catalogue_row *row, struct error *err);
void employee_row_write(struct call *call, struct json_writer *writer, const struct catalogue_row *row);

enum status place_tree_handle(struct call *call, struct item *item, struct error *err);
enum status place_move_handle(struct call *call, struct item *item, struct error *err);
enum status place_close_handle(struct call *call, struct item *item, struct error *err);
enum status place_now_handle(struct call *call, struct item *item, struct error *err);

#endif
