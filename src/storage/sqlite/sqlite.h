/* sqlite.h: a connection of the SQLite driver, shared by its files. */
#ifndef PATRON_STORAGE_SQLITE_SQLITE_H
#define PATRON_STORAGE_SQLITE_SQLITE_H

#include <sqlite3.h>

#include "storage/driver.h"

/* The log at which the writer itself checkpoints, because the thread beside it does not keep up. */
#define SQLITE_LOG_BYTES_MAX (INT64_C(1024) * 1048576)

/* A file of SQLite that flushes what it writes a few pages at a time. */
struct sqlite_pace {
    sqlite3_io_methods methods;         /* first: a file's methods are found to be these */
    const sqlite3_io_methods *original; /* NULL before the first checkpoint */
    int64_t written;                    /* pages */
    int flushed;                        /* after so many pages each; 0: not before all are written */
    bool rests;                         /* after each flush as long as that took, and half as long again */
};

/* The log as a writer sees it: what it adds is gathered until it is flushed. */
struct sqlite_gather {
    sqlite3_io_methods methods;         /* first: a file's methods are found to be these */
    const sqlite3_io_methods *original; /* NULL before the first transaction */
    unsigned char *bytes;
    int size;
    sqlite3_int64 offset; /* in the file, of the first byte */
    bool owing;           /* a commit may leave its flush to others */
    bool owed;            /* and has */
};

/* The statements around others. */
enum sqlite_bound { SQLITE_BOUND_READ, SQLITE_BOUND_WRITE, SQLITE_BOUND_COMMIT, SQLITE_BOUND_ROLLBACK, SQLITE_BOUNDS };

struct sqlite_connection {
    struct driver_connection base;
    sqlite3 *database;
    sqlite3_stmt **statements; /* by the index of the query; NULL before its first use */
    size_t statement_count;
    sqlite3_stmt *bounds[SQLITE_BOUNDS]; /* NULL before its first use */
    bool read_only;
    int64_t page_bytes;
    int64_t busy_timeout_ms;
    struct commit_times *commit_times; /* NULL: nobody asks */
    struct sqlite_pace pace;           /* of a connection that checkpoints */
    struct sqlite_gather gather;       /* of a connection that writes */
};

struct sqlite_connection *sqlite_of(struct driver_connection *connection);

/* Fills `err` after `result`; `doing` is a query's name or a word for the operation. */
enum status sqlite_error(struct sqlite_connection *connection, int result, const char *doing, struct error *err);

/* Runs statements without parameters. */
enum status sqlite_run(struct sqlite_connection *connection, const char *sql, const char *doing, struct error *err);

enum status sqlite_prepare(struct driver_connection *connection, const struct storage_query *const *queries,
                           size_t count, bool all, struct error *err);
void sqlite_finalize(struct sqlite_connection *connection);
enum status sqlite_send(struct driver_connection *connection, const struct driver_work *work, struct error *err);

/* Before the first connection of the process. */
void sqlite_configure_cache(void);

/* The log as an open file; NULL: the connection has not read yet. */
sqlite3_file *sqlite_log_of(sqlite3 *database);

/* From now on what the connection writes to the log reaches the disk in one piece a commit. The log must be open. */
void sqlite_gather_log(struct sqlite_connection *connection);

/* Estimates for the planner: see statistics.c. */
bool sqlite_is_told(struct driver_connection *connection);
enum status sqlite_tell(struct driver_connection *connection, struct error *err);

/* Flushes the log for whoever has written to it. */
enum status sqlite_settle(struct driver_connection *connection, struct error *err);
/* After a flush that failed: writes the log once more, and looks whether it is whole. */
enum status sqlite_settle_again(struct driver_connection *connection, struct error *err);

/* Called by SQLite after each commit of a writing connection with the pages in the log. */
int sqlite_after_commit(void *context, sqlite3 *database, const char *name, int log_pages);
enum status sqlite_checkpoint(struct driver_connection *connection, enum storage_checkpoint how,
                              struct storage_log *out, struct error *err);
enum status sqlite_backup(struct driver_connection *connection, const char *path, struct error *err);

#endif
