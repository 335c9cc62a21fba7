/* Identifiers in one form, and what must never identify anybody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/customers/identifier.h"

static struct arena *arena;

static enum status normalise(const char *kind, const char *value, const char *region, struct identifier *out,
                             struct error *err)
{
    return identifier_normalise(arena, text_from(kind), text_from(value), text_from(region), out, err);
}

static void assert_form(const char *kind, const char *value, const char *expected)
{
    struct identifier identifier;
    struct error err = {0};

    if (normalise(kind, value, "CN", &identifier, &err) != STATUS_OK)
        fail_msg("%s '%s': %s", kind, value, err.message);
    if (!text_equals(identifier.value, expected))
        fail_msg("%s '%s' became '%.*s', not '%s'", kind, value, (int)identifier.value.size, identifier.value.bytes,
                 expected);
}

static void assert_refused(const char *kind, const char *value, const char *code)
{
    struct identifier identifier;
    struct error err = {0};

    if (normalise(kind, value, "CN", &identifier, &err) == STATUS_OK)
        fail_msg("%s '%s' was accepted", kind, value);
    assert_string_equal(err.code, code);
}

static void phone_numbers_of_any_spelling_are_one(void **state)
{
    (void)state;
    assert_form("phone", "13800138000", "+8613800138000");
    assert_form("phone", " 138-0013-8000 ", "+8613800138000");
    assert_form("phone", "+86 138 0013 8000", "+8613800138000");
    assert_form("phone", "0086 13800138000", "+8613800138000");
    assert_form("phone", "+886 912 345 678", "+886912345678");
    assert_refused("phone", "12", "identifier.phone");
    assert_refused("phone", "call me", "identifier.phone");
}

static void a_national_number_is_read_in_the_home_region(void **state)
{
    struct identifier identifier;
    struct error err = {0};

    (void)state;
    assert_int_equal(normalise("phone", "0912 345 678", "TW", &identifier, &err), STATUS_OK);
    assert_true(text_equals(identifier.value, "+886912345678"));
}

static void mail_addresses_are_trimmed_and_lower_cased(void **state)
{
    (void)state;
    assert_form("email", "  Ann.Lee@Example.COM ", "ann.lee@example.com");
    assert_refused("email", "ann", "identifier.email");
    assert_refused("email", "ann@", "identifier.email");
    assert_refused("email", "ann@host", "identifier.email");
    assert_refused("email", "a..b@example.com", "identifier.email");
    assert_refused("email", "ann lee@example.com", "identifier.email");
}

static void cards_lose_separators_and_case(void **state)
{
    (void)state;
    assert_form("card", " vip-0012 3456 ", "VIP00123456");
    assert_refused("card", "12#34", "identifier.card");
}

static void placeholders_never_identify(void **state)
{
    static const char *const values[] = {"000000",     "111111", "null",   "NULL", "None",        "anonymous",
                                         "Anonymous ", "n/a",    "123456", "匿名", "00000000000", "0"};

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        assert_refused("phone", values[i], "identifier.placeholder");
        assert_refused("card", values[i], "identifier.placeholder");
    }
    assert_refused("email", "test@example.com", "identifier.placeholder");
    assert_refused("email", "noreply@shop.cn", "identifier.placeholder");
    assert_refused("external", "null", "identifier.placeholder");
    assert_form("external", "1", "1");
    assert_form("external", "1111", "1111");
}

static void an_unknown_kind_and_an_empty_value_are_refused(void **state)
{
    (void)state;
    assert_refused("fax", "1234", "identifier.kind");
    assert_refused("card", "  ", "identifier.size");
}

static void last_digits_are_those_of_phones_and_cards(void **state)
{
    (void)state;
    assert_true(text_equals(identifier_last_digits((struct identifier){"phone", TEXT("+8613800131234")}), "1234"));
    assert_true(text_equals(identifier_last_digits((struct identifier){"card", TEXT("VIP9876")}), "9876"));
    assert_int_equal(identifier_last_digits((struct identifier){"card", TEXT("98A6")}).size, 0);
    assert_int_equal(identifier_last_digits((struct identifier){"external", TEXT("99876")}).size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phone_numbers_of_any_spelling_are_one),
        cmocka_unit_test(a_national_number_is_read_in_the_home_region),
        cmocka_unit_test(mail_addresses_are_trimmed_and_lower_cased),
        cmocka_unit_test(cards_lose_separators_and_case),
        cmocka_unit_test(placeholders_never_identify),
        cmocka_unit_test(an_unknown_kind_and_an_empty_value_are_refused),
        cmocka_unit_test(last_digits_are_those_of_phones_and_cards),
    };

    arena = arena_new((size_t)1 << 20);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(arena);
    return failed;
}
