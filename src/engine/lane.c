#include "engine/lane.h"

#include <stdlib.h>
#include <time.h>

#include "foundation/log.h"

#define BATCH_ARENA_BYTES ((size_t)1 << 31)

enum { BATCHES_APART_NS = 2 * 1000000, SECOND_NS = 1000000000 };

void queued_finish(const struct queued *queued)
{
    struct submission *submission = queued->submission;

    if (atomic_fetch_sub(&submission->remaining, 1) == 1) {
        submission->completion.done(submission->completion.context);
        free(submission);
    }
}

/* The commands of the next batch: those deferred by the last one, then what is waiting. Waits for the first. */
static size_t next_batch(struct lane *lane, struct queued *queued)
{
    size_t count = lane->deferred_count;

    for (size_t i = 0; i < count; i++)
        queued[i] = lane->deferred[i];
    lane->deferred_count = 0;
    pthread_mutex_lock(&lane->mutex);
    while (count == 0 && lane->length == 0 && !lane->stopping)
        pthread_cond_wait(&lane->arrived, &lane->mutex);
    while (count < ENGINE_BATCH_MAX && lane->length > 0) {
        queued[count++] = lane->ring[lane->first];
        lane->first = (lane->first + 1) % ENGINE_QUEUE_MAX;
        lane->length--;
    }
    pthread_cond_broadcast(&lane->room);
    pthread_mutex_unlock(&lane->mutex);
    return count;
}

/* What wrote nothing may still tell of what an earlier batch wrote. */
static void answer(struct lane *lane, const struct queued *queued, size_t count)
{
    struct batch_context *context = &lane->context;

    if (context->owed || (lane->settler != NULL && !settler_is_idle(lane->settler))) {
        settler_put(lane->settler, queued, count, context->committed_at);
        return;
    }
    if (context->committed_at > 0)
        latency_add(&lane->engine->commits, latency_now() - context->committed_at);
    for (size_t i = 0; i < count; i++)
        queued_finish(&queued[i]);
}

static void run_batch(struct lane *lane, struct queued *queued, size_t count)
{
    struct command *commands[ENGINE_BATCH_MAX];
    enum outcome outcomes[ENGINE_BATCH_MAX];
    struct snapshot *snapshot = snapshot_take(lane->engine);
    int64_t rejected = 0;
    size_t decided = 0;

    for (size_t i = 0; i < count; i++)
        commands[i] = queued[i].command;
    lane->context.programmes = snapshot->programmes;
    batch_run(&lane->context, commands, outcomes, count);
    snapshot_release(lane->engine, snapshot);
    for (size_t i = 0; i < count; i++) {
        if (outcomes[i] == OUTCOME_DEFERRED) {
            lane->deferred[lane->deferred_count++] = queued[i];
            continue;
        }
        rejected += commands[i]->status != STATUS_OK;
        if (commands[i]->status == STATUS_DEFECT)
            log_event(LOG_ERROR, "engine.defect", "%s: %s (%s)", commands[i]->type->name, commands[i]->error.message,
                      commands[i]->error.code);
        queued[decided++] = queued[i];
    }
    atomic_store(&lane->batches, lane->context.batches);
    atomic_store(&lane->retries, lane->context.retries);
    atomic_fetch_add(&lane->commands, (long long)decided);
    atomic_fetch_add(&lane->rejected, rejected);
    answer(lane, queued, decided);
}

/*
 * Under half of the load that a lane can take, commits would follow each other as quickly as they are made, for a command or two
 * each, and leave the disk no time for anything else. Who comes to an idle lane does not wait.
 */
static void keep_apart(struct timespec since)
{
    since.tv_nsec += BATCHES_APART_NS;
    if (since.tv_nsec >= SECOND_NS) {
        since.tv_sec++;
        since.tv_nsec -= SECOND_NS;
    }
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &since, NULL);
}

static void *lane_main(void *context)
{
    struct lane *lane = context;
    struct queued *queued = calloc(ENGINE_BATCH_MAX, sizeof *queued);

    pthread_setname_np(pthread_self(), "lane");
    for (size_t count; queued != NULL && (count = next_batch(lane, queued)) > 0;) {
        struct timespec begun;
        clock_gettime(CLOCK_MONOTONIC, &begun);
        run_batch(lane, queued, count);
        keep_apart(begun);
    }
    free(queued);
    return NULL;
}

enum status lane_start(struct lane *lane, struct engine *engine, struct error *err)
{
    const struct engine_options *options = &engine->options;

    lane->engine = engine;
    pthread_mutex_init(&lane->mutex, NULL);
    pthread_cond_init(&lane->arrived, NULL);
    pthread_cond_init(&lane->room, NULL);
    lane->ring = calloc(ENGINE_QUEUE_MAX, sizeof *lane->ring);
    lane->deferred = calloc(ENGINE_BATCH_MAX, sizeof *lane->deferred);
    lane->context =
        (struct batch_context){.hooks = options->hooks, .clock = options->clock, .seal_key = options->seal_key};
    lane->context.arena_locks = engine->arena_locks;
    lane->context.arena = arena_new(BATCH_ARENA_BYTES);
    if (lane->ring == NULL || lane->deferred == NULL || lane->context.arena == NULL)
        return error_set(err, STATUS_LIMIT, "engine.memory", "", "there is no memory for the engine");
    enum status status = storage_session_new(options->storage, false, &lane->context.session, err);
    if (status == STATUS_OK && options->prepare)
        status = storage_session_prepare(lane->context.session, err);
    if (status == STATUS_OK && storage_owes(options->storage))
        status = settler_start(options->storage, &engine->commits, &lane->settler, err);
    if (status != STATUS_OK)
        return status;
    if (pthread_create(&lane->thread, NULL, lane_main, lane) != 0)
        return error_set(err, STATUS_LIMIT, "engine.thread", "", "the engine cannot start a thread");
    lane->started = true;
    return STATUS_OK;
}

void lane_stop(struct lane *lane)
{
    if (lane->started) {
        pthread_mutex_lock(&lane->mutex);
        lane->stopping = true;
        pthread_cond_broadcast(&lane->arrived);
        pthread_cond_broadcast(&lane->room);
        pthread_mutex_unlock(&lane->mutex);
        pthread_join(lane->thread, NULL);
    }
    settler_stop(lane->settler);
    storage_session_free(lane->context.session);
    arena_free(lane->context.arena);
    seal_buffer_release(&lane->context.seal_buffer);
    free(lane->ring);
    free(lane->deferred);
}
