#include "features/coupons/code.h"

#include <assert.h>
#include <string.h>

const char code_alphabet[CODE_SYMBOLS + 1] = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

/* A primitive root of 31: its powers are 30 different weights. */
enum { WEIGHT_ROOT = 3, RANDOM_BYTE_END = 248 };

static int symbol_value(char symbol)
{
    const char *found = symbol == '\0' ? NULL : strchr(code_alphabet, symbol);

    return found == NULL ? -1 : (int)(found - code_alphabet);
}

int code_entropy(const struct code_pattern *pattern)
{
    return (int)((int64_t)pattern->length * 4954196 / 1000000); /* log2 31 */
}

enum status code_key(struct arena *arena, struct text given, struct text *key, struct error *err)
{
    char *bytes = arena_alloc(arena, given.size + 1);
    size_t size = 0;

    for (size_t i = 0; i < given.size; i++) {
        char c = given.bytes[i];
        if (c == ' ' || c == '-' || c == '\t' || c == '\r' || c == '\n')
            continue;
        if (c < '!' || c > '~')
            return error_set(err, STATUS_INVALID, "coupon.code", "code",
                             "a code has letters, digits and signs of ASCII only");
        bytes[size++] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    if (size == 0 || size > CODE_KEY_MAX)
        return error_set(err, STATUS_INVALID, "coupon.code", "code", "a code has 1 to %d characters", CODE_KEY_MAX);
    bytes[size] = '\0';
    *key = (struct text){bytes, size};
    return STATUS_OK;
}

/* The weighted sum; the last symbol has weight 1. -1 when a symbol is none. */
static int weighted_sum(const char *symbols, size_t count)
{
    int sum = 0, weight = 1;

    for (size_t i = count; i > 0; i--) {
        int value = symbol_value(symbols[i - 1]);
        if (value < 0)
            return -1;
        sum = (sum + weight * value) % CODE_SYMBOLS;
        weight = weight * WEIGHT_ROOT % CODE_SYMBOLS;
    }
    return sum;
}

char code_check_symbol(const char *symbols, size_t count)
{
    int sum = weighted_sum(symbols, count);

    assert(count < CODE_SYMBOLS - 1);
    if (sum < 0)
        return '\0';
    return code_alphabet[(CODE_SYMBOLS - sum * WEIGHT_ROOT % CODE_SYMBOLS) % CODE_SYMBOLS];
}

bool code_checks(struct text symbols)
{
    return symbols.size > 1 && symbols.size < CODE_SYMBOLS && weighted_sum(symbols.bytes, symbols.size) == 0;
}

bool code_make(const struct code_pattern *pattern, const unsigned char random[CODE_RANDOM_BYTES],
               char out[CODE_KEY_MAX + 1])
{
    size_t size = pattern->prefix.size, made = 0;

    assert(size <= CODE_PREFIX_MAX);
    assert(pattern->length <= CODE_RANDOM_MAX);
    if (size > 0)
        memcpy(out, pattern->prefix.bytes, size);
    for (size_t i = 0; i < CODE_RANDOM_BYTES && made < (size_t)pattern->length; i++)
        if (random[i] < RANDOM_BYTE_END)
            out[size + made++] = code_alphabet[random[i] % CODE_SYMBOLS];
    if (made < (size_t)pattern->length)
        return false;
    out[size + made] = code_check_symbol(out + size, made);
    out[size + made + 1] = '\0';
    return true;
}

static struct text symbols_of(const struct code_pattern *pattern, struct text key)
{
    return (struct text){key.bytes + pattern->prefix.size, key.size - pattern->prefix.size};
}

bool code_looks_like(const struct code_pattern *pattern, struct text key)
{
    return key.size == pattern->prefix.size + (size_t)pattern->length + 1 && text_starts_with(key, pattern->prefix);
}

bool code_is_whole(const struct code_pattern *pattern, struct text key)
{
    return code_looks_like(pattern, key) && code_checks(symbols_of(pattern, key));
}

struct text code_shown(struct arena *arena, const struct code_pattern *pattern, struct text key)
{
    struct builder out = {.arena = arena};

    if (pattern->group <= 0 || !code_looks_like(pattern, key))
        return key;
    builder_text(&out, pattern->prefix);
    for (size_t i = pattern->prefix.size; i < key.size; i++) {
        size_t at = i - pattern->prefix.size;
        if (at % (size_t)pattern->group == 0 && i > 0)
            builder_char(&out, '-');
        builder_char(&out, key.bytes[i]);
    }
    return builder_done(&out);
}
