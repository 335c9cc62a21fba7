#include "foundation/error.h"
#include "foundation/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void an_error_carries_code_field_and_sentence(void **state)
{
    (void)state;
    struct error err;
    assert_int_equal(
        error_set(&err, STATUS_INVALID, "tier.start", "points_min", "tier '%s' must start at %d", "Gold", 0),
        STATUS_INVALID);
    assert_int_equal(err.status, STATUS_INVALID);
    assert_string_equal(err.code, "tier.start");
    assert_string_equal(err.field, "points_min");
    assert_string_equal(err.message, "tier 'Gold' must start at 0");
}

static void without_an_error_only_the_status_comes_back(void **state)
{
    (void)state;
    assert_int_equal(error_set(NULL, STATUS_BUSY, "queue.full", NULL, "later"), STATUS_BUSY);
    error_prefix_field(NULL, "lines[%d].", 2);
    error_add_context(NULL, "while reading");
}

static void a_field_takes_a_prefix_and_a_message_its_context(void **state)
{
    (void)state;
    struct error err;
    error_set(&err, STATUS_INVALID, "money.syntax", "amount", "'x' is not an amount");
    error_prefix_field(&err, "lines[%d].", 2);
    error_add_context(&err, "while reading %s", "items.csv");
    assert_string_equal(err.field, "lines[2].amount");
    assert_string_equal(err.message, "while reading items.csv: 'x' is not an amount");
}

static void an_empty_field_stays_empty(void **state)
{
    (void)state;
    struct error err;
    error_set(&err, STATUS_IO, "storage.io", NULL, "the disk failed");
    error_prefix_field(&err, "lines[0].");
    assert_string_equal(err.field, "");
}

static void a_message_may_be_built_from_its_own_error(void **state)
{
    (void)state;
    struct error err;
    error_set(&err, STATUS_IO, "storage.io", "file", "the disk failed");
    error_set(&err, STATUS_DEFECT, err.code, err.field, "again: %s", err.message);
    assert_string_equal(err.message, "again: the disk failed");
    assert_string_equal(err.field, "file");
}

static void a_long_message_is_cut_between_characters(void **state)
{
    (void)state;
    char text[3 * 400 + 1];
    for (size_t i = 0; i < 400; i++) {
        text[3 * i] = '\xE4'; /* U+4E00 */
        text[3 * i + 1] = '\xB8';
        text[3 * i + 2] = '\x80';
    }
    text[sizeof text - 1] = '\0';
    struct error err;
    error_set(&err, STATUS_INVALID, "name.long", "name", "x%s", text);
    assert_int_equal(text_from(err.message).size, 1 + 3 * 170);
    assert_true(text_is_utf8(text_from(err.message)));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_carries_code_field_and_sentence),
        cmocka_unit_test(without_an_error_only_the_status_comes_back),
        cmocka_unit_test(a_field_takes_a_prefix_and_a_message_its_context),
        cmocka_unit_test(an_empty_field_stays_empty),
        cmocka_unit_test(a_message_may_be_built_from_its_own_error),
        cmocka_unit_test(a_long_message_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
