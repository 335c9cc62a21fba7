#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "foundation/checked.h"
#include "foundation/instant.h"
#include "rules/functions.h"
#include "rules/literal.h"
#include "rules/unicode.h"

enum { SHOWN = 40, DIGITS_MAX = 17, EXPONENT_LOW = -7, EXPONENT_HIGH = 21, NANO_DIGITS = 9 };

static bool fail_range(struct rule_machine *machine, const char *type)
{
    return machine_fail(machine, "rules.conversion", "range error: the value is outside the range of %s", type);
}

static bool fail_text(struct rule_machine *machine, struct rule_value text, const char *type)
{
    return machine_fail(machine, "rules.conversion", "'%.*s' is no %s", (int)(text.size < SHOWN ? text.size : SHOWN),
                        text.size == 0 ? "" : text.bytes, type);
}

bool convert_same(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    (void)machine;
    *out = call->arguments[0];
    return true;
}

bool convert_type(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    (void)machine;
    *out = rule_type_value((enum rule_kind)call->arguments[0].kind);
    return true;
}

bool convert_to_bool(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    static const char *const words[] = {"1", "t", "T", "true",  "TRUE",  "True",
                                        "0", "f", "F", "false", "FALSE", "False"};
    struct text text = rule_text(call->arguments[0]);
    size_t count = sizeof words / sizeof words[0];
    for (size_t i = 0; i < count; i++)
        if (text_equals(text, words[i])) {
            *out = rule_bool(i < count / 2);
            return true;
        }
    return fail_text(machine, call->arguments[0], "bool");
}

bool convert_to_bytes(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    (void)machine;
    *out = rule_bytes(rule_text(call->arguments[0]));
    return true;
}

/* ---- numbers ---- */

static bool text_is(struct text text, const char *word)
{
    return text.size == strlen(word) && strncasecmp(text.bytes, word, text.size) == 0;
}

static bool parse_double(struct text text, double *out)
{
    struct text unsigned_text = text;
    bool negative = text.size > 0 && text.bytes[0] == '-';
    if (text.size > 0 && (negative || text.bytes[0] == '+'))
        unsigned_text = (struct text){text.bytes + 1, text.size - 1};
    if (text_is(unsigned_text, "inf") || text_is(unsigned_text, "infinity")) {
        *out = negative ? -INFINITY : INFINITY;
        return true;
    }
    if (text_is(text, "nan")) {
        *out = NAN;
        return true;
    }
    return literal_double(text, out) && !isinf(*out);
}

bool convert_to_double(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    struct rule_value from = call->arguments[0];
    double value;
    if (from.kind == RULE_INT)
        value = (double)from.integer;
    else if (from.kind == RULE_UINT)
        value = (double)from.natural;
    else if (!parse_double(rule_text(from), &value))
        return fail_text(machine, from, "double");
    *out = rule_double(value);
    return true;
}

static bool parse_digits(struct text text, uint64_t *out)
{
    uint64_t value = 0;
    if (text.size == 0)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (!isdigit((unsigned char)text.bytes[i]) || __builtin_mul_overflow(value, UINT64_C(10), &value) ||
            __builtin_add_overflow(value, (uint64_t)(text.bytes[i] - '0'), &value))
            return false;
    }
    *out = value;
    return true;
}

static bool parse_int(struct text text, int64_t *out)
{
    bool negative = text.size > 0 && text.bytes[0] == '-';
    uint64_t natural;
    if (text.size > 0 && (negative || text.bytes[0] == '+'))
        text = (struct text){text.bytes + 1, text.size - 1};
    if (!parse_digits(text, &natural) || natural > (uint64_t)INT64_MAX + negative)
        return false;
    *out = negative ? (int64_t)(0 - natural) : (int64_t)natural;
    return true;
}

bool convert_to_int(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    struct rule_value from = call->arguments[0];
    int64_t value = from.integer;
    if (from.kind == RULE_UINT && from.natural > INT64_MAX)
        return fail_range(machine, "int");
    if (from.kind == RULE_DOUBLE) {
        /* The two ends are refused, as the reference implementation does: they are doubles of more than one int. */
        if (!(from.real > -9223372036854775808.0 && from.real < 9223372036854775808.0))
            return fail_range(machine, "int");
        value = (int64_t)from.real;
    }
    if (from.kind == RULE_STRING && !parse_int(rule_text(from), &value))
        return fail_text(machine, from, "int");
    *out = rule_int(value);
    return true;
}

