/* What every engine does alike: rows, values, order, changes, transactions. */
#include "suite.h"

#include <stdlib.h>

static void arrays_of_any_size_go_in_whole(void **state)
{
    struct suite *suite = *state;
    struct kept kept = {0};

    suite_fill(suite->session, 1, 1, 0);
    assert_int_equal(suite_count(suite->session, 1), 0);
    suite_fill(suite->session, 1, 1, 1);
    assert_int_equal(suite_count(suite->session, 1), 1);
    suite_fill(suite->session, 1, 2, 9999);
    const struct storage_value values[] = {value_integer(1)};
    suite_run(suite->session, &query_sample_count, values, 1, &kept);
    assert_int_equal(kept.rows[0][0].integer, 10000);
    assert_int_equal(kept.rows[0][1].integer, 50005000);
    assert_int_equal(kept.done, 1);
}

static void values_of_every_type_come_back_as_they_went(void **state)
{
    struct suite *suite = *state;
    static const char bytes[] = {0, 1, (char)255, 0, '\\', 'x'};
    struct text name = TEXT("\xe6\x9d\x8e 'quoted\" \\ {1,2} NULL");
    const struct storage_value values[][5] = {
        {value_integer(1), value_integer(INT64_MIN), value_text(name), value_blob(bytes, sizeof bytes),
         value_integer(INT64_MAX)},
        {value_integer(1), value_integer(-1), value_text(TEXT("")), value_blob("", 0), value_null()},
        {value_integer(1), value_integer(INT64_MAX), value_null(), value_null(), value_integer(0)},
    };
    struct kept kept = {0};

    suite_run(suite->session, &query_sample_insert, values[0], 3, &kept);
    assert_int_equal(kept.changes, 3);
    memset(&kept, 0, sizeof kept);
    const struct storage_value bucket[] = {value_integer(1)};
    suite_run(suite->session, &query_sample_all, bucket, 1, &kept);
    assert_int_equal(kept.count, 3);
    assert_int_equal(kept.rows[0][0].integer, INT64_MIN);
    assert_int_equal(kept.rows[0][1].size, name.size);
    assert_memory_equal(kept.rows[0][1].bytes, name.bytes, name.size);
    assert_int_equal(kept.rows[0][2].size, sizeof bytes);
    assert_memory_equal(kept.rows[0][2].bytes, bytes, sizeof bytes);
    assert_int_equal(kept.rows[0][3].integer, INT64_MAX);
    assert_false(kept.rows[1][1].null);
    assert_int_equal(kept.rows[1][1].size, 0);
    assert_false(kept.rows[1][2].null);
    assert_true(kept.rows[1][3].null);
    assert_true(kept.rows[2][1].null);
    assert_true(kept.rows[2][2].null);
}

static void named_parameters_come_back_as_they_went(void **state)
{
    struct suite *suite = *state;
    const struct storage_value values[] = {value_integer(-5), value_string("a"), value_blob("\0b", 2)};
    const struct storage_value nulls[] = {value_null(), value_string(NULL), value_null()};
    struct kept kept = {0};

    suite_run(suite->session, &query_sample_echo, values, 1, &kept);
    suite_run(suite->session, &query_sample_echo, nulls, 1, &kept);
    assert_int_equal(kept.rows[0][0].integer, -5);
    assert_memory_equal(kept.rows[0][1].bytes, "a", 1);
    assert_int_equal(kept.rows[0][2].size, 2);
    assert_int_equal(kept.rows[0][3].integer, 1);
    assert_int_equal(kept.rows[0][4].integer, 7);
    assert_true(kept.rows[1][0].null);
    assert_true(kept.rows[1][1].null);
    assert_true(kept.rows[1][2].null);
    assert_int_equal(kept.changes, 0);
}

