/* batch.h: the commands of one transaction, from take to commit. */
#ifndef PATRON_ENGINE_BATCH_H
#define PATRON_ENGINE_BATCH_H

#include <pthread.h>

#include "engine/decision.h"
#include "engine/engine.h"
#include "engine/loader.h"
#include "engine/seal.h"
#include "foundation/clock.h"
#include "foundation/latency.h"

enum outcome {
    OUTCOME_NONE,
    OUTCOME_DONE,     /* decided: its effects are part of the batch */
    OUTCOME_REJECTED, /* has an error, or a stored reply; writes nothing */
    OUTCOME_DEFERRED, /* needs the state after this batch: goes into the next */
};

/* A request key as found, or as used by a command of this batch. */
struct request_state {
    struct text scope, key;
    bool found, used;
    unsigned char digest[DIGEST_SIZE];
    int status;
    struct text reply;
    const struct command *command; /* whose reply is to be stored */
};

/* What a lane keeps from batch to batch. */
enum { ARENA_LOCKS = 64 };

struct batch_context {
    const struct engine_hooks *hooks;
    const struct clock *clock;
    const unsigned char *seal_key;
    struct storage_session *session;
    struct arena *arena;
    struct seal_buffer seal_buffer;
    const struct programme_set *programmes; /* set before each batch */
    int64_t retries, batches;               /* counted */
    bool owed;                              /* whether the last batch owes its flush: see storage_commit_owing */
    int64_t committed_at;                   /* when its COMMIT began, by latency_now */
    /* Lanes decide commands of one submission at once, and results go into its one arena: ARENA_LOCKS of all lanes. */
    pthread_mutex_t *arena_locks;
};

struct batch {
    struct batch_context *context;
    struct command **commands;
    enum outcome *outcomes; /* one for each command */
    size_t count;
    struct arena *arena;
    struct loader loader;
    struct effects *effects;
    struct decision decision;
    struct map *requests;               /* by scope and key -> struct request_state */
    struct map *counters;               /* by id -> struct counter */
    struct map *asked;                  /* journal ids that were looked for */
    struct map *alone;                  /* events without a member that a command of this batch has */
    struct map *households;             /* that a command of this batch changed */
    unsigned char last_seal[SEAL_SIZE]; /* of one journal row written, to find out whether a commit happened */
    int64_t last_id;
};

/*
 * Runs `count` commands in one transaction, again as often as the database asks for. Afterwards every outcome is DONE,
 * REJECTED (status and error of the command are set) or DEFERRED.
 */
void batch_run(struct batch_context *context, struct command **commands, enum outcome *outcomes, size_t count);

/* The steps, in order; each in its own file. */
enum status batch_take(struct batch *batch, struct error *err);
enum status batch_load(struct batch *batch, struct error *err);
void batch_decide(struct batch *batch);
enum status batch_store(struct batch *batch, struct error *err);

/* The member id behind a subject as the claims stand now; 0: nobody. */
int64_t batch_subject(const struct batch *batch, const struct command *command, int subject);
/* The journal id of a named event; 0: nothing. */
int64_t batch_event(const struct batch *batch, const struct command *command, int event);
struct text request_text(struct arena *arena, struct text scope, struct text key);
int request_bucket(struct text scope, struct text key);
int counter_bucket(struct text id);

#endif
