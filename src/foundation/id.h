/* id.h: numbers as public ids: a prefix and 13 Crockford base32 characters ("mbr_0000000000G41"). */
#ifndef PATRON_FOUNDATION_ID_H
#define PATRON_FOUNDATION_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "foundation/text.h"

enum { ID_TEXT_SIZE = 32, BUCKET_COUNT = 64 };

/* `prefix` without the underscore, at most 8 letters. Writes into `out` (ID_TEXT_SIZE bytes) and returns it. */
char *id_format(const char *prefix, int64_t id, char *out);

/* False when the prefix differs, a character is not base32, or the number is not positive. Lower case is accepted. */
bool id_parse(const char *prefix, struct text text, int64_t *out);

/* An id is seq * 64 + bucket. */
static inline int id_bucket(int64_t id)
{
    return (int)(id & (BUCKET_COUNT - 1));
}
static inline int64_t id_seq(int64_t id)
{
    return id / BUCKET_COUNT;
}
static inline int64_t id_make(int64_t seq, int bucket)
{
    return seq * BUCKET_COUNT + bucket;
}

#endif
