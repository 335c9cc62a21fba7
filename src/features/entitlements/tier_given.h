/*
 * tier_given.h: tiers that are given instead of earned: by invitation, on trial or by hand; for a time; what needs a second person
 * waits until one has decided. Pure.
 *
 * What is given is a right of the standing (features/programme/held.h): nothing has to run for it to begin or to end.
 */
#ifndef PATRON_FEATURES_ENTITLEMENTS_TIER_GIVEN_H
#define PATRON_FEATURES_ENTITLEMENTS_TIER_GIVEN_H

#include "features/programme/held.h"

enum { RIGHT_REASON_MAX = 500 };

/* Stored by name. */
enum given_as { GIVEN_INVITATION, GIVEN_TRIAL, GIVEN_GRANT };
extern const char *const given_as_names[]; /* "invitation" ...; ends with NULL */

/* Stored as numbers: never renumber. */
enum tier_request_state { TIER_REQUEST_WAITING = 0, TIER_REQUEST_APPROVED = 1, TIER_REQUEST_REFUSED = 2 };
extern const char *const tier_request_state_names[]; /* "waiting" ...; ends with NULL */

/* A tier that somebody wants to give. */
struct tier_request {
    int64_t id; /* of the journal row */
    int64_t member;
    struct text ladder, tier; /* ladder: its code */
    int as;                   /* enum given_as */
    int64_t until;            /* INSTANT_NEVER: no end */
    struct text reason;
    struct tier_minimums kept_by[TRIAL_ALTERNATIVES_MAX];
    size_t kept_by_count; /* of a trial; 0 in an input: what keeps the level */
    int state;
    struct text asked_by, decided_by;
    int64_t asked_at, decided_at; /* 0: not yet */
};

struct give_tier { /* subject 0 by id */
    struct tier_request wanted;
    int64_t days;     /* 0: until wanted.until; otherwise so many whole days from now */
    bool may_approve; /* the caller may give what takes a second person */
    struct tier_request result;
};

struct decide_tier_request { /* subject 0: the member of the request */
    int64_t id;
    bool approve;
    struct tier_request request; /* as loaded; id 0: there is none */
    struct tier_request result;
};

/* Ends a right before its time: a tier or benefit that was given. */
struct end_right { /* subject 0 by id */
    int64_t right;
    struct text reason;
    int64_t at;       /* 0: now */
    int64_t ended_at; /* result */
    int64_t id;       /* result: of the row */
};

/* What the loyalty index of a person is now, for ladders that ask for it. */
struct measure_loyalty { /* subject 0 by id */
    int64_t loyalty;
    bool changed; /* result */
};
extern const struct command_type measure_loyalty_type;

extern const struct command_type give_tier_type, decide_tier_request_type, end_right_type;

/* Alternatives as the database keeps them: numbers with spaces between. */
struct text kept_by_write(struct arena *arena, const struct tier_request *request);
void kept_by_read(struct text text, struct tier_request *request);

/* entitlements_store.c */
enum status tier_request_load(struct load_context *context, struct command **commands, size_t count, struct error *err);
void store_tier_request(struct decision *decision, const struct tier_request *request);

#endif