static void text_sorts_by_its_bytes(void **state)
{
    struct suite *suite = *state;
    const struct storage_value words[] = {value_string("\xe6\x9d\x8e"), value_string("b"), value_string("Z"),
                                          value_string("a b"),          value_string("a"), value_string("ab")};
    static const char *const sorted[] = {"Z", "a", "a b", "ab", "b", "\xe6\x9d\x8e"};
    struct kept kept = {0};

    suite_run(suite->session, &query_sample_word_add, words, 6, NULL);
    suite_run(suite->session, &query_sample_word_list, NULL, 1, &kept);
    assert_int_equal(kept.count, 6);
    for (size_t i = 0; i < 6; i++)
        assert_memory_equal(kept.rows[i][0].bytes, sorted[i], strlen(sorted[i]));
}

static void on_conflict_do_nothing_counts_what_was_new(void **state)
{
    struct suite *suite = *state;
    const struct storage_value words[] = {value_string("a"), value_string("b"), value_string("a"), value_string("c")};
    struct kept kept = {0};

    suite_run(suite->session, &query_sample_word_add, words, 2, &kept);
    assert_int_equal(kept.changes, 2);
    suite_run(suite->session, &query_sample_word_add, words, 4, &kept);
    assert_int_equal(kept.changes, 1);
}

static void returning_gives_a_row_for_each_row_sent(void **state)
{
    struct suite *suite = *state;
    const struct storage_value values[] = {value_integer(1), value_integer(7), value_integer(10),
                                           value_integer(1), value_integer(8), value_integer(20)};
    struct kept kept = {0};

    suite_run(suite->session, &query_sample_insert_returning, values, 2, &kept);
    assert_int_equal(kept.count, 2);
    assert_int_equal(kept.rows[0][0].integer, 7);
    assert_int_equal(kept.rows[0][1].integer, 20);
    assert_int_equal(kept.rows[1][1].integer, 40);
    assert_int_equal(kept.changes, 2);
    memset(&kept, 0, sizeof kept);
    suite_run(suite->session, &query_sample_upsert, values, 1, &kept);
    assert_int_equal(kept.changes, 1);
    assert_int_equal(kept.count, 0);
}

static void rows_join_update_and_delete(void **state)
{
    struct suite *suite = *state;
    const struct storage_value keys[] = {value_integer(1), value_integer(2), value_integer(1),
                                         value_integer(3), value_integer(1), value_integer(99)};
    const struct storage_value updates[] = {value_integer(1), value_integer(2), value_integer(-5)};
    struct kept kept = {0};

    suite_fill(suite->session, 1, 1, 5);
    suite_run(suite->session, &query_sample_update, updates, 1, &kept);
    assert_int_equal(kept.changes, 1);
    suite_run(suite->session, &query_sample_load, keys, 3, &kept);
    assert_int_equal(kept.count, 1);
    assert_int_equal(kept.rows[0][0].integer, 3);
    memset(&kept, 0, sizeof kept);
    suite_run(suite->session, &query_sample_load_left, keys, 3, &kept);
    assert_int_equal(kept.count, 3);
    memset(&kept, 0, sizeof kept);
    suite_run(suite->session, &query_sample_delete, keys, 2, &kept);
    assert_int_equal(kept.changes, 2);
    suite_run(suite->session, &query_sample_delete_in, keys, 3, &kept);
    assert_int_equal(kept.changes, 0);
    assert_int_equal(suite_count(suite->session, 1), 3);
}

static void keyset_paging_reads_each_row_once(void **state)
{
    struct suite *suite = *state;
    struct storage_value values[] = {value_integer(1), value_integer(0), value_integer(0), value_integer(7)};
    size_t seen = 0;

    suite_fill(suite->session, 1, 1, 20);
    for (int page = 0; page < 4; page++) {
        struct kept kept = {0};
        suite_run(suite->session, &query_sample_page, values, 1, &kept);
        for (size_t i = 0; i < kept.count; i++)
            assert_int_equal(kept.rows[i][1].integer, ++seen);
        if (kept.count > 0)
            values[1] = value_integer(kept.rows[kept.count - 1][0].integer);
        if (kept.count > 0)
            values[2] = value_integer(kept.rows[kept.count - 1][1].integer);
    }
    assert_int_equal(seen, 20);
}

