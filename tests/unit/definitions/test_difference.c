/* What is different between two documents. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/definitions/difference.h"

/* As "path:before>after" with a semicolon after each. */
static void check(const char *before, const char *after, const char *expected)
{
    struct arena *arena = arena_new(1 << 20);
    struct builder told = {.arena = arena};
    struct difference *found;
    size_t count;

    assert_int_equal(difference_find(arena, text_from(before), text_from(after), &found, &count, NULL), STATUS_OK);
    for (size_t i = 0; i < count; i++)
        builder_format(&told, "%.*s:%.*s>%.*s;", (int)found[i].path.size, found[i].path.bytes,
                       (int)found[i].before.size, found[i].before.bytes, (int)found[i].after.size,
                       found[i].after.bytes);
    builder_char(&told, '\0');
    assert_string_equal(builder_done(&told).bytes, expected);
    arena_free(arena);
}

static void what_is_the_same_is_not_told(void **state)
{
    (void)state;
    check("{\"a\": 1, \"b\": [1, {\"c\": null}]}", "{\"b\":[1,{\"c\":null}],\"a\":1}", "");
    check("", "", "");
}

static void fields_are_told_by_path(void **state)
{
    (void)state;
    check("{\"a\": {\"b\": 1, \"gone\": true}}", "{\"a\": {\"b\": 2, \"new\": \"x\"}}",
          "a.b:1>2;a.gone:true>;a.new:>\"x\";");
    check("{\"a\": 1}", "{\"a\": 1.0}", "a:1>1.0;");
    check("{\"a\": {\"b\": 1}}", "{\"a\": [1]}", "a:{\"b\":1}>[1];");
    check("", "{\"a\": null}", "a:>null;");
}

static void plain_lists_are_compared_by_place(void **state)
{
    (void)state;
    check("{\"a\": [1, 2]}", "{\"a\": [1, 3, 4]}", "a[1]:2>3;a[2]:>4;");
    check("{\"a\": [{\"code\": \"x\"}, {\"code\": \"x\"}]}", "{\"a\": [{\"code\": \"x\"}]}", "a[1]:{\"code\":\"x\"}>;");
}

static void lists_of_codes_are_compared_by_code(void **state)
{
    (void)state;
    check("{\"rules\": [{\"code\": \"a\", \"points\": 1}, {\"code\": \"b\", \"points\": 2}]}",
          "{\"rules\": [{\"code\": \"b\", \"points\": 3}, {\"code\": \"c\"}]}",
          "rules[a]:{\"code\":\"a\",\"points\":1}>;rules[b].points:2>3;rules[c]:>{\"code\":\"c\"};");
    check("{\"rules\": [{\"code\": \"a\"}, {\"code\": \"b\"}]}", "{\"rules\": [{\"code\": \"b\"}, {\"code\": \"a\"}]}",
          "rules:[\"a\",\"b\"]>[\"b\",\"a\"];");
}

static void what_is_no_json_is_refused(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct error error = {0};
    struct difference *found;
    size_t count;

    (void)state;
    assert_int_equal(difference_find(arena, (struct text){"{}", 2}, (struct text){"{", 1}, &found, &count, &error),
                     STATUS_INVALID);
    assert_string_equal(error.code, "programme.syntax");
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_the_same_is_not_told),      cmocka_unit_test(fields_are_told_by_path),
        cmocka_unit_test(plain_lists_are_compared_by_place), cmocka_unit_test(lists_of_codes_are_compared_by_code),
        cmocka_unit_test(what_is_no_json_is_refused),
    };

    return cmocka_run_group_tests_name("difference", tests, NULL, NULL);
}
