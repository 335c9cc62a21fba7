/* Percent encoding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/server.h"

static void expect(const char *encoded, bool form, const char *decoded)
{
    struct arena *arena = arena_new(65536);
    struct text out = {NULL, 0};
    assert_true(http_decode(arena, text_from(encoded), form, &out));
    assert_true(text_equals(out, decoded));
    arena_free(arena);
}

static void encoded_text_is_decoded(void **state)
{
    (void)state;
    expect("a%20b", false, "a b");
    expect("a+b", false, "a+b");
    expect("a+b", true, "a b");
    expect("%E7%8e%8B", false, "王");
    expect("%2F", false, "/");
    expect("", false, "");
}

static void refuse(const char *encoded)
{
    struct arena *arena = arena_new(65536);
    struct text out;
    assert_false(http_decode(arena, text_from(encoded), true, &out));
    arena_free(arena);
}

static void bad_encoding_is_refused(void **state)
{
    (void)state;
    refuse("%");
    refuse("a%2");
    refuse("%zz");
    refuse("%00");
    refuse("%ff");
    refuse("%ed%a0%80");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encoded_text_is_decoded),
        cmocka_unit_test(bad_encoding_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
