#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "foundation/instant.h"
#include "foundation/one_time.h"

/* Appendix D of RFC 4226 and appendix B of RFC 6238 (the last six of its eight digits). */
static const unsigned char secret[] = "12345678901234567890";

static void codes_are_those_of_the_standards(void **state)
{
    static const struct {
        int64_t step;
        const char *code;
    } known[] = {
        {0, "755224"}, {1, "287082"}, {9, "520489"}, {1111111109 / 30, "081804"}, {20000000000 / 30, "353130"}};
    char code[ONE_TIME_DIGITS + 1];

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        one_time_code(secret, ONE_TIME_SECRET_SIZE, known[i].step, code);
        assert_string_equal(code, known[i].code);
    }
}

static void a_code_counts_one_step_early_or_late_and_never_twice(void **state)
{
    int64_t now = 1111111109 * INSTANT_SECOND, step = 1111111109 / 30;

    (void)state;
    assert_int_equal(one_time_match(secret, TEXT("081804"), now, 0), step);
    assert_int_equal(one_time_match(secret, TEXT("081804"), now + 30 * INSTANT_SECOND, 0), step);
    assert_int_equal(one_time_match(secret, TEXT("081804"), now + 60 * INSTANT_SECOND, 0), 0);
    assert_int_equal(one_time_match(secret, TEXT("081804"), now - 30 * INSTANT_SECOND, 0), step);
    assert_int_equal(one_time_match(secret, TEXT("081804"), now, step), 0);
    assert_int_equal(one_time_match(secret, TEXT("081805"), now, 0), 0);
    assert_int_equal(one_time_match(secret, TEXT("81804"), now, 0), 0);
}

static void secrets_are_written_in_base32(void **state)
{
    struct arena *arena = arena_new(1 << 16);

    (void)state;
    assert_true(text_equals(base32_encode(arena, secret, 20), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"));
    assert_true(text_equals(base32_encode(arena, (const unsigned char *)"foobar", 6), "MZXW6YTBOI"));
    assert_true(text_equals(base32_encode(arena, (const unsigned char *)"f", 1), "MY"));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_those_of_the_standards),
        cmocka_unit_test(a_code_counts_one_step_early_or_late_and_never_twice),
        cmocka_unit_test(secrets_are_written_in_base32),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
