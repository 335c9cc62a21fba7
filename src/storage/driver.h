/* driver.h: what an engine of the storage port implements; seen by storage/ only. */
#ifndef PATRON_STORAGE_DRIVER_H
#define PATRON_STORAGE_DRIVER_H

#include "storage/storage.h"
#include "storage/storage_fault.h"

/* One connection. Each driver has its own struct with this as first member. */
struct driver_connection {
    const struct storage_driver *driver;
};

/* A query on its way, as storage_send takes it. */
struct driver_work {
    const struct storage_query *query;
    const struct storage_value *values;
    size_t row_count;
    const struct storage_receiver
        *receiver; /* may be NULL; a driver that answers at the flush COPIES *receiver (callers pass locals) */
};

enum driver_begin { DRIVER_BEGIN_READ, DRIVER_BEGIN_WRITE, DRIVER_BEGIN_SCHEMA };

/* The operations of a connection; contracts as those of the functions of the same name in storage.h. */
struct storage_driver {
    /* The queries from now on, in place of those before; `all`: prepared at once, and not when they are first needed. */
    enum status (*prepare)(struct driver_connection *connection, const struct storage_query *const *queries,
                           size_t count, bool all, struct error *err);
    /* DRIVER_BEGIN_SCHEMA also keeps every other process out of the schema until the end of the transaction. */
    enum status (*begin)(struct driver_connection *connection, enum driver_begin mode, struct error *err);
    enum status (*send)(struct driver_connection *connection, const struct driver_work *work, struct error *err);
    enum status (*flush)(struct driver_connection *connection, struct error *err);
    /* `owed`: see storage_commit_owing; NULL: durable when it returns. */
    enum status (*commit)(struct driver_connection *connection, bool *owed, struct error *err);
    void (*rollback)(struct driver_connection *connection);
    enum status (*stream)(struct driver_connection *connection, const struct driver_work *work, struct error *err);
    /* Runs statements without parameters and results, in a transaction. */
    enum status (*script)(struct driver_connection *connection, const char *sql, struct error *err);
    /* False when only a new connection helps. */
    bool (*usable)(struct driver_connection *connection);
    void (*close)(struct driver_connection *connection);
};

/* An engine: how to connect, and what is done to a database as a whole. */
struct storage_engine {
    const char *name;
    bool excludes; /* a writing transaction excludes every other from its begin */
    enum status (*connect)(const struct storage_options *options, bool read_only, struct driver_connection **out,
                           struct error *err);
    /*
     * Whether the planner was told what to expect of the tables, and to tell it, in the transaction that changed the schema.
     * NULL: it finds out by itself.
     */
    bool (*is_told)(struct driver_connection *connection);
    enum status (*tell)(struct driver_connection *connection, struct error *err);
    /* Flushes what all connections have committed. NULL: they owe nothing. Of a connection made by connect, as the next ones. */
    enum status (*settle)(struct driver_connection *connection, struct error *err);
    /* Hands the disk again what it has not taken, and flushes it. */
    enum status (*settle_again)(struct driver_connection *connection, struct error *err);
    enum status (*checkpoint)(struct driver_connection *connection, enum storage_checkpoint how,
                              struct storage_log *out, struct error *err);
    enum status (*backup)(struct driver_connection *connection, const char *path, struct error *err);
};

extern const struct storage_engine storage_engine_sqlite;
extern const struct storage_engine storage_engine_postgres;

/* Applies what the database lacks of `options->schema`, or refuses: see storage_open. */
enum status migration_apply(const struct storage_engine *engine, const struct storage_options *options,
                            struct error *err);

/*
 * Wrap a connection in one with the same operations; the wrapper owns it. On failure the connection is closed, and NULL
 * is returned.
 */
struct driver_connection *trace_wrap(struct driver_connection *inner, void (*line)(void *context, const char *text),
                                     void *context);
/* Counts an operation; true when it is the one that fails. `fault` may be NULL. */
bool fault_due(struct storage_fault *fault, enum storage_operation operation);
struct driver_connection *fault_wrap(struct driver_connection *inner, struct storage_fault *fault);

#endif
