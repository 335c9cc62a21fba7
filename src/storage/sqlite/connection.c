/* connection.c: opens and closes a SQLite connection, and runs its transactions. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "storage/sqlite/sqlite.h"

enum { BUSY_QUICK_US = 300, BUSY_QUICK_LOOKS = 100, BUSY_SLOW_US = 5000 };

struct sqlite_connection *sqlite_of(struct driver_connection *connection)
{
    return (struct sqlite_connection *)connection;
}

enum status sqlite_run(struct sqlite_connection *connection, const char *sql, const char *doing, struct error *err)
{
    int result = sqlite3_exec(connection->database, sql, NULL, NULL, NULL);
    return result == SQLITE_OK ? STATUS_OK : sqlite_error(connection, result, doing, err);
}

/* Prepared once: parsing them takes as long as a small read. */
static enum status run_bound(struct driver_connection *used, enum sqlite_bound bound, struct error *err)
{
    static const struct {
        const char *sql, *doing;
    } bounds[SQLITE_BOUNDS] = {
        [SQLITE_BOUND_READ] = {"BEGIN", "begin"},
        [SQLITE_BOUND_WRITE] = {"BEGIN IMMEDIATE", "begin"},
        [SQLITE_BOUND_COMMIT] = {"COMMIT", "commit"},
        [SQLITE_BOUND_ROLLBACK] = {"ROLLBACK", "rollback"},
    };
    struct sqlite_connection *connection = sqlite_of(used);
    sqlite3_stmt **statement = &connection->bounds[bound];
    int result = SQLITE_OK;

    if (*statement == NULL)
        result =
            sqlite3_prepare_v3(connection->database, bounds[bound].sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
    if (result == SQLITE_OK) {
        sqlite3_step(*statement);
        result = sqlite3_reset(*statement);
    }
    return result == SQLITE_OK ? STATUS_OK : sqlite_error(connection, result, bounds[bound].doing, err);
}

static enum status sqlite_begin(struct driver_connection *connection, enum driver_begin mode, struct error *err)
{
    bool reads = mode == DRIVER_BEGIN_READ;
    enum status status = run_bound(connection, reads ? SQLITE_BOUND_READ : SQLITE_BOUND_WRITE, err);

    if (status == STATUS_OK && !reads)
        sqlite_gather_log(sqlite_of(connection));
    return status;
}

static enum status sqlite_flush(struct driver_connection *connection, struct error *err)
{
    (void)connection;
    (void)err;
    return STATUS_OK; /* sqlite_send has done the work */
}

static enum status sqlite_commit(struct driver_connection *connection, bool *owed, struct error *err)
{
    struct sqlite_gather *gather = &sqlite_of(connection)->gather;

    gather->owing = owed != NULL;
    gather->owed = false;
    enum status status = run_bound(connection, SQLITE_BOUND_COMMIT, err);
    gather->owing = false;
    if (owed != NULL)
        *owed = status == STATUS_OK && gather->owed;
    return status;
}

static void sqlite_rollback(struct driver_connection *connection)
{
    /* Some errors, such as a full disk, have rolled back already. */
    if (!sqlite3_get_autocommit(sqlite_of(connection)->database))
        run_bound(connection, SQLITE_BOUND_ROLLBACK, NULL);
}

static enum status sqlite_script(struct driver_connection *connection, const char *sql, struct error *err)
{
    return sqlite_run(sqlite_of(connection), sql, "script", err);
}

static bool sqlite_usable(struct driver_connection *connection)
{
    (void)connection;
    return true; /* SQLite finds its way back from every error by itself */
}

static void sqlite_close(struct driver_connection *connection)
{
    struct sqlite_connection *closed = sqlite_of(connection);

    sqlite_finalize(closed);
    for (int i = 0; i < SQLITE_BOUNDS; i++)
        sqlite3_finalize(closed->bounds[i]);
    sqlite3_close_v2(closed->database);
    free(closed->gather.bytes);
    free(closed);
}

static const struct storage_driver sqlite_driver = {
    .prepare = sqlite_prepare,
    .begin = sqlite_begin,
    .send = sqlite_send,
    .flush = sqlite_flush,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .stream = sqlite_send, /* rows are stepped one by one in any case */
    .script = sqlite_script,
    .usable = sqlite_usable,
    .close = sqlite_close,
};

static enum status page_size_read(struct sqlite_connection *connection, struct error *err)
{
    sqlite3_stmt *statement;
    int result = sqlite3_prepare_v2(connection->database, "PRAGMA page_size", -1, &statement, NULL);

