#include "foundation/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void texts_compare_bytewise(void **state)
{
    (void)state;
    assert_int_equal(text_compare(TEXT("a"), TEXT("b")), -1);
    assert_int_equal(text_compare(TEXT("ab"), TEXT("a")), 1);
    assert_int_equal(text_compare(TEXT("a"), TEXT("a")), 0);
    assert_int_equal(text_compare((struct text){0}, TEXT("")), 0);
    assert_int_equal(text_compare(TEXT("Z"), TEXT("a")), -1);
    assert_int_equal(text_compare(TEXT("z"), TEXT("\xC3\xA9")), -1);
    assert_true(text_equals(TEXT("card"), "card"));
    assert_false(text_equal(TEXT("card"), TEXT("car")));
    assert_true(text_starts_with(TEXT("mbr_1"), TEXT("mbr_")));
    assert_true(text_starts_with(TEXT("x"), (struct text){0}));
    assert_false(text_starts_with(TEXT("mb"), TEXT("mbr_")));
}

static void trimming_takes_white_space_at_both_ends_only(void **state)
{
    (void)state;
    assert_true(text_equals(text_trim(TEXT(" \t\r\n a b \v\f")), "a b"));
    assert_int_equal(text_trim(TEXT("   ")).size, 0);
}

static void utf8_must_be_well_formed(void **state)
{
    (void)state;
    assert_true(text_is_utf8(TEXT("")));
    assert_true(text_is_utf8(TEXT("a\xC3\xA9\xE4\xB8\x80\xF0\x9F\x98\x80")));
    assert_true(text_is_utf8(TEXT("\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF")));
    assert_false(text_is_utf8(TEXT("a\0b")));             /* U+0000 */
    assert_false(text_is_utf8(TEXT("\xC0\x80")));         /* overlong */
    assert_false(text_is_utf8(TEXT("\xE0\x9F\xBF")));     /* overlong */
    assert_false(text_is_utf8(TEXT("\xF0\x8F\xBF\xBF"))); /* overlong */
    assert_false(text_is_utf8(TEXT("\xED\xA0\x80")));     /* surrogate */
    assert_false(text_is_utf8(TEXT("\xF4\x90\x80\x80"))); /* past U+10FFFF */
    assert_false(text_is_utf8(TEXT("\x80")));             /* starts in the middle */
    assert_false(text_is_utf8(TEXT("\xE4\xB8")));         /* ends in the middle */
    assert_int_equal(text_code_points(TEXT("a\xC3\xA9\xE4\xB8\x80\xF0\x9F\x98\x80")), 4);
}

static void integers_fill_64_bits_and_no_more(void **state)
{
    (void)state;
    int64_t value = 7;
    assert_true(text_to_integer(TEXT("9223372036854775807"), &value));
    assert_int_equal(value, INT64_MAX);
    assert_true(text_to_integer(TEXT("-9223372036854775808"), &value));
    assert_int_equal(value, INT64_MIN);
    assert_true(text_to_integer(TEXT("-0"), &value));
    assert_int_equal(value, 0);
    value = 7;
    static const char *const wrong[] = {
        "9223372036854775808", "-9223372036854775809", "", "-", "+1", "1 ", "1.0", "0x1"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(text_to_integer(text_from(wrong[i]), &value));
    assert_int_equal(value, 7);
}

static void a_builder_joins_what_it_is_given(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    struct builder builder = {.arena = arena};
    builder_string(&builder, "a=");
    builder_integer(&builder, INT64_MIN);
    builder_char(&builder, ',');
    builder_text(&builder, TEXT("b"));
    builder_text(&builder, (struct text){0});
    builder_format(&builder, "=%03d", 7);
    builder_bytes(&builder, "!", 1);
    builder_integer(&builder, 0);
    assert_true(text_equals(builder_done(&builder), "a=-9223372036854775808,b=007!0"));
    for (int i = 0; i < 1000; i++)
        builder_string(&builder, "0123456789");
    assert_int_equal(builder_done(&builder).size, 30 + 10000);
    assert_true(text_equals(text_copy(arena, TEXT("copy")), "copy"));
    assert_string_equal(text_string(arena, TEXT("copy")), "copy");
    arena_free(arena);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_compare_bytewise),
        cmocka_unit_test(trimming_takes_white_space_at_both_ends_only),
        cmocka_unit_test(utf8_must_be_well_formed),
        cmocka_unit_test(integers_fill_64_bits_and_no_more),
        cmocka_unit_test(a_builder_joins_what_it_is_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
