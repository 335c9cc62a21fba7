#include "suite.h"

#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void execute_postgres(const char *database, const char *sql)
{
    PGconn *server = PQconnectdb(database);
    PGresult *result = PQexec(server, sql);
    ExecStatusType kind = PQresultStatus(result);
    if (kind != PGRES_COMMAND_OK && kind != PGRES_TUPLES_OK)
        fail_msg("%s", PQerrorMessage(server));
    PQclear(result);
    PQfinish(server);
}

static void execute_sqlite(const char *database, const char *sql)
{
    sqlite3 *file;
    char *message = NULL;
    assert_int_equal(sqlite3_open(database, &file), SQLITE_OK);
    if (sqlite3_exec(file, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s", message);
    sqlite3_close(file);
}

void suite_execute(const struct suite *suite, const char *sql)
{
    if (suite->postgres)
        execute_postgres(suite->database, sql);
    else
        execute_sqlite(suite->database, sql);
}

void suite_reopen(struct suite *suite)
{
    assert_ok(storage_open(&suite->options, &suite->storage, &failure));
    assert_ok(storage_session_new(suite->storage, false, &suite->session, &failure));
}

void suite_close(struct suite *suite)
{
    storage_session_free(suite->session);
    storage_close(suite->storage);
    suite->session = NULL;
    suite->storage = NULL;
}

int suite_setup(void **state)
{
    static struct suite suite;
    const char *address = getenv("PATRON_POSTGRES");

    memset(&suite, 0, sizeof suite);
    suite.postgres = address != NULL;
    snprintf(suite.folder, sizeof suite.folder, "/tmp/patron-storage-XXXXXX");
    assert_non_null(mkdtemp(suite.folder));
    if (suite.postgres)
        snprintf(suite.database, sizeof suite.database, "%s", address);
    else
        snprintf(suite.database, sizeof suite.database, "%s/test.db", suite.folder);
    if (suite.postgres)
        suite_execute(&suite, "SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    suite.options = (struct storage_options){
        .schema = &sample_schema, .database = suite.database, .busy_timeout_ms = 200, .create = true};
    suite_reopen(&suite);
    *state = &suite;
    return 0;
}

int suite_teardown(void **state)
{
    struct suite *suite = *state;
    char command[128];

    suite_close(suite);
    snprintf(command, sizeof command, "rm -rf %s", suite->folder);
    return system(command);
}

static enum status keep_row(void *context, const struct storage_row *row, struct error *err)
{
    struct kept *kept = context;

    kept->count++;
    if (kept->refuse_at == kept->count)
        return error_set(err, STATUS_LIMIT, "suite.refused", "", "row %zu is refused", kept->count);
    if (kept->count > SUITE_ROWS_MAX)
        return STATUS_OK;
    assert_true(row->count <= SUITE_COLUMNS_MAX);
    for (int i = 0; i < row->count; i++) {
        struct kept_value *value = &kept->rows[kept->count - 1][i];
        value->null = row_is_null(row, i);
        value->integer = row->values[i].type == STORAGE_INTEGER ? row->values[i].integer : 0;
        value->size = row->values[i].type >= STORAGE_TEXT ? row->values[i].text.size : 0;
        memcpy(value->bytes, value->size == 0 ? "" : row->values[i].text.bytes,
               value->size < SUITE_TEXT_SIZE ? value->size : SUITE_TEXT_SIZE);
    }
    return STATUS_OK;
}

static enum status keep_done(void *context, int64_t changes, struct error *err)
{
    struct kept *kept = context;

    (void)err;
    kept->changes = changes;
    kept->done++;
    return STATUS_OK;
}

struct storage_receiver suite_keep(struct kept *kept)
{
    return (struct storage_receiver){.row = keep_row, .done = keep_done, .context = kept};
}

void suite_run(struct storage_session *session, const struct storage_query *query, const struct storage_value *values,
               size_t row_count, struct kept *kept)
{
    struct kept ignored = {0};
    struct storage_receiver receiver = suite_keep(kept == NULL ? &ignored : kept);
    assert_ok(storage_run(session, query, values, row_count, &receiver, &failure));
}

void suite_fill(struct storage_session *session, int64_t bucket, int64_t first, size_t count)
{
    struct storage_value *values = calloc(count * 5, sizeof *values);
    for (size_t i = 0; i < count; i++) {
        values[i * 5] = value_integer(bucket);
        values[i * 5 + 1] = value_integer(first + (int64_t)i);
        values[i * 5 + 4] = value_integer(first + (int64_t)i);
    }
    suite_run(session, &query_sample_insert, values, count, NULL);
    free(values);
}

int64_t suite_count(struct storage_session *session, int64_t bucket)
{
    struct kept kept = {0};
    const struct storage_value values[] = {value_integer(bucket)};
    suite_run(session, &query_sample_count, values, 1, &kept);
    return kept.rows[0][0].integer;
}
