#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mathematics/text_distance.h"

static double similarity(const char *a, const char *b)
{
    return jaro_winkler(text_from(a), text_from(b));
}

static size_t distance(const char *a, const char *b, size_t limit)
{
    return edit_distance(text_from(a), text_from(b), limit);
}

/* The table of Winkler (1994), "Advanced methods for record linkage". */
static void jaro_winkler_is_as_published(void **state)
{
    (void)state;
    assert_true(fabs(similarity("martha", "marhta") - 0.9611) < 5e-5);
    assert_true(fabs(similarity("dwayne", "duane") - 0.84) < 5e-5);
    assert_true(fabs(similarity("dixon", "dicksonx") - 0.8133) < 5e-5);
    assert_true(fabs(similarity("shackleford", "shackelford") - 0.9818) < 5e-5);
    assert_true(fabs(similarity("nichleson", "nichulson") - 0.9556) < 5e-5);
    assert_true(similarity("jones", "jones") == 1);
    assert_true(similarity("abc", "xyz") == 0);
    assert_true(similarity("", "") == 0);
    assert_true(similarity("a", "a") == 1);
}

static void characters_are_not_bytes(void **state)
{
    (void)state;
    assert_true(fabs(similarity("王小明", "王晓明") - 0.8) < 1e-3);
    assert_int_equal(distance("王小明", "王晓明", 3), 1);
}

static void a_swap_of_neighbours_is_one_edit(void **state)
{
    (void)state;
    assert_int_equal(distance("13800138000", "13800318000", 2), 1);
    assert_int_equal(distance("13800138000", "13800138001", 2), 1);
    assert_int_equal(distance("13800138000", "1380013800", 2), 1);
    assert_int_equal(distance("kitten", "sitting", 5), 3);
    assert_int_equal(distance("kitten", "sitting", 2), 3);
    assert_int_equal(distance("ca", "abc", 5), 3);
    assert_int_equal(distance("", "abc", 5), 3);
    assert_int_equal(distance("", "", 0), 0);
    assert_int_equal(distance("abcdefgh", "a", 3), 4);
}

static void what_is_too_long_is_cut(void **state)
{
    char a[200], b[200];

    (void)state;
    for (size_t i = 0; i < sizeof a; i++)
        a[i] = b[i] = (char)('a' + i % 26);
    b[TEXT_DISTANCE_LENGTH] = '!';
    assert_int_equal(edit_distance((struct text){a, sizeof a}, (struct text){b, sizeof b}, 3), 0);
    assert_true(jaro_winkler((struct text){a, sizeof a}, (struct text){b, sizeof b}) == 1);
}

static void dice_counts_what_lists_share(void **state)
{
    static const uint16_t a[] = {1, 2, 2, 5}, b[] = {2, 2, 2, 9};

    (void)state;
    assert_true(dice_share(a, 4, b, 4) == 0.5);
    assert_true(dice_share(a, 4, a, 4) == 1);
    assert_true(dice_share(a, 0, b, 4) == 0);
    assert_true(dice_share(a, 0, b, 0) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jaro_winkler_is_as_published),     cmocka_unit_test(characters_are_not_bytes),
        cmocka_unit_test(a_swap_of_neighbours_is_one_edit), cmocka_unit_test(what_is_too_long_is_cut),
        cmocka_unit_test(dice_counts_what_lists_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
