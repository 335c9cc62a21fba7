#include "rules/literal.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rules/unicode.h"

enum { DOUBLE_TEXT_MAX = 400 };

static enum status fail(struct error *err, const char *what)
{
    return error_set(err, STATUS_INVALID, "rules.syntax", "expression", "%s", what);
}

/* ---- numbers ---- */

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool read_natural(struct text text, uint64_t *out)
{
    uint64_t base = 10, value = 0;
    size_t i = 0;
    if (text.size > 2 && text.bytes[0] == '0' && (text.bytes[1] == 'x' || text.bytes[1] == 'X')) {
        base = 16;
        i = 2;
    }
    for (; i < text.size; i++) {
        uint64_t digit = (uint64_t)digit_value(text.bytes[i]);
        if (__builtin_mul_overflow(value, base, &value) || __builtin_add_overflow(value, digit, &value))
            return false;
    }
    *out = value;
    return true;
}

static enum status int_value(struct text text, bool negative, struct rule_value *out, struct error *err)
{
    uint64_t natural;
    if (!read_natural(text, &natural) || natural > (uint64_t)INT64_MAX + (negative ? 1 : 0))
        return fail(err, "the number does not fit into int (64 bits)");
    *out = rule_int(negative ? (int64_t)(0 - natural) : (int64_t)natural);
    return STATUS_OK;
}

bool literal_double(struct text text, double *out)
{
    char *end = NULL;
    bool digits = false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.bytes[i];
        bool sign = (c == '-' || c == '+') && (i == 0 || text.bytes[i - 1] == 'e' || text.bytes[i - 1] == 'E');
        digits = digits || (c >= '0' && c <= '9');
        if (!(c >= '0' && c <= '9') && c != '.' && !sign && !((c == 'e' || c == 'E') && digits))
            return false;
    }
    if (!digits)
        return false;
    char copy[DOUBLE_TEXT_MAX + 1], *place = text.size > DOUBLE_TEXT_MAX ? malloc(text.size + 1) : copy;
    if (place == NULL)
        return false;
    memcpy(place, text.bytes, text.size);
    place[text.size] = '\0';
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    *out = strtod_l(place, &end, plain);
    bool whole = end == place + text.size;
    freelocale(plain);
    if (place != copy)
        free(place);
    return whole;
}

static enum status double_value(struct text text, bool negative, struct rule_value *out, struct error *err)
{
    double value;
    if (!literal_double(text, &value) || isinf(value))
        return fail(err, "the number does not fit into double");
    *out = rule_double(negative ? -value : value);
    return STATUS_OK;
}

/* ---- strings and bytes ---- */

struct literal {
    struct text text; /* between the quotes */
    size_t at;
    bool bytes;
    char *out;
    size_t size;
};

static void put_point(struct literal *literal, uint32_t point)
{
    if (literal->bytes)
        literal->out[literal->size++] = (char)point;
    else
        literal->size += unicode_write(point, literal->out + literal->size);
}

static bool read_digits(struct literal *literal, size_t count, unsigned base, uint32_t *out)
{
    uint32_t value = 0;
    if (literal->text.size - literal->at < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        int digit = digit_value(literal->text.bytes[literal->at + i]);
        if (digit < 0 || (unsigned)digit >= base)
            return false;
        value = value * base + (uint32_t)digit;
    }
    literal->at += count;
    *out = value;
    return true;
}

/* The second half of a pair of surrogates, written as another \u escape. */
static bool read_low_surrogate(struct literal *literal, uint32_t *point)
{
    uint32_t low;
    if (literal->text.size - literal->at < 6 || memcmp(literal->text.bytes + literal->at, "\\u", 2) != 0)
        return false;
    literal->at += 2;
    if (!read_digits(literal, 4, 16, &low) || low < 0xDC00 || low > 0xDFFF)
        return false;
    *point = 0x10000 + ((*point - 0xD800) << 10) + (low - 0xDC00);
    return true;
}

