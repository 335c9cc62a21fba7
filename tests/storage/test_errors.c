/* How failures are told: the same status and code on every engine, and work goes on afterwards. */
#include "suite.h"

#include "storage/queries.h"

static void a_broken_constraint_is_a_defect(void **state)
{
    struct suite *suite = *state;
    const struct storage_value id[] = {value_integer(1)};
    const struct storage_value null[] = {value_null()};
    struct error err;

    suite_run(suite->session, &query_sample_counter_new, id, 1, NULL);
    assert_int_equal(storage_run(suite->session, &query_sample_counter_new, id, 1, NULL, &err), STATUS_DEFECT);
    assert_string_equal(err.code, "storage.constraint");
    assert_non_null(strstr(err.message, "sample.counter_new"));
    assert_int_equal(storage_run(suite->session, &query_sample_counter_new, null, 1, NULL, &err), STATUS_DEFECT);
    assert_string_equal(err.code, "storage.constraint");
}

static void a_transaction_with_an_error_can_only_be_rolled_back(void **state)
{
    struct suite *suite = *state;
    const struct storage_value id[] = {value_integer(1)};
    struct error err;

    assert_ok(storage_begin(suite->session, &failure));
    suite_fill(suite->session, 1, 1, 3);
    suite_run(suite->session, &query_sample_counter_new, id, 1, NULL);
    assert_int_equal(storage_run(suite->session, &query_sample_counter_new, id, 1, NULL, &err), STATUS_DEFECT);
    assert_int_equal(storage_run(suite->session, &query_sample_counter_read, id, 1, NULL, &err), STATUS_DEFECT);
    assert_string_equal(err.code, "storage.failed_transaction");
    assert_int_equal(storage_commit(suite->session, &err), STATUS_DEFECT);
    assert_string_equal(err.code, "storage.failed_transaction");
    assert_int_equal(suite_count(suite->session, 1), 0);
}

static void an_error_found_at_commit_commits_nothing(void **state)
{
    struct suite *suite = *state;
    const struct storage_value id[] = {value_integer(1)};
    struct error err;

    suite_run(suite->session, &query_sample_counter_new, id, 1, NULL);
    assert_ok(storage_begin(suite->session, &failure));
    suite_fill(suite->session, 1, 1, 3);
    enum status status = storage_send(suite->session, &query_sample_counter_new, id, 1, NULL, &err);
    if (status == STATUS_OK)
        status = storage_commit(suite->session, &err);
    else
        storage_rollback(suite->session);
    assert_int_equal(status, STATUS_DEFECT);
    assert_string_equal(err.code, "storage.constraint");
    assert_int_equal(suite_count(suite->session, 1), 0);
    suite_fill(suite->session, 1, 1, 3);
}

static void a_number_that_is_not_an_integer_is_a_defect(void **state)
{
    struct suite *suite = *state;
    struct kept kept = {0};
    struct storage_receiver receiver = suite_keep(&kept);
    struct error err;

    suite_fill(suite->session, 1, 1, 3);
    assert_int_equal(storage_run(suite->session, &query_sample_numeric_sum, NULL, 1, &receiver, &err), STATUS_DEFECT);
    assert_string_equal(err.code, "storage.data");
    assert_int_equal(suite_count(suite->session, 1), 3);
}

static void a_reading_session_refuses_to_write(void **state)
{
    struct suite *suite = *state;
    const struct storage_value id[] = {value_integer(1)};
    struct storage_session *reader;
    struct error err;

    assert_ok(storage_session_new(suite->storage, true, &reader, &failure));
    assert_int_equal(storage_run(reader, &query_sample_counter_new, id, 1, NULL, &err), STATUS_DEFECT);
    assert_string_equal(err.code, "storage.read_only_session");
    assert_int_equal(suite_count(reader, 1), 0);
    storage_session_free(reader);
}

static void a_lock_that_another_holds_is_waited_for_then_reported(void **state)
{
    struct suite *suite = *state;
    const struct storage_value id[] = {value_integer(1)};
    struct storage_session *other;
    struct error err;

    assert_ok(storage_session_new(suite->storage, false, &other, &failure));
    suite_run(suite->session, &query_sample_counter_new, id, 1, NULL);
    assert_ok(storage_begin(suite->session, &failure));
    suite_run(suite->session, &query_sample_counter_take, id, 1, NULL);
    enum status status = storage_begin(other, &err);
    if (status == STATUS_OK) {
        status = storage_run(other, &query_sample_counter_take, id, 1, NULL, &err);
        storage_rollback(other);
    }
    assert_int_equal(status, STATUS_BUSY);
    assert_string_equal(err.code, storage_excludes(other) ? "storage.locked" : "storage.conflict");
    assert_ok(storage_commit(suite->session, &failure));
    assert_ok(storage_begin(other, &failure));
    suite_run(other, &query_sample_counter_take, id, 1, NULL);
    assert_ok(storage_commit(other, &failure));
    storage_session_free(other);
}

static void a_database_that_is_not_there_is_unavailable(void **state)
{
    struct suite *suite = *state;
    struct storage_options options = suite->options;
    struct storage *storage;
    struct error err;

    options.create = false;
    options.database = suite->postgres ? "postgresql://patron@127.0.0.1:1/none" : "/tmp/patron-no-such-folder/x.db";
    assert_int_equal(storage_open(&options, &storage, &err), STATUS_IO);
    assert_string_equal(err.code, "storage.unavailable");
}

static void the_product_has_only_statements_that_the_engine_accepts(void **state)
{
    struct suite *suite = *state;
    struct storage_session *reader;

    suite_close(suite);
    suite_execute(suite, "DROP TABLE migration");
    suite->options.schema = &storage_schema;
    suite_reopen(suite);
    assert_ok(storage_session_prepare(suite->session, &failure));
    assert_ok(storage_session_new(suite->storage, true, &reader, &failure));
    assert_ok(storage_session_prepare(reader, &failure));
    storage_session_free(reader);
    suite_close(suite);
    suite_reopen(suite);
}

static void a_statement_that_cannot_be_is_found_when_all_are_prepared(void **state)
{
    struct suite *suite = *state;
    struct storage_session *session;
    struct error err = {0};

    suite_execute(suite, "DROP TABLE word");
    assert_ok(storage_session_new(suite->storage, false, &session, &failure));
    assert_int_equal(suite_count(session, 1), 0); /* others are none the worse */
    assert_int_equal(storage_session_prepare(session, &err), STATUS_DEFECT);
    storage_session_free(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_broken_constraint_is_a_defect, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(a_transaction_with_an_error_can_only_be_rolled_back, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(an_error_found_at_commit_commits_nothing, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(a_number_that_is_not_an_integer_is_a_defect, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(a_reading_session_refuses_to_write, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(a_lock_that_another_holds_is_waited_for_then_reported, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(a_database_that_is_not_there_is_unavailable, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(the_product_has_only_statements_that_the_engine_accepts, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(a_statement_that_cannot_be_is_found_when_all_are_prepared, suite_setup,
                                        suite_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
