/* member_events_api.h: the routes of events for members and of their bookings. */
#ifndef PATRON_FEATURES_MEMBER_EVENTS_MEMBER_EVENTS_API_H
#define PATRON_FEATURES_MEMBER_EVENTS_MEMBER_EVENTS_API_H

#include "api/call.h"
#include "features/member_events/member_events_store.h"

/* calendar_api.c: what members can come to, and the seats of an event */
extern const struct shape event_calendar_query_shape, event_calendar_item_shape, event_seats_shape;
enum status event_calendar_handle(struct call *call, struct item *item, struct error *err);
enum status event_seats_handle(struct call *call, struct item *item, struct error *err);

/* bookings_api.c */
extern const struct shape event_booking_input_shape, event_booking_change_shape, event_booking_query_shape,
    event_booking_shape, event_ticket_query_shape;
enum status event_booking_handle(struct call *call, struct item *item, struct error *err);
void event_booking_finish(struct item *item, struct json_writer *writer);
void event_booking_explain(const struct item *item, struct json_writer *writer);
enum status event_booking_list_handle(struct call *call, struct item *item, struct error *err);
enum status event_booking_get_handle(struct call *call, struct item *item, struct error *err);
enum status event_booking_cancel_handle(struct call *call, struct item *item, struct error *err);
enum status event_booking_correct_handle(struct call *call, struct item *item, struct error *err);
void event_booking_change_finish(struct item *item, struct json_writer *writer);
enum status event_ticket_handle(struct call *call, struct item *item, struct error *err);
/* The members of a booking in an open object; `event` may be NULL. */
void event_booking_write(struct json_writer *writer, const struct call *call, const struct event_booking *booking);

/* door_api.c: checking in, the waiting list and the list for the door */
extern const struct shape event_check_in_shape;
enum status event_check_in_handle(struct call *call, struct item *item, struct error *err);
enum status event_waiting_list_handle(struct call *call, struct item *item, struct error *err);
enum status event_door_list_handle(struct call *call, struct item *item, struct error *err);

/* The event of the path in the caller's part: its code; STATUS_MISSING `member_event.unknown`. `*out` may become NULL: no longer known. */
enum status event_of_path(struct call *call, const struct member_event **out, struct error *err);

#endif
