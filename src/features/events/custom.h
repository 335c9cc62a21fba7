/* custom.h: an event of a kind that the configuration declares. Pure. */
#ifndef PATRON_FEATURES_EVENTS_CUSTOM_H
#define PATRON_FEATURES_EVENTS_CUSTOM_H

#include "features/events/events.h"

/*
 * The body of a custom event command; subject 0 is the member. Of a kind that is kept for ever: those kept for days are
 * no commands but go straight to the trace (events_store.h).
 */
struct custom_event {
    struct text kind;
    int64_t at;
    int32_t day;
    struct text store, channel;
    struct text till, employee; /* codes; empty: not told */
    struct event_identity identity;
    struct text event_id;
    struct text properties; /* JSON object; checked against the kind */

    struct custom_result {
        int64_t id;
        bool known;
        int64_t member;
    } result;
};

extern const struct command_type custom_command_type;

enum status custom_decide(struct decision *decision, struct command *command, struct error *err);

#endif
