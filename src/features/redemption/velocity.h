/*
 * velocity.h: how often and how much a member, a till or an employee may earn and spend in an hour or a day. Pure.
 *
 * Hours are those of the clock, days those of the programme's zone. What is used lies in one row for each limit and
 * subject: of a till or employee in a counter, which all servers lock, of a member in its progress. The row says which
 * period it counts: one from before is as good as empty. What comes late counts in the newest period there is.
 */
#ifndef PATRON_FEATURES_REDEMPTION_VELOCITY_H
#define PATRON_FEATURES_REDEMPTION_VELOCITY_H

#include "engine/decide.h"
#include "features/programme/programme.h"

/* Codes; empty: not told, and not limited. The till is as its store names it. */
struct velocity_place {
    struct text store, till, employee;
};

/* What a row says of a period. */
struct velocity_sum {
    int64_t period; /* hours since 1970, or a day number */
    int64_t count, points;
};
int64_t velocity_pack(struct velocity_sum sum); /* counts that do not fit stop at what fits */
struct velocity_sum velocity_unpack(int64_t used);

/* Lists the counters of the place in `command`, as far as there is room. */
void velocity_counters(const struct programme *programme, enum velocity_action action,
                       const struct velocity_place *place, struct command *command, struct arena *arena);

/* Whether a command must load the progress of members. */
bool velocity_limits_members(const struct programme *programme, enum velocity_action action);

/*
 * Counts one event of `points`. STATUS_LIMIT `earning.velocity` or `redemption.velocity` says what is used up and when it
 * works again; STATUS_BUSY `programme.changed` when the command did not load what the programme of now asks for.
 */
struct velocity_use {
    struct decision *decision;
    const struct command *command;
    const struct person *person;
    enum velocity_action action;
    int64_t at;
    int64_t points;
    struct velocity_place place;
};
enum status velocity_take(const struct velocity_use *use, struct error *err);

#endif