bool convert_to_uint(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    struct rule_value from = call->arguments[0];
    uint64_t value = from.natural;
    if (from.kind == RULE_INT && from.integer < 0)
        return fail_range(machine, "uint");
    if (from.kind == RULE_DOUBLE) {
        if (!(from.real >= 0 && from.real < 18446744073709551616.0))
            return fail_range(machine, "uint");
        value = (uint64_t)from.real;
    }
    if (from.kind == RULE_STRING && !parse_digits(rule_text(from), &value))
        return fail_text(machine, from, "uint");
    *out = rule_uint(value);
    return true;
}

/* ---- strings ---- */

/* The fewest digits that read back as the same double, and the power of ten of the first. */
static int shortest_digits(double value, char digits[DIGITS_MAX + 1], int *exponent)
{
    char text[VALUE_TEXT_SIZE];
    int precision = 0;
    do
        snprintf(text, sizeof text, "%.*e", precision, value);
    while (++precision < DIGITS_MAX && strtod(text, NULL) != value);
    int count = 0;
    const char *at = text;
    for (; *at != 'e'; at++)
        if (isdigit((unsigned char)*at))
            digits[count++] = *at;
    *exponent = atoi(at + 1);
    while (count > 1 && digits[count - 1] == '0')
        count--;
    digits[count] = '\0';
    return count;
}

size_t double_text(double value, char *out)
{
    char digits[DIGITS_MAX + 1], *at = out;
    int exponent;
    if (isnan(value) || isinf(value))
        return (size_t)snprintf(out, VALUE_TEXT_SIZE, "%s",
                                isnan(value) ? "NaN"
                                : value > 0  ? "Infinity"
                                             : "-Infinity");
    if (signbit(value))
        *at++ = '-';
    int count = shortest_digits(fabs(value), digits, &exponent);
    if (exponent < EXPONENT_LOW + 1 || exponent >= EXPONENT_HIGH) {
        at += snprintf(at, VALUE_TEXT_SIZE - 1, "%c%s%s", digits[0], count > 1 ? "." : "", digits + 1);
        at += snprintf(at, VALUE_TEXT_SIZE / 4, "e%+d", exponent);
        return (size_t)(at - out);
    }
    if (exponent < 0) {
        at += snprintf(at, VALUE_TEXT_SIZE - 1, "0.%.*s%s", -exponent - 1, "0000000", digits);
        return (size_t)(at - out);
    }
    for (int i = 0; i <= exponent || i < count; i++) {
        if (i == exponent + 1)
            *at++ = '.';
        *at++ = i < count ? digits[i] : '0';
    }
    *at = '\0';
    return (size_t)(at - out);
}

/* ".5" of 500,000,000 nanoseconds; nothing of 0. */
static int fraction_text(int64_t nanos, char *out)
{
    int size = nanos == 0 ? 0 : snprintf(out, NANO_DIGITS + 2, ".%09d", (int)nanos);
    while (size > 0 && out[size - 1] == '0')
        size--;
    out[size] = '\0';
    return size;
}

