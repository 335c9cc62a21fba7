/* Organisations: who acts for them when, and the numbers by which they are known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/organisations/organisations.h"
#include "foundation/instant.h"

static int32_t day(const char *text)
{
    int32_t out = 0;

    assert_true(day_parse(text_from(text), &out));
    return out;
}

static void a_contact_acts_from_the_first_day_until_before_the_last(void **state)
{
    const struct organisation_contact contact = {.from_on = day("2026-03-01"), .until_on = day("2026-06-01")};
    const struct organisation_contact ever = {.from_on = CONTACT_FROM_EVER, .until_on = CONTACT_UNTIL_NEVER};

    (void)state;
    assert_false(contact_acts(&contact, day("2026-02-28")));
    assert_true(contact_acts(&contact, day("2026-03-01")));
    assert_true(contact_acts(&contact, day("2026-05-31")));
    assert_false(contact_acts(&contact, day("2026-06-01")));
    assert_true(contact_acts(&ever, day("1970-01-01")) && contact_acts(&ever, day("2999-12-31")));
}

static void the_numbers_of_a_company_have_one_form(void **state)
{
    struct arena *arena = arena_new(1 << 16);
    struct identifier one, other;
    struct error error;

    (void)state;
    assert_int_equal(identifier_normalise(arena, TEXT("vat"), TEXT(" de 811.569-869 "), TEXT(""), &one, &error),
                     STATUS_OK);
    assert_true(text_equals(one.value, "DE811569869"));
    assert_string_equal(one.kind, "vat");
    assert_int_equal(identifier_normalise(arena, TEXT("registration"), TEXT("HRB 86891/x"), TEXT(""), &other, &error),
                     STATUS_OK);
    assert_true(text_equals(other.value, "HRB86891X"));
    assert_int_equal(identifier_normalise(arena, TEXT("vat"), TEXT("DE*1"), TEXT(""), &one, &error), STATUS_INVALID);
    assert_int_equal(identifier_normalise(arena, TEXT("vat"), TEXT("000000"), TEXT(""), &one, &error), STATUS_INVALID);
    assert_string_equal(error.code, "identifier.placeholder");
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_contact_acts_from_the_first_day_until_before_the_last),
        cmocka_unit_test(the_numbers_of_a_company_have_one_form),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
