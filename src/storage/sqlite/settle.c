/* settle.c: flushes the log for the connections that owe it, and writes it again when the disk did not take it. */
#include <stdlib.h>

#include "foundation/log.h"
#include "storage/log_reader.h"
#include "storage/sqlite/sqlite.h"

enum { PIECE_BYTES = 64 * 1024 }; /* SQLite looks at 17 bits of a size */

sqlite3_file *sqlite_log_of(sqlite3 *database)
{
    sqlite3_file *file = NULL;

    sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file);
    return file != NULL && file->pMethods != NULL ? file : NULL;
}

/* A connection opens the log when it first reads. */
static enum status open_log(struct sqlite_connection *settler, sqlite3_file **out, struct error *err)
{
    enum status status = STATUS_OK;

    if (sqlite_log_of(settler->database) == NULL)
        status = sqlite_run(settler, "SELECT COUNT(*) FROM sqlite_schema", "settle", err);
    *out = sqlite_log_of(settler->database);
    if (status == STATUS_OK && *out == NULL)
        status = error_set(err, STATUS_IO, "storage.io", "", "the log of the database is not open");
    return status;
}

enum status sqlite_settle(struct driver_connection *connection, struct error *err)
{
    struct sqlite_connection *settler = sqlite_of(connection);
    sqlite3_file *file;
    enum status status = open_log(settler, &file, err);

    if (status != STATUS_OK)
        return status;
    int result = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
    return result == SQLITE_OK ? STATUS_OK : sqlite_error(settler, result, "settle", err);
}

/* The system still has the bytes, but takes them for written: writing them makes them new. */
static int write_again(sqlite3_file *file, void *piece)
{
    sqlite3_int64 size = 0;
    int result = file->pMethods->xFileSize(file, &size);

    for (sqlite3_int64 at = 0; result == SQLITE_OK && at < size; at += PIECE_BYTES) {
        int bytes = size - at < PIECE_BYTES ? (int)(size - at) : PIECE_BYTES;
        result = file->pMethods->xRead(file, piece, bytes, at);
        if (result == SQLITE_OK)
            result = file->pMethods->xWrite(file, piece, bytes, at);
    }
    return result == SQLITE_OK ? file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) : result;
}

/*
 * A part of the log is neither on the disk nor in memory, and the database would be closed with it. Ended at once, the next
 * start finds what came before, in which is all that anybody was told of.
 */
static _Noreturn void give_up(void)
{
    log_event(LOG_ERROR, "storage.lost", "the disk has lost a part of the log that nobody was told of: start again");
    abort();
}

static enum status write_and_check(struct sqlite_connection *settler, struct error *err)
{
    sqlite3_file *file;
    bool whole = false;
    void *piece = malloc(PIECE_BYTES);
    enum status status = open_log(settler, &file, err);

    if (status == STATUS_OK && piece == NULL)
        status = error_set(err, STATUS_IO, "storage.memory", "", "no memory to write the log again");
    if (status == STATUS_OK) {
        int result = write_again(file, piece);
        status = result == SQLITE_OK ? STATUS_OK : sqlite_error(settler, result, "settle", err);
    }
    free(piece);
    if (status == STATUS_OK)
        status = log_is_whole(sqlite3_db_filename(settler->database, "main"), &whole, err);
    if (status == STATUS_OK && !whole)
        give_up();
    return status;
}

/* With the writers held: nobody adds to the log or begins it anew. */
enum status sqlite_settle_again(struct driver_connection *connection, struct error *err)
{
    struct sqlite_connection *settler = sqlite_of(connection);
    enum status status = sqlite_run(settler, "BEGIN IMMEDIATE", "settle", err);

    if (status != STATUS_OK)
        return status;
    status = write_and_check(settler, err);
    sqlite3_exec(settler->database, "ROLLBACK", NULL, NULL, NULL);
    return status;
}
