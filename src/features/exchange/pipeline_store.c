#include "features/exchange/pipeline_store.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { BUSY_WAIT_MS = 2, BUSY_TRIES_MAX = 30000 };

struct batch {
    struct pipeline *pipeline;
    struct arena *arena;
    struct command commands[ENGINE_BATCH_MAX];
    struct command *list[ENGINE_BATCH_MAX];
    int64_t tags[ENGINE_BATCH_MAX];
    size_t count;
    bool flying, done; /* under the mutex */
};

struct pipeline {
    struct engine *engine;
    struct pipeline_receiver receiver;
    pthread_mutex_t mutex;
    pthread_cond_t arrived;
    struct batch batches[PIPELINE_BATCHES];
    size_t filling; /* the batch that is being made; the next one in the ring is the oldest in flight */
};

enum status pipeline_new(struct engine *engine, const struct pipeline_receiver *receiver, struct pipeline **out,
                         struct error *err)
{
    struct pipeline *pipeline = calloc(1, sizeof *pipeline);
    if (pipeline == NULL)
        return error_set(err, STATUS_LIMIT, "exchange.memory", "", "there is no memory for the batches");
    pipeline->engine = engine;
    pipeline->receiver = *receiver;
    pthread_mutex_init(&pipeline->mutex, NULL);
    pthread_cond_init(&pipeline->arrived, NULL);
    for (size_t i = 0; i < PIPELINE_BATCHES; i++) {
        pipeline->batches[i].pipeline = pipeline;
        pipeline->batches[i].arena = arena_new(PIPELINE_ARENA_SIZE);
        if (pipeline->batches[i].arena == NULL) {
            pipeline_free(pipeline);
            return error_set(err, STATUS_LIMIT, "exchange.memory", "", "there is no memory for the batches");
        }
    }
    *out = pipeline;
    return STATUS_OK;
}

static void batch_done(void *context)
{
    struct batch *batch = context;
    pthread_mutex_lock(&batch->pipeline->mutex);
    batch->done = true;
    pthread_cond_broadcast(&batch->pipeline->arrived);
    pthread_mutex_unlock(&batch->pipeline->mutex);
}

static void wait_done(struct batch *batch)
{
    pthread_mutex_lock(&batch->pipeline->mutex);
    while (batch->flying && !batch->done)
        pthread_cond_wait(&batch->pipeline->arrived, &batch->pipeline->mutex);
    pthread_mutex_unlock(&batch->pipeline->mutex);
}

/* Waits for the batch, tells of its commands, and makes it empty. */
static enum status collect(struct batch *batch, struct error *err)
{
    enum status status = STATUS_OK;
    if (!batch->flying)
        return STATUS_OK;
    wait_done(batch);
    batch->flying = false;
    const struct pipeline_receiver *receiver = &batch->pipeline->receiver;
    for (size_t i = 0; status == STATUS_OK && i < batch->count; i++)
        status = receiver->done(receiver->context, &batch->commands[i], batch->tags[i], err);
    batch->count = 0;
    arena_reset(batch->arena);
    return status;
}

static enum status submit(struct pipeline *pipeline, struct error *err)
{
    struct batch *batch = &pipeline->batches[pipeline->filling];
    if (batch->count == 0)
        return STATUS_OK;
    for (size_t i = 0; i < batch->count; i++)
        batch->list[i] = &batch->commands[i];
    batch->done = false;
    batch->flying = true;
    struct completion completion = {batch_done, batch};
    enum status status = engine_submit(pipeline->engine, batch->list, batch->count, completion, err);
    for (int tries = 0; status == STATUS_BUSY && tries < BUSY_TRIES_MAX; tries++) {
        nanosleep(&(struct timespec){.tv_nsec = BUSY_WAIT_MS * 1000000L}, NULL);
        status = engine_submit(pipeline->engine, batch->list, batch->count, completion, err);
    }
    if (status != STATUS_OK) {
        batch->flying = false;
        return status;
    }
    pipeline->filling = (pipeline->filling + 1) % PIPELINE_BATCHES;
    return collect(&pipeline->batches[pipeline->filling], err);
}

void pipeline_free(struct pipeline *pipeline)
{
    if (pipeline == NULL)
        return;
    for (size_t i = 0; i < PIPELINE_BATCHES; i++) {
        wait_done(&pipeline->batches[i]);
        arena_free(pipeline->batches[i].arena);
    }
    pthread_cond_destroy(&pipeline->arrived);
    pthread_mutex_destroy(&pipeline->mutex);
    free(pipeline);
}

struct arena *pipeline_arena(struct pipeline *pipeline)
{
    return pipeline->batches[pipeline->filling].arena;
}

struct command *pipeline_command(struct pipeline *pipeline)
{
    struct batch *batch = &pipeline->batches[pipeline->filling];
    assert(batch->count < ENGINE_BATCH_MAX);
    return &batch->commands[batch->count];
}

enum status pipeline_add(struct pipeline *pipeline, int64_t tag, struct error *err)
{
    struct batch *batch = &pipeline->batches[pipeline->filling];
    assert(!batch->flying);
    batch->commands[batch->count].arena = batch->arena; /* results live as long as the command */
    batch->tags[batch->count++] = tag;
    if (batch->count == ENGINE_BATCH_MAX || arena_used(batch->arena) > PIPELINE_BYTES_MAX)
        return submit(pipeline, err);
    return STATUS_OK;
}

enum status pipeline_skip(struct pipeline *pipeline, struct error *err)
{
    struct batch *batch = &pipeline->batches[pipeline->filling];
    if (batch->count > 0)
        return arena_used(batch->arena) > PIPELINE_BYTES_MAX ? submit(pipeline, err) : STATUS_OK;
    arena_reset(batch->arena);
    return STATUS_OK;
}

enum status pipeline_finish(struct pipeline *pipeline, struct error *err)
{
    enum status status = submit(pipeline, err);
    /* From the oldest to the newest, so that results come in the order submitted. */
    for (size_t i = 0; status == STATUS_OK && i < PIPELINE_BATCHES; i++)
        status = collect(&pipeline->batches[(pipeline->filling + i) % PIPELINE_BATCHES], err);
    return status;
}
