#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "foundation/nearest.h"

static struct text nearest_of(const char *name)
{
    static const char *const known[] = {"tasting", "massage", "spa-day", "day"};
    struct nearest nearest = nearest_start(text_from(name));

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        nearest_try(&nearest, text_from(known[i]));
    return nearest.best;
}

static void a_letter_too_few_or_too_many_or_another(void **state)
{
    (void)state;
    assert_true(text_equals(nearest_of("tastin"), "tasting"));
    assert_true(text_equals(nearest_of("tastings"), "tasting"));
    assert_true(text_equals(nearest_of("massege"), "massage"));
    assert_true(text_equals(nearest_of("spaday"), "spa-day"));
}

static void of_two_the_nearer_and_of_equals_the_first(void **state)
{
    (void)state;
    assert_true(text_equals(nearest_of("days"), "day"));
    assert_true(text_equals(nearest_of("tassage"), "massage"));
}

static void another_name_is_near_to_nothing(void **state)
{
    char name[200] = {0};

    (void)state;
    assert_int_equal(nearest_of("breakfast").size, 0);
    assert_int_equal(nearest_of("xyz").size, 0);
    for (size_t i = 0; i + 1 < sizeof name; i++)
        name[i] = 'a';
    assert_int_equal(nearest_of(name).size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_letter_too_few_or_too_many_or_another),
        cmocka_unit_test(of_two_the_nearer_and_of_equals_the_first),
        cmocka_unit_test(another_name_is_near_to_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
