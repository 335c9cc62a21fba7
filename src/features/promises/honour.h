/*
 * honour.h: an advertisement that has no trace is honoured in one step: something is given now, whoever answers for the channel
 * has a task, and what came of it is told to the member. Pure.
 *
 * What costs more than the roles of whoever honours may give waits for somebody else with the permission to approve.
 */
#ifndef PATRON_FEATURES_PROMISES_HONOUR_H
#define PATRON_FEATURES_PROMISES_HONOUR_H

#include "features/promises/good.h"

enum { HONOUR_TEXT_MAX = 2000, HONOUR_POINTS_MAX = 1000000000 };

/* The kind of the claim by which a purchase is honoured once; its key is the id of the purchase. */
#define HONOUR_CLAIM "honour"

/* Stored as numbers: never renumber. */
enum honour_state { HONOUR_GIVEN = 1, HONOUR_WAITING = 2, HONOUR_REFUSED = 3 };
extern const char *const honour_states[]; /* from 1 on: "given", "waiting", "refused"; [0] is "" */

struct traceless {
    int64_t id, member, purchase; /* id: of its journal row; purchase 0: none was named */
    int64_t state;
    struct text channel, advertised; /* where it was seen, and what it said */
    int64_t seen_at;                 /* 0: not told */
    struct text store, reason;       /* reason: a code */
    struct text employee, by;        /* who did it: as told, and who called */
    int64_t at;
    int32_t day;
    int64_t value;      /* minor units that it costs; 0: points without a worth */
    struct text wallet; /* asked for in points of this account; empty: in money */
    int64_t points;
    int64_t give;           /* enum good_kind: what was asked for */
    struct good good;       /* what was given */
    int64_t task, approval; /* of the channel's owner; of whoever approves; 0: none */
    int64_t decided_at;     /* 0: nobody had to */
    struct text decided_by;
    struct text outcome, outcome_text; /* of the task, as it was told to the member */
    int64_t told_at;                   /* 0: not yet */
};

/* ---- commands ---- */

/*
 * Subject 0 is the member; claim `claim`, if not -1, the purchase. STATUS_CONFLICT `honour.policy`, `honour.known`, STATUS_INVALID
 * `honour.reason`, STATUS_LIMIT `honour.velocity`, and as good_give_worth.
 */
struct honour_promise {
    struct traceless asked;
    struct text roles; /* of whoever honours, names with commas between */
    struct text note;
    struct good_keys keys;
    int claim, counter; /* counter: what the employee honoured today */
    struct traceless result;
};
extern const struct command_type honour_promise_type;
/* Names the counter of the employee, and those of the keys. False: there is no room. */
bool honour_name(struct command *command, struct arena *arena);

/* Somebody else decides what waits: subject 0 is its member. STATUS_MISSING `honour.unknown`, STATUS_CONFLICT `honour.decided`, `honour.own`. */
struct decide_honour {
    int64_t id;
    bool approve;
    struct text by, reason;
    struct good_keys keys;
    struct traceless honour; /* loaded; id 0: there is none */
    struct traceless result;
};
extern const struct command_type decide_honour_type;

/* The task of the channel's owner was closed: the member is told. Follows its journal row (reaction.h). */
struct tell_honour {
    int64_t id;
    struct text outcome, outcome_text;
    struct traceless honour; /* loaded */
};
extern const struct command_type tell_honour_type;

void honour_copy(struct arena *arena, const struct traceless *honour, struct traceless *out);

/* honours_store.c */
enum status decide_honour_load(struct load_context *context, struct command **commands, size_t count,
                               struct error *err);
enum status tell_honour_load(struct load_context *context, struct command **commands, size_t count, struct error *err);
void store_honour(struct decision *decision, const struct traceless *honour);

#endif
