/* The configuration in force: an immutable snapshot, replaced when the epoch in the database has risen. */
#include <stdlib.h>

#include "engine/lane.h"
#include "queries.h"

#define CONFIGURATION_ARENA_BYTES ((size_t)256 << 20)

struct snapshot *snapshot_take(struct engine *engine)
{
    pthread_mutex_lock(&engine->configuration_mutex);
    struct snapshot *snapshot = engine->snapshot;
    atomic_fetch_add(&snapshot->users, 1);
    pthread_mutex_unlock(&engine->configuration_mutex);
    return snapshot;
}

void snapshot_release(struct engine *engine, struct snapshot *snapshot)
{
    (void)engine;
    if (atomic_fetch_sub(&snapshot->users, 1) == 1) {
        arena_free(snapshot->arena);
        free(snapshot);
    }
}

struct configuration engine_configuration(struct engine *engine)
{
    struct snapshot *snapshot = snapshot_take(engine);

    return (struct configuration){snapshot->programmes, snapshot->epoch, snapshot};
}

void engine_configuration_release(struct engine *engine, struct configuration configuration)
{
    snapshot_release(engine, configuration.handle);
}

static enum status receive_epoch(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    *(int64_t *)context = row_integer(row, 0);
    return STATUS_OK;
}

static int64_t current_epoch(struct engine *engine)
{
    pthread_mutex_lock(&engine->configuration_mutex);
    int64_t epoch = engine->snapshot != NULL ? engine->snapshot->epoch : -1;
    pthread_mutex_unlock(&engine->configuration_mutex);
    return epoch;
}

static enum status load(struct engine *engine, struct storage_session *session, struct error *err)
{
    int64_t epoch = 0;
    const struct storage_receiver receiver = {.row = receive_epoch, .context = &epoch};
    enum status status = storage_run(session, &query_engine_epoch_read, NULL, 1, &receiver, err);

    if (status != STATUS_OK || epoch == current_epoch(engine))
        return status;
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    struct arena *arena = arena_new(CONFIGURATION_ARENA_BYTES);
    if (snapshot == NULL || arena == NULL) {
        free(snapshot);
        arena_free(arena);
        return error_set(err, STATUS_LIMIT, "engine.memory", "", "there is no memory for the configuration");
    }
    *snapshot = (struct snapshot){.arena = arena, .epoch = epoch};
    atomic_init(&snapshot->users, 1);
    status = engine->options.hooks->configure(session, arena, &snapshot->programmes, err);
    if (status != STATUS_OK) {
        snapshot_release(engine, snapshot);
        return status;
    }
    pthread_mutex_lock(&engine->configuration_mutex);
    struct snapshot *old = engine->snapshot;
    engine->snapshot = snapshot;
    pthread_mutex_unlock(&engine->configuration_mutex);
    if (old != NULL)
        snapshot_release(engine, old);
    return STATUS_OK;
}

enum status engine_configuration_reload(struct engine *engine, struct error *err)
{
    struct storage_session *session = NULL;
    enum status status = engine_read_begin(engine, &session, err);

    if (status != STATUS_OK)
        return status;
    status = load(engine, session, err);
    engine_read_end(engine, session);
    return status;
}
