/* signature.h: verifies signatures of tokens by others' public keys: RS256 and ES256 (RFC 7518), on OpenSSL. */
#ifndef PATRON_FOUNDATION_SIGNATURE_H
#define PATRON_FOUNDATION_SIGNATURE_H

#include <stdbool.h>

#include "foundation/text.h"

enum signature_algorithm { SIGNATURE_RS256, SIGNATURE_ES256 };

enum { SIGNATURE_RSA_BITS_MIN = 2048, SIGNATURE_RSA_BITS_MAX = 8192, SIGNATURE_EC_SIZE = 32 };

/* Big-endian numbers: of RSA the modulus and the exponent, of P-256 the coordinates of the point. */
struct signature_key {
    enum signature_algorithm algorithm;
    struct text first, second;
};

/* Whether the key's owner signed `content`. False too for a key that is none or too weak. SHA-256 of `content` for PKCE. */
bool signature_verify(const struct signature_key *key, struct text content, struct text signature);
void sha256_compute(struct text content, unsigned char digest[32]);

#endif
