/* storage.c: one database: its engine, its schema, and its upkeep. */
#include "storage/internal.h"

#include <stdlib.h>
#include <string.h>

static const struct storage_engine *engine_of(const char *database)
{
    if (strncmp(database, "postgresql://", 13) == 0 || strncmp(database, "postgres://", 11) == 0)
        return &storage_engine_postgres;
    return &storage_engine_sqlite;
}

static void options_default(struct storage_options *options)
{
    if (options->cache_bytes == 0)
        options->cache_bytes = 64 * INT64_C(1048576);
    if (options->reader_cache_bytes == 0)
        options->reader_cache_bytes = 8 * INT64_C(1048576);
    if (options->busy_timeout_ms == 0)
        options->busy_timeout_ms = 10000;
}

enum status storage_open(const struct storage_options *options, struct storage **out, struct error *err)
{
    struct storage *storage = calloc(1, sizeof *storage);
    if (storage == NULL)
        return error_set(err, STATUS_IO, "storage.memory", "", "no memory for the database");

    storage->options = *options;
    options_default(&storage->options);
    storage->engine = engine_of(options->database);
    pthread_mutex_init(&storage->upkeep_lock, NULL);
    pthread_mutex_init(&storage->settle_lock, NULL);
    storage->database = strdup(options->database);
    storage->options.database = storage->database;
    enum status status = storage->database == NULL
                             ? error_set(err, STATUS_IO, "storage.memory", "", "no memory for the database")
                             : migration_apply(storage->engine, &storage->options, err);
    if (status != STATUS_OK) {
        storage_close(storage);
        return status;
    }
    *out = storage;
    return STATUS_OK;
}

void storage_close(struct storage *storage)
{
    if (storage == NULL)
        return;
    if (storage->upkeep != NULL)
        storage->upkeep->driver->close(storage->upkeep);
    if (storage->settling != NULL)
        storage->settling->driver->close(storage->settling);
    pthread_mutex_destroy(&storage->upkeep_lock);
    pthread_mutex_destroy(&storage->settle_lock);
    free(storage->database);
    free(storage);
}

const char *storage_engine(const struct storage *storage)
{
    return storage->engine->name;
}

void storage_keep_log(struct storage *storage, const struct storage_log_keeper *keeper)
{
    pthread_mutex_lock(&storage->upkeep_lock);
    storage->keeper = keeper;
    pthread_mutex_unlock(&storage->upkeep_lock);
}

/* An archived log begins anew only when it was read to its end, with no writer between. */
static enum status checkpoint_kept(struct storage *storage, enum storage_checkpoint how, struct storage_log *out,
                                   struct error *err)
{
    const struct storage_log_keeper *keeper = storage->keeper;
    bool beside = how == STORAGE_CHECKPOINT_BESIDE || how == STORAGE_CHECKPOINT_CATCH_UP;
    enum status status = beside ? keeper->read(keeper->context, err) : keeper->hold(keeper->context, err);

    if (status != STATUS_OK && !beside)
        return status;
    status = storage->engine->checkpoint(storage->upkeep, beside ? how : STORAGE_CHECKPOINT_CATCH_UP, out, err);
    if (!beside)
        keeper->let_go(keeper->context);
    return status;
}

enum status storage_checkpoint(struct storage *storage, enum storage_checkpoint how, struct storage_log *out,
                               struct error *err)
{
    enum status status = STATUS_OK;
    struct storage_log log = {0};

    if (atomic_load(&storage->unsettled))
        status = storage_settle(storage, err);
    if (status == STATUS_OK && storage->engine->checkpoint != NULL) {
        pthread_mutex_lock(&storage->upkeep_lock);
        if (storage->upkeep == NULL)
            status = storage->engine->connect(&storage->options, false, &storage->upkeep, err);
        if (status == STATUS_OK)
            status = storage->keeper != NULL ? checkpoint_kept(storage, how, &log, err)
                                             : storage->engine->checkpoint(storage->upkeep, how, &log, err);
        pthread_mutex_unlock(&storage->upkeep_lock);
    }
    if (status == STATUS_OK)
        *out = log;
    return status;
}

enum status storage_backup(struct storage *storage, const char *path, struct error *err)
{
    if (storage->engine->backup == NULL)
        return error_set(err, STATUS_INVALID, "storage.backup_unsupported", "database",
                         "%s is backed up by its own tools (pg_basebackup, WAL archiving)", storage->engine->name);

    struct driver_connection *connection;
    enum status status = storage->engine->connect(&storage->options, storage->options.read_only, &connection, err);
    if (status != STATUS_OK)
        return status;
    status = storage->engine->backup(connection, path, err);
    connection->driver->close(connection);
    return status;
}

void storage_trace(struct storage *storage, void (*line)(void *context, const char *text), void *context)
{
    storage->trace_line = line;
    storage->trace_context = context;
}

void storage_inject(struct storage *storage, struct storage_fault *fault)
{
    storage->fault = fault;
}
