/* The nearest name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "json/shape.h"

static const char *const names[] = {"amount", "currency", "quantity"};

static void a_mistyped_name_finds_its_neighbour(void **state)
{
    (void)state;
    assert_string_equal(name_nearest(TEXT("amuont"), names, 3), "amount");
    assert_string_equal(name_nearest(TEXT("quantities"), names, 3), "quantity");
    assert_string_equal(name_nearest(TEXT("curency"), names, 3), "currency");
}

static void another_word_finds_nothing(void **state)
{
    (void)state;
    assert_null(name_nearest(TEXT("x"), names, 3));
    assert_null(name_nearest(TEXT("birthday"), names, 3));
    assert_null(name_nearest(TEXT(""), names, 3));
    assert_null(name_nearest(TEXT("amount"), names, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mistyped_name_finds_its_neighbour),
        cmocka_unit_test(another_word_finds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
