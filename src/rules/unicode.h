/* unicode.h: strings as code points. Unlike text_is_utf8 it allows U+0000, as the expression language does. */
#ifndef PATRON_RULES_UNICODE_H
#define PATRON_RULES_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "foundation/text.h"

/* Reads the code point at `*at` and moves past it; false at bytes that are no UTF-8. */
bool unicode_read(struct text text, size_t *at, uint32_t *out);
bool unicode_is_valid(struct text text);

size_t unicode_count(struct text text);                /* code points of valid UTF-8 */
size_t unicode_offset(struct text text, size_t index); /* bytes before the index-th code point; at most the size */

/* Writes the UTF-8 of a code point, up to 4 bytes; how many. */
size_t unicode_write(uint32_t point, char out[4]);

bool unicode_is_scalar(uint32_t point); /* up to U+10FFFF and no surrogate */
bool unicode_is_space(uint32_t point);  /* White_Space of Unicode */

#endif
