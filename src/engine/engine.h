/*
 * engine.h: the batch engine. Commands go into a bounded queue; what arrived while the last batch committed is the next
 * batch: take, load, decide, store, one durable commit, replies.
 */
#ifndef PATRON_ENGINE_ENGINE_H
#define PATRON_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/decide.h"
#include "foundation/clock.h"
#include "foundation/error.h"
#include "storage/storage.h"

enum {
    ENGINE_BATCH_MAX = 1024, /* commands in one batch */
    ENGINE_QUEUE_MAX = 8192, /* commands waiting in one lane */
    ENGINE_LANES_POSTGRES = 4,
    REQUEST_KEPT_DAYS = 7,
};

struct engine;

/* What the engine asks of the features; wired by the server. */
struct engine_hooks {
    /* Brings everything in the group up to `decision->now`: each due change in order of (instant, kind, id). Pure. */
    enum status (*advance)(struct decision *decision, struct group *group, struct error *err);
    /* A fresh snapshot of the configuration from `session` into `arena`; called at start and when the epoch changed. */
    enum status (*configure)(struct storage_session *session, struct arena *arena, const struct programme_set **out,
                             struct error *err);
};

struct engine_options {
    struct storage *storage;
    const struct engine_hooks *hooks;
    const struct clock *clock;
    const unsigned char *seal_key; /* SEAL_KEY_SIZE bytes, kept outside the database; copied */
    int lanes;                     /* 0: what suits the engine */
    bool sweep;                    /* run the sweeper */
    bool prepare;              /* every query at the start, so that a wrong one stops it, and not when first needed */
    const char *event_archive; /* directory where texts of old events go; NULL: none; stays the caller's */
};

enum status engine_start(const struct engine_options *options, struct engine **out, struct error *err);
/* Decides what is queued, then stops. */
void engine_stop(struct engine *engine);

/* Called once, from an engine thread, when every command of the submission has its status. Must be quick. */
struct completion {
    void (*done)(void *context);
    void *context;
};

/*
 * Queues all or nothing. The commands, their bodies and claims stay the caller's and must live until `done`.
 * STATUS_BUSY `engine.busy` when the queue is full, or the engine stops.
 */
enum status engine_submit(struct engine *engine, struct command **commands, size_t count, struct completion completion,
                          struct error *err);

/* Submits and waits. For the command line and jobs; waits for room when the queue is full. */
enum status engine_run(struct engine *engine, struct command **commands, size_t count, struct error *err);

/* The current configuration: borrow for one request; released by engine_configuration_release. */
struct configuration {
    const struct programme_set *programmes;
    int64_t epoch;
    void *handle;
};
struct configuration engine_configuration(struct engine *engine);
void engine_configuration_release(struct engine *engine, struct configuration configuration);
/* Reads the epoch again now, instead of within a second. */
enum status engine_configuration_reload(struct engine *engine, struct error *err);

/* ---- reading ---- */

/* A pooled read session, in a read transaction, for one thread; give it back soon. */
enum status engine_read_begin(struct engine *engine, struct storage_session **out, struct error *err);
void engine_read_end(struct engine *engine, struct storage_session *session);

/* The claim's member and reference; 0 when free. */
enum status engine_claim_find(struct storage_session *session, const char *kind, struct text key, int64_t *reference,
                              int64_t *member, struct error *err);

/* The group of `member` with its lots and holds, brought up to now on the copy. STATUS_MISSING `member.unknown`. */
enum status engine_view(struct engine *engine, struct storage_session *session, int64_t member, struct arena *arena,
                        struct person *out, struct error *err);

/* A journal row with lines, movements, detail and, with LOAD_FOLLOWERS, what followed. STATUS_MISSING `event.unknown`. */
enum status engine_event(struct storage_session *session, int64_t id, unsigned loads, struct arena *arena,
                         struct past_event **out, struct error *err);

const struct clock *engine_clock(const struct engine *engine);
struct storage *engine_storage(const struct engine *engine);
const unsigned char *engine_seal_key(const struct engine *engine);
const char *engine_event_archive(const struct engine *engine); /* NULL: none */

/* ---- previews ---- */

/*
 * A decision on copies, to show what `command` would do: its subjects, each by member id, are loaded with lots and holds and
 * brought up to now, all in command->arena. `programmes` stays the caller's. STATUS_MISSING `member.unknown`.
 */
enum status engine_preview_load(struct engine *engine, struct storage_session *session, struct command *command,
                                const struct programme_set *programmes, struct decision *out, struct error *err);
/*
 * Decides it, by the type's own function, and what is due then; subjects that have become one person lie in one group
 * afterwards. Nothing is written.
 */
enum status engine_preview_decide(struct engine *engine, struct decision *decision, struct command *command,
                                  struct error *err);

/* ---- loading for command types ---- */

struct load_context {
    struct storage_session *session; /* in the batch's transaction; send only, the engine flushes */
    struct arena *arena;
    struct command **commands;
    /* The resolved member of subject i of a command; 0: nobody yet. */
    int64_t (*member_of)(const struct load_context *context, const struct command *command, int subject);
    /* Its group: who belongs to it is known, and no more than that yet. NULL: nobody. */
    const struct group *(*group_of)(const struct load_context *context, const struct command *command, int subject);
    const unsigned char *seal_key; /* SEAL_KEY_SIZE bytes */
    const void *state;
};

/* ---- readers of the journal ---- */

/*
 * Calls `row` for the rows after the reader's cursor in each bucket, in commit order, in transactions of at most `limit`
 * rows that also move the cursor: the effects of `row` through `session` and the move commit together, exactly once.
 * Returns the number of rows in `*count`.
 */
struct reader {
    const char *name;
    enum status (*row)(void *context, struct storage_session *session, const struct journal_row *row,
                       struct error *err);
    void *context;
    size_t limit;
};
enum status engine_reader_run(struct engine *engine, const struct reader *reader, size_t *count, struct error *err);

/* ---- upkeep ---- */

struct engine_figures { /* counted since the start */
    int64_t batches, commands, rejected, retries, refused_busy, swept;
    int64_t queue_length;
    bool sweeper_stopped; /* the wall clock jumped; see engine_sweeper_confirm */
};
void engine_figures(struct engine *engine, struct engine_figures *out);
const struct latency *engine_commits(const struct engine *engine); /* until they were durable */
void engine_sweeper_confirm(struct engine *engine);
/* Sweeps what is due now and waits until it is done; for tests and the command line. */
enum status engine_sweep(struct engine *engine, struct error *err);

#endif
