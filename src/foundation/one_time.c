/* one_time.c: one-time codes from a shared secret and the time (RFC 6238). */
#include "foundation/one_time.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "foundation/instant.h"
#include "foundation/secret.h"

/* RFC 4226, 5.3: the low four bits of the last byte say where the number is taken from. */
void one_time_code(const unsigned char *secret, size_t size, int64_t step, char out[ONE_TIME_DIGITS + 1])
{
    enum { SHA1_SIZE = 20, MODULUS = 1000000 };
    unsigned char message[8], digest[EVP_MAX_MD_SIZE];
    unsigned int digest_size = 0;

    for (int i = 0; i < 8; i++)
        message[i] = (unsigned char)((uint64_t)step >> (56 - 8 * i));
    const void *made = HMAC(EVP_sha1(), secret, (int)size, message, sizeof message, digest, &digest_size);
    assert(made != NULL);
    assert(digest_size == SHA1_SIZE);
    unsigned offset = digest[SHA1_SIZE - 1] & 15U;
    uint32_t number = (uint32_t)(digest[offset] & 127) << 24 | (uint32_t)digest[offset + 1] << 16 |
                      (uint32_t)digest[offset + 2] << 8 | digest[offset + 3];
    number %= MODULUS;
    for (int i = ONE_TIME_DIGITS - 1; i >= 0; i--, number /= 10)
        out[i] = (char)('0' + number % 10);
    out[ONE_TIME_DIGITS] = '\0';
}

int64_t one_time_match(const unsigned char secret[ONE_TIME_SECRET_SIZE], struct text code, int64_t now,
                       int64_t last_step)
{
    int64_t current = now / INSTANT_SECOND / ONE_TIME_SECONDS, found = 0;
    char wanted[ONE_TIME_DIGITS + 1];

    if (code.size != ONE_TIME_DIGITS)
        return 0;
    for (int64_t step = current - ONE_TIME_DRIFT; step <= current + ONE_TIME_DRIFT; step++) {
        one_time_code(secret, ONE_TIME_SECRET_SIZE, step, wanted);
        bool equal = secret_equal(wanted, code.bytes, ONE_TIME_DIGITS);
        found = equal ? step : found;
    }
    return found > last_step ? found : 0;
}

struct text base32_encode(struct arena *arena, const unsigned char *bytes, size_t size)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    struct builder out = {.arena = arena};
    uint32_t held = 0;
    int bits = 0;

    for (size_t i = 0; i < size; i++) {
        held = (held << 8 | bytes[i]) & 0xFFFF;
        for (bits += 8; bits >= 5; bits -= 5)
            builder_char(&out, letters[held >> (bits - 5) & 31]);
    }
    if (bits > 0)
        builder_char(&out, letters[held << (5 - bits) & 31]);
    return builder_done(&out);
}
