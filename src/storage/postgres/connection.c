/* connection.c: opens and closes a PostgreSQL connection, and runs its transactions. */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/postgres/postgres.h"

struct postgres_connection *postgres_of(struct driver_connection *connection)
{
    return (struct postgres_connection *)connection;
}

static enum status postgres_begin(struct driver_connection *connection, enum driver_begin mode, struct error *err)
{
    struct postgres_connection *beginner = postgres_of(connection);
    char lock[80];

    const char *sql = mode == DRIVER_BEGIN_READ ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
                                                : "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
    enum status status = postgres_send_text(beginner, sql, false, err);
    if (status != STATUS_OK)
        return status;
    beginner->in_transaction = true;
    if (mode != DRIVER_BEGIN_SCHEMA)
        return STATUS_OK;
    snprintf(lock, sizeof lock, "SELECT pg_advisory_xact_lock(%" PRId64 ")", POSTGRES_SCHEMA_LOCK);
    if (postgres_send_text(beginner, lock, false, err) == STATUS_OK)
        return postgres_drain(beginner, err);
    return err == NULL ? STATUS_IO : err->status;
}

static enum status postgres_flush(struct driver_connection *connection, struct error *err)
{
    return postgres_drain(postgres_of(connection), err);
}

static bool is_awaited(const struct postgres_connection *connection)
{
    for (size_t i = 0; i < connection->pending_count; i++)
        if (connection->pending[i].receiver.row != NULL || connection->pending[i].receiver.done != NULL)
            return true;
    return false;
}

static enum status postgres_commit(struct driver_connection *connection, bool *owed, struct error *err)
{
    struct postgres_connection *committer = postgres_of(connection);
    enum status status = STATUS_OK;

    (void)owed; /* the server has flushed when it answers */
    /* A receiver may refuse its result, so COMMIT waits for it; otherwise it travels with the work: an error on the way
       makes the server skip it. */
    if (is_awaited(committer))
        status = postgres_drain(committer, err);
    if (status == STATUS_OK)
        status = postgres_send_text(committer, "COMMIT", true, err);
    if (status == STATUS_OK)
        status = postgres_drain(committer, err);
    if (status == STATUS_OK)
        committer->in_transaction = false;
    return status;
}

static void postgres_rollback(struct driver_connection *connection)
{
    struct postgres_connection *breaker = postgres_of(connection);

    postgres_discard(breaker);
    if (breaker->in_transaction && PQstatus(breaker->server) == CONNECTION_OK) {
        if (postgres_send_text(breaker, "ROLLBACK", false, NULL) == STATUS_OK)
            postgres_discard(breaker);
    }
    breaker->in_transaction = false;
}

/* Several statements in one text are not for pipelines. */
static enum status postgres_script(struct driver_connection *connection, const char *sql, struct error *err)
{
    struct postgres_connection *runner = postgres_of(connection);
    struct postgres_pending pending = {.doing = "script"};

    enum status status = postgres_drain(runner, err);
    if (status != STATUS_OK)
        return status;
    if (!PQexitPipelineMode(runner->server))
        return postgres_error(runner, NULL, &pending, err);
    PGresult *result = PQexec(runner->server, sql);
    ExecStatusType kind = PQresultStatus(result);
    if (kind != PGRES_COMMAND_OK && kind != PGRES_TUPLES_OK && kind != PGRES_EMPTY_QUERY)
        status = postgres_error(runner, result, &pending, err);
    PQclear(result);
    if (!PQenterPipelineMode(runner->server) && status == STATUS_OK)
        status = postgres_error(runner, NULL, &pending, err);
    return status;
}

/* Reads what the server said since: a server that was stopped has closed the connection. */
static bool postgres_usable(struct driver_connection *connection)
{
    PGconn *server = postgres_of(connection)->server;

    for (int i = 0; i < 4; i++) {
        struct pollfd ready = {.fd = PQsocket(server), .events = POLLIN};
        if (PQstatus(server) != CONNECTION_OK)
            return false;
        if (poll(&ready, 1, 0) == 0)
            return true;
        if (!PQconsumeInput(server))
            return false;
    }
    return PQstatus(server) == CONNECTION_OK;
}

static void postgres_close(struct driver_connection *connection)
{
    struct postgres_connection *closed = postgres_of(connection);

    PQfinish(closed->server);
    free(closed->pending);
    free(closed->buffer);
    free(closed->known);
    free(closed);
}

static const struct storage_driver postgres_driver = {
    .prepare = postgres_prepare,
    .begin = postgres_begin,
    .send = postgres_send,
    .flush = postgres_flush,
    .commit = postgres_commit,
    .rollback = postgres_rollback,
    .stream = postgres_stream,
    .script = postgres_script,
    .usable = postgres_usable,
    .close = postgres_close,
};

/*
 * A writer's statements are index seeks from arrays, whatever the tables' statistics say just after an import; so plans
 * are made once, and only such plans.
 */
static const char writer_settings[] = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off;"
                                      "SET enable_hashjoin = off; SET enable_mergejoin = off;";
static const char reader_settings[] = "SET default_transaction_read_only = on;";

static enum status connection_configure(struct postgres_connection *connection, const struct storage_options *options,
                                        struct error *err)
{
    struct postgres_pending pending = {.doing = "connect"};
    char settings[512];

    snprintf(settings, sizeof settings,
             "SET synchronous_commit = on; SET jit = off; SET bytea_output = hex; SET lock_timeout = %" PRId64 ";%s",
             options->busy_timeout_ms, connection->read_only ? reader_settings : writer_settings);
    PGresult *result = PQexec(connection->server, settings);
    enum status status =
        PQresultStatus(result) == PGRES_COMMAND_OK ? STATUS_OK : postgres_error(connection, result, &pending, err);
    PQclear(result);
    if (status != STATUS_OK)
        return status;
    if (PQsetnonblocking(connection->server, 1) != 0 || !PQenterPipelineMode(connection->server))
        return postgres_error(connection, NULL, &pending, err);
    return STATUS_OK;
}

static void ignore_notice(void *context, const PGresult *result)
{
    (void)context;
    (void)result;
}

static enum status postgres_connect(const struct storage_options *options, bool read_only,
                                    struct driver_connection **out, struct error *err)
{
    /* What stands before `dbname` is a default that the address may override. */
    const char *const names[] = {"application_name", "connect_timeout", "keepalives_idle", "keepalives_interval",
                                 "keepalives_count", "dbname",          "client_encoding", NULL};
    const char *const values[] = {"patron", "10", "30", "10", "3", options->database, "UTF8", NULL};

    struct postgres_connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL)
        return error_set(err, STATUS_IO, "storage.memory", "", "no memory for a connection");
    connection->base.driver = &postgres_driver;
    connection->read_only = read_only;
    connection->server = PQconnectdbParams(names, values, 1);
    enum status status;
    if (PQstatus(connection->server) != CONNECTION_OK) {
        const char *message = PQerrorMessage(connection->server);
        status = error_set(err, STATUS_IO, "storage.unavailable", "", "PostgreSQL cannot be reached: %.*s",
                           (int)strcspn(message, "\n"), message);
    } else {
        PQsetNoticeReceiver(connection->server, ignore_notice, NULL);
        status = connection_configure(connection, options, err);
    }
    if (status != STATUS_OK) {
        postgres_close(&connection->base);
        return status;
    }
    *out = &connection->base;
    return STATUS_OK;
}

const struct storage_engine storage_engine_postgres = {
    .name = "postgres",
    .excludes = false,
    .connect = postgres_connect,
};
