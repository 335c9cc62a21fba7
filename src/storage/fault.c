/* fault.c: a connection whose operations fail when a test has said so. */
#include <stdlib.h>

#include "storage/driver.h"

struct fault_connection {
    struct driver_connection base;
    struct driver_connection *inner;
    struct storage_fault *fault;
};

static struct fault_connection *fault_of(struct driver_connection *connection)
{
    return (struct fault_connection *)connection;
}

bool fault_due(struct storage_fault *fault, enum storage_operation operation)
{
    return fault != NULL && atomic_load(&fault->countdown) >= 0 && fault->operation == operation &&
           atomic_fetch_sub(&fault->countdown, 1) == 0;
}

static enum status fault_report(const struct fault_connection *connection, enum storage_operation operation,
                                struct error *err)
{
    const char *code = operation == STORAGE_OPERATION_COMMIT ? "storage.commit_unknown" : "storage.injected";
    return error_set(err, connection->fault->status, code, "", "a fault was injected here");
}

static enum status fault_prepare(struct driver_connection *connection, const struct storage_query *const *queries,
                                 size_t count, bool all, struct error *err)
{
    struct fault_connection *fault = fault_of(connection);
    return fault->inner->driver->prepare(fault->inner, queries, count, all, err);
}

static enum status fault_begin(struct driver_connection *connection, enum driver_begin mode, struct error *err)
{
    struct fault_connection *fault = fault_of(connection);

    if (!fault_due(fault->fault, STORAGE_OPERATION_BEGIN))
        return fault->inner->driver->begin(fault->inner, mode, err);
    /* A begin that failed leaves no transaction open, so one that was carried out is taken back. */
    if (fault->fault->after && fault->inner->driver->begin(fault->inner, mode, err) == STATUS_OK)
        fault->inner->driver->rollback(fault->inner);
    return fault_report(fault, STORAGE_OPERATION_BEGIN, err);
}

static enum status fault_send(struct driver_connection *connection, const struct driver_work *work, struct error *err)
{
    struct fault_connection *fault = fault_of(connection);
    bool due = fault_due(fault->fault, STORAGE_OPERATION_SEND);

    if (due && !fault->fault->after)
        return fault_report(fault, STORAGE_OPERATION_SEND, err);
    enum status status = fault->inner->driver->send(fault->inner, work, err);
    return due && status == STATUS_OK ? fault_report(fault, STORAGE_OPERATION_SEND, err) : status;
}

static enum status fault_flush(struct driver_connection *connection, struct error *err)
{
    struct fault_connection *fault = fault_of(connection);
    bool due = fault_due(fault->fault, STORAGE_OPERATION_FLUSH);

    if (due && !fault->fault->after)
        return fault_report(fault, STORAGE_OPERATION_FLUSH, err);
    enum status status = fault->inner->driver->flush(fault->inner, err);
    return due && status == STATUS_OK ? fault_report(fault, STORAGE_OPERATION_FLUSH, err) : status;
}

static enum status fault_commit(struct driver_connection *connection, bool *owed, struct error *err)
{
    struct fault_connection *fault = fault_of(connection);
    bool due = fault_due(fault->fault, STORAGE_OPERATION_COMMIT);

    if (due && !fault->fault->after)
        return fault_report(fault, STORAGE_OPERATION_COMMIT, err);
    enum status status = fault->inner->driver->commit(fault->inner, owed, err);
    return due && status == STATUS_OK ? fault_report(fault, STORAGE_OPERATION_COMMIT, err) : status;
}

static void fault_rollback(struct driver_connection *connection)
{
    struct fault_connection *fault = fault_of(connection);
    fault->inner->driver->rollback(fault->inner);
}

static enum status fault_stream(struct driver_connection *connection, const struct driver_work *work, struct error *err)
{
    struct fault_connection *fault = fault_of(connection);
    return fault->inner->driver->stream(fault->inner, work, err);
}

static enum status fault_script(struct driver_connection *connection, const char *sql, struct error *err)
{
    struct fault_connection *fault = fault_of(connection);
    return fault->inner->driver->script(fault->inner, sql, err);
}

static bool fault_usable(struct driver_connection *connection)
{
    struct fault_connection *fault = fault_of(connection);
    return fault->inner->driver->usable(fault->inner);
}

static void fault_close(struct driver_connection *connection)
{
    struct fault_connection *fault = fault_of(connection);
    fault->inner->driver->close(fault->inner);
    free(fault);
}

static const struct storage_driver fault_driver = {
    .prepare = fault_prepare,
    .begin = fault_begin,
    .send = fault_send,
    .flush = fault_flush,
    .commit = fault_commit,
    .rollback = fault_rollback,
    .stream = fault_stream,
    .script = fault_script,
    .usable = fault_usable,
    .close = fault_close,
};

struct driver_connection *fault_wrap(struct driver_connection *inner, struct storage_fault *fault)
{
    struct fault_connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) {
        inner->driver->close(inner);
        return NULL;
    }
    connection->base.driver = &fault_driver;
    connection->inner = inner;
    connection->fault = fault;
    return &connection->base;
}
