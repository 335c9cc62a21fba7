#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules/functions.h"
#include "rules/unicode.h"

/* "...".format([...]): %s %d %f %e %b %o %x %X and %%. */

enum { PRECISION_DEFAULT = 6, PRECISION_MAX = 100, NUMBER_SIZE = 512, FORMAT_DEPTH_MAX = 64 };

struct format {
    struct rule_machine *machine;
    char *bytes;
    size_t size, capacity;
};

/* False past the limits of the machine. */
static bool put(struct format *format, const char *bytes, size_t size)
{
    if (format->capacity - format->size < size) {
        size_t capacity = 2 * (format->size + size) + 64;
        char *grown = function_bytes(format->machine, capacity);
        if (grown == NULL)
            return false;
        if (format->size > 0)
            memcpy(grown, format->bytes, format->size);
        format->bytes = grown;
        format->capacity = capacity;
    }
    if (size > 0)
        memcpy(format->bytes + format->size, bytes, size);
    format->size += size;
    return true;
}

static bool put_string(struct format *format, const char *string)
{
    return put(format, string, strlen(string));
}

static bool fail_kind(struct format *format, const char *clause, struct rule_value value)
{
    return machine_fail(format->machine, "rules.argument", "error during formatting: %%%s does not take %s", clause,
                        rule_kind_type_name((enum rule_kind)value.kind));
}

/* ---- %s ---- */

static bool put_value(struct format *format, struct rule_value value, int depth);

static bool put_list(struct format *format, struct rule_value list, int depth)
{
    if (!put(format, "[", 1))
        return false;
    for (uint32_t i = 0; i < list.size; i++)
        if ((i > 0 && !put(format, ", ", 2)) || !put_value(format, list.items[i], depth - 1))
            return false;
    return put(format, "]", 1);
}

struct shown_entry {
    struct text key;
    const struct rule_value *value;
};

static int compare_shown(const void *a, const void *b)
{
    return text_compare(((const struct shown_entry *)a)->key, ((const struct shown_entry *)b)->key);
}

/* In the order of the keys as they are shown. */
static bool put_map(struct format *format, struct rule_value map, int depth)
{
    struct shown_entry *shown = machine_allocate(format->machine, (map.size + 1) * sizeof *shown);
    if (shown == NULL)
        return false;
    for (uint32_t i = 0; i < map.size; i++) {
        struct format key = {.machine = format->machine};
        if (!put_value(&key, map.entries[i].key, depth - 1))
            return false;
        shown[i] = (struct shown_entry){{key.bytes, key.size}, &map.entries[i].value};
    }
    qsort(shown, map.size, sizeof *shown, compare_shown);
    if (!put(format, "{", 1))
        return false;
    for (uint32_t i = 0; i < map.size; i++)
        if ((i > 0 && !put(format, ", ", 2)) || !put(format, shown[i].key.bytes, shown[i].key.size) ||
            !put(format, ": ", 2) || !put_value(format, *shown[i].value, depth - 1))
            return false;
    return put(format, "}", 1);
}

static bool put_value(struct format *format, struct rule_value value, int depth)
{
    char text[VALUE_TEXT_SIZE];
    if (depth == 0)
        return machine_fail(format->machine, "rules.argument",
                            "error during formatting: the value is nested too deeply");
    if (!machine_charge(format->machine, 1))
        return false;
    switch ((enum rule_kind)value.kind) {
    case RULE_NULL:
        return put(format, "null", 4);
    case RULE_BOOL:
        return put_string(format, value.boolean ? "true" : "false");
    case RULE_INT:
        return put(format, text, (size_t)snprintf(text, sizeof text, "%" PRId64, value.integer));
    case RULE_UINT:
        return put(format, text, (size_t)snprintf(text, sizeof text, "%" PRIu64, value.natural));
    case RULE_DOUBLE:
        return put(format, text, double_text(value.real, text));
    case RULE_BYTES:
        if (!unicode_is_valid(rule_text(value)))
            return machine_fail(format->machine, "rules.conversion", "the bytes are invalid UTF-8");
        return put(format, value.bytes, value.size);
    case RULE_STRING:
        return put(format, value.bytes, value.size);
    case RULE_TIMESTAMP:
        return put(format, text, timestamp_text(value, text));
    case RULE_DURATION:
        return put(format, text, duration_text(value.integer, text));
    case RULE_TYPE:
        return put_string(format, rule_kind_type_name((enum rule_kind)value.integer));
    case RULE_LIST:
        return put_list(format, value, depth);
    case RULE_MAP:
        return put_map(format, value, depth);
    case RULE_ERROR:
    case RULE_KINDS:
        break;
    }
    return false;
}

/* ---- numbers ---- */

static bool put_infinite(struct format *format, struct rule_value value, bool *done)
{
    char text[VALUE_TEXT_SIZE];
    *done = value.kind == RULE_DOUBLE && !isfinite(value.real);
    return !*done || put(format, text, double_text(value.real, text));
}