size_t duration_text(int64_t nanos, char *out)
{
    char fraction[NANO_DIGITS + 2];
    uint64_t whole = nanos < 0 ? 0 - (uint64_t)nanos : (uint64_t)nanos;
    fraction_text((int64_t)(whole % RULE_NANOS), fraction);
    return (size_t)snprintf(out, VALUE_TEXT_SIZE, "%s%llu%ss", nanos < 0 ? "-" : "",
                            (unsigned long long)(whole / RULE_NANOS), fraction);
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

size_t timestamp_text(struct rule_value timestamp, char *out)
{
    enum { DAY = 86400, HOUR = 3600, MINUTE = 60 };
    char fraction[NANO_DIGITS + 2];
    int64_t day = floor_divide(timestamp.integer, DAY), rest = timestamp.integer - day * DAY;
    struct date date = date_from_day((int32_t)day);
    fraction_text((int64_t)timestamp.size, fraction);
    return (size_t)snprintf(out, VALUE_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d%sZ", date.year, date.month, date.day,
                            (int)(rest / HOUR), (int)(rest % HOUR / MINUTE), (int)(rest % MINUTE), fraction);
}

bool convert_to_string(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    struct rule_value from = call->arguments[0];
    char text[VALUE_TEXT_SIZE];
    size_t size = 0;
    if (from.kind == RULE_BYTES) {
        if (!unicode_is_valid(rule_text(from)))
            return machine_fail(machine, "rules.conversion", "the bytes are invalid UTF-8");
        *out = rule_string(rule_text(from));
        return machine_charge(machine, 1 + from.size / 16);
    }
    if (from.kind == RULE_BOOL)
        size = (size_t)snprintf(text, sizeof text, "%s", from.boolean ? "true" : "false");
    else if (from.kind == RULE_INT)
        size = (size_t)snprintf(text, sizeof text, "%lld", (long long)from.integer);
    else if (from.kind == RULE_UINT)
        size = (size_t)snprintf(text, sizeof text, "%llu", (unsigned long long)from.natural);
    else if (from.kind == RULE_DOUBLE)
        size = double_text(from.real, text);
    else if (from.kind == RULE_TIMESTAMP)
        size = timestamp_text(from, text);
    else
        size = duration_text(from.integer, text);
    char *bytes = function_bytes(machine, size);
    if (bytes == NULL)
        return false;
    memcpy(bytes, text, size);
    *out = rule_string((struct text){bytes, size});
    return true;
}

/* ---- timestamps and durations ---- */

static bool read_number(struct text *text, size_t digits, int *out)
{
    uint64_t value;
    if (text->size < digits || !parse_digits((struct text){text->bytes, digits}, &value))
        return false;
    *text = (struct text){text->bytes + digits, text->size - digits};
    *out = (int)value;
    return true;
}

static bool read_mark(struct text *text, char mark)
{
    if (text->size == 0 || text->bytes[0] != mark)
        return false;
    *text = (struct text){text->bytes + 1, text->size - 1};
    return true;
}

static bool read_fraction(struct text *text, int32_t *nanos)
{
    int32_t value = 0, unit = RULE_NANOS / 10;
    size_t i = 0;
    for (; i < text->size && isdigit((unsigned char)text->bytes[i]); i++) {
        value += unit * (text->bytes[i] - '0');
        unit /= 10;
    }
    *text = (struct text){text->bytes + i, text->size - i};
    *nanos = value;
    return i > 0;
}

static bool read_offset(struct text *text, int *seconds)
{
    int hours, minutes;
    bool west = text->size > 0 && text->bytes[0] == '-';
    *seconds = 0;
    if (read_mark(text, 'Z'))
        return true;
    if (!read_mark(text, west ? '-' : '+') || !read_number(text, 2, &hours) || !read_mark(text, ':') ||
        !read_number(text, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *seconds = (hours * 60 + minutes) * (west ? -60 : 60);
    return true;
}

bool timestamp_parse(struct text text, struct rule_value *out)
{
    struct date date;
    int hours, minutes, seconds, offset;
    int32_t nanos = 0;
    if (!read_number(&text, 4, &date.year) || !read_mark(&text, '-') || !read_number(&text, 2, &date.month) ||
        !read_mark(&text, '-') || !read_number(&text, 2, &date.day) || !read_mark(&text, 'T') ||
        !read_number(&text, 2, &hours) || !read_mark(&text, ':') || !read_number(&text, 2, &minutes) ||
        !read_mark(&text, ':') || !read_number(&text, 2, &seconds))
        return false;
    if (read_mark(&text, '.') && !read_fraction(&text, &nanos))
        return false;
    if (!read_offset(&text, &offset) || text.size != 0)
        return false;
    if (date.year < 1 || date.month < 1 || date.month > 12 || date.day < 1 ||
        date.day > days_in_month(date.year, date.month) || hours > 23 || minutes > 59 || seconds > 59)
        return false;
    int64_t instant = (int64_t)day_from_date(date) * 86400 + hours * 3600 + minutes * 60 + seconds - offset;
    if (instant < RULE_TIMESTAMP_MIN || instant > RULE_TIMESTAMP_MAX)
        return false;
    *out = rule_timestamp(instant, nanos);
    return true;
}

bool convert_to_timestamp(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    struct rule_value from = call->arguments[0];
    if (from.kind == RULE_INT) {
        if (from.integer < RULE_TIMESTAMP_MIN || from.integer > RULE_TIMESTAMP_MAX)
            return fail_range(machine, "timestamp");
        *out = rule_timestamp(from.integer, 0);
        return true;
    }
    return timestamp_parse(rule_text(from), out) ||
           fail_text(machine, from, "timestamp (RFC 3339) in the range of years 1 to 9999");
}

static const struct {
    const char *name;
    int64_t nanos;
    bool long_unit;
} duration_units[] = {{"ns", 1, false},
                      {"us", 1000, false},
                      {"\xC2\xB5s", 1000, false},
                      {"\xCE\xBCs", 1000, false},
                      {"ms", 1000000, false},
                      {"s", RULE_NANOS, false},
                      {"m", INT64_C(60) * RULE_NANOS, false},
                      {"h", INT64_C(3600) * RULE_NANOS, false},
                      {"d", INT64_C(86400) * RULE_NANOS, true},
                      {"w", INT64_C(604800) * RULE_NANOS, true}};

static bool read_unit(struct text *text, bool days, int64_t *nanos)
{
    size_t size = 0;
    while (size < text->size && text->bytes[size] != '.' && !isdigit((unsigned char)text->bytes[size]))
        size++;
    for (size_t i = 0; i < sizeof duration_units / sizeof duration_units[0]; i++)
        if (text_equals((struct text){text->bytes, size}, duration_units[i].name) &&
            (days || !duration_units[i].long_unit)) {
            *text = (struct text){text->bytes + size, text->size - size};
            *nanos = duration_units[i].nanos;
            return true;
        }
    return false;
}

/* One "1.5h" of a duration, added to `*total`. */
static bool read_duration_part(struct text *text, bool days, wide_integer *total)
{
    wide_integer whole = 0, fraction = 0, scale = 1;
    const wide_integer most = INT64_MAX;
    size_t digits = 0;
    int64_t unit;
    for (; text->size > 0 && isdigit((unsigned char)text->bytes[0]); digits++) {
        whole = whole * 10 + (text->bytes[0] - '0');
        if (whole > most)
            return false;
        *text = (struct text){text->bytes + 1, text->size - 1};
    }
    if (read_mark(text, '.'))
        for (; text->size > 0 && isdigit((unsigned char)text->bytes[0]); digits++) {
            if (scale < most / 10) {
                fraction = fraction * 10 + (text->bytes[0] - '0');
                scale *= 10;
            }
            *text = (struct text){text->bytes + 1, text->size - 1};
        }
    if (digits == 0 || !read_unit(text, days, &unit))
        return false;
    *total += whole * unit + fraction * unit / scale;
    return *total <= most;
}

bool duration_parse(struct text text, bool days, int64_t *out)
{
    wide_integer total = 0;
    bool negative = text.size > 0 && text.bytes[0] == '-';
    if (text.size > 0 && (negative || text.bytes[0] == '+'))
        text = (struct text){text.bytes + 1, text.size - 1};
    if (text_equals(text, "0")) {
        *out = 0;
        return true;
    }
    if (text.size == 0)
        return false;
    while (text.size > 0)
        if (!read_duration_part(&text, days, &total))
            return false;
    *out = (int64_t)(negative ? -total : total);
    return true;
}

bool convert_to_duration(struct rule_machine *machine, const struct function_call *call, struct rule_value *out)
{
    int64_t nanos;
    if (!duration_parse(rule_text(call->arguments[0]), false, &nanos))
        return fail_text(machine, call->arguments[0], "duration, such as 1h30m or 90s, in its range");
    *out = rule_duration(nanos);
    return true;
}
