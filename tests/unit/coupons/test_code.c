/* Codes: the check symbol finds every single mistake, typed codes are read as they are meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "features/coupons/code.h"
#include "foundation/secret.h"

static struct arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = arena_new(16 << 20);
    return secret_start(NULL) == STATUS_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static void make(const struct code_pattern *pattern, char out[CODE_KEY_MAX + 1])
{
    unsigned char random[CODE_RANDOM_BYTES];

    do
        secret_random(random, sizeof random);
    while (!code_make(pattern, random, out));
}

static void every_single_error_and_every_swap_of_two_symbols_is_found(void **state)
{
    (void)state;
    for (int length = CODE_RANDOM_MIN; length <= CODE_RANDOM_MAX; length++) {
        const struct code_pattern pattern = {.length = length};
        char key[CODE_KEY_MAX + 1];
        make(&pattern, key);
        size_t size = strlen(key);
        assert_int_equal(size, length + 1);
        assert_true(code_checks(text_from(key)));
        for (size_t i = 0; i < size; i++) {
            char kept = key[i];
            for (const char *other = code_alphabet; *other != '\0'; other++) {
                key[i] = *other;
                assert_int_equal(code_checks(text_from(key)), *other == kept);
            }
            key[i] = kept;
            for (size_t j = i + 1; j < size; j++) {
                key[i] = key[j];
                key[j] = kept;
                assert_int_equal(code_checks(text_from(key)), key[i] == key[j]);
                key[j] = key[i];
                key[i] = kept;
            }
        }
    }
}

/* Every pair of neighbours in every place: 31 x 31 pairs at each of 29 places. */
static void every_pair_of_neighbours_is_told_from_its_swap_at_every_place(void **state)
{
    char symbols[CODE_RANDOM_MAX + 2];

    (void)state;
    for (size_t place = 0; place + 1 < CODE_RANDOM_MAX; place++)
        for (int a = 0; a < CODE_SYMBOLS; a++)
            for (int b = 0; b < CODE_SYMBOLS; b++) {
                memset(symbols, code_alphabet[7], CODE_RANDOM_MAX);
                symbols[place] = code_alphabet[a];
                symbols[place + 1] = code_alphabet[b];
                symbols[CODE_RANDOM_MAX] = code_check_symbol(symbols, CODE_RANDOM_MAX);
                symbols[place] = code_alphabet[b];
                symbols[place + 1] = code_alphabet[a];
                assert_int_equal(code_checks((struct text){symbols, CODE_RANDOM_MAX + 1}), a == b);
            }
}

/* By hand, modulo 31: 2, 3, 4 have values 0, 1, 2; weights from the end 3, 9, 27: 2 x 3 + 1 x 9 + 0 = 15, so 16 is missing: J. */
static void the_check_symbol_is_the_one_worked_out_by_hand(void **state)
{
    (void)state;
    assert_int_equal(code_alphabet[16], 'J');
    assert_int_equal(code_check_symbol("234", 3), 'J');
    assert_true(code_checks(TEXT("234J")));
    assert_false(code_checks(TEXT("234K")));
    assert_false(code_checks(TEXT("324J")));
    assert_false(code_checks(TEXT("23O J")));
}

static void usual_codes_have_more_than_eighty_bits(void **state)
{
    (void)state;
    assert_true(code_entropy(&(struct code_pattern){.length = CODE_RANDOM_USUAL}) >= CODE_ENTROPY_BITS);
    assert_int_equal(code_entropy(&(struct code_pattern){.length = CODE_RANDOM_USUAL - 1}), 79);
}

static void a_typed_code_is_read_without_blanks_dashes_and_case(void **state)
{
    struct text key;
    struct error error;

    (void)state;
    assert_int_equal(code_key(arena, TEXT(" welc-abcdef ghjkmn-2 "), &key, &error), STATUS_OK);
    assert_true(text_equals(key, "WELCABCDEFGHJKMN2"));
    assert_int_equal(code_key(arena, TEXT(" - "), &key, &error), STATUS_INVALID);
    assert_string_equal(error.code, "coupon.code");
    assert_int_equal(code_key(arena, TEXT("caf\xc3\xa9"), &key, &error), STATUS_INVALID);
    assert_int_equal(code_key(arena, TEXT("1234567890123456789012345678901234567890123456789"), &key, &error),
                     STATUS_INVALID);
}

static void a_code_is_shown_in_groups(void **state)
{
    const struct code_pattern pattern = {.prefix = TEXT("W"), .length = 8, .group = 3};

    (void)state;
    assert_true(text_equals(code_shown(arena, &pattern, TEXT("W23456789A")), "W-234-567-89A"));
    assert_true(text_equals(code_shown(arena, &pattern, TEXT("SUMMER")), "SUMMER"));
    assert_false(code_looks_like(&pattern, TEXT("X23456789A")));
    assert_true(code_looks_like(&pattern, TEXT("W23456789A")));
}

static void a_hundred_thousand_codes_are_all_different_and_use_every_symbol_alike(void **state)
{
    enum { CODES = 100000, LENGTH = 17 };
    const struct code_pattern pattern = {.length = LENGTH};
    int counts[CODE_SYMBOLS] = {0};
    char key[CODE_KEY_MAX + 1];

    (void)state;
    for (int i = 0; i < CODES; i++) {
        make(&pattern, key);
        for (int s = 0; s < LENGTH; s++)
            counts[strchr(code_alphabet, key[s]) - code_alphabet]++;
    }
    /* 1,700,000 symbols: 54,839 each, with a standard deviation of 230; six of them either way. */
    for (int s = 0; s < CODE_SYMBOLS; s++)
        assert_in_range(counts[s], 54839 - 1380, 54839 + 1380);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_single_error_and_every_swap_of_two_symbols_is_found),
        cmocka_unit_test(every_pair_of_neighbours_is_told_from_its_swap_at_every_place),
        cmocka_unit_test(the_check_symbol_is_the_one_worked_out_by_hand),
        cmocka_unit_test(usual_codes_have_more_than_eighty_bits),
        cmocka_unit_test(a_typed_code_is_read_without_blanks_dashes_and_case),
        cmocka_unit_test(a_code_is_shown_in_groups),
        cmocka_unit_test(a_hundred_thousand_codes_are_all_different_and_use_every_symbol_alike),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
