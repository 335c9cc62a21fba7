/* custom.h: an event of a kind that the configuration declares. Pure. */
#ifndef PATRON_FEATURES_EVENTS_CUSTOM_H
#define PATRON_FEATURES_EVENTS_CUSTOM_H

#include "features/events/events.h"
#include "features/events/rules_of_event.h"

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
    struct rules_known known; /* what earning rules ask of the person */
    struct text event_id;
    struct text properties; /* JSON object; checked against the kind */

    struct custom_result {
        int64_t id;
        bool known;
        int64_t member;
        const struct earned_facts *earned; /* by earning rules; in command.arena */
        size_t earned_count;
    } result;
};

/* With progress when an earning rule for it limits members. */
const struct command_type *custom_type(bool limits_members);

/* The load function (events_store.c). */
enum status custom_load(struct load_context *context, struct command **commands, size_t count, struct error *err);

enum status custom_decide(struct decision *decision, struct command *command, struct error *err);

#endif
