#include "foundation/json_cursor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;

static int start(void **state)
{
    (void)state;
    arena = arena_new(1 << 20);
    return arena == NULL;
}

static int stop(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static bool is_json(const char *json)
{
    struct json_cursor cursor;

    json_cursor_start(&cursor, arena, text_from(json));
    json_cursor_skip(&cursor);
    return json_cursor_done(&cursor);
}

/* Bytes with nothing readable behind them, so that a sanitizer sees a step too far. */
static struct text alone(const char *json)
{
    return (struct text){arena_copy(arena, json, strlen(json)), strlen(json)};
}

static int64_t integer_of(const char *json)
{
    struct json_cursor cursor;

    json_cursor_start(&cursor, arena, alone(json));
    return json_cursor_take_integer(&cursor, -77);
}

/* "!": it is no JSON. */
static struct text text_of(const char *json)
{
    struct json_cursor cursor;

    json_cursor_start(&cursor, arena, alone(json));
    struct text text = json_cursor_take_text(&cursor);
    return json_cursor_done(&cursor) ? text : TEXT("!");
}

static void members_come_in_their_order_and_lists_within_them(void **state)
{
    struct json_cursor cursor;
    struct text name;

    (void)state;
    json_cursor_start(&cursor, arena, TEXT(" { \"a\" : 1 , \"b\":[ 2,3 ],\"c\":{},\"d\":[],\"e\":\"x\"}\n"));
    assert_true(json_cursor_enter_object(&cursor));
    assert_true(json_cursor_next_member(&cursor, &name) && text_equals(name, "a"));
    assert_int_equal(json_cursor_take_integer(&cursor, 0), 1);
    assert_true(json_cursor_next_member(&cursor, &name) && text_equals(name, "b"));
    assert_true(json_cursor_enter_list(&cursor));
    assert_true(json_cursor_next_element(&cursor));
    assert_int_equal(json_cursor_take_integer(&cursor, 0), 2);
    assert_true(json_cursor_next_element(&cursor));
    json_cursor_skip(&cursor);
    assert_false(json_cursor_next_element(&cursor));
    assert_true(json_cursor_next_member(&cursor, &name) && text_equals(name, "c"));
    assert_true(json_cursor_enter_object(&cursor));
    assert_false(json_cursor_next_member(&cursor, &name));
    assert_true(json_cursor_next_member(&cursor, &name) && text_equals(name, "d"));
    assert_true(json_cursor_enter_list(&cursor));
    assert_false(json_cursor_next_element(&cursor));
    assert_true(json_cursor_next_member(&cursor, &name) && text_equals(name, "e"));
    assert_true(text_equals(json_cursor_take_text(&cursor), "x"));
    assert_false(json_cursor_next_member(&cursor, &name));
    assert_true(json_cursor_done(&cursor));
}

static void another_type_is_passed_over(void **state)
{
    struct json_cursor cursor;

    (void)state;
    json_cursor_start(&cursor, arena, TEXT("[{\"a\":[1]},\"x\",7,null,1.5,5]"));
    assert_true(json_cursor_enter_list(&cursor));
    assert_true(json_cursor_next_element(&cursor));
    assert_false(json_cursor_enter_list(&cursor));
    assert_true(json_cursor_next_element(&cursor));
    assert_false(json_cursor_enter_object(&cursor));
    assert_true(json_cursor_next_element(&cursor));
    assert_int_equal(json_cursor_take_text(&cursor).size, 0);
    assert_true(json_cursor_next_element(&cursor));
    assert_int_equal(json_cursor_take_integer(&cursor, -1), -1);
    assert_true(json_cursor_next_element(&cursor));
    assert_int_equal(json_cursor_take_integer(&cursor, -1), -1);
    assert_true(json_cursor_next_element(&cursor));
    assert_int_equal(json_cursor_take_integer(&cursor, -1), 5);
    assert_false(json_cursor_next_element(&cursor));
    assert_true(json_cursor_done(&cursor));
}

static void integers_have_sixty_four_bits(void **state)
{
    (void)state;
    assert_true(integer_of("9223372036854775807") == INT64_MAX);
    assert_true(integer_of("-9223372036854775808") == INT64_MIN);
    assert_int_equal(integer_of("0"), 0);
    assert_int_equal(integer_of("-0"), 0);
    assert_int_equal(integer_of("9223372036854775808"), -77);
    assert_int_equal(integer_of("1e3"), -77);
    assert_false(is_json("9223372036854775808"));
    assert_false(is_json("-9223372036854775809"));
    assert_false(is_json("99999999999999999999999999"));
    assert_true(is_json("99999999999999999999999999.0"));
}

static void escapes_are_decoded(void **state)
{
    (void)state;
    assert_true(text_equals(text_of("\"plain\""), "plain"));
    assert_true(text_equals(text_of("\"a\\\"\\\\\\/\\b\\f\\n\\r\\tz\""), "a\"\\/\b\f\n\r\tz"));
    assert_true(
        text_equals(text_of("\"\\u0041\\u00e9\\u20AC\\ud83d\\ude00\""), "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"));
    assert_true(text_equals(text_of("\"\xC3\xA9\\n\""), "\xC3\xA9\n"));
    assert_int_equal(text_of("\"\"").size, 0);
}

static void what_is_not_json_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        "{",
        "}",
        "[1",
        "[1 2]",
        "[,1]",
        "[1,]",
        "{\"a\"}",
        "{a:1}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,\"a\":1}",
        "{\"a\":1]",
        "[1}",
        "1 2",
        "01",
        "-",
        "-01",
        "1.",
        ".5",
        "1e",
        "1e+",
        "+1",
        "nul",
        "truex",
        "True",
        "\"a",
        "\"a\\\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\n\"",
        "\"\\",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\ud800\\u0041\"",
        "\"\xFF\"",
        "\"\xC3\"",
        "\"\xED\xA0\x80\"",
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct json_cursor cursor;
        json_cursor_start(&cursor, arena, alone(wrong[i]));
        json_cursor_skip(&cursor);
        if (json_cursor_done(&cursor))
            fail_msg("accepted: %s", wrong[i]);
    }
    assert_true(is_json(" [ true , false , null , -1.5E-3 , { } ] "));
    struct json_cursor cursor;
    json_cursor_start(&cursor, arena, (struct text){"1\0", 2});
    json_cursor_skip(&cursor);
    assert_false(json_cursor_done(&cursor));
}

