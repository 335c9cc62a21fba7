/* Cursors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/page.h"

static void a_cursor_comes_back_as_it_was(void **state)
{
    (void)state;
    struct arena *arena = arena_new(65536);
    struct error error;
    bool given;
    struct cursor cursor = {
        .integers = {-5, INT64_MAX}, .integer_count = 2, .texts = {TEXT("a;b:王"), TEXT("")}, .text_count = 2};
    struct cursor read = {.integer_count = 2, .text_count = 2};
    assert_int_equal(cursor_read(arena, cursor_write(arena, &cursor), &read, &given, &error), STATUS_OK);
    assert_true(given);
    assert_int_equal(read.integers[0], -5);
    assert_int_equal(read.integers[1], INT64_MAX);
    assert_true(text_equals(read.texts[0], "a;b:王"));
    assert_int_equal(read.texts[1].size, 0);
    arena_free(arena);
}

static void no_cursor_is_the_first_page(void **state)
{
    (void)state;
    struct error error;
    bool given = true;
    struct cursor read = {.integer_count = 1};
    assert_int_equal(cursor_read(NULL, (struct text){NULL, 0}, &read, &given, &error), STATUS_OK);
    assert_false(given);
}

static void a_foreign_cursor_is_refused(void **state)
{
    (void)state;
    static const char *const foreign[] = {"x", "!!!!", "aTE7", "aTE7aTI7aTM7", "dDk5OmE", "aXg7aTI7"};
    struct arena *arena = arena_new(65536);
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        struct error error;
        bool given;
        struct cursor read = {.integer_count = 2};
        assert_int_equal(cursor_read(arena, text_from(foreign[i]), &read, &given, &error), STATUS_INVALID);
        assert_string_equal(error.code, "page.cursor");
    }
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cursor_comes_back_as_it_was),
        cmocka_unit_test(no_cursor_is_the_first_page),
        cmocka_unit_test(a_foreign_cursor_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
