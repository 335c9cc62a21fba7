/* pipeline_store.h: keeps several batches of commands in flight: while the engine decides some, the next are made. */
#ifndef PATRON_FEATURES_EXCHANGE_PIPELINE_STORE_H
#define PATRON_FEATURES_EXCHANGE_PIPELINE_STORE_H

#include "engine/engine.h"

enum { PIPELINE_BATCHES = 4, PIPELINE_ARENA_SIZE = 512 * 1024 * 1024, PIPELINE_BYTES_MAX = 16 * 1024 * 1024 };

struct pipeline;

/*
 * What became of a command, in the order submitted, on the thread that calls pipeline_*. `tag` is the one given with it. A
 * status other than STATUS_OK stops the pipeline.
 */
struct pipeline_receiver {
    enum status (*done)(void *context, const struct command *command, int64_t tag, struct error *err);
    void *context;
};

enum status pipeline_new(struct engine *engine, const struct pipeline_receiver *receiver, struct pipeline **out,
                         struct error *err);
/* Waits for what is in flight; accepts NULL. */
void pipeline_free(struct pipeline *pipeline);

/* The arena in which to make the next command; it lives until the command is done. */
struct arena *pipeline_arena(struct pipeline *pipeline);
/* A place for the next command. */
struct command *pipeline_command(struct pipeline *pipeline);
/* Takes the command that was made there; submits once a batch is full. */
enum status pipeline_add(struct pipeline *pipeline, int64_t tag, struct error *err);
/* Forgets what was made for a command that is not added after all. */
enum status pipeline_skip(struct pipeline *pipeline, struct error *err);
/* Submits the rest and waits for everything. */
enum status pipeline_finish(struct pipeline *pipeline, struct error *err);

#endif
