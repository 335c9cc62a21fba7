#include "foundation/text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

struct text text_from(const char *string)
{
    if (string == NULL)
        return (struct text){0};
    return (struct text){string, strlen(string)};
}

bool text_equal(struct text a, struct text b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.bytes, b.bytes, a.size) == 0);
}

bool text_equals(struct text a, const char *string)
{
    return text_equal(a, text_from(string));
}

int text_compare(struct text a, struct text b)
{
    size_t shorter = a.size < b.size ? a.size : b.size;
    int order = shorter == 0 ? 0 : memcmp(a.bytes, b.bytes, shorter);
    if (order != 0)
        return order < 0 ? -1 : 1;
    return (a.size > b.size) - (a.size < b.size);
}

bool text_starts_with(struct text a, struct text prefix)
{
    return a.size >= prefix.size && text_equal((struct text){a.bytes, prefix.size}, prefix);
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct text text_trim(struct text a)
{
    while (a.size > 0 && is_space(a.bytes[0])) {
        a.bytes++;
        a.size--;
    }
    while (a.size > 0 && is_space(a.bytes[a.size - 1]))
        a.size--;
    return a;
}

struct text text_copy(struct arena *arena, struct text a)
{
    return (struct text){arena_string(arena, a.bytes, a.size), a.size};
}

char *text_string(struct arena *arena, struct text a)
{
    return arena_string(arena, a.bytes, a.size);
}

/*
 * The length of the well-formed character at `s`, of at most `left` bytes, or 0. The ranges of the second byte are
 * those of table 3-7 of the Unicode standard: they refuse overlong forms, surrogates and what lies past U+10FFFF.
 */
static size_t utf8_character(const unsigned char *s, size_t left)
{
    if (s[0] < 0x80)
        return s[0] != 0;
    size_t length = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
    if (s[0] < 0xC2 || s[0] > 0xF4 || left < length)
        return 0;
    unsigned char low = s[0] == 0xE0 ? 0xA0 : s[0] == 0xF0 ? 0x90 : 0x80;
    unsigned char high = s[0] == 0xED ? 0x9F : s[0] == 0xF4 ? 0x8F : 0xBF;
    if (s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if (s[i] < 0x80 || s[i] > 0xBF)
            return 0;
    return length;
}

bool text_is_utf8(struct text a)
{
    const unsigned char *s = (const unsigned char *)a.bytes;
    for (size_t at = 0; at < a.size;) {
        size_t length = utf8_character(s + at, a.size - at);
        if (length == 0)
            return false;
        at += length;
    }
    return true;
}

size_t text_code_points(struct text a)
{
    size_t count = 0;
    for (size_t i = 0; i < a.size; i++)
        count += ((unsigned char)a.bytes[i] & 0xC0) != 0x80;
    return count;
}

bool text_to_integer(struct text a, int64_t *out)
{
    bool negative = a.size > 0 && a.bytes[0] == '-';
    size_t at = negative;
    if (at == a.size)
        return false;

    /* Built below zero, where one more number fits. */
    int64_t value = 0;
    for (; at < a.size; at++) {
        if (a.bytes[at] < '0' || a.bytes[at] > '9')
            return false;
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_sub_overflow(value, a.bytes[at] - '0', &value))
            return false;
    }
    if (!negative && __builtin_sub_overflow(0, value, &value))
        return false;
    *out = value;
    return true;
}

void builder_bytes(struct builder *builder, const void *bytes, size_t size)
{
    assert(builder->arena != NULL);

    if (size == 0)
        return;
    size_t needed;
    if (__builtin_add_overflow(builder->size, size, &needed))
        needed = SIZE_MAX; /* more than any arena has: it stops there */
    builder->bytes = arena_grow(builder->arena, builder->bytes, &builder->capacity, needed, 1);
    memcpy(builder->bytes + builder->size, bytes, size);
    builder->size += size;
}

void builder_text(struct builder *builder, struct text text)
{
    builder_bytes(builder, text.bytes, text.size);
}

void builder_string(struct builder *builder, const char *string)
{
    builder_bytes(builder, string, strlen(string));
}

void builder_char(struct builder *builder, char c)
{
    builder_bytes(builder, &c, 1);
}

void builder_integer(struct builder *builder, int64_t value)
{
    char digits[24];
    char *end = digits + sizeof digits;
    char *start = end;
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        *--start = (char)('0' + magnitude % 10);
        magnitude /= 10;
    } while (magnitude > 0);
    if (value < 0)
        *--start = '-';
    builder_bytes(builder, start, (size_t)(end - start));
}

void builder_format(struct builder *builder, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = arena_format_list(builder->arena, format, arguments);
    va_end(arguments);
    builder_string(builder, text);
}

struct text builder_done(const struct builder *builder)
{
    return (struct text){builder->bytes, builder->size};
}
