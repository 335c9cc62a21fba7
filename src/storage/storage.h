/*
 * storage.h: the one narrow way to the database. It runs named queries in transactions; it knows no domain and no engine.
 *
 * A query is an entry of the registry that the build makes from the `.sql` files beside the features (see queries.h).
 * Arrays go in whole: a query that says `FROM :rows(bucket bigint, ...)` is sent once with all its rows; PostgreSQL gets
 * arrays (UNNEST), SQLite steps one bound row after the other. Work sent in one transaction is answered at the next
 * flush, in the order sent: PostgreSQL pipelines it, SQLite has done it already (and has called the receiver before
 * storage_send returns, so an error of the receiver may come from either call).
 */
#ifndef PATRON_STORAGE_STORAGE_H
#define PATRON_STORAGE_STORAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "foundation/arena.h"
#include "foundation/error.h"
#include "foundation/text.h"

enum { STORAGE_COLUMNS_MAX = 48, STORAGE_ROWS_MAX = 65536 };

enum storage_type { STORAGE_NULL, STORAGE_INTEGER, STORAGE_TEXT, STORAGE_BLOB };

struct storage_value {
    enum storage_type type;
    int64_t integer;  /* STORAGE_INTEGER */
    struct text text; /* STORAGE_TEXT (UTF-8 without U+0000) and STORAGE_BLOB */
};

/* One named query; the registry (queries.h, generated) declares one const object a query. */
struct storage_query {
    const char *name;   /* "customers.member_load" */
    const char *sqlite; /* the statement as each engine gets it */
    const char *postgres;
    const enum storage_type *parameters; /* types of the columns of :rows, or of the named parameters in order */
    int parameter_count;
    bool rows;   /* has :rows: takes any number of rows; otherwise exactly one row of parameters */
    bool writes; /* not allowed on a read-only session */
    int index;   /* position in the queries of its schema; STORAGE_QUERY_MADE */
};

/*
 * A query made while running: reads only, without :rows, never with a user's text in it but as an argument. It is prepared
 * anew each time.
 */
enum { STORAGE_QUERY_MADE = -1 };

/* One step of the schema: a file of an owner's migrations/, applied once and in order. */
struct storage_migration {
    const char *owner; /* "engine", "api" or a feature */
    int number;
    const char *name;
    const char *checksum; /* SHA-256 of the file, in hex */
    const char *sqlite;   /* the statements as each engine gets them */
    const char *postgres;
};

/* All that the build knows of the database: generated as `storage_schema` (queries.h); tests bring their own. */
struct storage_schema {
    const struct storage_query *const *queries;
    size_t query_count;
    const struct storage_migration *migrations; /* in the order in which they are applied */
    size_t migration_count;
};

struct storage;         /* one database; shared by all threads */
struct storage_session; /* one connection; used by one thread at a time */

struct storage_options {
    const struct storage_schema *schema; /* borrowed: lives at least as long as the storage */
    const char *database;                /* a file path, or postgresql://... */
    int64_t cache_bytes;                 /* page cache of a writing session (SQLite); 0 = 64 MiB */
    int64_t reader_cache_bytes;          /* of a reading one; 0 = 8 MiB */
    int64_t busy_timeout_ms;           /* how long to wait for a lock before STATUS_BUSY `storage.locked`; 0 = 10,000 */
    bool create;                       /* create the file when it does not exist */
    struct commit_times *commit_times; /* told of each commit (SQLite): see commit_times.h; NULL: nobody asks */
    bool read_only;
};

/*
 * Opens the database and applies the migrations that are missing. Errors: `storage.unavailable` (cannot be opened or
 * reached), `storage.newer_schema`, `storage.migration_changed`, `storage.read_only`, `storage.full`, `storage.locked`.
 */
enum status storage_open(const struct storage_options *options, struct storage **out, struct error *err);
void storage_close(struct storage *storage);
const char *storage_engine(const struct storage *storage); /* "sqlite" or "postgres" */

/*
 * A session, its connection opened. It prepares a query when it first needs it. A reading session sees one snapshot for each
 * transaction and never blocks the writer. A session whose connection broke reconnects by itself at the next storage_begin.
 */
enum status storage_session_new(struct storage *storage, bool read_only, struct storage_session **out,
                                struct error *err);

/* Prepares every query at once, here and after each reconnection, so that a wrong one stops the start. Not in a transaction. */
enum status storage_session_prepare(struct storage_session *session, struct error *err);
void storage_session_free(struct storage_session *session);

/* True when a writing transaction of this engine excludes every other from its begin (SQLite). */
bool storage_excludes(const struct storage_session *session);

/* ---- transactions ---- */

enum status storage_begin(struct storage_session *session, struct error *err);
/*
 * Flushes, then commits durably. STATUS_IO `storage.commit_unknown` when the connection broke while the commit was under
 * way: the caller must find out (journal, heads) whether it happened. Any other error: it did not.
 */
enum status storage_commit(struct storage_session *session, struct error *err);
/*
 * The same, but that the disk may be told later: with `*owed` the commit is seen by all, and a loss of power may still take it back,
 * with all after it, until storage_settle. Nobody may be told of it before. PostgreSQL owes nothing.
 */
enum status storage_commit_owing(struct storage_session *session, bool *owed, struct error *err);
void storage_rollback(struct storage_session *session); /* no effect without a transaction */

