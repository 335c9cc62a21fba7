/* secret.h: hashes, keys, tokens and passwords on libsodium: what must not be guessed or forged. */
#ifndef PATRON_FOUNDATION_SECRET_H
#define PATRON_FOUNDATION_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "foundation/error.h"
#include "foundation/text.h"

enum {
    SEAL_SIZE = 16,
    SEAL_KEY_SIZE = 32,
    SALT_SIZE = 16,
    DIGEST_SIZE = 32,
    TOKEN_TEXT_SIZE = 64,
    PASSWORD_HASH_SIZE = 128
};

/* Once, before threads start. STATUS_DEFECT when libsodium cannot start. */
enum status secret_start(struct error *err);

void secret_random(void *out, size_t size);

/* Keyed BLAKE2b-128 of `bytes`; `key` has SEAL_KEY_SIZE bytes. */
void seal_compute(const unsigned char *key, const void *bytes, size_t size, unsigned char seal[SEAL_SIZE]);

/* BLAKE2b-256 without a key, and with one (of `key_size` 16..64 bytes). */
void digest_compute(const void *bytes, size_t size, unsigned char digest[DIGEST_SIZE]);
void digest_keyed(const void *key, size_t key_size, const void *bytes, size_t size, unsigned char digest[DIGEST_SIZE]);

/* HMAC-SHA-256 as webhooks and tombstones use it. */
void hmac_sha256(const void *key, size_t key_size, const void *bytes, size_t size, unsigned char digest[DIGEST_SIZE]);

/* "ptk_" and 43 base64url characters of 256 random bits, for instance; `prefix` of at most 8 letters. */
void token_make(const char *prefix, char out[TOKEN_TEXT_SIZE]);

/* argon2id with the library's interactive limits. */
enum status password_hash(struct text password, char out[PASSWORD_HASH_SIZE], struct error *err);
bool password_matches(const char *hash, struct text password);

/*
 * XChaCha20-Poly1305 under a key of BOX_KEY_SIZE bytes, with a nonce drawn at random before it. A box opens only with its key and
 * the same `about`, which is not in it; false when it was made otherwise or altered.
 */
enum { BOX_KEY_SIZE = 32, BOX_EXTRA = 24 + 16 };
struct text box_close(struct arena *arena, const unsigned char key[BOX_KEY_SIZE], struct text about, struct text open);
bool box_open(struct arena *arena, const unsigned char key[BOX_KEY_SIZE], struct text about, struct text box,
              struct text *out);

bool secret_equal(const void *a, const void *b, size_t size); /* constant time */

#endif