static void a_rolled_back_transaction_leaves_nothing(void **state)
{
    struct suite *suite = *state;

    assert_ok(storage_begin(suite->session, &failure));
    suite_fill(suite->session, 1, 1, 3);
    assert_int_equal(suite_count(suite->session, 1), 3);
    storage_rollback(suite->session);
    storage_rollback(suite->session);
    assert_int_equal(suite_count(suite->session, 1), 0);
    assert_ok(storage_begin(suite->session, &failure));
    storage_rollback(suite->session);
    assert_ok(storage_begin(suite->session, &failure));
    suite_fill(suite->session, 1, 1, 2);
    assert_ok(storage_commit(suite->session, &failure));
    assert_int_equal(suite_count(suite->session, 1), 2);
}

static void a_reader_sees_commits_only_and_one_snapshot(void **state)
{
    struct suite *suite = *state;
    struct storage_session *reader;

    assert_ok(storage_session_new(suite->storage, true, &reader, &failure));
    assert_ok(storage_begin(suite->session, &failure));
    suite_fill(suite->session, 1, 1, 3);
    assert_int_equal(suite_count(reader, 1), 0);
    assert_ok(storage_begin(reader, &failure));
    assert_int_equal(suite_count(reader, 1), 0);
    assert_ok(storage_commit(suite->session, &failure));
    assert_int_equal(suite_count(reader, 1), 0);
    assert_ok(storage_commit(reader, &failure));
    assert_int_equal(suite_count(reader, 1), 3);
    storage_session_free(reader);
}

static void results_come_in_the_order_sent(void **state)
{
    struct suite *suite = *state;
    const struct storage_value bucket[] = {value_integer(1)};
    const struct storage_value id[] = {value_integer(1)};
    struct kept kept = {0};
    struct storage_receiver receiver = suite_keep(&kept);

    suite_fill(suite->session, 1, 1, 3);
    suite_run(suite->session, &query_sample_counter_new, id, 1, NULL);
    assert_ok(storage_begin(suite->session, &failure));
    assert_ok(storage_send(suite->session, &query_sample_counter_take, id, 1, &receiver, &failure));
    assert_ok(storage_send(suite->session, &query_sample_count, bucket, 1, &receiver, &failure));
    assert_ok(storage_send(suite->session, &query_sample_counter_take, id, 1, &receiver, &failure));
    assert_ok(storage_send(suite->session, &query_sample_counter_take, id, 1, NULL, &failure));
    assert_ok(storage_flush(suite->session, &failure));
    assert_int_equal(kept.done, 3);
    assert_int_equal(kept.rows[0][0].integer, 1);
    assert_int_equal(kept.rows[1][0].integer, 3);
    assert_int_equal(kept.rows[2][0].integer, 2);
    assert_ok(storage_commit(suite->session, &failure));
    memset(&kept, 0, sizeof kept);
    suite_run(suite->session, &query_sample_counter_read, id, 1, &kept);
    assert_int_equal(kept.rows[0][0].integer, 3);
}

/* Sends a read whose values and receiver are gone before the flush. */
static void send_and_forget(struct storage_session *session, struct kept *kept)
{
    struct storage_value bucket[] = {value_integer(1)};
    struct storage_receiver receiver = suite_keep(kept);

    assert_ok(storage_send(session, &query_sample_count, bucket, 1, &receiver, &failure));
    memset(bucket, 0xff, sizeof bucket);
    memset(&receiver, 0xff, sizeof receiver);
}

static void values_and_receiver_may_be_gone_before_the_flush(void **state)
{
    struct suite *suite = *state;
    struct kept kept = {0};

    suite_fill(suite->session, 1, 1, 3);
    assert_ok(storage_begin(suite->session, &failure));
    send_and_forget(suite->session, &kept);
    assert_ok(storage_flush(suite->session, &failure));
    assert_ok(storage_commit(suite->session, &failure));
    assert_int_equal(kept.rows[0][0].integer, 3);
}

