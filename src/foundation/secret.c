#include "foundation/secret.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

_Static_assert(SEAL_SIZE == crypto_generichash_BYTES_MIN, "a seal is the shortest BLAKE2b of the library");
_Static_assert((int)SEAL_KEY_SIZE == (int)crypto_generichash_KEYBYTES, "the library's key size");
_Static_assert((int)DIGEST_SIZE == (int)crypto_generichash_BYTES, "the library's digest size");
_Static_assert((int)DIGEST_SIZE == (int)crypto_auth_hmacsha256_BYTES, "the size of SHA-256");
_Static_assert((int)PASSWORD_HASH_SIZE == (int)crypto_pwhash_STRBYTES, "the library's password hash size");

_Static_assert((int)BOX_KEY_SIZE == (int)crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "the library's key of a box");
_Static_assert((int)BOX_EXTRA ==
                   crypto_aead_xchacha20poly1305_ietf_NPUBBYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES,
               "nonce and tag");

enum { TOKEN_RANDOM_SIZE = 32, TOKEN_PREFIX_MAX = 8 };

enum status secret_start(struct error *err)
{
    if (sodium_init() < 0)
        return error_set(err, STATUS_DEFECT, "secret.unavailable", NULL, "libsodium cannot start on this machine");
    return STATUS_OK;
}

void secret_random(void *out, size_t size)
{
    randombytes_buf(out, size);
}

/* The library wants a pointer even to no bytes. */
static const unsigned char *not_null(const void *bytes)
{
    return bytes == NULL ? (const unsigned char *)"" : bytes;
}

void seal_compute(const unsigned char *key, const void *bytes, size_t size, unsigned char seal[SEAL_SIZE])
{
    int failed = crypto_generichash(seal, SEAL_SIZE, not_null(bytes), size, key, SEAL_KEY_SIZE);
    assert(!failed);
    (void)failed;
}

void digest_compute(const void *bytes, size_t size, unsigned char digest[DIGEST_SIZE])
{
    int failed = crypto_generichash(digest, DIGEST_SIZE, not_null(bytes), size, NULL, 0);
    assert(!failed);
    (void)failed;
}

void digest_keyed(const void *key, size_t key_size, const void *bytes, size_t size, unsigned char digest[DIGEST_SIZE])
{
    assert(key_size >= crypto_generichash_KEYBYTES_MIN);
    assert(key_size <= crypto_generichash_KEYBYTES_MAX);

    int failed = crypto_generichash(digest, DIGEST_SIZE, not_null(bytes), size, key, key_size);
    assert(!failed);
    (void)failed;
}

void hmac_sha256(const void *key, size_t key_size, const void *bytes, size_t size, unsigned char digest[DIGEST_SIZE])
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, not_null(key), key_size);
    crypto_auth_hmacsha256_update(&state, not_null(bytes), size);
    crypto_auth_hmacsha256_final(&state, digest);
}

void token_make(const char *prefix, char out[TOKEN_TEXT_SIZE])
{
    size_t prefix_size = strlen(prefix);
    assert(prefix_size <= TOKEN_PREFIX_MAX);

    unsigned char random[TOKEN_RANDOM_SIZE];
    randombytes_buf(random, sizeof random);
    memcpy(out, prefix, prefix_size);
    out[prefix_size] = '_';
    sodium_bin2base64(out + prefix_size + 1, TOKEN_TEXT_SIZE - prefix_size - 1, random, sizeof random,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(random, sizeof random);
}

enum status password_hash(struct text password, char out[PASSWORD_HASH_SIZE], struct error *err)
{
    char hash[PASSWORD_HASH_SIZE];
    if (crypto_pwhash_str_alg(hash, (const char *)not_null(password.bytes), password.size,
                              crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        return error_set(err, STATUS_BUSY, "secret.memory", NULL, "there is not enough memory to hash a password");
    memcpy(out, hash, PASSWORD_HASH_SIZE);
    return STATUS_OK;
}

bool password_matches(const char *hash, struct text password)
{
    return crypto_pwhash_str_verify(hash, (const char *)not_null(password.bytes), password.size) == 0;
}

bool secret_equal(const void *a, const void *b, size_t size)
{
    return sodium_memcmp(a, b, size) == 0;
}

struct text box_close(struct arena *arena, const unsigned char key[BOX_KEY_SIZE], struct text about, struct text open)
{
    enum { NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES };
    unsigned char *box = arena_alloc(arena, open.size + BOX_EXTRA);
    unsigned long long size = 0;
    randombytes_buf(box, NONCE);
    int failed = crypto_aead_xchacha20poly1305_ietf_encrypt(box + NONCE, &size, not_null(open.bytes), open.size,
                                                            not_null(about.bytes), about.size, NULL, box, key);
    assert(!failed && NONCE + size == open.size + BOX_EXTRA);
    (void)failed;
    return (struct text){(const char *)box, open.size + BOX_EXTRA};
}

bool box_open(struct arena *arena, const unsigned char key[BOX_KEY_SIZE], struct text about, struct text box,
              struct text *out)
{
    enum { NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES };
    const unsigned char *bytes = not_null(box.bytes);
    unsigned long long size = 0;
    if (box.size < BOX_EXTRA)
        return false;
    unsigned char *open = arena_alloc(arena, box.size - BOX_EXTRA + 1);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(open, &size, NULL, bytes + NONCE, box.size - NONCE,
                                                   not_null(about.bytes), about.size, bytes, key) != 0)
        return false;
    *out = (struct text){(const char *)open, (size_t)size};
    return true;
}
