/* What a commit leaves on the disk, and a page cache that pages move about in (SQLite). */
#include "suite.h"

#include "storage/log_reader.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL_CACHE_BYTES = 128 * 1024, BODY_BYTES = 700, ROWS = 3000 };

static int64_t ask(const char *database, const char *sql, char text[64])
{
    sqlite3 *connection;
    sqlite3_stmt *statement;

    assert_int_equal(sqlite3_open(database, &connection), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(connection, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t integer = sqlite3_column_int64(statement, 0);
    snprintf(text, 64, "%.63s", (const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    sqlite3_close(connection);
    return integer;
}

/* What another machine would find if this one lost its power now. */
static int64_t count_in_a_copy(const struct suite *suite, int round)
{
    char command[1600], copy[300], text[64];

    snprintf(copy, sizeof copy, "%s/copy%d.db", suite->folder, round);
    snprintf(command, sizeof command, "cp '%s' '%s' && cp '%s-wal' '%s-wal'", suite->database, copy, suite->database,
             copy);
    assert_int_equal(system(command), 0);
    assert_int_equal(ask(copy, "PRAGMA integrity_check", text), 0);
    assert_string_equal(text, "ok");
    return ask(copy, "SELECT COUNT(*) FROM sample", text);
}

static void a_commit_is_in_the_files_before_it_is_acknowledged(void **state)
{
    struct suite *suite = *state;
    struct storage_log log;
    int64_t rows = 0;

    for (int round = 0; round < 12; round++) {
        size_t count = round % 3 == 0 ? 1 : round % 3 == 1 ? 40 : 5000;
        suite_fill(suite->session, 1, rows + 1, count);
        rows += (int64_t)count;
        assert_int_equal(count_in_a_copy(suite, round), rows);
        if (round % 5 == 4)
            assert_ok(storage_checkpoint(suite->storage, STORAGE_CHECKPOINT_RESTART, &log, &failure));
    }
}

static void insert(struct suite *suite, int64_t bucket, int64_t id, char letter)
{
    char body[BODY_BYTES];

    memset(body, letter, sizeof body);
    const struct storage_value values[] = {value_integer(bucket), value_integer(id), value_null(),
                                           value_blob(body, sizeof body), value_integer(1)};
    assert_ok(storage_run(suite->session, &query_sample_insert, values, 1, NULL, &failure));
}

/* Rows in an order that takes pages apart everywhere. */
static int64_t scattered(int64_t i)
{
    return i * 7919 % 30011;
}

static void a_transaction_larger_than_the_cache_reads_what_it_wrote(void **state)
{
    struct suite *suite = *state;

    suite_close(suite);
    suite->options.cache_bytes = SMALL_CACHE_BYTES;
    suite_reopen(suite);
    for (int round = 0; round < 2; round++) {
        assert_ok(storage_begin(suite->session, &failure));
        for (int64_t i = 0; i < ROWS; i++) {
            insert(suite, round, scattered(i), 'a');
            if (i % 100 == 99)
                assert_int_equal(suite_count(suite->session, round), i + 1);
        }
        if (round == 0)
            storage_rollback(suite->session);
        else
            assert_ok(storage_commit(suite->session, &failure));
    }
    assert_int_equal(suite_count(suite->session, 0), 0);
    assert_int_equal(suite_count(suite->session, 1), ROWS);
    assert_int_equal(count_in_a_copy(suite, 0), ROWS);
}

static void rows_stay_whole_while_pages_are_put_in_order(void **state)
{
    struct suite *suite = *state;
    int64_t kept = 0;

    for (int64_t batch = 0; batch < 150; batch++) {
        assert_ok(storage_begin(suite->session, &failure));
        for (int64_t i = 0; i < 20; i++)
            insert(suite, 1, scattered(batch * 20 + i), (char)('a' + batch % 26));
        if (batch % 7 == 3) {
            storage_rollback(suite->session);
            continue;
        }
        for (int64_t i = 0; batch % 5 == 0 && i < 10; i++) {
            const struct storage_value key[] = {value_integer(1), value_integer(scattered(batch * 20 + i))};
            assert_ok(storage_run(suite->session, &query_sample_delete, key, 1, NULL, &failure));
        }
        assert_ok(storage_commit(suite->session, &failure));
        kept += batch % 5 == 0 ? 10 : 20;
    }
    assert_int_equal(suite_count(suite->session, 1), kept);
    assert_int_equal(count_in_a_copy(suite, 0), kept);
}

/* ---- reading the log ---- */

static enum status pass_page(void *context, uint32_t number, const unsigned char *bytes, struct error *err)
{
    (void)context, (void)number, (void)bytes, (void)err;
    return STATUS_OK;
}

static enum status count_commit(void *context, uint32_t size, int64_t frames, struct error *err)
{
    (void)size, (void)frames, (void)err;
    ++*(int *)context;
    return STATUS_OK;
}

/* Where a reader that has read everything stands. */
static struct log_position end_of_log(const struct suite *suite)
{
    struct log_reader *reader;

    assert_ok(log_reader_open(suite->database, &reader, &failure));
    struct log_position position = log_reader_position(reader);
    log_reader_close(reader);
    return position;
}

/* The commits that a new reader is given from `position` on; -1: it cannot go on from there. */
static int commits_from(const struct suite *suite, struct log_position position)
{
    struct log_reader *reader;
    int commits = 0;
    bool missed = true;
    const struct log_sink sink = {pass_page, count_commit, &commits};

    assert_ok(log_reader_open(suite->database, &reader, &failure));
    if (log_reader_seek(reader, &position)) {
        assert_ok(log_reader_read(reader, &sink, &missed, &failure));
        assert_false(missed);
    } else {
        commits = -1;
    }
    log_reader_close(reader);
    return commits;
}

static void begin_anew(struct suite *suite)
{
    struct storage_log log;

    assert_ok(storage_checkpoint(suite->storage, STORAGE_CHECKPOINT_RESTART, &log, &failure));
}

static void a_reader_goes_on_in_the_log_after_the_one_that_it_had_read_to_its_end(void **state)
{
    struct suite *suite = *state;

    suite_fill(suite->session, 1, 1, 3000);
    struct log_position position = end_of_log(suite);
    assert_int_equal(commits_from(suite, position), 0);
    suite_fill(suite->session, 1, 3001, 1);
    assert_int_equal(commits_from(suite, position), 1); /* in the same log */

    position = end_of_log(suite);
    begin_anew(suite);
    suite_fill(suite->session, 1, 3002, 1);
    suite_fill(suite->session, 1, 3003, 1);
    assert_int_equal(commits_from(suite, position), 2); /* in the next */

    /* Something came after the place before the log began anew. */
    suite_fill(suite->session, 1, 4001, 3000);
    position = end_of_log(suite);
    suite_fill(suite->session, 1, 7001, 1);
    begin_anew(suite);
    suite_fill(suite->session, 1, 7002, 1);
    assert_int_equal(commits_from(suite, position), -1);

    /* There was a log between. */
    suite_fill(suite->session, 1, 8001, 3000);
    position = end_of_log(suite);
    begin_anew(suite);
    suite_fill(suite->session, 1, 11001, 1);
    begin_anew(suite);
    suite_fill(suite->session, 1, 11002, 1);
    assert_int_equal(commits_from(suite, position), -1);

    /* The next one has become longer: what lay there is no longer seen. */
    position = end_of_log(suite);
    begin_anew(suite);
    suite_fill(suite->session, 1, 12001, 3000);
    assert_int_equal(commits_from(suite, position), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_commit_is_in_the_files_before_it_is_acknowledged, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(a_transaction_larger_than_the_cache_reads_what_it_wrote, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(a_reader_goes_on_in_the_log_after_the_one_that_it_had_read_to_its_end,
                                        suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(rows_stay_whole_while_pages_are_put_in_order, suite_setup, suite_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
