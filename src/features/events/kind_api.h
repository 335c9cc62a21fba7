/* kind_api.h: kinds of events that a business declares. */
#ifndef PATRON_FEATURES_EVENTS_KIND_API_H
#define PATRON_FEATURES_EVENTS_KIND_API_H

#include "api/call.h"
#include "features/events/events_store.h"

extern const struct shape kind_input_shape, kind_shape;

/* Body to row and row to reply, for the catalogues. */
enum status event_kind_row_read(struct call *call, const void *body, struct catalogue_row *row, struct error *err);
void event_kind_row_write(struct call *call, struct json_writer *writer, const struct catalogue_row *row);

#endif
