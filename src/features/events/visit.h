/* visit.h: a visit of a member to a store. Pure. */
#ifndef PATRON_FEATURES_EVENTS_VISIT_H
#define PATRON_FEATURES_EVENTS_VISIT_H

#include "features/events/events.h"

/* The body of a visit command; subject 0 is the member. */
struct visit {
    int64_t at;
    int32_t day;
    struct text store, channel;
    struct text till, employee; /* codes; empty: not told */
    struct event_identity identity;
    struct text event_id;
    struct text detail;

    struct visit_result {
        int64_t id;
        bool known;
        int64_t member;
    } result;
};

extern const struct command_type visit_command_type;

enum status visit_decide(struct decision *decision, struct command *command, struct error *err);

#endif