    if (result == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
        connection->page_bytes = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return result == SQLITE_OK ? STATUS_OK : sqlite_error(connection, result, "open", err);
}

/*
 * Another writer, or a checkpoint, is at work. Most are done in a few milliseconds, so the first looks follow each other
 * quickly; SQLite's own handler would soon sleep for 25.
 */
static int wait_for_writer(void *context, int looks)
{
    const struct sqlite_connection *connection = context;
    int64_t quick_us = (int64_t)BUSY_QUICK_LOOKS * BUSY_QUICK_US;
    int64_t waited_us = looks < BUSY_QUICK_LOOKS ? looks * (int64_t)BUSY_QUICK_US
                                                 : quick_us + (looks - BUSY_QUICK_LOOKS) * (int64_t)BUSY_SLOW_US;

    if (waited_us >= connection->busy_timeout_ms * 1000)
        return 0;
    nanosleep(&(struct timespec){.tv_nsec = (looks < BUSY_QUICK_LOOKS ? BUSY_QUICK_US : BUSY_SLOW_US) * 1000L}, NULL);
    return 1;
}

static enum status connection_configure(struct sqlite_connection *connection, const struct storage_options *options,
                                        struct error *err)
{
    char pragmas[256];
    int64_t cache_bytes = connection->read_only ? options->reader_cache_bytes : options->cache_bytes;

    sqlite3_extended_result_codes(connection->database, 1);
    connection->busy_timeout_ms = options->busy_timeout_ms;
    sqlite3_busy_handler(connection->database, wait_for_writer, connection);
    if (!connection->read_only && sqlite3_db_readonly(connection->database, "main") == 1)
        return error_set(err, STATUS_IO, "storage.read_only", "", "the file %s cannot be written", options->database);

    snprintf(pragmas, sizeof pragmas,
             "PRAGMA cache_size = -%lld; PRAGMA mmap_size = 0; PRAGMA foreign_keys = 0; PRAGMA temp_store = MEMORY; "
             "PRAGMA synchronous = FULL; PRAGMA trusted_schema = 0",
             (long long)(cache_bytes / 1024));
    enum status status = sqlite_run(connection, pragmas, "open", err);
    if (status == STATUS_OK && !options->read_only)
        status = sqlite_run(connection, "PRAGMA journal_mode = WAL", "open", err);
    if (status == STATUS_OK)
        status = page_size_read(connection, err);
    if (status != STATUS_OK)
        return status;
    if (connection->read_only)
        return sqlite_run(connection, "PRAGMA query_only = 1", "open", err);
    /* In place of the automatic checkpoint, which would run in the middle of the writer's work. */
    sqlite3_wal_hook(connection->database, sqlite_after_commit, connection);
    return STATUS_OK;
}

static enum status sqlite_connect(const struct storage_options *options, bool read_only, struct driver_connection **out,
                                  struct error *err)
{
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    flags |= options->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    if (options->create && !options->read_only)
        flags |= SQLITE_OPEN_CREATE;

    struct sqlite_connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL)
        return error_set(err, STATUS_IO, "storage.memory", "", "no memory for a connection");
    connection->base.driver = &sqlite_driver;
    connection->read_only = read_only;
    connection->commit_times = options->commit_times;
    sqlite_configure_cache();
    int result = sqlite3_open_v2(options->database, &connection->database, flags, NULL);
    enum status status = result == SQLITE_OK ? connection_configure(connection, options, err)
                                             : sqlite_error(connection, result, options->database, err);
    if (status != STATUS_OK) {
        sqlite_close(&connection->base);
        return status;
    }
    *out = &connection->base;
    return STATUS_OK;
}

const struct storage_engine storage_engine_sqlite = {
    .name = "sqlite",
    .excludes = true,
    .connect = sqlite_connect,
    .is_told = sqlite_is_told,
    .tell = sqlite_tell,
    .settle = sqlite_settle,
    .settle_again = sqlite_settle_again,
    .checkpoint = sqlite_checkpoint,
    .backup = sqlite_backup,
};
