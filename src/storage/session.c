/* session.c: a session: one connection, its state, and the rules of a transaction that hold on every engine. */
#include <assert.h>
#include <stdlib.h>

#include "storage/internal.h"

enum session_state {
    SESSION_IDLE,
    SESSION_OPEN,  /* in a transaction */
    SESSION_FAILED /* in a transaction that can only be rolled back */
};

struct storage_session {
    struct storage *storage;
    struct driver_connection *connection; /* NULL after it broke, until the next begin */
    enum session_state state;
    bool read_only, prepares;
};

static void session_disconnect(struct storage_session *session)
{
    if (session->connection != NULL)
        session->connection->driver->close(session->connection);
    session->connection = NULL;
}

static struct driver_connection *session_wrap(const struct storage *storage, struct driver_connection *connection)
{
    if (storage->fault != NULL)
        connection = fault_wrap(connection, storage->fault);
    if (connection != NULL && storage->trace_line != NULL)
        connection = trace_wrap(connection, storage->trace_line, storage->trace_context);
    return connection;
}

/* Makes sure of a connection. */
static enum status session_connect(struct storage_session *session, struct error *err)
{
    const struct storage *storage = session->storage;

    if (session->connection != NULL && !session->connection->driver->usable(session->connection))
        session_disconnect(session);
    if (session->connection != NULL)
        return STATUS_OK;

    struct driver_connection *connection;
    enum status status = storage->engine->connect(&storage->options, session->read_only, &connection, err);
    if (status != STATUS_OK)
        return status;
    connection = session_wrap(storage, connection);
    if (connection == NULL)
        return error_set(err, STATUS_IO, "storage.memory", "", "no memory for a connection");
    const struct storage_schema *schema = storage->options.schema;
    status = connection->driver->prepare(connection, schema->queries, schema->query_count, session->prepares, err);
    if (status != STATUS_OK) {
        connection->driver->close(connection);
        return status;
    }
    session->connection = connection;
    return STATUS_OK;
}

enum status storage_session_new(struct storage *storage, bool read_only, struct storage_session **out,
                                struct error *err)
{
    struct storage_session *session = calloc(1, sizeof *session);
    if (session == NULL)
        return error_set(err, STATUS_IO, "storage.memory", "", "no memory for a session");

    session->storage = storage;
    session->read_only = read_only || storage->options.read_only;
    enum status status = session_connect(session, err);
    if (status != STATUS_OK) {
        free(session);
        return status;
    }
    *out = session;
    return STATUS_OK;
}

enum status storage_session_prepare(struct storage_session *session, struct error *err)
{
    const struct storage_schema *schema = session->storage->options.schema;

    assert(session->state == SESSION_IDLE);
    session->prepares = true;
    enum status status = session_connect(session, err);
    if (status == STATUS_OK)
        status =
            session->connection->driver->prepare(session->connection, schema->queries, schema->query_count, true, err);
    return status;
}

void storage_session_free(struct storage_session *session)
{
    if (session == NULL)
        return;
    storage_rollback(session);
    session_disconnect(session);
    free(session);
}

bool storage_excludes(const struct storage_session *session)
{
    return session->storage->engine->excludes;
}

enum status storage_begin(struct storage_session *session, struct error *err)
{
    assert(session->state == SESSION_IDLE);

    enum status status = session_connect(session, err);
    if (status != STATUS_OK)
        return status;
    enum driver_begin mode = session->read_only ? DRIVER_BEGIN_READ : DRIVER_BEGIN_WRITE;
    if (mode == DRIVER_BEGIN_WRITE && atomic_load(&session->storage->unsettled))
        status = storage_settle(session->storage, err);
    if (status == STATUS_OK)
        status = session->connection->driver->begin(session->connection, mode, err);
    if (status == STATUS_OK)
        session->state = SESSION_OPEN;
    return status;
}

static enum status refuse_failed(struct error *err)
{
    return error_set(err, STATUS_DEFECT, "storage.failed_transaction", "",
                     "a transaction went on after an error instead of being rolled back");
}

/* Remembers that the transaction is lost. */
static enum status session_result(struct storage_session *session, enum status status)
{
    if (status != STATUS_OK && session->state == SESSION_OPEN)
        session->state = SESSION_FAILED;
    return status;
}

static enum status commit(struct storage_session *session, bool *owed, struct error *err)
{
    assert(session->state != SESSION_IDLE);

