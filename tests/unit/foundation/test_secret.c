#include "foundation/secret.h"
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *hex(const unsigned char *bytes, size_t size)
{
    static char out[2 * DIGEST_SIZE + 1];
    for (size_t i = 0; i < size; i++) {
        out[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    out[2 * size] = '\0';
    return out;
}

static void hmac_agrees_with_rfc_4231(void **state)
{
    (void)state;
    unsigned char digest[DIGEST_SIZE];
    hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, digest);
    assert_string_equal(hex(digest, DIGEST_SIZE), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void digests_are_blake2b(void **state)
{
    (void)state;
    unsigned char digest[DIGEST_SIZE], seal[SEAL_SIZE];
    digest_compute("abc", 3, digest);
    assert_string_equal(hex(digest, DIGEST_SIZE), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
    digest_compute(NULL, 0, digest);
    assert_string_equal(hex(digest, DIGEST_SIZE), "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
    digest_keyed("0123456789abcdef", 16, "abc", 3, digest);
    assert_string_equal(hex(digest, DIGEST_SIZE), "66b4857d42c644c61fca8c0bcea243e0e75088582c7964bbac6b92c02381d9c7");
    seal_compute((const unsigned char *)"0123456789abcdef0123456789abcdef", "abc", 3, seal);
    assert_string_equal(hex(seal, SEAL_SIZE), "c78d7676c3e4b77d23805f9ed32e9d93");
}

static void a_box_opens_with_its_key_and_what_it_is_about_only(void **state)
{
    (void)state;
    static const unsigned char key[BOX_KEY_SIZE] = {1}, other[BOX_KEY_SIZE] = {2};
    struct arena *arena = arena_new(65536);
    struct text open, box = box_close(arena, key, TEXT("event 1"), TEXT("allergic to nuts"));
    assert_int_equal(box.size, 16 + BOX_EXTRA);
    assert_true(box_open(arena, key, TEXT("event 1"), box, &open));
    assert_true(text_equal(open, TEXT("allergic to nuts")));
    assert_false(box_open(arena, other, TEXT("event 1"), box, &open));
    assert_false(box_open(arena, key, TEXT("event 2"), box, &open));
    assert_false(box_open(arena, key, TEXT("event 1"), (struct text){box.bytes, box.size - 1}, &open));
    assert_false(box_open(arena, key, TEXT("event 1"), TEXT("short"), &open));
    ((char *)(uintptr_t)box.bytes)[30] ^= 1;
    assert_false(box_open(arena, key, TEXT("event 1"), box, &open));
    assert_true(box_open(arena, key, TEXT(""), box_close(arena, key, TEXT(""), TEXT("")), &open) && open.size == 0);
    arena_free(arena);
}

static void tokens_have_a_prefix_and_never_repeat(void **state)
{
    (void)state;
    char a[TOKEN_TEXT_SIZE], b[TOKEN_TEXT_SIZE];
    token_make("ptk", a);
    token_make("ptk", b);
    assert_int_equal(strlen(a), 4 + 43);
    assert_memory_equal(a, "ptk_", 4);
    assert_string_not_equal(a, b);
}

static void a_password_matches_its_own_hash_only(void **state)
{
    (void)state;
    char hash[PASSWORD_HASH_SIZE];
    assert_int_equal(password_hash(TEXT("correct horse"), hash, NULL), STATUS_OK);
    assert_memory_equal(hash, "$argon2id$", 10);
    assert_true(password_matches(hash, TEXT("correct horse")));
    assert_false(password_matches(hash, TEXT("correct hors")));
    assert_false(password_matches("no hash at all", TEXT("correct horse")));
}

static void random_bytes_and_comparison_work(void **state)
{
    (void)state;
    unsigned char a[32] = {0}, b[32] = {0};
    secret_random(a, sizeof a);
    assert_false(secret_equal(a, b, sizeof a));
    memcpy(b, a, sizeof a);
    assert_true(secret_equal(a, b, sizeof a));
}

static int start(void **state)
{
    (void)state;
    return secret_start(NULL) == STATUS_OK ? 0 : -1;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(hmac_agrees_with_rfc_4231),
        cmocka_unit_test(digests_are_blake2b),
        cmocka_unit_test(a_box_opens_with_its_key_and_what_it_is_about_only),
        cmocka_unit_test(tokens_have_a_prefix_and_never_repeat),
        cmocka_unit_test(a_password_matches_its_own_hash_only),
        cmocka_unit_test(random_bytes_and_comparison_work),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
