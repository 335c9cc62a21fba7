/* statement.c: prepares the queries, binds their values, steps them and hands out their rows. */
#include <assert.h>
#include <stdlib.h>

#include "storage/sqlite/sqlite.h"

void sqlite_finalize(struct sqlite_connection *connection)
{
    for (size_t i = 0; i < connection->statement_count; i++)
        sqlite3_finalize(connection->statements[i]);
    free(connection->statements);
    connection->statements = NULL;
    connection->statement_count = 0;
}

static enum status prepare_one(struct sqlite_connection *connection, const struct storage_query *query, size_t index,
                               struct error *err)
{
    sqlite3_stmt *statement;

    assert(query->index == (int)index);
    int result =
        sqlite3_prepare_v3(connection->database, query->sqlite, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
    if (result != SQLITE_OK)
        return sqlite_error(connection, result, query->name, err);
    connection->statements[index] = statement;
    assert(sqlite3_bind_parameter_count(statement) <= query->parameter_count);
    assert(sqlite3_column_count(statement) <= STORAGE_COLUMNS_MAX);
    return STATUS_OK;
}

enum status sqlite_prepare(struct driver_connection *connection, const struct storage_query *const *queries,
                           size_t count, bool all, struct error *err)
{
    struct sqlite_connection *prepared = sqlite_of(connection);

    sqlite_finalize(prepared);
    prepared->statements = calloc(count + 1, sizeof(sqlite3_stmt *));
    if (prepared->statements == NULL)
        return error_set(err, STATUS_IO, "storage.memory", "", "no memory for the statements");
    prepared->statement_count = count;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count && status == STATUS_OK && all; i++)
        status = prepare_one(prepared, queries[i], i, err);
    return status;
}

/* The bytes are static to SQLite: they outlive the step, and the next step binds all anew. */
static int bind_value(sqlite3_stmt *statement, int position, const struct storage_value *value)
{
    const char *bytes = value->text.bytes == NULL ? "" : value->text.bytes;

    switch (value->type) {
    case STORAGE_NULL:
        return sqlite3_bind_null(statement, position);
    case STORAGE_INTEGER:
        return sqlite3_bind_int64(statement, position, value->integer);
    case STORAGE_TEXT:
        return sqlite3_bind_text64(statement, position, bytes, value->text.size, SQLITE_STATIC, SQLITE_UTF8);
    case STORAGE_BLOB:
        return sqlite3_bind_blob64(statement, position, bytes, value->text.size, SQLITE_STATIC);
    }
    return SQLITE_MISUSE;
}

static int bind_row(sqlite3_stmt *statement, const struct storage_query *query, const struct storage_value *values)
{
    /* A column of :rows that the statement leaves out has no place in it when it is the last. */
    int places = sqlite3_bind_parameter_count(statement);

    for (int i = 0; i < places; i++) {
        assert(values[i].type == STORAGE_NULL || values[i].type == query->parameters[i]);
        int result = bind_value(statement, i + 1, &values[i]);
        if (result != SQLITE_OK)
            return result;
    }
    return SQLITE_OK;
}

/*
 * A connection has one thread, so the value of a column may be looked at in place: one look-up a column instead of one for
 * its type, one for its bytes and one for its size. Written field by field, which is read again sooner than a copy of the whole
 * would be. False for a floating point number.
 */
static bool read_column(sqlite3_stmt *statement, int column, struct storage_value *out)
{
    sqlite3_value *value = sqlite3_column_value(statement, column);

    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
        out->type = STORAGE_INTEGER;
        out->integer = sqlite3_value_int64(value);
        return true;
    case SQLITE_TEXT:
        out->type = STORAGE_TEXT;
        out->text.bytes = (const char *)sqlite3_value_text(value);
        out->text.size = (size_t)sqlite3_value_bytes(value);
        return true;
    case SQLITE_BLOB: {
        const void *bytes = sqlite3_value_blob(value); /* NULL when empty */
        out->type = STORAGE_BLOB;
        out->text.bytes = bytes == NULL ? "" : bytes;
        out->text.size = (size_t)sqlite3_value_bytes(value);
        return true;
    }
    case SQLITE_FLOAT:
        return false;
    default:
        out->type = STORAGE_NULL;
        return true;
    }
}

static enum status receive_row(sqlite3_stmt *statement, const struct driver_work *work, int columns, struct error *err)
{
    struct storage_value values[STORAGE_COLUMNS_MAX];
    struct storage_row row = {values, columns};
    bool valid = true;

    if (work->receiver == NULL || work->receiver->row == NULL)
        return STATUS_OK;
    for (int i = 0; i < columns && valid; i++)
        valid = read_column(statement, i, &values[i]);
    if (!valid)
        return error_set(err, STATUS_DEFECT, "storage.data", "", "%s returns a number that is not an integer",
                         work->query->name);
    return work->receiver->row(work->receiver->context, &row, err);
}

static enum status step_row(struct sqlite_connection *connection, sqlite3_stmt *statement,
                            const struct driver_work *work, const struct storage_value *values, struct error *err)
{
    enum status status = STATUS_OK;
    int result = bind_row(statement, work->query, values);
    int columns = sqlite3_column_count(statement);

    if (result == SQLITE_OK)
        while ((result = sqlite3_step(statement)) == SQLITE_ROW && status == STATUS_OK)
            status = receive_row(statement, work, columns, err);
    if (status == STATUS_OK && result != SQLITE_DONE)
        status = sqlite_error(connection, result, work->query->name, err);
    sqlite3_reset(statement);
    return status;
}

/* A query that was made while running is prepared for this once. */
static enum status send_made(struct sqlite_connection *sender, const struct driver_work *work, struct error *err)
{
    const struct storage_query *query = work->query;
    sqlite3_stmt *statement;
    int result = sqlite3_prepare_v3(sender->database, query->sqlite, -1, 0, &statement, NULL);

    assert(!query->writes && !query->rows);
    if (result != SQLITE_OK)
        return sqlite_error(sender, result, query->name, err);
    assert(sqlite3_bind_parameter_count(statement) <= query->parameter_count);
    assert(sqlite3_column_count(statement) <= STORAGE_COLUMNS_MAX);
    enum status status = step_row(sender, statement, work, work->values, err);
    sqlite3_finalize(statement);
    if (status == STATUS_OK && work->receiver != NULL && work->receiver->done != NULL)
        return work->receiver->done(work->receiver->context, 0, err);
    return status;
}

enum status sqlite_send(struct driver_connection *connection, const struct driver_work *work, struct error *err)
{
    struct sqlite_connection *sender = sqlite_of(connection);
    const struct storage_query *query = work->query;
    int64_t changes = 0;
    enum status status = STATUS_OK;

    if (query->index == STORAGE_QUERY_MADE)
        return send_made(sender, work, err);
    if (sender->statements[query->index] == NULL)
        status = prepare_one(sender, query, (size_t)query->index, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < work->row_count; i++) {
        const struct storage_value *values =
            query->parameter_count == 0 ? NULL : work->values + i * (size_t)query->parameter_count;
        status = step_row(sender, sender->statements[query->index], work, values, err);
        if (status != STATUS_OK)
            return status;
        if (query->writes)
            changes += sqlite3_changes64(sender->database);
    }
    if (work->receiver != NULL && work->receiver->done != NULL)
        return work->receiver->done(work->receiver->context, changes, err);
    return STATUS_OK;
}