static void nothing_comes_after_a_failure(void **state)
{
    struct json_cursor cursor;
    struct text name;

    (void)state;
    json_cursor_start(&cursor, arena, TEXT("{\"a\":tru,\"b\":1}"));
    assert_true(json_cursor_enter_object(&cursor));
    assert_true(json_cursor_next_member(&cursor, &name));
    json_cursor_skip(&cursor);
    assert_false(json_cursor_next_member(&cursor, &name));
    assert_false(json_cursor_next_element(&cursor));
    assert_int_equal(json_cursor_take_integer(&cursor, 3), 3);
    assert_int_equal(json_cursor_take_text(&cursor).size, 0);
    assert_false(json_cursor_done(&cursor));
}

static void what_is_nested_too_deep_is_refused(void **state)
{
    char json[2 * JSON_CURSOR_DEPTH_MAX + 3] = "";

    (void)state;
    memset(json, '[', JSON_CURSOR_DEPTH_MAX);
    memset(json + JSON_CURSOR_DEPTH_MAX, ']', JSON_CURSOR_DEPTH_MAX);
    assert_true(is_json(json));
    memset(json, '[', JSON_CURSOR_DEPTH_MAX + 1);
    memset(json + JSON_CURSOR_DEPTH_MAX + 1, ']', JSON_CURSOR_DEPTH_MAX + 1);
    assert_false(is_json(json));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_come_in_their_order_and_lists_within_them),
        cmocka_unit_test(another_type_is_passed_over),
        cmocka_unit_test(integers_have_sixty_four_bits),
        cmocka_unit_test(escapes_are_decoded),
        cmocka_unit_test(what_is_not_json_is_refused),
        cmocka_unit_test(nothing_comes_after_a_failure),
        cmocka_unit_test(what_is_nested_too_deep_is_refused),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
