/* upkeep.c: checkpoints of the write-ahead log, and backup. */
#include <time.h>

#include "foundation/clock.h"
#include "storage/commit_times.h"
#include "storage/sqlite/sqlite.h"

enum { SQLITE_FRAME_HEADER_BYTES = 24, CHECKPOINT_WAITS_MAX = 100, CHECKPOINT_WAIT_US = 100 };
enum { FLUSHED_PAGES = 64, REST_NS_MAX = 8 * 1000000 };

static int64_t log_bytes_of(const struct sqlite_connection *connection, int pages)
{
    return pages <= 0 ? 0 : pages * (connection->page_bytes + SQLITE_FRAME_HEADER_BYTES);
}

int sqlite_after_commit(void *context, sqlite3 *database, const char *name, int log_pages)
{
    struct sqlite_connection *connection = context;

    connection->gather.owing = false; /* what a checkpoint flushes, it flushes itself */
    if (connection->commit_times != NULL)
        commit_times_add(connection->commit_times, log_pages, clock_now(&clock_system));
    /* No write is under way now, so the log can be copied to its end, and the next write begins it anew. */
    if (log_bytes_of(connection, log_pages) > SQLITE_LOG_BYTES_MAX)
        sqlite3_wal_checkpoint_v2(database, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    return SQLITE_OK;
}

/* Whoever is at work goes first: waits for a gap between two commits, and not for long. */
static int wait_for_gap(void *context, int waited)
{
    (void)context;
    if (waited >= CHECKPOINT_WAITS_MAX)
        return 0;
    nanosleep(&(struct timespec){.tv_nsec = CHECKPOINT_WAIT_US * 1000L}, NULL);
    return 1;
}

static sqlite3_file *database_file(sqlite3 *database)
{
    sqlite3_file *file = NULL;

    sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    return file != NULL && file->pMethods != NULL ? file : NULL;
}

/*
 * A disk that is told to flush the log flushes what else was written before: a commit would wait for all pages that a pass
 * has written. Flushed a few at a time, no commit waits for more than a few, and while the pass rests for none. The methods
 * of the file are SQLite's own but for this one; what they are called with stays the same.
 */
static int flush_paced(struct sqlite_pace *pace, sqlite3_file *file)
{
    struct timespec before, after;

    clock_gettime(CLOCK_MONOTONIC, &before);
    int result = pace->original->xSync(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
    clock_gettime(CLOCK_MONOTONIC, &after);
    int64_t took_ns = (after.tv_sec - before.tv_sec) * INT64_C(1000000000) + after.tv_nsec - before.tv_nsec;
    int64_t rest_ns = took_ns + took_ns / 2;
    if (pace->rests)
        nanosleep(&(struct timespec){.tv_nsec = rest_ns < REST_NS_MAX ? rest_ns : REST_NS_MAX}, NULL);
    return result;
}

static int write_paced(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 offset)
{
    struct sqlite_pace *pace = (struct sqlite_pace *)(uintptr_t)file->pMethods;
    int result = pace->original->xWrite(file, bytes, size, offset);

    if (result == SQLITE_OK && pace->flushed > 0 && ++pace->written % pace->flushed == 0)
        result = flush_paced(pace, file);
    return result;
}

static void pace_writes(struct sqlite_connection *keeper)
{
    sqlite3_file *file = database_file(keeper->database);

    if (keeper->pace.original != NULL || file == NULL)
        return;
    keeper->pace.original = file->pMethods;
    keeper->pace.methods = *file->pMethods;
    keeper->pace.methods.xWrite = write_paced;
    file->pMethods = &keeper->pace.methods;
}

/*
 * SQLite flushes the database file only in a checkpoint that finds the log's end. Flushed after every pass, no later one, which
 * may hold the writer, has to wait until the disk has taken the pages of all.
 */
static int flush_database(sqlite3 *database)
{
    sqlite3_file *file = database_file(database);

    return file != NULL ? file->pMethods->xSync(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY) : SQLITE_OK;
}

enum status sqlite_checkpoint(struct driver_connection *connection, enum storage_checkpoint how,
                              struct storage_log *out, struct error *err)
{
    static const int modes[] = {[STORAGE_CHECKPOINT_BESIDE] = SQLITE_CHECKPOINT_PASSIVE,
                                [STORAGE_CHECKPOINT_CATCH_UP] = SQLITE_CHECKPOINT_PASSIVE,
                                [STORAGE_CHECKPOINT_RESTART] = SQLITE_CHECKPOINT_FULL,
                                [STORAGE_CHECKPOINT_TRUNCATE] = SQLITE_CHECKPOINT_TRUNCATE};
    struct sqlite_connection *keeper = sqlite_of(connection);
    int pages = 0, copied = 0;
    bool beside = modes[how] == SQLITE_CHECKPOINT_PASSIVE; /* while the writer is held nobody else waits for the disk */

    pace_writes(keeper);
    sqlite3_busy_handler(keeper->database, wait_for_gap, NULL);
    keeper->pace.flushed = beside ? FLUSHED_PAGES : 0;
    keeper->pace.rests = how == STORAGE_CHECKPOINT_BESIDE;
    int result = sqlite3_wal_checkpoint_v2(keeper->database, "main", modes[how], &pages, &copied);
    if (result == SQLITE_OK && beside && copied > 0)
        result = flush_database(keeper->database);
    if (result != SQLITE_OK && (result & 0xff) != SQLITE_BUSY && (result & 0xff) != SQLITE_LOCKED)
        return sqlite_error(keeper, result, "checkpoint", err);
    if (pages < 0)
        return error_set(err, STATUS_BUSY, "storage.locked", "", "another checkpoint is at work");
    *out = (struct storage_log){log_bytes_of(keeper, pages), log_bytes_of(keeper, copied)};
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
