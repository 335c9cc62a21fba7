/* The schema grows in steps, once each; what does not fit is refused. */
#include "suite.h"

#include <pthread.h>

static void reopening_applies_nothing_again(void **state)
{
    struct suite *suite = *state;

    suite_fill(suite->session, 1, 1, 3);
    suite_close(suite);
    suite_reopen(suite);
    assert_int_equal(suite_count(suite->session, 1), 3);
}

static void only_what_is_missing_is_applied(void **state)
{
    struct suite *suite = *state;
    const struct storage_schema full = *suite->options.schema;
    struct storage_schema first = {.migrations = full.migrations, .migration_count = 1};

    suite_close(suite);
    suite_execute(suite, "DROP TABLE migration");
    suite_execute(suite, "DROP TABLE sample");
    suite_execute(suite, "DROP TABLE counted");
    suite_execute(suite, "DROP TABLE word");
    suite->options.schema = &first;
    suite_reopen(suite);
    suite_close(suite);
    suite->options.schema = &full;
    suite_reopen(suite);
    suite_fill(suite->session, 1, 1, 3);
}

static void assert_refused(struct suite *suite, enum status status, const char *code)
{
    struct storage *storage;
    struct error err;

    assert_int_equal(storage_open(&suite->options, &storage, &err), status);
    assert_string_equal(err.code, code);
}

static void a_changed_migration_is_refused(void **state)
{
    struct suite *suite = *state;

    suite_execute(suite, "UPDATE migration SET checksum = 'other' WHERE number = 2");
    assert_refused(suite, STATUS_CONFLICT, "storage.migration_changed");
}

static void a_newer_schema_is_refused(void **state)
{
    struct suite *suite = *state;

    suite_execute(suite, "INSERT INTO migration (owner, number, name, checksum, applied_at)"
                         " VALUES ('sample', 3, 'later', 'x', 0)");
    assert_refused(suite, STATUS_CONFLICT, "storage.newer_schema");
}

static void a_migration_that_fails_leaves_the_schema_as_it_was(void **state)
{
    struct suite *suite = *state;
    const struct storage_schema *full = suite->options.schema;
    struct storage_migration migrations[3] = {full->migrations[0], full->migrations[1]};
    struct storage_schema longer = *full;

    migrations[2] = (struct storage_migration){
        .owner = "sample",
        .number = 3,
        .name = "broken",
        .checksum = "x",
        .sqlite = "CREATE TABLE later (id INTEGER); CREATE TABLE word (key TEXT);",
        .postgres = "CREATE TABLE later (id bigint); CREATE TABLE word (key text);",
    };
    longer.migrations = migrations;
    longer.migration_count = 3;
    suite_close(suite);
    suite->options.schema = &longer;
    assert_refused(suite, STATUS_DEFECT, "storage.statement");
    suite->options.schema = full;
    suite_reopen(suite);
    suite_execute(suite, "CREATE TABLE later (id bigint)");
}

static void *open_once(void *context)
{
    struct suite *suite = context;
    struct storage_options options = suite->options;
    struct storage *storage;
    struct error err;

    options.busy_timeout_ms = 10000;
    enum status status = storage_open(&options, &storage, &err);
    if (status == STATUS_OK)
        storage_close(storage);
    else
        print_error("%s: %s\n", err.code, err.message);
    return status == STATUS_OK ? context : NULL;
}

static void processes_that_open_together_migrate_once(void **state)
{
    struct suite *suite = *state;
    enum { OPENERS = 6 };
    pthread_t threads[OPENERS];

    suite_close(suite);
    suite_execute(suite, "DROP TABLE migration");
    suite_execute(suite, "DROP TABLE sample");
    suite_execute(suite, "DROP TABLE counted");
    suite_execute(suite, "DROP TABLE word");
    for (int i = 0; i < OPENERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, open_once, suite), 0);
    for (int i = 0; i < OPENERS; i++) {
        void *result;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_non_null(result);
    }
    suite_reopen(suite);
}

static void a_read_only_database_is_opened_when_it_is_up_to_date(void **state)
{
    struct suite *suite = *state;

    suite_fill(suite->session, 1, 1, 3);
    suite->options.read_only = true;
    struct storage *storage;
    struct storage_session *reader;
    assert_ok(storage_open(&suite->options, &storage, &failure));
    assert_ok(storage_session_new(storage, false, &reader, &failure));
    assert_int_equal(suite_count(reader, 1), 3);
    storage_session_free(reader);
    storage_close(storage);
    suite_execute(suite, "DELETE FROM migration WHERE number = 2");
    assert_refused(suite, STATUS_IO, "storage.older_schema");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reopening_applies_nothing_again, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(only_what_is_missing_is_applied, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(a_changed_migration_is_refused, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(a_newer_schema_is_refused, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(a_migration_that_fails_leaves_the_schema_as_it_was, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(processes_that_open_together_migrate_once, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(a_read_only_database_is_opened_when_it_is_up_to_date, suite_setup,
                                        suite_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
