/* The keys by which names are found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/customers/name_key.h"

static struct arena *arena;

static void assert_key(const char *name, const char *expected)
{
    struct text keys[NAME_KEYS_MAX];
    size_t count = name_keys(arena, text_from(name), keys);

    for (size_t i = 0; i < count; i++)
        if (text_equals(keys[i], expected))
            return;
    fail_msg("'%s' has no key '%s'", name, expected);
}

static void a_chinese_name_is_found_by_pinyin_and_initials(void **state)
{
    (void)state;
    assert_key("王小明", "王小明");
    assert_key("王小明", "wangxiaoming");
    assert_key("王小明", "wxm");
    assert_key("王小明", "小明");
    assert_key("王小明", "xiaoming");
    assert_key("王 小明", "wangxiaoming");
}

static void surnames_are_read_as_surnames(void **state)
{
    (void)state;
    assert_key("单田芳", "shantianfang");
    assert_key("曾国藩", "zengguofan");
    assert_key("仇英", "qiuying");
    assert_key("解晓东", "xiexiaodong");
    assert_key("尉迟恭", "yuchigong");
    assert_key("尉迟恭", "ycg");
    assert_key("長孫無忌", "zhangsunwuji");
    assert_key("欧阳修", "xiu");
    assert_key("王单", "wangdan");
}

static void a_latin_name_is_found_without_case_accents_and_by_any_word(void **state)
{
    (void)state;
    assert_key("Zoë O'Neil", "zoeoneil");
    assert_key("Zoë O'Neil", "oneilzoe");
    assert_key("Søren Łukasz Straße", "sorenlukaszstrasse");
    assert_key("Ｊｏｈｎ Smith", "johnsmith");
    assert_key("Jean-Luc Picard", "lucpicardjean");
}

static void folding_drops_what_is_no_letter(void **state)
{
    (void)state;
    assert_true(text_equals(name_fold(arena, TEXT(" Wang  XiaoMing! ")), "wangxiaoming"));
    assert_true(text_equals(name_fold(arena, TEXT("1234")), "1234"));
    assert_int_equal(name_fold(arena, TEXT(" -- ")).size, 0);
    assert_int_equal(name_fold(arena, TEXT("")).size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chinese_name_is_found_by_pinyin_and_initials),
        cmocka_unit_test(surnames_are_read_as_surnames),
        cmocka_unit_test(a_latin_name_is_found_without_case_accents_and_by_any_word),
        cmocka_unit_test(folding_drops_what_is_no_letter),
    };

    arena = arena_new((size_t)1 << 20);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(arena);
    return failed;
}
