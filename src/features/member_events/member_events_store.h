/*
 * member_events_store.h: bookings of events in the database, and what follows by itself: who waits gets the seat that was freed, an
 * event that is over or called off ends its bookings.
 */
#ifndef PATRON_FEATURES_MEMBER_EVENTS_MEMBER_EVENTS_STORE_H
#define PATRON_FEATURES_MEMBER_EVENTS_MEMBER_EVENTS_STORE_H

#include "engine/engine.h"
#include "features/member_events/event_bookings.h"
#include "features/reactions/reactions_store.h"

/* ---- reading ---- */

/* STATUS_MISSING `member_event.unknown_booking`. */
enum status event_booking_read(struct storage_session *session, struct arena *arena, int64_t id,
                               struct event_booking *out, struct error *err);

struct event_booking_list {
    struct arena *arena;
    struct event_booking *items;
    size_t count, capacity;
};

/* Newest first. */
struct event_booking_page {
    const struct person *person;  /* NULL: of anybody */
    struct text event, store;     /* empty: any */
    int64_t state;                /* 0: any */
    int64_t before_at, before_id; /* the last one before; INSTANT_NEVER: the first page */
    size_t limit;
};
enum status event_bookings_read(struct storage_session *session, const struct event_booking_page *page,
                                struct event_booking_list *out, struct error *err);

/* Of one event, in the order of registration. */
struct event_booking_queue {
    struct text event;
    enum event_booking_state from, until; /* states */
    int64_t after_place;                  /* 0: from the beginning */
    size_t limit;
};
enum status event_queue_read(struct storage_session *session, const struct event_booking_queue *queue,
                             struct event_booking_list *out, struct error *err);

/* Who is booked and who waits now. */
enum status event_seating_read(struct storage_session *session, struct arena *arena, const struct programme_set *set,
                               const struct member_event *event, struct seating *out, struct error *err);

/* For a person as engine_view gives it: its bookings, and what conditions need. */
enum status event_person_read(struct storage_session *session, struct arena *arena, const struct person *person,
                              struct condition_person *known, struct event_booking_list *own, struct error *err);

/* ---- changing ---- */

/* The command that changes a booking, with events, counters and subjects; its body is zeroed but for the action. */
enum status change_event_booking_command(struct storage_session *session, const struct programme_set *set,
                                         struct command *command, const struct event_booking *booking,
                                         struct error *err);

/* Gives a freed seat to the first who waits and may have it, and ends the bookings of who was erased. */
extern const struct reaction member_events_reaction;

/*
 * Everything that time and publications do to bookings: seats that a new version adds, events that were called off, began or ended.
 * Exactly once, however often it is called. `*looked_at` is when it looked last (0: never): it looks when something may be due
 * since then, and every minute.
 */
enum status member_events_follow(struct engine *engine, int64_t *looked_at, bool *behind, struct error *err);

#endif
