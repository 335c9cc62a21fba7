/* migration.c: brings the schema of a database up to what the program knows, once and in order, or refuses. */
#include <stdlib.h>
#include <string.h>

#include "foundation/clock.h"
#include "storage/driver.h"

static const char migration_table[] = "CREATE TABLE IF NOT EXISTS migration (\n"
                                      "    owner TEXT NOT NULL,\n"
                                      "    number BIGINT NOT NULL,\n"
                                      "    name TEXT NOT NULL,\n"
                                      "    checksum TEXT NOT NULL,\n"
                                      "    applied_at BIGINT NOT NULL,\n"
                                      "    PRIMARY KEY (owner, number)\n"
                                      ")";

static const struct storage_query query_exists = {
    .name = "storage.migration_exists",
    .sqlite = "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = 'migration'",
    .postgres = "SELECT CASE WHEN to_regclass('migration') IS NULL THEN 0 ELSE 1 END",
};

static const char migration_load[] = "SELECT owner, number, name, checksum FROM migration ORDER BY owner, number";

static const struct storage_query query_load = {
    .name = "storage.migration_load",
    .sqlite = migration_load,
    .postgres = migration_load,
};

static const enum storage_type record_types[] = {STORAGE_TEXT, STORAGE_INTEGER, STORAGE_TEXT, STORAGE_TEXT,
                                                 STORAGE_INTEGER};

static const struct storage_query query_record = {
    .name = "storage.migration_record",
    .sqlite = "INSERT INTO migration (owner, number, name, checksum, applied_at) VALUES (?1, ?2, ?3, ?4, ?5)",
    .postgres = "INSERT INTO migration (owner, number, name, checksum, applied_at)"
                " VALUES ($1::text, $2::bigint, $3::text, $4::text, $5::bigint)",
    .parameters = record_types,
    .parameter_count = 5,
    .writes = true,
    .index = 1,
};

struct migration_check {
    const struct storage_schema *schema;
    bool *applied; /* one a migration of the schema */
    size_t applied_count;
};

static enum status check_row(void *context, const struct storage_row *row, struct error *err)
{
    struct migration_check *check = context;
    struct text owner = row_text(row, 0);
    int64_t number = row_integer(row, 1);

    for (size_t i = 0; i < check->schema->migration_count; i++) {
        const struct storage_migration *migration = &check->schema->migrations[i];
        if (migration->number != number || !text_equals(owner, migration->owner))
            continue;
        if (!text_equals(row_text(row, 3), migration->checksum))
            return error_set(err, STATUS_CONFLICT, "storage.migration_changed", "",
                             "migration %s %03d (%s) was changed after this database ran it; restore the file or the "
                             "program that ran it",
                             migration->owner, migration->number, migration->name);
        check->applied[i] = true;
        check->applied_count++;
        return STATUS_OK;
    }
    return error_set(err, STATUS_CONFLICT, "storage.newer_schema", "",
                     "the database has migration %.*s %03d (%.*s), which this program does not know; use the newer "
                     "program",
                     (int)owner.size, owner.bytes, (int)number, (int)row_text(row, 2).size, row_text(row, 2).bytes);
}

static enum status exists_row(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    *(bool *)context = row_integer(row, 0) != 0;
    return STATUS_OK;
}

static enum status run(struct driver_connection *connection, const struct storage_query *query,
                       const struct storage_value *values, const struct storage_receiver *receiver, struct error *err)
{
    struct driver_work work = {query, values, 1, receiver};
    enum status status = connection->driver->send(connection, &work, err);
    return status == STATUS_OK ? connection->driver->flush(connection, err) : status;
}

/* Compares what the table says with the schema; `check->applied` tells what is there. */
static enum status load_applied(struct driver_connection *connection, struct migration_check *check, struct error *err)
{
    const struct storage_receiver receiver = {.row = check_row, .context = check};

    check->applied_count = 0;
    memset(check->applied, 0, check->schema->migration_count * sizeof *check->applied);
    return run(connection, &query_load, NULL, &receiver, err);
}

