/* one_time.h: one-time codes from a shared secret and the time (RFC 6238), as authenticator apps show them. */
#ifndef PATRON_FOUNDATION_ONE_TIME_H
#define PATRON_FOUNDATION_ONE_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "foundation/arena.h"
#include "foundation/text.h"

enum {
    ONE_TIME_SECRET_SIZE = 20, /* bytes */
    ONE_TIME_SECONDS = 30,     /* a step */
    ONE_TIME_DIGITS = 6,
    ONE_TIME_DRIFT = 1, /* steps by which a clock may be off */
};

/* The code of a step (HMAC-SHA-1, six digits) into `out`, with a NUL. */
void one_time_code(const unsigned char *secret, size_t size, int64_t step, char out[ONE_TIME_DIGITS + 1]);

/*
 * The step, around that of `now` (microseconds), whose code is `code`; 0 when there is none or it is not after `last_step`.
 * Takes the same time whatever the code.
 */
int64_t one_time_match(const unsigned char secret[ONE_TIME_SECRET_SIZE], struct text code, int64_t now,
                       int64_t last_step);

/* RFC 4648 without padding, as apps take secrets. */
struct text base32_encode(struct arena *arena, const unsigned char *bytes, size_t size);

#endif