/* A row of a result; values are borrowed until the callback returns. */
struct storage_row {
    const struct storage_value *values;
    int count;
};
int64_t row_integer(const struct storage_row *row, int column);  /* NULL is 0 */
struct text row_text(const struct storage_row *row, int column); /* text or blob; NULL is empty */
bool row_is_null(const struct storage_row *row, int column);
struct text row_text_copy(const struct storage_row *row, int column, struct arena *arena);

struct storage_receiver {
    /* For every row of the result; may be NULL. A status other than STATUS_OK fails the flush with it. */
    enum status (*row)(void *context, const struct storage_row *row, struct error *err);
    /* Once, after the rows: how many rows the statement wrote (all steps together). May be NULL. */
    enum status (*done)(void *context, int64_t changes, struct error *err);
    void *context;
};

/*
 * Sends a query with `row_count` rows of query->parameter_count values each (row-major). Values and `*receiver` may be
 * gone when the call returns (a driver copies the receiver; NULL = ignore the result); its context stays until the
 * flush. 0 rows are no work, and nobody is called. Outside a transaction the statement is its own transaction, and is
 * flushed at once.
 */
enum status storage_send(struct storage_session *session, const struct storage_query *query,
                         const struct storage_value *values, size_t row_count, const struct storage_receiver *receiver,
                         struct error *err);

/* Waits for all that was sent and calls the receivers, in order. After an error the transaction can only be rolled back. */
enum status storage_flush(struct storage_session *session, struct error *err);

/* storage_send and storage_flush in one. */
enum status storage_run(struct storage_session *session, const struct storage_query *query,
                        const struct storage_value *values, size_t row_count, const struct storage_receiver *receiver,
                        struct error *err);

/* storage_run of a statement that gives no rows, in a short transaction of its own. */
enum status storage_run_alone(struct storage_session *session, const struct storage_query *query,
                              const struct storage_value *values, size_t row_count, struct error *err);

/*
 * As storage_run for a long read: rows come as the engine makes them, in constant memory (SQLite steps, PostgreSQL
 * single-row mode). Nothing else may use the session meanwhile.
 */
enum status storage_stream(struct storage_session *session, const struct storage_query *query,
                           const struct storage_value *values, const struct storage_receiver *receiver,
                           struct error *err);

/* ---- what commits owe ---- */

/* Whether commits of this engine owe anything. */
bool storage_owes(const struct storage *storage);
/*
 * Makes durable all that any session committed before the call; any thread, one after the other. What the disk did not take
 * is handed to it again; after an error that is tried by the next call, and by whoever wants to write before.
 */
enum status storage_settle(struct storage *storage, struct error *err);

/* ---- values ---- */

static inline struct storage_value value_null(void)
{
    return (struct storage_value){.type = STORAGE_NULL};
}
static inline struct storage_value value_integer(int64_t integer)
{
    return (struct storage_value){.type = STORAGE_INTEGER, .integer = integer};
}
static inline struct storage_value value_text(struct text text)
{
    return (struct storage_value){.type = STORAGE_TEXT, .text = text};
}
struct storage_value value_string(const char *string); /* NULL gives SQL NULL */
static inline struct storage_value value_blob(const void *bytes, size_t size)
{
    return (struct storage_value){.type = STORAGE_BLOB, .text = {.bytes = bytes, .size = size}};
}

/* ---- upkeep ---- */

/* How the write-ahead log of SQLite is copied into the database file. */
enum storage_checkpoint {
    STORAGE_CHECKPOINT_BESIDE,   /* beside the writer, which goes on writing behind */
    STORAGE_CHECKPOINT_CATCH_UP, /* the same without rests, so that little is left to copy */
    STORAGE_CHECKPOINT_RESTART,  /* holds the writer for the rest of the log: the next commit begins it anew */
    STORAGE_CHECKPOINT_TRUNCATE, /* the same, and gives the file's space back */
};

/* The log after a checkpoint. */
struct storage_log {
    int64_t bytes, copied_bytes;
};

/*
 * Run on a thread of the caller's own, beside the writer. A writer at work goes first: after a few milliseconds of waiting a
 * checkpoint that would hold it gives up. PostgreSQL: no effect, an empty log.
 */
enum status storage_checkpoint(struct storage *storage, enum storage_checkpoint how, struct storage_log *out,
                               struct error *err);

/* Whoever archives the log reads it before it is copied and begins anew: see log_reader.h. Called under one lock. */
struct storage_log_keeper {
    enum status (*read)(void *context, struct error *err); /* before a checkpoint beside the writer */
    enum status (*hold)(void *context, struct error *err); /* keeps the writers waiting, and reads all */
    void (*let_go)(void *context);
    void *context;
};
/* Before the first checkpoint; NULL: nobody does. The keeper is borrowed. */
void storage_keep_log(struct storage *storage, const struct storage_log_keeper *keeper);

/* A consistent copy into a new file while the database is in use (SQLite: VACUUM INTO). */
enum status storage_backup(struct storage *storage, const char *path, struct error *err);

/* ---- wrappers, for tests and for --trace ---- */

/* Calls `line` with one line of text for each operation on sessions opened afterwards. */
void storage_trace(struct storage *storage, void (*line)(void *context, const char *text), void *context);

/* Makes operations on sessions opened afterwards fail: see storage_fault.h. */
struct storage_fault;
void storage_inject(struct storage *storage, struct storage_fault *fault);

#endif
