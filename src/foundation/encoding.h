/* encoding.h: bytes as hexadecimal digits and as base64url without padding. */
#ifndef PATRON_FOUNDATION_ENCODING_H
#define PATRON_FOUNDATION_ENCODING_H

#include <stdbool.h>
#include <stddef.h>

#include "foundation/text.h"

/* Writes 2 * size lower-case digits and a NUL into `out`, and returns it. */
char *hex_encode(const void *bytes, size_t size, char *out);

/* False unless `text` is exactly 2 * size digits. */
bool hex_decode(struct text text, void *out, size_t size);

struct text base64url_encode(struct arena *arena, struct text bytes);

/* False for anything else than base64url without padding. */
bool base64url_decode(struct arena *arena, struct text text, struct text *out);

#endif
