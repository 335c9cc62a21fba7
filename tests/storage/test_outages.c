/* The disk fills up, the file is locked or read-only, the server crashes: a clear message, and work goes on by itself. */
#include "suite.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Fills the database until it says no, or `rounds` times; returns the rows committed, and the last error in `err`. */
static int64_t fill_until_refused(struct suite *suite, int rounds, struct error *err)
{
    static char body[100000];
    int64_t committed = 0;

    memset(body, 'x', sizeof body);
    for (int64_t i = 0; i < rounds; i++) {
        const struct storage_value values[] = {value_integer(1), value_integer(i), value_null(),
                                               value_blob(body, sizeof body), value_null()};
        if (storage_run(suite->session, &query_sample_insert, values, 1, NULL, err) != STATUS_OK)
            break;
        committed++;
    }
    return committed;
}

static void a_full_disk_is_said_and_work_goes_on_when_there_is_space(void **state)
{
    struct suite *suite = *state;
    struct rlimit before;
    struct error err = {.status = STATUS_OK};

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    const struct rlimit small = {4000000, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    int64_t committed = fill_until_refused(suite, 1000, &err);
    assert_int_equal(suite_count(suite->session, 1), committed);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_true(committed > 0);
    assert_true(committed < 1000);
    assert_int_equal(err.status, STATUS_IO);
    assert_string_equal(err.code, "storage.full");
    suite_fill(suite->session, 2, 1, 100);
    assert_int_equal(suite_count(suite->session, 1), committed);
    assert_int_equal(suite_count(suite->session, 2), 100);
}

/* As a user who owns nothing, in a process of its own; exits with 0 when all is as it should be. */
static void open_without_permission(const struct suite *suite)
{
    struct storage *storage;
    struct error err;

    if (geteuid() == 0 && (setegid(65534) != 0 || seteuid(65534) != 0))
        _exit(2);
    if (storage_open(&suite->options, &storage, &err) != STATUS_IO || strcmp(err.code, "storage.read_only") != 0)
        _exit(3);
    _exit(0);
}

static void a_file_that_cannot_be_written_is_said_at_the_start(void **state)
{
    struct suite *suite = *state;
    int outcome;

    suite_close(suite);
    assert_int_equal(chmod(suite->folder, 0555), 0);
    assert_int_equal(chmod(suite->database, 0444), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        open_without_permission(suite);
    assert_int_equal(waitpid(child, &outcome, 0), child);
    assert_int_equal(chmod(suite->folder, 0755), 0);
    assert_int_equal(chmod(suite->database, 0644), 0);
    assert_int_equal(outcome, 0);
    suite_reopen(suite);
    suite_fill(suite->session, 1, 1, 3);
}

static void a_file_that_another_program_locks_is_said_and_work_goes_on(void **state)
{
    struct suite *suite = *state;
    sqlite3 *other;
    struct error err;

    assert_int_equal(sqlite3_open(suite->database, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(storage_begin(suite->session, &err), STATUS_BUSY);
    assert_string_equal(err.code, "storage.locked");
    assert_int_equal(suite_count(suite->session, 1), 0);
    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    suite_fill(suite->session, 1, 1, 3);
}

static void a_file_that_is_not_a_database_is_said(void **state)
{
    struct suite *suite = *state;
    struct storage *storage;
    struct error err;

    suite_close(suite);
    FILE *file = fopen(suite->database, "w");
    assert_non_null(file);
    for (int i = 0; i < 1000; i++)
        fputs("this is not a database\n", file);
    fclose(file);
    assert_int_equal(storage_open(&suite->options, &storage, &err), STATUS_IO);
    assert_string_equal(err.code, "storage.corrupt");
}

static void checkpoints_empty_the_log_and_a_backup_is_a_database(void **state)
{
    struct suite *suite = *state;
    char copy[300];
    struct storage_log log = {-1, -1};

    suite_fill(suite->session, 1, 1, 1000);
    assert_ok(storage_checkpoint(suite->storage, STORAGE_CHECKPOINT_BESIDE, &log, &failure));
    assert_true(suite->postgres ? log.bytes == 0 : log.bytes > 0);
    assert_int_equal(log.copied_bytes, log.bytes);
    int64_t bytes = log.bytes;
    assert_ok(storage_checkpoint(suite->storage, STORAGE_CHECKPOINT_RESTART, &log, &failure));
    suite_fill(suite->session, 1, 1001, 1);
    assert_ok(storage_checkpoint(suite->storage, STORAGE_CHECKPOINT_BESIDE, &log, &failure));
    assert_true(suite->postgres || log.bytes < bytes); /* begun anew */
    assert_ok(storage_checkpoint(suite->storage, STORAGE_CHECKPOINT_TRUNCATE, &log, &failure));
    assert_int_equal(log.bytes, 0);
    snprintf(copy, sizeof copy, "%s/copy.db", suite->folder);
    struct error err;
    if (suite->postgres) {
        assert_int_equal(storage_backup(suite->storage, copy, &err), STATUS_INVALID);
        return;
    }
    assert_ok(storage_backup(suite->storage, copy, &failure));
    assert_int_not_equal(storage_backup(suite->storage, copy, &err), STATUS_OK);
    suite_close(suite);
    suite->options.database = copy;
    suite_reopen(suite);
    assert_int_equal(suite_count(suite->session, 1), 1001);
}

/* Crashes the server and starts it again, twice, in another process; returns that process. */
static pid_t crash_in_the_background(void)
{
    pid_t child = fork();
    if (child == 0) {
        const char *restart = getenv("PATRON_POSTGRES_RESTART");
        int failed = 0;
        for (int i = 0; i < 2; i++) {
            usleep(300000);
            failed |= system(restart);
        }
        _exit(failed != 0);
    }
    return child;
}

/* True when the word is there. A connection that breaks while asking asks again. */
static bool is_there(struct suite *suite, int64_t id)
{
    const struct storage_value key[] = {value_integer(1), value_integer(id)};

    for (int attempt = 0; attempt < 100; attempt++) {
        struct kept kept = {0};
        struct storage_receiver receiver = suite_keep(&kept);
        if (storage_run(suite->session, &query_sample_load, key, 1, &receiver, NULL) == STATUS_OK)
            return kept.count == 1;
        usleep(50000);
    }
    fail_msg("the server did not come back");
    return false;
}

static bool add_one(struct suite *suite, int64_t id, struct error *err)
{
    const struct storage_value values[] = {value_integer(1), value_integer(id), value_null(), value_null(),
                                           value_integer(id)};
    enum status status = storage_begin(suite->session, err);
    if (status != STATUS_OK)
        return false;
    status = storage_send(suite->session, &query_sample_insert, values, 1, NULL, err);
    if (status == STATUS_OK)
        status = storage_commit(suite->session, err);
    else
        storage_rollback(suite->session);
    return status == STATUS_OK;
}

static void a_server_that_crashes_loses_nothing_that_was_acknowledged(void **state)
{
    struct suite *suite = *state;
    int64_t added = 0;
    int outages = 0;
    int outcome = 0;

    assert_non_null(getenv("PATRON_POSTGRES_RESTART"));
    pid_t child = crash_in_the_background();
    assert_true(child > 0);
    while (waitpid(child, &outcome, WNOHANG) == 0 || added < 100) {
        struct error err = {.status = STATUS_OK};
        if (add_one(suite, added + 1, &err)) {
            added++;
            continue;
        }
        outages++;
        assert_int_equal(err.status, STATUS_IO);
        assert_true(strcmp(err.code, "storage.unavailable") == 0 || strcmp(err.code, "storage.commit_unknown") == 0);
        if (strcmp(err.code, "storage.commit_unknown") == 0 && is_there(suite, added + 1))
            added++;
        usleep(10000);
    }
    assert_int_equal(outcome, 0);
    assert_true(outages >= 2);
    assert_int_equal(suite_count(suite->session, 1), added);
    suite_fill(suite->session, 2, 1, 10);
}

static int run_on_sqlite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_full_disk_is_said_and_work_goes_on_when_there_is_space, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(a_file_that_cannot_be_written_is_said_at_the_start, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(a_file_that_another_program_locks_is_said_and_work_goes_on, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(a_file_that_is_not_a_database_is_said, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(checkpoints_empty_the_log_and_a_backup_is_a_database, suite_setup,
                                        suite_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

static int run_on_postgres(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(checkpoints_empty_the_log_and_a_backup_is_a_database, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(a_server_that_crashes_loses_nothing_that_was_acknowledged, suite_setup,
                                        suite_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    return getenv("PATRON_POSTGRES") == NULL ? run_on_sqlite() : run_on_postgres();
}
