#include "foundation/encoding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void hexadecimal_comes_back(void **state)
{
    (void)state;
    char out[7];
    unsigned char bytes[3];
    assert_string_equal(hex_encode("\x00\xAB\x1f", 3, out), "00ab1f");
    assert_true(hex_decode(TEXT("00AB1f"), bytes, 3));
    assert_memory_equal(bytes, "\x00\xAB\x1f", 3);
    assert_false(hex_decode(TEXT("00AB1"), bytes, 3));
    assert_false(hex_decode(TEXT("00AB1g"), bytes, 3));
    assert_false(hex_decode(TEXT("00AB1f00"), bytes, 3));
}

static void base64url_comes_back(void **state)
{
    (void)state;
    struct arena *arena = arena_new(65536);
    struct text out;
    assert_true(text_equals(base64url_encode(arena, TEXT("\xFB\xFF")), "-_8"));
    assert_true(text_equals(base64url_encode(arena, TEXT("")), ""));
    assert_true(base64url_decode(arena, TEXT("-_8"), &out));
    assert_true(text_equal(out, TEXT("\xFB\xFF")));
    assert_false(base64url_decode(arena, TEXT("-_8="), &out));
    assert_false(base64url_decode(arena, TEXT("+/8"), &out));
    arena_free(arena);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(hexadecimal_comes_back),
        cmocka_unit_test(base64url_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
