/* visit.h: a visit of a member to a store. Pure. */
#ifndef PATRON_FEATURES_EVENTS_VISIT_H
#define PATRON_FEATURES_EVENTS_VISIT_H

#include "features/events/events.h"
#include "features/events/rules_of_event.h"

/* The body of a visit command; subject 0 is the member. */
struct visit {
    int64_t at;
    int32_t day;
    struct text store, channel;
    struct text till, employee; /* codes; empty: not told */
    struct event_identity identity;
    struct rules_known known; /* what earning rules ask of the person */
    struct text event_id;
    struct text detail;

    struct visit_result {
        int64_t id;
        bool known;
        int64_t member;
        const struct earned_facts *earned; /* by earning rules; in command.arena */
        size_t earned_count;
    } result;
};

/* With progress when an earning rule for it limits members. */
const struct command_type *visit_type(bool limits_members);

/* The load function (events_store.c). */
enum status visit_load(struct load_context *context, struct command **commands, size_t count, struct error *err);

enum status visit_decide(struct decision *decision, struct command *command, struct error *err);

#endif
