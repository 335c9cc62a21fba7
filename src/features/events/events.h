/*
 * events.h: what all kinds of events share: when and where they happened, how they are told apart, and the places and
 * kinds that the configuration declares. Pure.
 */
#ifndef PATRON_FEATURES_EVENTS_EVENTS_H
#define PATRON_FEATURES_EVENTS_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/decide.h"
#include "features/events/places.h"
#include "features/programme/event_kinds.h"
#include "features/programme/programme.h"
#include "foundation/text.h"
#include "foundation/zone.h"

#define EVENT_AHEAD_MAX (5 * INSTANT_MINUTE) /* how far in the future an event may lie: clocks are never the same */

enum {
    STORES_MAX = 20000,
    EVENT_KINDS_MAX = 200,
    KIND_PROPERTIES_MAX = 50,
    KIND_CHOICES_MAX = 100,
    KIND_DAYS_MAX = 3660,
    EVENT_KEY_PART_MAX = 100, /* bytes of a till, a receipt number, an event id */
};

/* ---- places ---- */

/* A place of the tree; most are stores. */
struct store {
    struct text code, name;
    const struct zone *zone; /* its own or that of the nearest place above that has one; NULL: the programme's */
    int cut_minutes;         /* the business day begins so long after midnight */
    enum place_kind kind;
    struct text parent;           /* empty: none */
    int32_t opened_on, closed_on; /* business days from .. until before; DAY_NONE: none */
};

struct employee {
    struct text code, store;
    bool active;
    int64_t member; /* who they are as a customer; 0: none, or not known */
};

/* NULL: not declared. */
const struct employee *employee_find(const struct programme_set *set, struct text code);

/*
 * Whether something may have happened there and through that employee: what is not declared is taken as it comes.
 * STATUS_INVALID `store.closed` outside of the days on which the store is open to business, `store.kind` for a place that
 * is none, `employee.inactive`.
 */
enum status event_check_place(const struct programme_set *set, struct text store, struct text employee, int32_t day,
                              struct error *err);

/* NULL: not declared. Stores need no declaration: an unknown one follows the programme's days. */
const struct store *store_find(const struct programme_set *set, struct text code);

/* The business day at `at` in the store. */
int32_t business_day(const struct programme_set *set, struct text store, int64_t at);

/* ---- time ---- */

/*
 * When an event happened. A device that says when it happened by its own clock (`at`) and what that clock showed at
 * sending (`sent_at`) is corrected: at = received - (sent - at).
 */
struct event_moment {
    bool at_given, sent_given;
    int64_t at, sent_at;
    int64_t received_at;
};
int64_t event_instant(struct event_moment moment);

/* STATUS_INVALID `event.in_future` when `at` lies more than EVENT_AHEAD_MAX after `now`. */
enum status event_check_instant(int64_t at, int64_t now, struct error *err);

/* ---- identity ---- */

/* What a receipt is known by. */
struct receipt {
    int32_t day; /* business day */
    struct text channel, store, till, number;
};
/* "2026-11-22/pos/soho/3/000123": begins with the day, so that keys append. */
struct text receipt_key(struct arena *arena, const struct receipt *receipt);
/* Event ids are unique per channel: "channel/id". */
struct text event_key(struct arena *arena, struct text channel, struct text id);

/* How one event may be known already; indexes into command.claims, -1: none. */
struct event_identity {
    int receipt_claim;
    int event_claim;                 /* command.events[event_reference] names the holder */
    int row_claim;                   /* imports: the digest and ordinal of a row without receipt */
    int event_reference;             /* index into command.events of the event that holds event_claim; -1: none */
    unsigned char digest[SEAL_SIZE]; /* of the content, so that a repetition is told from another body */
    int receipt_reference; /* index into command.events of the event that holds receipt_claim; -1: not asked for */
    int64_t at;            /* when it happened: a receipt that was voided before is free */
};
#define EVENT_IDENTITY_NONE ((struct event_identity){-1, -1, -1, -1, {0}, -1, 0})

/*
 * Whether the event is known. The same event again: STATUS_OK and `*known` its id. Other content under the same event id:
 * STATUS_CONFLICT `event.conflict`; a known receipt: STATUS_CONFLICT `receipt.known`, naming the first one's id.
 */
enum status event_identity_check(const struct decision *decision, const struct command *command,
                                 const struct event_identity *identity, int64_t *known, struct error *err);
/* Takes the claims for the new row. */
void event_identity_take(struct decision *decision, const struct command *command,
                         const struct event_identity *identity, int64_t id, int64_t member);

/* ---- declared kinds ---- */

/* STATUS_INVALID `event.kind_unknown` with the nearest name. */
enum status event_kind_find(const struct programme_set *set, struct text name, const struct event_kind **out,
                            struct error *err);

/* True for the names of the kinds that Patron journals itself: they cannot be declared. */
bool event_kind_reserved(struct text name);

/* Reads the properties of a declaration (JSON array) into `kind`. Errors `event_kind.*` name the field by path. */
enum status event_kind_parse(struct arena *arena, struct text json, struct event_kind *kind, struct error *err);

/*
 * Checks the properties (JSON object; empty: {}) of an event against its kind: `event.property_unknown`,
 * `event.property_missing`, `event.property_type`.
 */
enum status event_kind_check(const struct event_kind *kind, struct text properties, struct error *err);

/* ---- shared by the decisions ---- */

/* Adds to the leader's sums on all ladders, and to the member's own share while the person has several members. */
enum status event_qualify(struct decision *decision, const struct person *person, const struct tier_gain *gain,
                          int64_t cause, struct error *err);

#endif
