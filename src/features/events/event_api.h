/* event_api.h: the routes of visits, declared events, single events and timelines. */
#ifndef PATRON_FEATURES_EVENTS_EVENT_API_H
#define PATRON_FEATURES_EVENTS_EVENT_API_H

#include "api/route.h"
#include "features/events/events_store.h"
#include "json/writer.h"

extern const struct shape visit_input_shape, event_input_shape, event_recorded_shape, event_shape, timeline_entry_shape,
    timeline_query_shape;

enum status visit_handle(struct call *call, struct item *item, struct error *err);
void visit_finish(struct item *item, struct json_writer *writer);
enum status event_handle(struct call *call, struct item *item, struct error *err);
void event_finish(struct item *item, struct json_writer *writer);
enum status event_get(struct call *call, struct item *item, struct error *err);
enum status timeline_get(struct call *call, struct item *item, struct error *err);

#endif