    if (session->state == SESSION_FAILED) {
        storage_rollback(session);
        return refuse_failed(err);
    }
    enum status status = session->connection->driver->commit(session->connection, owed, err);
    if (status != STATUS_OK)
        session->connection->driver->rollback(session->connection);
    session->state = SESSION_IDLE;
    return status;
}

enum status storage_commit(struct storage_session *session, struct error *err)
{
    return commit(session, NULL, err);
}

enum status storage_commit_owing(struct storage_session *session, bool *owed, struct error *err)
{
    *owed = false;
    return commit(session, owed, err);
}

void storage_rollback(struct storage_session *session)
{
    if (session->state != SESSION_IDLE)
        session->connection->driver->rollback(session->connection);
    session->state = SESSION_IDLE;
}

static enum status check_work(const struct storage_session *session, const struct driver_work *work, struct error *err)
{
    const struct storage_query *query = work->query;

    assert(query->rows || work->row_count == 1);
    assert(work->values != NULL || query->parameter_count == 0);
    if (query->writes && session->read_only)
        return error_set(err, STATUS_DEFECT, "storage.read_only_session", "", "%s writes in a reading session",
                         query->name);
    if (work->row_count > STORAGE_ROWS_MAX)
        return error_set(err, STATUS_DEFECT, "storage.rows", "", "%s was given %zu rows; the limit is %d", query->name,
                         work->row_count, STORAGE_ROWS_MAX);
    return STATUS_OK;
}

/* Work outside a transaction that needs one: it writes, or several steps must see one snapshot. */
static enum status send_in_transaction(struct storage_session *session, const struct driver_work *work,
                                       struct error *err)
{
    enum status status = storage_begin(session, err);
    if (status != STATUS_OK)
        return status;
    status = session->connection->driver->send(session->connection, work, err);
    if (status == STATUS_OK)
        return storage_commit(session, err);
    storage_rollback(session);
    return status;
}

/* A single read outside a transaction. */
static enum status send_alone(struct storage_session *session, const struct driver_work *work, struct error *err)
{
    enum status status = session_connect(session, err);
    if (status == STATUS_OK)
        status = session->connection->driver->send(session->connection, work, err);
    return status == STATUS_OK ? session->connection->driver->flush(session->connection, err) : status;
}

enum status storage_send(struct storage_session *session, const struct storage_query *query,
                         const struct storage_value *values, size_t row_count, const struct storage_receiver *receiver,
                         struct error *err)
{
    struct driver_work work = {query, values, row_count, receiver};

    if (session->state == SESSION_FAILED)
        return refuse_failed(err);
    if (row_count == 0)
        return STATUS_OK;
    enum status status = check_work(session, &work, err);
    if (status == STATUS_OK && session->state == SESSION_IDLE)
        return query->writes || row_count > 1 ? send_in_transaction(session, &work, err)
                                              : send_alone(session, &work, err);
    if (status == STATUS_OK)
        status = session->connection->driver->send(session->connection, &work, err);
    return session_result(session, status);
}

enum status storage_flush(struct storage_session *session, struct error *err)
{
    if (session->state == SESSION_FAILED)
        return refuse_failed(err);
    if (session->state == SESSION_IDLE)
        return STATUS_OK;
    return session_result(session, session->connection->driver->flush(session->connection, err));
}

enum status storage_run(struct storage_session *session, const struct storage_query *query,
                        const struct storage_value *values, size_t row_count, const struct storage_receiver *receiver,
                        struct error *err)
{
    enum status status = storage_send(session, query, values, row_count, receiver, err);
    return status == STATUS_OK ? storage_flush(session, err) : status;
}

enum status storage_run_alone(struct storage_session *session, const struct storage_query *query,
                              const struct storage_value *values, size_t row_count, struct error *err)
{
    enum status status = storage_begin(session, err);

    if (status != STATUS_OK)
        return status;
    status = storage_run(session, query, values, row_count, NULL, err);
    if (status == STATUS_OK)
        return storage_commit(session, err);
    storage_rollback(session);
    return status;
}

enum status storage_stream(struct storage_session *session, const struct storage_query *query,
                           const struct storage_value *values, const struct storage_receiver *receiver,
                           struct error *err)
{
    struct driver_work work = {query, values, 1, receiver};

    if (session->state == SESSION_FAILED)
        return refuse_failed(err);
    enum status status = check_work(session, &work, err);
    if (status == STATUS_OK && session->state == SESSION_IDLE)
        status = session_connect(session, err);
    if (status == STATUS_OK)
        status = session->connection->driver->stream(session->connection, &work, err);
    return session_result(session, status);
}