static void big_work_and_big_results_do_not_block_each_other(void **state)
{
    struct suite *suite = *state;
    enum { COUNT = 2000, SIZE = 10000 };
    char *body = malloc(SIZE);
    struct storage_value *values = calloc((size_t)COUNT * 5, sizeof *values);
    struct kept kept = {0};
    struct storage_receiver receiver = suite_keep(&kept);
    const struct storage_value bucket[] = {value_integer(1)};

    memset(body, 'x', SIZE);
    assert_ok(storage_begin(suite->session, &failure));
    for (int64_t round = 0; round < 3; round++) {
        for (int64_t i = 0; i < COUNT; i++) {
            struct storage_value *row = &values[i * 5];
            row[0] = value_integer(1);
            row[1] = value_integer(round * COUNT + i);
            row[2] = value_null();
            row[3] = value_blob(body, SIZE);
            row[4] = value_integer(i);
        }
        assert_ok(storage_send(suite->session, &query_sample_insert, values, COUNT, NULL, &failure));
        assert_ok(storage_send(suite->session, &query_sample_all, bucket, 1, &receiver, &failure));
    }
    assert_ok(storage_commit(suite->session, &failure));
    assert_int_equal(kept.count, 6 * COUNT);
    assert_int_equal(suite_count(suite->session, 1), 3 * COUNT);
    free(values);
    free(body);
}

static void a_stream_hands_out_every_row(void **state)
{
    struct suite *suite = *state;
    const struct storage_value bucket[] = {value_integer(1)};
    struct kept kept = {0};
    struct storage_receiver receiver = suite_keep(&kept);
    struct storage_session *reader;

    suite_fill(suite->session, 1, 1, 50000);
    assert_ok(storage_session_new(suite->storage, true, &reader, &failure));
    assert_ok(storage_begin(reader, &failure));
    assert_ok(storage_stream(reader, &query_sample_all, bucket, &receiver, &failure));
    assert_int_equal(kept.count, 50000);
    assert_int_equal(kept.done, 1);
    assert_ok(storage_commit(reader, &failure));
    memset(&kept, 0, sizeof kept);
    kept.refuse_at = 100;
    assert_int_equal(storage_stream(reader, &query_sample_all, bucket, &receiver, NULL), STATUS_LIMIT);
    assert_int_equal(kept.count, 100);
    assert_int_equal(kept.done, 0);
    assert_int_equal(suite_count(reader, 1), 50000);
    storage_session_free(reader);
}

static void an_outcome_that_the_receiver_refuses_is_not_committed(void **state)
{
    struct suite *suite = *state;
    const struct storage_value values[] = {value_integer(1), value_integer(7), value_integer(10)};
    struct kept kept = {.refuse_at = 1};
    struct storage_receiver receiver = suite_keep(&kept);
    struct error err;

    assert_int_equal(storage_run(suite->session, &query_sample_insert_returning, values, 1, &receiver, &err),
                     STATUS_LIMIT);
    assert_string_equal(err.code, "suite.refused");
    assert_int_equal(suite_count(suite->session, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(arrays_of_any_size_go_in_whole, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(values_of_every_type_come_back_as_they_went, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(named_parameters_come_back_as_they_went, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(text_sorts_by_its_bytes, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(on_conflict_do_nothing_counts_what_was_new, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(returning_gives_a_row_for_each_row_sent, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(rows_join_update_and_delete, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(keyset_paging_reads_each_row_once, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(a_rolled_back_transaction_leaves_nothing, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(a_reader_sees_commits_only_and_one_snapshot, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(results_come_in_the_order_sent, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(values_and_receiver_may_be_gone_before_the_flush, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(big_work_and_big_results_do_not_block_each_other, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(a_stream_hands_out_every_row, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(an_outcome_that_the_receiver_refuses_is_not_committed, suite_setup,
                                        suite_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