/* The usual case, which takes no lock: all is there. */
static enum status check_applied(struct driver_connection *connection, struct migration_check *check, struct error *err)
{
    const struct storage_query *exists_queries[] = {&query_exists};
    const struct storage_query *load_queries[] = {&query_load};
    bool exists = false;
    const struct storage_receiver receiver = {.row = exists_row, .context = &exists};

    enum status status = connection->driver->prepare(connection, exists_queries, 1, false, err);
    if (status == STATUS_OK)
        status = run(connection, &query_exists, NULL, &receiver, err);
    if (status != STATUS_OK || !exists)
        return status;
    status = connection->driver->prepare(connection, load_queries, 1, false, err);
    return status == STATUS_OK ? load_applied(connection, check, err) : status;
}

static enum status apply_one(struct driver_connection *connection, const struct storage_engine *engine,
                             const struct storage_migration *migration, struct error *err)
{
    const struct storage_value values[] = {
        value_string(migration->owner),    value_integer(migration->number),        value_string(migration->name),
        value_string(migration->checksum), value_integer(clock_now(&clock_system)),
    };

    const char *sql = engine == &storage_engine_sqlite ? migration->sqlite : migration->postgres;
    enum status status = connection->driver->script(connection, sql, err);
    if (status != STATUS_OK)
        error_add_context(err, "migration %s %03d: ", migration->owner, migration->number);
    return status == STATUS_OK ? run(connection, &query_record, values, NULL, err) : status;
}

/* In a transaction that keeps others out: looks again, since another process may have been faster, then applies. */
static enum status apply_missing(struct driver_connection *connection, const struct storage_engine *engine,
                                 struct migration_check *check, struct error *err)
{
    const struct storage_query *queries[] = {&query_load, &query_record};

    enum status status = connection->driver->script(connection, migration_table, err);
    if (status == STATUS_OK)
        status = connection->driver->prepare(connection, queries, 2, false, err);
    if (status == STATUS_OK)
        status = load_applied(connection, check, err);
    for (size_t i = 0; status == STATUS_OK && i < check->schema->migration_count; i++)
        if (!check->applied[i])
            status = apply_one(connection, engine, &check->schema->migrations[i], err);
    if (status == STATUS_OK && engine->tell != NULL)
        status = engine->tell(connection, err);
    return status;
}

static enum status migrate(struct driver_connection *connection, const struct storage_engine *engine, bool read_only,
                           struct migration_check *check, struct error *err)
{
    enum status status = check_applied(connection, check, err);
    bool complete = check->applied_count == check->schema->migration_count;

    if (status != STATUS_OK || (complete && (read_only || engine->tell == NULL || engine->is_told(connection))))
        return status;
    if (read_only)
        return error_set(err, STATUS_IO, "storage.older_schema", "",
                         "the database lacks %zu migrations and cannot be changed",
                         check->schema->migration_count - check->applied_count);
    status = connection->driver->begin(connection, DRIVER_BEGIN_SCHEMA, err);
    if (status != STATUS_OK)
        return status;
    status = apply_missing(connection, engine, check, err);
    if (status == STATUS_OK)
        status = connection->driver->commit(connection, NULL, err);
    if (status != STATUS_OK)
        connection->driver->rollback(connection);
    return status;
}

enum status migration_apply(const struct storage_engine *engine, const struct storage_options *options,
                            struct error *err)
{
    struct migration_check check = {.schema = options->schema};
    struct driver_connection *connection;

    check.applied = calloc(options->schema->migration_count + 1, sizeof *check.applied);
    if (check.applied == NULL)
        return error_set(err, STATUS_IO, "storage.memory", "", "no memory for the migrations");
    enum status status = engine->connect(options, options->read_only, &connection, err);
    if (status == STATUS_OK) {
        status = migrate(connection, engine, options->read_only, &check, err);
        connection->driver->close(connection);
    }
    free(check.applied);
    return status;
}
