#include "engine/engine.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/lane.h"
#include "queries.h"

/* ---- start and stop ---- */

static enum status create_heads(struct storage_session *session, struct error *err)
{
    struct storage_value values[BUCKET_COUNT * 2];
    static const unsigned char zero[SEAL_SIZE];
    const struct storage_value first = value_integer(1);

    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        values[bucket * 2] = value_integer(bucket);
        values[bucket * 2 + 1] = value_blob(zero, SEAL_SIZE);
    }
    enum status status = storage_begin(session, err);
    if (status == STATUS_OK)
        status = storage_send(session, &query_engine_heads_create, values, BUCKET_COUNT, NULL, err);
    if (status == STATUS_OK)
        status = storage_send(session, &query_engine_epoch_create, &first, 1, NULL, err);
    if (status == STATUS_OK)
        return storage_commit(session, err);
    storage_rollback(session);
    return status;
}

static enum status start_lanes(struct engine *engine, struct error *err)
{
    engine->lanes = calloc((size_t)engine->lane_count, sizeof *engine->lanes);
    if (engine->lanes == NULL)
        return error_set(err, STATUS_LIMIT, "engine.memory", "", "there is no memory for the engine");
    for (int i = 0; i < engine->lane_count; i++) {
        enum status status = lane_start(&engine->lanes[i], engine, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

enum status engine_start(const struct engine_options *options, struct engine **out, struct error *err)
{
    struct engine *engine = calloc(1, sizeof *engine);

    if (engine == NULL)
        return error_set(err, STATUS_LIMIT, "engine.memory", "", "there is no memory for the engine");
    engine->options = *options;
    memcpy(engine->seal_key, options->seal_key, SEAL_KEY_SIZE);
    engine->options.seal_key = engine->seal_key;
    engine->lane_count = options->lanes;
    if (engine->lane_count <= 0)
        engine->lane_count = strcmp(storage_engine(options->storage), "sqlite") == 0 ? 1 : ENGINE_LANES_POSTGRES;
    for (int i = 0; i < ARENA_LOCKS; i++)
        pthread_mutex_init(&engine->arena_locks[i], NULL);
    pthread_mutex_init(&engine->configuration_mutex, NULL);
    pthread_mutex_init(&engine->read_mutex, NULL);
    pthread_cond_init(&engine->read_returned, NULL);
    enum status status = storage_session_new(options->storage, false, &engine->keeper_session, err);
    if (status == STATUS_OK)
        status = create_heads(engine->keeper_session, err);
    if (status == STATUS_OK)
        status = engine_configuration_reload(engine, err);
    if (status == STATUS_OK)
        status = start_lanes(engine, err);
    if (status == STATUS_OK)
        status = keeper_start(engine, err);
    if (status != STATUS_OK) {
        engine_stop(engine);
        return status;
    }
    *out = engine;
    return STATUS_OK;
}

void engine_stop(struct engine *engine)
{
    if (engine == NULL)
        return;
    keeper_stop(engine);
    for (int i = 0; engine->lanes != NULL && i < engine->lane_count; i++)
        lane_stop(&engine->lanes[i]);
    free(engine->lanes);
    for (int i = 0; i < engine->idle_count; i++)
        storage_session_free(engine->readers[i]);
    storage_session_free(engine->keeper_session);
    if (engine->snapshot != NULL)
        snapshot_release(engine, engine->snapshot);
    free(engine);
}

/* ---- submitting ---- */

/* A command goes to the lane of the bucket that it most likely changes; any lane would be right. */
static int bucket_guess(const struct command *command)
{
    if (command->subject_count > 0) {
        const struct subject *subject = &command->subjects[0];
        if (subject->by == SUBJECT_MEMBER && subject->id > 0)
            return id_bucket(subject->id);
        if (subject->by == SUBJECT_CLAIMS && subject->count > 0)
            return claim_bucket(command->claims[subject->first].kind, command->claims[subject->first].key);
        if (subject->by == SUBJECT_EVENT && command->events[subject->first].id > 0)
            return id_bucket(command->events[subject->first].id);
    }
    if (command->bucket >= 0)
        return command->bucket;
    return command->claim_count > 0 ? claim_bucket(command->claims[0].kind, command->claims[0].key) : 0;
}

static struct lane *lane_of(struct engine *engine, const struct command *command)
{
    return &engine->lanes[bucket_guess(command) * engine->lane_count / BUCKET_COUNT];
}

static void put(struct lane *lane, struct command *command, struct submission *submission)
{
    lane->ring[(lane->first + lane->length) % ENGINE_QUEUE_MAX] = (struct queued){command, submission};
    lane->length++;
}

/* With every lane locked in order: all the commands, or none. */
static bool put_all(struct engine *engine, struct command **commands, size_t count, struct submission *submission)
{
    size_t wanted[BUCKET_COUNT] = {0};
    bool room = true;

    for (size_t i = 0; i < count; i++)
        wanted[lane_of(engine, commands[i]) - engine->lanes]++;
    for (int i = 0; i < engine->lane_count; i++) {
        struct lane *lane = &engine->lanes[i];
        pthread_mutex_lock(&lane->mutex);
        room &= !lane->stopping && lane->length + wanted[i] <= ENGINE_QUEUE_MAX;
    }
    for (size_t i = 0; room && i < count; i++)
        put(lane_of(engine, commands[i]), commands[i], submission);
    for (int i = 0; i < engine->lane_count; i++) {
        if (room && wanted[i] > 0)
            pthread_cond_signal(&engine->lanes[i].arrived);
        pthread_mutex_unlock(&engine->lanes[i].mutex);
    }
    return room;
}

enum status engine_submit(struct engine *engine, struct command **commands, size_t count, struct completion completion,
                          struct error *err)
{
    struct submission *submission = malloc(sizeof *submission);

    assert(count > 0);
    if (submission == NULL)
        return error_set(err, STATUS_BUSY, "engine.busy", "", "there is no memory for the request now");
    submission->completion = completion;
    atomic_init(&submission->remaining, count);
    if (put_all(engine, commands, count, submission))
        return STATUS_OK;
    free(submission);
    atomic_fetch_add(&engine->refused_busy, 1);
    return error_set(err, STATUS_BUSY, "engine.busy", "", "too many requests are waiting; try again in a second");
}

struct waiter { /* of engine_run */
    pthread_mutex_t mutex;
    pthread_cond_t done;
    bool finished;
};

static void wake(void *context)
{
    struct waiter *waiter = context;

    pthread_mutex_lock(&waiter->mutex);
    waiter->finished = true;
    pthread_cond_signal(&waiter->done);
    pthread_mutex_unlock(&waiter->mutex);
}

static bool is_stopping(struct lane *lane)
{
    pthread_mutex_lock(&lane->mutex);
    bool stopping = lane->stopping;
    pthread_mutex_unlock(&lane->mutex);
    return stopping;
}

static enum status run_some(struct engine *engine, struct command **commands, size_t count, struct error *err)
{
    struct waiter waiter = {.mutex = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER};
    const struct completion completion = {wake, &waiter};
    enum status status;

    while ((status = engine_submit(engine, commands, count, completion, err)) == STATUS_BUSY) {
        if (is_stopping(&engine->lanes[0]))
            return status;
        const struct timespec pause = {0, 1000000};
        nanosleep(&pause, NULL);
    }
    if (status != STATUS_OK)
        return status;
    pthread_mutex_lock(&waiter.mutex);
    while (!waiter.finished)
        pthread_cond_wait(&waiter.done, &waiter.mutex);
    pthread_mutex_unlock(&waiter.mutex);
    return STATUS_OK;
}

enum status engine_run(struct engine *engine, struct command **commands, size_t count, struct error *err)
{
    for (size_t at = 0; at < count; at += ENGINE_QUEUE_MAX / 2) {
        size_t some = count - at < ENGINE_QUEUE_MAX / 2 ? count - at : ENGINE_QUEUE_MAX / 2;
        enum status status = run_some(engine, commands + at, some, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* ---- figures ---- */

const struct clock *engine_clock(const struct engine *engine)
{
    return engine->options.clock;
}

struct storage *engine_storage(const struct engine *engine)
{
    return engine->options.storage;
}

const char *engine_event_archive(const struct engine *engine)
{
    return engine->options.event_archive;
}

const unsigned char *engine_seal_key(const struct engine *engine)
{
    return engine->options.seal_key;
}

const struct latency *engine_commits(const struct engine *engine)
{
    return &engine->commits;
}

void engine_figures(struct engine *engine, struct engine_figures *out)
{
    *out = (struct engine_figures){.refused_busy = atomic_load(&engine->refused_busy),
                                   .swept = atomic_load(&engine->swept)};
    for (int i = 0; i < engine->lane_count; i++) {
        struct lane *lane = &engine->lanes[i];
        out->batches += atomic_load(&lane->batches);
        out->commands += atomic_load(&lane->commands);
        out->rejected += atomic_load(&lane->rejected);
        out->retries += atomic_load(&lane->retries);
        pthread_mutex_lock(&lane->mutex);
        out->queue_length += (int64_t)lane->length;
        pthread_mutex_unlock(&lane->mutex);
    }
    pthread_mutex_lock(&engine->keeper_mutex);
    out->sweeper_stopped = engine->sweeper_stopped;
    pthread_mutex_unlock(&engine->keeper_mutex);
}
