/* The wrappers: a trace of each operation, and faults where a test wants them. */
#include "suite.h"

#include "storage/storage_fault.h"

struct trace_lines {
    int count;
    char lines[16][128];
};

static void keep_line(void *context, const char *text)
{
    struct trace_lines *lines = context;
    assert_true(lines->count < 16);
    strncpy(lines->lines[lines->count++], text, 127);
}

static void each_operation_is_traced_in_a_line_without_its_values(void **state)
{
    struct suite *suite = *state;
    static const char *const starts[] = {
        "prepare ",      "begin write: ", "send sample.word_add, 2 rows: ", "flush: ", "commit: ",
        "begin write: ", "rollback: "};
    const struct storage_value words[] = {value_string("secret"), value_string("b")};
    struct trace_lines lines = {0};
    struct storage_session *traced;

    storage_trace(suite->storage, keep_line, &lines);
    assert_ok(storage_session_new(suite->storage, false, &traced, &failure));
    assert_ok(storage_begin(traced, &failure));
    assert_ok(storage_send(traced, &query_sample_word_add, words, 2, NULL, &failure));
    assert_ok(storage_flush(traced, &failure));
    assert_ok(storage_commit(traced, &failure));
    assert_ok(storage_begin(traced, &failure));
    storage_rollback(traced);
    storage_session_free(traced);
    assert_int_equal(lines.count, 7);
    for (int i = 0; i < 7; i++) {
        assert_memory_equal(lines.lines[i], starts[i], strlen(starts[i]));
        assert_null(strstr(lines.lines[i], "secret"));
    }
}

/* Adds three rows in one transaction; true when it says that it committed. */
static bool add_three(struct storage_session *session, int64_t first, struct error *err)
{
    struct storage_value values[15] = {{STORAGE_NULL, 0, {NULL, 0}}};
    for (int64_t i = 0; i < 3; i++) {
        values[i * 5] = value_integer(1);
        values[i * 5 + 1] = value_integer(first + i);
    }
    enum status status = storage_begin(session, err);
    if (status != STATUS_OK)
        return false;
    status = storage_send(session, &query_sample_insert, values, 3, NULL, err);
    if (status == STATUS_OK)
        status = storage_flush(session, err);
    if (status != STATUS_OK) {
        storage_rollback(session);
        return false;
    }
    return storage_commit(session, err) == STATUS_OK;
}

/* Injects one fault into the second transaction; returns how many rows are there in the end. */
static int64_t rows_after_fault(struct suite *suite, enum storage_operation operation, int after, const char *code)
{
    struct storage_fault fault = {.operation = operation, .after = after, .status = STATUS_IO};
    struct storage_session *faulty;
    struct error err;

    atomic_store(&fault.countdown, 1);
    storage_inject(suite->storage, &fault);
    assert_ok(storage_session_new(suite->storage, false, &faulty, &failure));
    assert_true(add_three(faulty, 1, &err));
    assert_false(add_three(faulty, 11, &err));
    assert_string_equal(err.code, code);
    assert_int_equal(err.status, STATUS_IO);
    assert_true(add_three(faulty, 21, &err));
    storage_session_free(faulty);
    storage_inject(suite->storage, NULL);
    return suite_count(suite->session, 1);
}

static void a_fault_before_an_operation_leaves_nothing(void **state)
{
    struct suite *suite = *state;
    assert_int_equal(rows_after_fault(suite, STORAGE_OPERATION_BEGIN, 0, "storage.injected"), 6);
    suite_execute(suite, "DELETE FROM sample");
    assert_int_equal(rows_after_fault(suite, STORAGE_OPERATION_SEND, 0, "storage.injected"), 6);
    suite_execute(suite, "DELETE FROM sample");
    assert_int_equal(rows_after_fault(suite, STORAGE_OPERATION_FLUSH, 0, "storage.injected"), 6);
    suite_execute(suite, "DELETE FROM sample");
    assert_int_equal(rows_after_fault(suite, STORAGE_OPERATION_COMMIT, 0, "storage.commit_unknown"), 6);
}

static void a_fault_after_an_operation_rolls_back_all_but_a_commit(void **state)
{
    struct suite *suite = *state;
    assert_int_equal(rows_after_fault(suite, STORAGE_OPERATION_BEGIN, 1, "storage.injected"), 6);
    suite_execute(suite, "DELETE FROM sample");
    assert_int_equal(rows_after_fault(suite, STORAGE_OPERATION_SEND, 1, "storage.injected"), 6);
    suite_execute(suite, "DELETE FROM sample");
    assert_int_equal(rows_after_fault(suite, STORAGE_OPERATION_FLUSH, 1, "storage.injected"), 6);
    suite_execute(suite, "DELETE FROM sample");
    assert_int_equal(rows_after_fault(suite, STORAGE_OPERATION_COMMIT, 1, "storage.commit_unknown"), 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_operation_is_traced_in_a_line_without_its_values, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(a_fault_before_an_operation_leaves_nothing, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(a_fault_after_an_operation_rolls_back_all_but_a_commit, suite_setup,
                                        suite_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
