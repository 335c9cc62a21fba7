/*
 * pipeline.c: statements go out without waiting; a flush brings all their results.
 *
 * The connection is non-blocking, because a server that waits for us to read its results does not read what we send.
 */
#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/postgres/postgres.h"

enum { NAME_SIZE = 24 };

/* How a drain goes: the first error counts, and nobody is called after it. */
struct drain {
    struct postgres_connection *connection;
    enum status status;
    struct error *err;
    bool cancel; /* a single-row result that nobody wants any more is cancelled, once */
};

static void statement_name(char name[NAME_SIZE], size_t index)
{
    snprintf(name, NAME_SIZE, "q%zu", index);
}

static enum status remember(struct postgres_connection *connection, struct postgres_pending pending, struct error *err)
{
    if (connection->pending_count == connection->pending_capacity) {
        size_t capacity = connection->pending_capacity * 2 + 64;
        struct postgres_pending *grown = realloc(connection->pending, capacity * sizeof *grown);
        if (grown == NULL)
            return error_set(err, STATUS_IO, "storage.memory", "", "no memory for %s", pending.doing);
        connection->pending = grown;
        connection->pending_capacity = capacity;
    }
    connection->pending[connection->pending_count++] = pending;
    return STATUS_OK;
}

/* Remembers what libpq took (`sent` is 1), or says why it did not. */
static enum status sent_or_error(struct postgres_connection *connection, int sent, struct postgres_pending pending,
                                 struct error *err)
{
    return sent == 1 ? remember(connection, pending, err) : postgres_error(connection, NULL, &pending, err);
}

enum status postgres_send_text(struct postgres_connection *connection, const char *sql, bool commits, struct error *err)
{
    struct postgres_pending pending = {.doing = sql, .commits = commits};
    int sent = PQsendQueryParams(connection->server, sql, 0, NULL, NULL, NULL, NULL, 1);
    return sent_or_error(connection, sent, pending, err);
}

static enum status send_prepare(struct postgres_connection *connection, size_t index, struct error *err)
{
    const struct storage_query *query = connection->queries[index];
    const struct postgres_pending pending = {.query = query, .doing = query->name, .prepares = true};
    char name[NAME_SIZE];

    assert(query->index == (int)index);
    statement_name(name, index);
    int sent = PQsendPrepare(connection->server, name, query->postgres, 0, NULL);
    connection->known[index] = sent == 1;
    return sent_or_error(connection, sent, pending, err);
}

static enum status prepare_when_new(struct postgres_connection *connection, const struct storage_query *query,
                                    struct error *err)
{
    size_t index = (size_t)query->index;

    if (query->index == STORAGE_QUERY_MADE)
        return STATUS_OK;
    return connection->known[index] ? STATUS_OK : send_prepare(connection, index, err);
}

/* A query that was made while running: parsed, bound and run at once. 1: libpq took it. */
static int send_made(struct postgres_connection *sender, const struct storage_query *query,
                     const struct postgres_parameters *parameters)
{
    Oid types[STORAGE_COLUMNS_MAX];

    assert(!query->writes && !query->rows);
    assert(query->parameter_count <= STORAGE_COLUMNS_MAX);
    for (int i = 0; i < query->parameter_count; i++)
        types[i] = postgres_type(query->parameters[i]);
    return PQsendQueryParams(sender->server, query->postgres, query->parameter_count, types, parameters->values,
                             parameters->sizes, parameters->formats, 1);
}

enum status postgres_send(struct driver_connection *connection, const struct driver_work *work, struct error *err)
{
    struct postgres_connection *sender = postgres_of(connection);
    const struct storage_query *query = work->query;
    struct postgres_pending pending = {.query = query, .doing = query->name};
    if (work->receiver != NULL)
        pending.receiver = *work->receiver;
    struct postgres_parameters parameters;
    char name[NAME_SIZE];

    enum status status = prepare_when_new(sender, query, err);
    if (status == STATUS_OK)
        status = postgres_encode(sender, work, &parameters, err);
    if (status != STATUS_OK)
        return status;
    if (query->index == STORAGE_QUERY_MADE)
        return sent_or_error(sender, send_made(sender, query, &parameters), pending, err);
    statement_name(name, (size_t)query->index);
    int sent = PQsendQueryPrepared(sender->server, name, query->parameter_count, parameters.values, parameters.sizes,
                                   parameters.formats, 1);
    return sent_or_error(sender, sent, pending, err);
}

/* Sends all that libpq holds back, and reads meanwhile. False when the connection broke. */
static bool push(PGconn *server)
{
    int left;
    while ((left = PQflush(server)) > 0) {
        struct pollfd ready = {.fd = PQsocket(server), .events = POLLIN | POLLOUT};
        if (poll(&ready, 1, -1) > 0 && (ready.revents & ~POLLOUT) != 0 && !PQconsumeInput(server))
            return false;
    }
    return left == 0;
}

static void drain_cancel(struct drain *drain)
{
    char reason[256];

    if (!drain->cancel)
        return;
    drain->cancel = false;
    PGcancel *cancel = PQgetCancel(drain->connection->server);
    if (cancel != NULL)
        PQcancel(cancel, reason, sizeof reason);
    PQfreeCancel(cancel);
}

