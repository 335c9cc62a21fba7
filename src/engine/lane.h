/* lane.h: a bounded queue of commands and the thread that runs them in batches; the engine's inside. */
#ifndef PATRON_ENGINE_LANE_H
#define PATRON_ENGINE_LANE_H

#include <pthread.h>
#include <stdatomic.h>

#include "engine/batch.h"
#include "engine/engine.h"
#include "engine/settle.h"

/* What was submitted together. Freed when the last of its commands has its status. */
struct submission {
    struct completion completion;
    atomic_size_t remaining;
};

struct queued {
    struct command *command;
    struct submission *submission;
};

/* The command has its status and its result: tells whoever submitted it. */
void queued_finish(const struct queued *queued);

struct lane {
    struct engine *engine;
    pthread_t thread;
    bool started;
    pthread_mutex_t mutex;
    pthread_cond_t arrived, room;
    struct queued *ring; /* ENGINE_QUEUE_MAX */
    size_t first, length;
    bool stopping;
    struct batch_context context;
    struct settler *settler; /* NULL: commits owe nothing */
    struct queued *deferred; /* ENGINE_BATCH_MAX, by the lane's thread only */
    size_t deferred_count;
    atomic_llong batches, commands, rejected, retries, sweeps;
};

enum status lane_start(struct lane *lane, struct engine *engine, struct error *err);
void lane_stop(struct lane *lane); /* decides what is queued first */

/* An immutable configuration, kept while anyone uses it. */
struct snapshot {
    struct arena *arena;
    const struct programme_set *programmes;
    int64_t epoch;
    atomic_int users;
};

enum { READ_SESSIONS_MAX = 8 };

struct engine {
    struct engine_options options;
    unsigned char seal_key[SEAL_KEY_SIZE]; /* options.seal_key points here */
    struct lane *lanes;
    int lane_count;
    struct latency commits;

    pthread_mutex_t arena_locks[ARENA_LOCKS];
    pthread_mutex_t configuration_mutex;
    struct snapshot *snapshot;

    pthread_mutex_t read_mutex;
    pthread_cond_t read_returned;
    struct storage_session *readers[READ_SESSIONS_MAX];
    int idle_count, reader_count; /* readers[0 .. idle_count) are idle */

    pthread_t keeper; /* polls the configuration, sweeps, purges */
    pthread_mutex_t keeper_mutex;
    pthread_cond_t keeper_wake;
    bool keeper_started, stopping;
    struct storage_session *keeper_session;
    int64_t wall_before, boot_before;
    bool sweeper_stopped, sweeper_confirmed;
    atomic_llong refused_busy, swept;
};

struct snapshot *snapshot_take(struct engine *engine);
void snapshot_release(struct engine *engine, struct snapshot *snapshot);

enum status keeper_start(struct engine *engine, struct error *err);
void keeper_stop(struct engine *engine);

#endif
