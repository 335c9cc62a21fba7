/* The keeper: follows the configuration, sweeps members that time alone changes, and purges old requests. */
#include <stdlib.h>
#include <time.h>

#include "engine/lane.h"
#include "foundation/log.h"
#include "queries.h"

enum { SWEEP_AT_ONCE = ENGINE_BATCH_MAX / 4, PURGE_EVERY_TICKS = 3600 };
#define CLOCK_JUMP INSTANT_HOUR

/* ---- sweeping ---- */

static enum status decide_nothing(struct decision *decision, struct command *command, struct error *err)
{
    (void)decision;
    (void)command;
    (void)err;
    return STATUS_OK; /* the engine has advanced the group already */
}

static const struct command_type advance_type = {.name = "advance", .loads = LOAD_LOTS, .decide = decide_nothing};

struct due {
    int64_t members[SWEEP_AT_ONCE];
    size_t count;
};

static enum status receive_due(void *context, const struct storage_row *row, struct error *err)
{
    struct due *due = context;

    (void)err;
    if (due->count < SWEEP_AT_ONCE)
        due->members[due->count++] = row_integer(row, 0);
    return STATUS_OK;
}

static enum status find_due(struct engine *engine, int bucket, struct due *due, struct error *err)
{
    struct storage_session *session = NULL;
    const struct storage_receiver receiver = {.row = receive_due, .context = due};
    const struct storage_value values[] = {value_integer(bucket), value_integer(clock_now(engine->options.clock)),
                                           value_integer(SWEEP_AT_ONCE)};
    enum status status = engine_read_begin(engine, &session, err);

    due->count = 0;
    if (status != STATUS_OK)
        return status;
    status = storage_run(session, &query_engine_due_members, values, 1, &receiver, err);
    engine_read_end(engine, session);
    return status;
}

static enum status advance_members(struct engine *engine, const struct due *due, struct error *err)
{
    struct command *commands = calloc(due->count, sizeof *commands);
    struct command *pointers[SWEEP_AT_ONCE];
    enum status status = STATUS_OK;

    if (commands == NULL)
        return error_set(err, STATUS_BUSY, "engine.memory", "", "there is no memory for the sweep");
    for (size_t i = 0; i < due->count; i++) {
        commands[i] = (struct command){.type = &advance_type, .subject_count = 1, .day = DAY_NONE, .bucket = -1};
        commands[i].subjects[0] = (struct subject){.by = SUBJECT_MEMBER, .id = due->members[i]};
        pointers[i] = &commands[i];
    }
    status = engine_run(engine, pointers, due->count, err);
    for (size_t i = 0; i < due->count && status == STATUS_OK; i++)
        if (commands[i].status != STATUS_OK) {
            *err = commands[i].error;
            status = commands[i].status;
        }
    atomic_fetch_add(&engine->swept, (long long)due->count);
    free(commands);
    return status;
}

static bool is_stopping(struct engine *engine)
{
    pthread_mutex_lock(&engine->keeper_mutex);
    bool stopping = engine->stopping;
    pthread_mutex_unlock(&engine->keeper_mutex);
    return stopping;
}

enum status engine_sweep(struct engine *engine, struct error *err)
{
    struct due due;

    for (int bucket = 0; bucket < BUCKET_COUNT && !is_stopping(engine); bucket++) {
        do {
            enum status status = find_due(engine, bucket, &due, err);
            if (status == STATUS_OK && due.count > 0)
                status = advance_members(engine, &due, err);
            if (status != STATUS_OK)
                return status;
        } while (due.count == SWEEP_AT_ONCE);
    }
    return STATUS_OK;
}

/* ---- the clock ---- */

/* A wall clock that jumps an hour against the time since boot stops the sweeper: expiry is not to be had by accident. */
static bool may_sweep(struct engine *engine)
{
    int64_t wall = clock_now(engine->options.clock), boot = clock_boot(engine->options.clock);

    pthread_mutex_lock(&engine->keeper_mutex);
    int64_t jump = (wall - engine->wall_before) - (boot - engine->boot_before);
    engine->wall_before = wall;
    engine->boot_before = boot;
    if (!engine->sweeper_stopped && (jump > CLOCK_JUMP || jump < -CLOCK_JUMP)) {
        engine->sweeper_stopped = true;
        log_event(LOG_ERROR, "engine.clock_jumped",
                  "the clock jumped by %lld seconds: the sweeper rests until an administrator confirms the time",
                  (long long)(jump / INSTANT_SECOND));
    }
    bool may = !engine->sweeper_stopped;
    pthread_mutex_unlock(&engine->keeper_mutex);
    return may;
}

void engine_sweeper_confirm(struct engine *engine)
{
    pthread_mutex_lock(&engine->keeper_mutex);
    engine->sweeper_stopped = false;
    pthread_mutex_unlock(&engine->keeper_mutex);
}

/* ---- the thread ---- */

static enum status purge_requests(struct engine *engine, struct error *err)
{
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        const struct storage_value values[] = {value_integer(bucket), value_integer(clock_now(engine->options.clock))};
        enum status status = storage_run(engine->keeper_session, &query_engine_requests_purge, values, 1, NULL, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static void tick(struct engine *engine, int64_t number)
{
    struct error error;

    if (engine_configuration_reload(engine, &error) != STATUS_OK)
        log_event(LOG_WARNING, "engine.configuration", "%s (%s)", error.message, error.code);
    if (engine->options.sweep && may_sweep(engine) && engine_sweep(engine, &error) != STATUS_OK)
        log_event(LOG_WARNING, "engine.sweep", "%s (%s)", error.message, error.code);
    if (number % PURGE_EVERY_TICKS == 0 && engine->options.sweep && purge_requests(engine, &error) != STATUS_OK)
        log_event(LOG_WARNING, "engine.purge", "%s (%s)", error.message, error.code);
}

static void *keeper_main(void *context)
{
    struct engine *engine = context;

    for (int64_t number = 1;; number++) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += 1;
        pthread_mutex_lock(&engine->keeper_mutex);
        if (!engine->stopping)
            pthread_cond_timedwait(&engine->keeper_wake, &engine->keeper_mutex, &until);
        bool stopping = engine->stopping;
        pthread_mutex_unlock(&engine->keeper_mutex);
        if (stopping)
            return NULL;
        tick(engine, number);
    }
}

enum status keeper_start(struct engine *engine, struct error *err)
{
    pthread_mutex_init(&engine->keeper_mutex, NULL);
    pthread_cond_init(&engine->keeper_wake, NULL);
    engine->wall_before = clock_now(engine->options.clock);
    engine->boot_before = clock_boot(engine->options.clock);
    if (pthread_create(&engine->keeper, NULL, keeper_main, engine) != 0)
        return error_set(err, STATUS_LIMIT, "engine.thread", "", "the engine cannot start a thread");
    engine->keeper_started = true;
    return STATUS_OK;
}

void keeper_stop(struct engine *engine)
{
    if (!engine->keeper_started)
        return;
    pthread_mutex_lock(&engine->keeper_mutex);
    engine->stopping = true;
    pthread_cond_signal(&engine->keeper_wake);
    pthread_mutex_unlock(&engine->keeper_mutex);
    pthread_join(engine->keeper, NULL);
    engine->keeper_started = false;
}
