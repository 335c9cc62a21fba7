/*
 * log_reader.h: reads the committed transactions of SQLite's write-ahead log in their order, and keeps the log until they are
 * read. One thread at a time; the database may be in use by any other connection and process.
 *
 * The reader holds a read transaction, so that nobody begins the log anew before it has been read. Each transaction raises a
 * number in the shared header of the log; it tells for certain whether one was missed.
 */
#ifndef PATRON_STORAGE_LOG_READER_H
#define PATRON_STORAGE_LOG_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "foundation/error.h"

struct log_reader;

/* A place in a log, by which a later reader finds it again. */
struct log_position {
    uint32_t salts[2];  /* of the log */
    uint32_t checks[2]; /* the running checksum after `frames` */
    int64_t frames;
};

struct log_sink {
    enum status (*page)(void *context, uint32_t number, const unsigned char *bytes, struct error *err);
    /* After the pages of a transaction; `size`: pages of the database from now on; `frames`: length of the log after it. */
    enum status (*commit)(void *context, uint32_t size, int64_t frames, struct error *err);
    void *context;
};

/* The database exists. Errors as those of storage_open. */
enum status log_reader_open(const char *database, struct log_reader **out, struct error *err);
void log_reader_close(struct log_reader *reader); /* accepts NULL; the last connection empties the log */

int64_t log_reader_page_bytes(const struct log_reader *reader);
struct log_position log_reader_position(const struct log_reader *reader);

/* Goes to the end of the log: where a reader begins. While writers are held nothing comes after it. */
void log_reader_skip(struct log_reader *reader);
/*
 * Goes to a place known from before: in this log, or to the start of this one when the log before it ended there. False when something
 * may have come between: then the reader stays where it was.
 */
bool log_reader_seek(struct log_reader *reader, const struct log_position *position);
/* Whether the log is empty or was never written: all is in the database file. */
bool log_reader_is_empty(struct log_reader *reader);

/*
 * Gives what was committed since to the sink, and moves on. `*missed`: transactions were lost, because the log began anew before
 * they were read; the reader stands at the end, and only a new copy of the database helps. When the sink fails it is
 * read again next time, from the transaction that failed.
 */
enum status log_reader_read(struct log_reader *reader, const struct log_sink *sink, bool *missed, struct error *err);

/*
 * Keeps every writer of the database waiting until log_reader_let_go; STATUS_BUSY `storage.locked` when one does not end soon.
 * log_reader_leave gives up the read transaction, so that a checkpoint reaches the end and the log may begin anew.
 */
enum status log_reader_hold_writers(struct log_reader *reader, struct error *err);
void log_reader_leave(struct log_reader *reader);
void log_reader_let_go(struct log_reader *reader); /* and reads on */

/* While writers are held: whether every frame of the log is there, by its checksum. */
enum status log_is_whole(const char *database, bool *whole, struct error *err);

/* While writers are held and everything was read: copies the log into the file; false when another reader needs it as it is. */
bool log_reader_checkpoint(struct log_reader *reader);

/*
 * After log_reader_checkpoint: from now on until log_reader_base_end nobody changes the database file, while commits go on
 * into the log. Then the file is read page by page.
 */
enum status log_reader_base_begin(struct log_reader *reader, int64_t *pages, struct error *err);
enum status log_reader_base_page(struct log_reader *reader, int64_t number, unsigned char *bytes, struct error *err);
void log_reader_base_end(struct log_reader *reader);

#endif
