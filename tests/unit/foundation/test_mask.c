#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "foundation/mask.h"

static void check(const char *value, const char *masked)
{
    struct arena *arena = arena_new(1 << 16);

    assert_true(text_equals(mask_contact(arena, text_from(value)), masked));
    arena_free(arena);
}

static void phones_keep_four_digits_and_mails_a_letter(void **state)
{
    (void)state;
    check("+8613800138000", "***8000");
    check("phone:+8613800138000", "phone:***8000");
    check("anna@example.com", "a***@example.com");
    check("email:anna@example.com", "email:a***@example.com");
    check("\xE4\xB8\xAD@example.com", "***@example.com");
}

static void other_texts_stay(void **state)
{
    (void)state;
    check("", "");
    check("CARD-1", "CARD-1");
    check("+5", "+5");
    check("+12 34 56", "+12 34 56");
    check("@home", "@home");
    check("meet me @ noon", "meet me @ noon");
}

static void every_string_of_a_json_text_is_masked(void **state)
{
    struct arena *arena = arena_new(1 << 16);
    struct text json = TEXT("{\"phone\":\"+8613800138000\",\"q\":\"say \\\"hi\\\"\",\"n\":[1,\"a@b.c\"]}");

    (void)state;
    assert_true(text_equals(mask_contacts_in_json(arena, json),
                            "{\"phone\":\"***8000\",\"q\":\"say \\\"hi\\\"\",\"n\":[1,\"a***@b.c\"]}"));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phones_keep_four_digits_and_mails_a_letter),
        cmocka_unit_test(other_texts_stay),
        cmocka_unit_test(every_string_of_a_json_text_is_masked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
