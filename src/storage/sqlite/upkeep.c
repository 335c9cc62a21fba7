/* upkeep.c: checkpoints of the write-ahead log, and backup. */
#include "storage/sqlite/sqlite.h"

enum { SQLITE_FRAME_HEADER_BYTES = 24 };

static int64_t log_bytes_of(const struct sqlite_connection *connection, int pages)
{
    return pages <= 0 ? 0 : pages * (connection->page_bytes + SQLITE_FRAME_HEADER_BYTES);
}

int sqlite_after_commit(void *context, sqlite3 *database, const char *name, int log_pages)
{
    const struct sqlite_connection *connection = context;

    /* No write is under way now, so the log can be copied to its end, and the next write begins it anew. */
    if (log_bytes_of(connection, log_pages) > SQLITE_LOG_BYTES_MAX)
        sqlite3_wal_checkpoint_v2(database, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    return SQLITE_OK;
}

enum status sqlite_checkpoint(struct driver_connection *connection, bool truncate, int64_t *log_bytes,
                              struct error *err)
{
    struct sqlite_connection *keeper = sqlite_of(connection);
    int mode = truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
    int pages = 0;

    /* Whoever is at work goes first: the checkpoint does not wait while it holds the writer back. */
    sqlite3_busy_timeout(keeper->database, 0);
    int result = sqlite3_wal_checkpoint_v2(keeper->database, "main", mode, &pages, NULL);
    if (result != SQLITE_OK && (result & 0xff) != SQLITE_BUSY && (result & 0xff) != SQLITE_LOCKED)
        return sqlite_error(keeper, result, "checkpoint", err);
    *log_bytes = log_bytes_of(keeper, pages);
    return STATUS_OK;
}

enum status sqlite_backup(struct driver_connection *connection, const char *path, struct error *err)
{
    struct sqlite_connection *keeper = sqlite_of(connection);
    sqlite3_stmt *statement;

    int result = sqlite3_prepare_v2(keeper->database, "VACUUM main INTO ?1", -1, &statement, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC);
    if (result == SQLITE_OK)
        result = sqlite3_step(statement);
    enum status status = result == SQLITE_DONE ? STATUS_OK : sqlite_error(keeper, result, "backup", err);
    sqlite3_finalize(statement);
    return status;
}