static bool put_decimal(struct format *format, struct rule_value value)
{
    bool done;
    if (!put_infinite(format, value, &done) || done)
        return done;
    if (value.kind != RULE_INT && value.kind != RULE_UINT)
        return fail_kind(format, "d", value);
    return put_value(format, value, 1);
}

static bool put_real(struct format *format, struct rule_value value, char clause, int precision)
{
    char text[NUMBER_SIZE];
    bool done;
    if (!put_infinite(format, value, &done) || done)
        return done;
    if (value.kind != RULE_DOUBLE && value.kind != RULE_INT && value.kind != RULE_UINT)
        return fail_kind(format, clause == 'f' ? "f" : "e", value);
    double real = value.kind == RULE_INT    ? (double)value.integer
                  : value.kind == RULE_UINT ? (double)value.natural
                                            : value.real;
    int size = clause == 'f' ? snprintf(text, sizeof text, "%.*f", precision, real)
                             : snprintf(text, sizeof text, "%.*e", precision, real);
    return put(format, text, (size_t)size);
}

/* The digits of an int or uint to the base 2, 8 or 16. */
static bool put_digits(struct format *format, struct rule_value value, unsigned bits, const char *digits)
{
    char text[NUMBER_SIZE];
    size_t at = sizeof text;
    bool negative = value.kind == RULE_INT && value.integer < 0;
    uint64_t rest = value.kind == RULE_BOOL ? value.boolean : negative ? 0 - value.natural : value.natural;
    do
        text[--at] = digits[rest & ((1U << bits) - 1)];
    while ((rest >>= bits) != 0);
    if (negative)
        text[--at] = '-';
    return put(format, text + at, sizeof text - at);
}

static bool put_hexadecimal(struct format *format, struct rule_value value, const char *digits)
{
    if (value.kind == RULE_INT || value.kind == RULE_UINT)
        return put_digits(format, value, 4, digits);
    if (value.kind != RULE_STRING && value.kind != RULE_BYTES)
        return fail_kind(format, "x", value);
    for (uint32_t i = 0; i < value.size; i++) {
        unsigned char byte = (unsigned char)value.bytes[i];
        char pair[2] = {digits[byte >> 4], digits[byte & 15]};
        if (!put(format, pair, 2))
            return false;
    }
    return true;
}

static bool put_clause(struct format *format, char clause, int precision, struct rule_value value)
{
    bool whole = value.kind == RULE_INT || value.kind == RULE_UINT;
    switch (clause) {
    case 's':
        return put_value(format, value, FORMAT_DEPTH_MAX);
    case 'd':
        return put_decimal(format, value);
    case 'f':
    case 'e':
        return put_real(format, value, clause, precision);
    case 'b':
        return whole || value.kind == RULE_BOOL ? put_digits(format, value, 1, "01") : fail_kind(format, "b", value);
    case 'o':
        return whole ? put_digits(format, value, 3, "01234567") : fail_kind(format, "o", value);
    case 'x':
        return put_hexadecimal(format, value, "0123456789abcdef");
    case 'X':
        return put_hexadecimal(format, value, "0123456789ABCDEF");
    default:
        return machine_fail(format->machine, "rules.argument",
                            "could not parse formatting clause: unrecognized formatting clause \"%c\"",
                            isprint((unsigned char)clause) ? clause : '?');
    }
}

/* The ".3" of a clause; -1: it is not understood. */
static int read_precision(struct text text, size_t *at)
{
    int precision = 0;
    size_t start;
    if (*at >= text.size || text.bytes[*at] != '.')
        return PRECISION_DEFAULT;
    for (start = ++*at; *at < text.size && isdigit((unsigned char)text.bytes[*at]); ++*at) {
        precision = precision * 10 + (text.bytes[*at] - '0');
        if (precision > PRECISION_MAX)
            return -1;
    }
    return *at > start ? precision : -1;
}

bool function_format(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    struct format format = {.machine = machine};
    struct text text = rule_text(call->arguments[0]);
    struct rule_value list = call->arguments[1];
    uint32_t next = 0;
    for (size_t at = 0; at < text.size;) {
        const char *mark = memchr(text.bytes + at, '%', text.size - at);
        size_t end = mark == NULL ? text.size : (size_t)(mark - text.bytes);
        if (!put(&format, text.bytes + at, end - at))
            return false;
        if (mark == NULL)
            break;
        at = end + 1;
        if (at < text.size && text.bytes[at] == '%') {
            at++;
            if (!put(&format, "%", 1))
                return false;
            continue;
        }
        int precision = read_precision(text, &at);
        if (precision < 0 || at >= text.size)
            return machine_fail(machine, "rules.argument",
                                "could not parse formatting clause: unexpected end or precision");
        if (next >= list.size)
            return machine_fail(machine, "rules.argument", "index %u out of range", (unsigned)next);
        if (!put_clause(&format, text.bytes[at++], precision, list.items[next++]))
            return false;
    }
    *out = rule_string((struct text){format.size == 0 ? "" : format.bytes, format.size});
    return true;
}
