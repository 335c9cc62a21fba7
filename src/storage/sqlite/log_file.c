/* log_file.c: gathers what a writer adds to the write-ahead log, and hands it to the disk in one piece. */
#include <stdlib.h>
#include <string.h>

#include "storage/sqlite/sqlite.h"

/*
 * SQLite writes each page of a commit in two pieces, a header of 24 bytes and the page, which no longer lies on the borders of
 * the kernel's pages: most of the time of a small commit went into these calls. They follow each other in the file, so they
 * are kept until SQLite flushes or reads. It flushes before it tells anyone of a commit (synchronous=FULL), so nobody looks
 * for what is still kept; an error while writing ends the flush, and with it the commit. A commit that may owe its flush is
 * written then as well; the disk is told for several of them at once, by another connection.
 */
enum { GATHERED_BYTES_MAX = 120 * 1024 }; /* SQLite looks at 17 bits of a size */

static struct sqlite_gather *gather_of(sqlite3_file *file)
{
    return (struct sqlite_gather *)(uintptr_t)file->pMethods;
}

static int write_out(sqlite3_file *file)
{
    struct sqlite_gather *gather = gather_of(file);
    int size = gather->size;

    gather->size = 0;
    return size == 0 ? SQLITE_OK : gather->original->xWrite(file, gather->bytes, size, gather->offset);
}

static int write_gathered(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 offset)
{
    struct sqlite_gather *gather = gather_of(file);
    int result = SQLITE_OK;

    if (offset != gather->offset + gather->size || size > GATHERED_BYTES_MAX - gather->size)
        result = write_out(file);
    if (result != SQLITE_OK)
        return result;
    if (size > GATHERED_BYTES_MAX)
        return gather->original->xWrite(file, bytes, size, offset);
    if (gather->size == 0)
        gather->offset = offset;
    memcpy(gather->bytes + gather->size, bytes, (size_t)size);
    gather->size += size;
    return SQLITE_OK;
}

static int read_gathered(sqlite3_file *file, void *bytes, int size, sqlite3_int64 offset)
{
    int result = write_out(file);

    return result == SQLITE_OK ? gather_of(file)->original->xRead(file, bytes, size, offset) : result;
}

/* What begins the log anew is flushed before anything follows it: the frames of the log before must not be taken for its own. */
static int sync_gathered(sqlite3_file *file, int flags)
{
    struct sqlite_gather *gather = gather_of(file);
    bool begins = gather->size > 0 && gather->offset == 0;
    int result = write_out(file);

    if (result != SQLITE_OK)
        return result;
    if (gather->owing && !begins) {
        gather->owed = true;
        return SQLITE_OK;
    }
    return gather->original->xSync(file, flags);
}

static int truncate_gathered(sqlite3_file *file, sqlite3_int64 size)
{
    int result = write_out(file);

    return result == SQLITE_OK ? gather_of(file)->original->xTruncate(file, size) : result;
}

static int size_gathered(sqlite3_file *file, sqlite3_int64 *size)
{
    int result = write_out(file);

    return result == SQLITE_OK ? gather_of(file)->original->xFileSize(file, size) : result;
}

/* What was not flushed belongs to no commit. */
static int close_gathered(sqlite3_file *file)
{
    file->pMethods = gather_of(file)->original;
    return file->pMethods->xClose(file);
}

void sqlite_gather_log(struct sqlite_connection *connection)
{
    struct sqlite_gather *gather = &connection->gather;

    if (gather->original != NULL)
        return;
    sqlite3_file *file = sqlite_log_of(connection->database);
    if (file == NULL)
        return;
    gather->bytes = malloc(GATHERED_BYTES_MAX);
    if (gather->bytes == NULL)
        return; /* slower, and as right */
    gather->original = file->pMethods;
    gather->methods = *file->pMethods;
    gather->methods.xWrite = write_gathered;
    gather->methods.xRead = read_gathered;
    gather->methods.xSync = sync_gathered;
    gather->methods.xTruncate = truncate_gathered;
    gather->methods.xFileSize = size_gathered;
    gather->methods.xClose = close_gathered;
    file->pMethods = &gather->methods;
}