static enum status receive_done(const struct postgres_pending *pending, PGresult *result, struct error *err)
{
    if (pending->commits && strcmp(PQcmdStatus(result), "COMMIT") != 0)
        return error_set(err, STATUS_DEFECT, "storage.failed_transaction", "", "the server rolled back at COMMIT");
    if (pending->receiver.done == NULL)
        return STATUS_OK;
    int64_t changes = pending->query->writes ? strtoll(PQcmdTuples(result), NULL, 10) : 0;
    return pending->receiver.done(pending->receiver.context, changes, err);
}

static void drain_result(struct drain *drain, const struct postgres_pending *pending, PGresult *result)
{
    enum status status = STATUS_OK;
    ExecStatusType kind = PQresultStatus(result);

    if (pending->prepares && kind != PGRES_COMMAND_OK)
        drain->connection->known[pending->query->index] = false;
    if (drain->status != STATUS_OK)
        return;
    if (kind == PGRES_TUPLES_OK || kind == PGRES_SINGLE_TUPLE)
        status = postgres_decode(result, pending, drain->err);
    if (status == STATUS_OK && (kind == PGRES_TUPLES_OK || kind == PGRES_COMMAND_OK))
        status = receive_done(pending, result, drain->err);
    else if (kind != PGRES_TUPLES_OK && kind != PGRES_COMMAND_OK && kind != PGRES_SINGLE_TUPLE)
        status = postgres_error(drain->connection, result, pending, drain->err);
    if (status != STATUS_OK) {
        drain->status = status;
        drain_cancel(drain);
    }
}

/* The results of one statement. */
static void drain_pending(struct drain *drain, const struct postgres_pending *pending)
{
    PGresult *result;
    while ((result = PQgetResult(drain->connection->server)) != NULL) {
        drain_result(drain, pending, result);
        PQclear(result);
        if (PQstatus(drain->connection->server) == CONNECTION_BAD)
            return;
    }
}

/* Reads all results up to the synchronisation point that was sent. */
static enum status drain_all(struct drain *drain)
{
    static const struct postgres_pending end = {.doing = "flush"};
    struct postgres_connection *connection = drain->connection;
    PGconn *server = connection->server;
    bool alive = push(server);

    for (size_t i = 0; alive && i < connection->pending_count; i++) {
        drain_pending(drain, &connection->pending[i]);
        alive = PQstatus(server) == CONNECTION_OK;
    }
    if (alive) {
        PGresult *result = PQgetResult(server);
        alive = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
        PQclear(result);
    }
    if (!alive && drain->status == STATUS_OK)
        drain->status = postgres_error(connection, NULL, &end, drain->err);
    connection->pending_count = 0;
    return drain->status;
}

static enum status drain_start(struct drain *drain)
{
    static const struct postgres_pending end = {.doing = "flush"};

    if (PQpipelineSync(drain->connection->server))
        return drain_all(drain);
    if (drain->status == STATUS_OK)
        drain->status = postgres_error(drain->connection, NULL, &end, drain->err);
    drain->connection->pending_count = 0;
    return drain->status;
}

enum status postgres_drain(struct postgres_connection *connection, struct error *err)
{
    struct drain drain = {.connection = connection, .status = STATUS_OK, .err = err};
    return connection->pending_count == 0 ? STATUS_OK : drain_start(&drain);
}

void postgres_discard(struct postgres_connection *connection)
{
    struct drain drain = {.connection = connection, .status = STATUS_BUSY};

    if (PQstatus(connection->server) == CONNECTION_OK && connection->pending_count > 0)
        drain_start(&drain);
    connection->pending_count = 0;
}

enum status postgres_stream(struct driver_connection *connection, const struct driver_work *work, struct error *err)
{
    struct postgres_connection *reader = postgres_of(connection);
    struct drain drain = {.connection = reader, .status = STATUS_OK, .err = err, .cancel = true};

    /* Rows come one by one for the first statement of the pipeline only. */
    enum status status = prepare_when_new(reader, work->query, err);
    if (status == STATUS_OK)
        status = postgres_drain(reader, err);
    if (status == STATUS_OK)
        status = postgres_send(connection, work, err);
    if (status != STATUS_OK)
        return status;
    if (!PQpipelineSync(reader->server) || !PQsetSingleRowMode(reader->server)) {
        status = postgres_error(reader, NULL, &reader->pending[0], err);
        reader->pending_count = 0;
        return status;
    }
    return drain_all(&drain);
}

enum status postgres_prepare(struct driver_connection *connection, const struct storage_query *const *queries,
                             size_t count, bool all, struct error *err)
{
    struct postgres_connection *prepared = postgres_of(connection);
    enum status status =
        prepared->known != NULL ? postgres_send_text(prepared, "DEALLOCATE ALL", false, err) : STATUS_OK;

    free(prepared->known);
    prepared->queries = queries;
    prepared->query_count = count;
    prepared->known = calloc(count + 1, sizeof *prepared->known);
    if (prepared->known == NULL)
        return error_set(err, STATUS_IO, "storage.memory", "", "no memory for the statements");
    for (size_t i = 0; i < count && status == STATUS_OK && all; i++)
        status = send_prepare(prepared, i, err);
    return status == STATUS_OK ? postgres_drain(prepared, err) : status;
}