static enum status read_unicode_escape(struct literal *literal, size_t digits, struct error *err)
{
    uint32_t point;
    if (literal->bytes)
        return fail(err, "\\u and \\U have no meaning in bytes; \\x names an octet");
    if (!read_digits(literal, digits, 16, &point))
        return fail(err, digits == 4 ? "\\u wants four hexadecimal digits" : "\\U wants eight hexadecimal digits");
    if (digits == 4 && point >= 0xD800 && point <= 0xDBFF && !read_low_surrogate(literal, &point))
        return fail(err, "half a pair of surrogates is no character");
    if (!unicode_is_scalar(point))
        return fail(err, "there is no such code point");
    put_point(literal, point);
    return STATUS_OK;
}

static enum status read_escape(struct literal *literal, struct error *err)
{
    static const char plain[] = "\\\\??\"\"''``a\ab\bf\fn\nr\rt\tv\v";
    char c = literal->text.bytes[literal->at];
    uint32_t value;
    for (size_t i = 0; plain[i] != '\0'; i += 2)
        if (c == plain[i]) {
            literal->at++;
            literal->out[literal->size++] = plain[i + 1];
            return STATUS_OK;
        }
    if (c >= '0' && c <= '3') {
        if (!read_digits(literal, 3, 8, &value))
            return fail(err, "an octal escape is three digits from \\000 to \\377");
        put_point(literal, value);
        return STATUS_OK;
    }
    literal->at++;
    switch (c) {
    case 'x':
    case 'X':
        if (!read_digits(literal, 2, 16, &value))
            return fail(err, "\\x wants two hexadecimal digits");
        put_point(literal, value);
        return STATUS_OK;
    case 'u':
        return read_unicode_escape(literal, 4, err);
    case 'U':
        return read_unicode_escape(literal, 8, err);
    default:
        return fail(err, "there is no such escape; a backslash itself is \\\\");
    }
}

static enum status unescape(struct arena *arena, struct text text, bool bytes, struct text *out, struct error *err)
{
    struct literal literal = {.text = text, .bytes = bytes, .out = arena_alloc(arena, text.size + 4)};
    while (literal.at < text.size) {
        char c = text.bytes[literal.at++];
        if (c != '\\') {
            literal.out[literal.size++] = c;
            continue;
        }
        enum status status = read_escape(&literal, err);
        if (status != STATUS_OK)
            return status;
    }
    *out = (struct text){literal.out, literal.size};
    return STATUS_OK;
}

static enum status quoted_value(struct arena *arena, struct text text, bool bytes, struct rule_value *out,
                                struct error *err)
{
    bool raw = false;
    size_t start = 0;
    while (text.bytes[start] != '"' && text.bytes[start] != '\'') {
        raw = raw || text.bytes[start] == 'r' || text.bytes[start] == 'R';
        start++;
    }
    char quote = text.bytes[start];
    size_t quotes = text.size - start >= 6 && text.bytes[start + 1] == quote && text.bytes[start + 2] == quote ? 3 : 1;
    struct text inside = {text.bytes + start + quotes, text.size - start - 2 * quotes};
    if (!raw && memchr(inside.bytes, '\\', inside.size) != NULL) {
        enum status status = unescape(arena, inside, bytes, &inside, err);
        if (status != STATUS_OK)
            return status;
    }
    *out = bytes ? rule_bytes(inside) : rule_string(inside);
    return STATUS_OK;
}

enum status literal_value(struct arena *arena, const struct token *token, bool negative, struct rule_value *out,
                          struct error *err)
{
    struct text digits = token->text;
    uint64_t natural;
    switch ((int)token->kind) {
    case TOKEN_INT:
        return int_value(digits, negative, out, err);
    case TOKEN_UINT:
        digits.size--;
        if (!read_natural(digits, &natural))
            return fail(err, "the number does not fit into uint (64 bits)");
        *out = rule_uint(natural);
        return STATUS_OK;
    case TOKEN_DOUBLE:
        return double_value(digits, negative, out, err);
    case TOKEN_STRING:
        return quoted_value(arena, token->text, false, out, err);
    default:
        return quoted_value(arena, token->text, true, out, err);
    }
}
