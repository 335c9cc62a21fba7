/*
 * event_bookings.h: bookings of events: a seat or a place on the waiting list, from the registration to the door. Pure.
 *
 * The price is spent with the registration; who waits has it on hold until the event begins. Every decision that gives or frees a
 * seat names the counters of the event, so it knows exactly who is booked and who waits, whatever happens at the same moment.
 * When a seat is freed those who wait get it by commands that follow from that (member_events_store.h), in their order.
 */
#ifndef PATRON_FEATURES_MEMBER_EVENTS_EVENT_BOOKINGS_H
#define PATRON_FEATURES_MEMBER_EVENTS_EVENT_BOOKINGS_H

#include "features/member_events/member_events.h"
#include "features/points/points.h"

/* Stored as numbers: never renumber. */
enum event_booking_state {
    EVENT_WAITING = 1,
    EVENT_BOOKED = 2,
    EVENT_ATTENDED = 3,
    EVENT_CANCELLED = 4,
    EVENT_NO_SHOW = 5,
    EVENT_NOT_SEATED = 6, /* waited until the event began */
};
extern const char *const event_booking_states[]; /* from 1 on: "waiting", "booked" ...; [0] is "" */

struct event_booking {
    int64_t id, version; /* id: of the journal row */
    int64_t member;
    struct text event;
    int64_t state;
    int64_t place;         /* in the order of registrations */
    struct text tier;      /* for which seats were kept when it was made; empty: another, or none */
    struct text wallet;    /* of the price */
    int64_t points;        /* the price */
    int64_t spent_by;      /* the row that spent it; 0: it is on hold, or there is none */
    int64_t given_back;    /* of the price */
    struct text store;     /* of the event */
    int64_t at, seated_at; /* seated_at 0: never had a seat */
    int64_t ended_at;      /* checked in, cancelled, not come; 0: open */
    struct text reason;    /* why it was cancelled: a code */
    int64_t barred_until;  /* the person may not register before; 0: may */
    struct text award_wallet;
    int64_t award, awarded_by; /* points on attendance and the row that gave them */
};

/* A copy with all its texts in `arena`. */
void event_booking_copy(struct arena *arena, const struct event_booking *booking, struct event_booking *out);

/* As it is at `now`: who waits for an event that has begun is not seated. `event` may be NULL. */
enum event_booking_state event_booking_state_at(const struct event_booking *booking, const struct member_event *event,
                                                int64_t now);

/* ---- the counters of an event ---- */

struct event_counters {
    int places, booked, waiting; /* indexes in the command */
    struct text tiers[MEMBER_EVENT_TIERS_MAX];
    int tier_booked[MEMBER_EVENT_TIERS_MAX], tier_waiting[MEMBER_EVENT_TIERS_MAX];
    size_t tier_count;
};
/* Their ids: `tier` empty: of all. */
const char *event_booked_counter(struct arena *arena, struct text code, struct text tier);
const char *event_waiting_counter(struct arena *arena, struct text code, struct text tier);
/* Lists them in `command`; `tier`: of the booking that changes, or empty. False when there is no room. */
bool event_counters_name(struct command *command, struct arena *arena, const struct programme_set *set,
                         struct text code, struct text tier, struct event_counters *out);

/* ---- registering ---- */

/* STATUS_BUSY: the command was prepared for another version of the event: preparing it again will do. */
#define EVENT_CHANGED_MEANWHILE "member_event.changed_meanwhile"

/*
 * Subject 0. STATUS_MISSING `member_event.unknown`, STATUS_CONFLICT `member_event.full` and as member_event_check, and what
 * spending_check answers.
 */
struct register_for_event {
    struct proof proof; /* first: as whatever spends */
    struct points_context context;
    struct text event;
    struct event_counters counters;
    struct condition_person known; /* loaded */
    struct event_booking *own;     /* loaded: the person's for this event, and those that bar it */
    size_t own_count, own_capacity;
    struct event_booking result;
    int64_t missing;   /* of a refusal for want of points */
    int64_t available; /* points afterwards */
};
extern const struct command_type register_for_event_type;

/* Whether one of `count` bookings of a person is open or was used for `event`; until when they bar the person. */
bool event_bookings_has(const struct event_booking *own, size_t count, struct text event);
int64_t event_bookings_barred_until(const struct event_booking *own, size_t count);

/* ---- what happens later ---- */

enum event_booking_action {
    EVENT_CANCEL,
    EVENT_CHECK_IN,
    EVENT_CORRECT, /* the check-in was wrong */
    /* By themselves; they do nothing when it is not so, or no longer. */
    EVENT_PROMOTE,  /* there is a seat for who waits */
    EVENT_CALL_OFF, /* the event is */
    EVENT_MISS,     /* the event is over, and the member did not come */
    EVENT_LAPSE,    /* the event has begun, and the member waited in vain */
    EVENT_FORGET,   /* the member was erased */
};

/*
 * events[0]: the booking, and of its row that spent the price and of the one that gave points for attendance those that there
 * are; subjects: the person and the owners of the points.
 *
 * STATUS_MISSING `member_event.unknown_booking`, STATUS_CONFLICT `member_event.state`, `member_event.began`,
 * `member_event.too_late`; of a check-in `member_event.checked_in`, `member_event.other_event`, `member_event.not_booked`, `member_event.too_early`,
 * `member_event.over`, `member_event.called_off`.
 */
struct change_event_booking {
    struct points_context context;
    enum event_booking_action action;
    struct text reason;
    struct text at_event; /* of a check-in: where; empty: any */
    bool counted;         /* the counters are named */
    struct event_counters counters;
    struct event_booking booking; /* loaded; id 0: there is none */
    struct event_booking result;
};
extern const struct command_type change_event_booking_type;
/* Names events and counters of the change; `booking` as it was read before. The caller names the subjects. */
bool change_event_booking_name(struct command *command, struct arena *arena, const struct programme_set *set,
                               const struct event_booking *booking);

/* ---- tickets: what the QR code of a booking says ---- */

enum { EVENT_TICKET_SIZE = 64 };
/* "mvb_..." and a keyed hash over the booking. Into `out`, which it returns. */
char *event_ticket(const unsigned char *seal_key, int64_t booking, char out[EVENT_TICKET_SIZE]);
/* The booking of a ticket; false for one that is not ours. */
bool event_ticket_read(const unsigned char *seal_key, struct text ticket, int64_t *booking);

/* member_events_store.c */
void store_event_booking(struct decision *decision, const struct event_booking *booking);
enum status register_for_event_load(struct load_context *context, struct command **commands, size_t count,
                                    struct error *err);
enum status change_event_booking_load(struct load_context *context, struct command **commands, size_t count,
                                      struct error *err);

#endif
