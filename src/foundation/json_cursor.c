#include "foundation/json_cursor.h"

#include <string.h>

static void fail(struct json_cursor *cursor)
{
    cursor->failed = true;
    cursor->at = cursor->end;
}

/* The first character of what comes next, white space passed over; 0: nothing does. */
static char peek(struct json_cursor *cursor)
{
    while (cursor->at < cursor->end &&
           (*cursor->at == ' ' || *cursor->at == '\n' || *cursor->at == '\r' || *cursor->at == '\t'))
        cursor->at++;
    return cursor->at < cursor->end ? *cursor->at : '\0';
}

void json_cursor_start(struct json_cursor *cursor, struct arena *arena, struct text json)
{
    const char *bytes = json.size > 0 ? json.bytes : "";

    *cursor = (struct json_cursor){.arena = arena, .at = bytes, .end = bytes + json.size};
}

bool json_cursor_done(struct json_cursor *cursor)
{
    (void)peek(cursor);
    return !cursor->failed && cursor->at == cursor->end;
}

/* ---- texts ---- */

static int hexadecimal(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The four digits at `at`; -1: there are none. */
static int32_t unit_read(const char *at, const char *end)
{
    int32_t unit = 0;

    if (end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = hexadecimal(at[i]);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

static char *write_code_point(char *out, int32_t point)
{
    if (point < 0x80) {
        *out++ = (char)point;
        return out;
    }
    if (point < 0x800) {
        *out++ = (char)(0xC0 | point >> 6);
    } else {
        if (point < 0x10000) {
            *out++ = (char)(0xE0 | point >> 12);
        } else {
            *out++ = (char)(0xF0 | point >> 18);
            *out++ = (char)(0x80 | (point >> 12 & 0x3F));
        }
        *out++ = (char)(0x80 | (point >> 6 & 0x3F));
    }
    *out++ = (char)(0x80 | (point & 0x3F));
    return out;
}

/* What follows "\u", up to `end`; moves `*at` behind it. -1: no character, or half a pair. */
static int32_t escaped_point(const char **at, const char *end)
{
    int32_t first = unit_read(*at, end);

    if (first < 0 || (first >= 0xDC00 && first <= 0xDFFF))
        return -1;
    *at += 4;
    if (first < 0xD800 || first > 0xDBFF)
        return first;
    int32_t second = end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u' ? unit_read(*at + 2, end) : -1;
    if (second < 0xDC00 || second > 0xDFFF)
        return -1;
    *at += 6;
    return 0x10000 + ((first - 0xD800) << 10 | (second - 0xDC00));
}

/* A text without its escapes, which is never longer. */
static struct text unescape(struct json_cursor *cursor, struct text written)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    const char *at = written.bytes, *end = written.bytes + written.size;
    char *bytes = arena_alloc(cursor->arena, written.size), *out = bytes;

    while (at < end) {
        if (*at != '\\') {
            *out++ = *at++;
            continue;
        }
        const char *letter = at[1] != '\0' ? strchr(letters, at[1]) : NULL;
        int32_t point = -1;
        at += 2;
        if (letter != NULL)
            point = (unsigned char)meanings[letter - letters];
        else if (at[-1] == 'u')
            point = escaped_point(&at, end);
        if (point <= 0) {
            fail(cursor);
            return (struct text){NULL, 0};
        }
        out = write_code_point(out, point);
    }
    return (struct text){bytes, (size_t)(out - bytes)};
}

/* The string whose quotation mark comes next. */
static struct text take_string(struct json_cursor *cursor)
{
    const char *start = cursor->at + 1, *at = start;
    bool escapes = false, foreign = false;

    for (; at < cursor->end && *at != '"'; at++) {
        unsigned char c = (unsigned char)*at;
        foreign = foreign || c >= 0x80;
        if (c < 0x20)
            break;
        if (c == '\\') {
            escapes = true;
            at += at + 1 < cursor->end;
        }
    }
    if (at >= cursor->end || *at != '"') {
        fail(cursor);
        return (struct text){NULL, 0};
    }
    cursor->at = at + 1;
    struct text text = {start, (size_t)(at - start)};
    if (foreign && !text_is_utf8(text)) {
        fail(cursor);
        return (struct text){NULL, 0};
    }
    return escapes ? unescape(cursor, text) : text;
}

struct text json_cursor_take_text(struct json_cursor *cursor)
{
    if (peek(cursor) == '"')
        return take_string(cursor);
    json_cursor_skip(cursor);
    return (struct text){NULL, 0};
}

/* ---- numbers and words ---- */

static bool digit_next(const struct json_cursor *cursor)
{
    return cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9';
}

static void skip_digits(struct json_cursor *cursor)
{
    if (!digit_next(cursor))
        fail(cursor);
    while (digit_next(cursor))
        cursor->at++;
}

static bool take_char(struct json_cursor *cursor, char wanted)
{
    if (cursor->at >= cursor->end || *cursor->at != wanted)
        return false;
    cursor->at++;
    return true;
}

/* A fraction or an exponent, which makes a number no integer. */
static bool take_fraction(struct json_cursor *cursor)
{
    bool fraction = take_char(cursor, '.');

    if (fraction)
        skip_digits(cursor);
    bool exponent = take_char(cursor, 'e') || take_char(cursor, 'E');
    if (exponent) {
        if (!take_char(cursor, '+'))
            (void)take_char(cursor, '-');
        skip_digits(cursor);
    }
    return fraction || exponent;
}

/* Summed below 0, where there is room for one more. An integer beyond 64 bits is none that anybody wrote: it fails. */
static int64_t take_number(struct json_cursor *cursor, int64_t otherwise)
{
    bool negative = take_char(cursor, '-'), fits = true;
    const char *first = cursor->at;
    int64_t value = 0;

    for (; digit_next(cursor); cursor->at++)
        fits = fits && !__builtin_mul_overflow(value, 10, &value) &&
               !__builtin_sub_overflow(value, *cursor->at - '0', &value);
    if (cursor->at == first || (*first == '0' && cursor->at - first > 1)) {
        fail(cursor);
        return otherwise;
    }
    if (take_fraction(cursor))
        return otherwise;
    if (!fits || (!negative && value == INT64_MIN)) {
        fail(cursor);
        return otherwise;
    }
    return negative ? value : -value;
}

static void skip_word(struct json_cursor *cursor, struct text word)
{
    if ((size_t)(cursor->end - cursor->at) < word.size || memcmp(cursor->at, word.bytes, word.size) != 0)
        fail(cursor);
    else
        cursor->at += word.size;
}

int64_t json_cursor_take_integer(struct json_cursor *cursor, int64_t otherwise)
{
    char c = peek(cursor);

    if (c == '-' || (c >= '0' && c <= '9'))
        return take_number(cursor, otherwise);
    json_cursor_skip(cursor);
    return otherwise;
}

/* ---- objects and lists ---- */

static bool enter(struct json_cursor *cursor, char opening)
{
    if (peek(cursor) != opening) {
        json_cursor_skip(cursor);
        return false;
    }
    if (cursor->depth == JSON_CURSOR_DEPTH_MAX) {
        fail(cursor);
        return false;
    }
    cursor->at++;
    cursor->depth++;
    cursor->fresh = true;
    return true;
}

bool json_cursor_enter_object(struct json_cursor *cursor)
{
    return enter(cursor, '{');
}

bool json_cursor_enter_list(struct json_cursor *cursor)
{
    return enter(cursor, '[');
}

/* Whether something comes before `closing`; else leaves what was entered. */
static bool next(struct json_cursor *cursor, char closing)
{
    char found = peek(cursor);
    bool fresh = cursor->fresh;

    cursor->fresh = false;
    if (cursor->failed)
        return false;
    if (found == closing) {
        cursor->at++;
        cursor->depth--;
        return false;
    }
    if (fresh)
        return true;
    if (found != ',') {
        fail(cursor);
        return false;
    }
    cursor->at++;
    return true;
}

bool json_cursor_next_member(struct json_cursor *cursor, struct text *name)
{
    if (!next(cursor, '}'))
        return false;
    if (peek(cursor) != '"') {
        fail(cursor);
        return false;
    }
    *name = take_string(cursor);
    if (peek(cursor) != ':') {
        fail(cursor);
        return false;
    }
    cursor->at++;
    return true;
}

bool json_cursor_next_element(struct json_cursor *cursor)
{
    return next(cursor, ']');
}

void json_cursor_skip(struct json_cursor *cursor)
{
    struct text name;

    switch (peek(cursor)) {
    case '{':
        if (enter(cursor, '{'))
            while (json_cursor_next_member(cursor, &name))
                json_cursor_skip(cursor);
        break;
    case '[':
        if (enter(cursor, '['))
            while (json_cursor_next_element(cursor))
                json_cursor_skip(cursor);
        break;
    case '"':
        (void)take_string(cursor);
        break;
    case 't':
        skip_word(cursor, TEXT("true"));
        break;
    case 'f':
        skip_word(cursor, TEXT("false"));
        break;
    case 'n':
        skip_word(cursor, TEXT("null"));
        break;
    default:
        (void)take_number(cursor, 0);
    }
}
