/* text.h: a borrowed run of UTF-8 bytes, and a builder that grows in an arena. */
#ifndef PATRON_FOUNDATION_TEXT_H
#define PATRON_FOUNDATION_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "foundation/arena.h"

struct text {
    const char *bytes; /* borrowed; not NUL-terminated; NULL only when size is 0 */
    size_t size;
};

#define TEXT(literal) ((struct text){(literal), sizeof(literal) - 1})

struct text text_from(const char *string); /* NULL gives the empty text */
bool text_equal(struct text a, struct text b);
bool text_equals(struct text a, const char *string);
int text_compare(struct text a, struct text b); /* bytewise, as the databases compare */
bool text_starts_with(struct text a, struct text prefix);
struct text text_trim(struct text a); /* without ASCII white space at both ends */
struct text text_copy(struct arena *arena, struct text a);
char *text_string(struct arena *arena, struct text a); /* NUL-terminated copy */

/* Valid UTF-8 without U+0000 and surrogates. */
bool text_is_utf8(struct text a);
size_t text_code_points(struct text a); /* of valid UTF-8 */

/* Decimal digits with optional '-'; the whole text must match. False on overflow or anything else. */
bool text_to_integer(struct text a, int64_t *out);

/* A builder. Zero it but for `arena`; the bytes live in the arena. */
struct builder {
    struct arena *arena;
    char *bytes;
    size_t size;
    size_t capacity;
};

void builder_bytes(struct builder *builder, const void *bytes, size_t size);
void builder_text(struct builder *builder, struct text text);
void builder_string(struct builder *builder, const char *string);
void builder_char(struct builder *builder, char c);
void builder_integer(struct builder *builder, int64_t value);
void builder_format(struct builder *builder, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct text builder_done(const struct builder *builder); /* borrowed from the arena */

#endif
