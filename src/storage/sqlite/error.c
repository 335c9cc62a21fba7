/* error.c: what SQLite's result codes mean to callers of the port. */
#include <errno.h>
#include <string.h>

#include "storage/sqlite/sqlite.h"

struct sqlite_meaning {
    int result;
    enum status status;
    const char *code;
    const char *sentence;
};

static const struct sqlite_meaning meanings[] = {
    {SQLITE_FULL, STATUS_IO, "storage.full", "the disk is full"},
    {SQLITE_READONLY, STATUS_IO, "storage.read_only", "the database cannot be written"},
    {SQLITE_PERM, STATUS_IO, "storage.read_only", "the database cannot be written"},
    {SQLITE_BUSY, STATUS_BUSY, "storage.locked", "another program holds the database locked"},
    {SQLITE_LOCKED, STATUS_BUSY, "storage.locked", "another program holds the database locked"},
    {SQLITE_CORRUPT, STATUS_IO, "storage.corrupt", "the database file is damaged"},
    {SQLITE_NOTADB, STATUS_IO, "storage.corrupt", "the file is not a database"},
    {SQLITE_IOERR, STATUS_IO, "storage.io", "the disk failed"},
    {SQLITE_CANTOPEN, STATUS_IO, "storage.unavailable", "the database file cannot be opened"},
    {SQLITE_NOMEM, STATUS_IO, "storage.memory", "no memory for the database"},
    {SQLITE_CONSTRAINT, STATUS_DEFECT, "storage.constraint", "a statement broke a constraint"},
    {SQLITE_MISMATCH, STATUS_DEFECT, "storage.data", "a value does not fit its column"},
    {SQLITE_TOOBIG, STATUS_DEFECT, "storage.data", "a value does not fit its column"},
};

static const struct sqlite_meaning meaning_other = {SQLITE_ERROR, STATUS_DEFECT, "storage.statement",
                                                    "a statement failed"};

static const struct sqlite_meaning *meaning_of(int result)
{
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
        if (meanings[i].result == result)
            return &meanings[i];
    return &meaning_other;
}

/* The operating system's last error on the file of the database or of its log; 0 when there was none. */
static int file_errno(sqlite3 *database, int which)
{
    sqlite3_file *file = NULL;
    int cause = 0;

    if (sqlite3_file_control(database, "main", which, &file) == SQLITE_OK && file != NULL && file->pMethods != NULL)
        file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &cause);
    return cause;
}

static bool is_caused_by(sqlite3 *database, int cause)
{
    return sqlite3_system_errno(database) == cause || file_errno(database, SQLITE_FCNTL_JOURNAL_POINTER) == cause ||
           file_errno(database, SQLITE_FCNTL_FILE_POINTER) == cause;
}

/* A write that failed for want of space or permission is reported as such, whatever SQLite calls it. */
static int primary_of(sqlite3 *database, int result)
{
    int primary = result & 0xff;

    if (result == SQLITE_CONSTRAINT_DATATYPE)
        return SQLITE_MISMATCH;
    if (primary != SQLITE_IOERR)
        return primary;
    if (is_caused_by(database, ENOSPC) || is_caused_by(database, EDQUOT) || is_caused_by(database, EFBIG))
        return SQLITE_FULL;
    return is_caused_by(database, EROFS) ? SQLITE_READONLY : primary;
}

enum status sqlite_error(struct sqlite_connection *connection, int result, const char *doing, struct error *err)
{
    sqlite3 *database = connection->database;
    const struct sqlite_meaning *meaning = meaning_of(primary_of(database, result));

    return error_set(err, meaning->status, meaning->code, "", "%s: %s (SQLite %d: %s)", doing, meaning->sentence,
                     result, sqlite3_errmsg(database));
}
