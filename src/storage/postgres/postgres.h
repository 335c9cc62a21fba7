/* postgres.h: a connection of the PostgreSQL driver, shared by its files. */
#ifndef PATRON_STORAGE_POSTGRES_POSTGRES_H
#define PATRON_STORAGE_POSTGRES_POSTGRES_H

#include <libpq-fe.h>

#include "storage/driver.h"

/* The advisory lock of a transaction that changes the schema ("patron" in ASCII). */
#define POSTGRES_SCHEMA_LOCK INT64_C(0x706174726f6e)

/* A statement that was sent and not yet answered. */
struct postgres_pending {
    const struct storage_query *query; /* NULL for BEGIN, COMMIT and the like */
    struct storage_receiver receiver;  /* a copy; its functions are NULL when the result is ignored */
    const char *doing;                 /* what a message calls it */
    bool commits;
    bool prepares; /* `query` */
};

struct postgres_connection {
    struct driver_connection base;
    PGconn *server; /* always in pipeline mode and non-blocking, but inside script */
    bool read_only;
    const struct storage_query *const *queries;
    size_t query_count;
    bool *known;         /* of each query: the server has it, or it is on its way; NULL before the first prepare */
    bool in_transaction; /* BEGIN was sent */
    struct postgres_pending *pending;
    size_t pending_count, pending_capacity;
    char *buffer; /* parameters on their way to libpq */
    size_t buffer_capacity;
};

struct postgres_connection *postgres_of(struct driver_connection *connection);

/* ---- error.c ---- */

/* Fills `err` from a failed result, or from the connection when `result` is NULL. */
enum status postgres_error(const struct postgres_connection *connection, const PGresult *result,
                           const struct postgres_pending *pending, struct error *err);

/* ---- encode.c ---- */

/* The parameters of one statement in binary form; the values point into the connection's buffer. */
struct postgres_parameters {
    const char *values[STORAGE_COLUMNS_MAX];
    int sizes[STORAGE_COLUMNS_MAX];
    int formats[STORAGE_COLUMNS_MAX];
};

Oid postgres_type(enum storage_type type);
enum status postgres_encode(struct postgres_connection *connection, const struct driver_work *work,
                            struct postgres_parameters *out, struct error *err);

/* ---- decode.c ---- */

/* Calls the receiver for every row of a result in binary form. */
enum status postgres_decode(const PGresult *result, const struct postgres_pending *pending, struct error *err);

/* ---- pipeline.c ---- */

enum status postgres_prepare(struct driver_connection *connection, const struct storage_query *const *queries,
                             size_t count, bool all, struct error *err);
enum status postgres_send(struct driver_connection *connection, const struct driver_work *work, struct error *err);
enum status postgres_stream(struct driver_connection *connection, const struct driver_work *work, struct error *err);

/* Sends a statement without parameters, and remembers it. */
enum status postgres_send_text(struct postgres_connection *connection, const char *sql, bool commits,
                               struct error *err);

/* Waits for all that is pending and calls the receivers. */
enum status postgres_drain(struct postgres_connection *connection, struct error *err);

/* The same without calling any. */
void postgres_discard(struct postgres_connection *connection);

#endif
