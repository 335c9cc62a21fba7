/* writer.c: writes JSON into an arena, piece by piece. */
#include "json/writer.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "foundation/id.h"
#include "foundation/instant.h"
#include "foundation/money.h"

enum { WRITER_DEPTH_MAX = 60 };

void writer_start(struct json_writer *writer, struct arena *arena)
{
    *writer = (struct json_writer){.out = {.arena = arena}};
}

struct text writer_done(const struct json_writer *writer)
{
    assert(writer->depth == 0);
    return builder_done(&writer->out);
}

void json_quote(struct builder *out, struct text value)
{
    static const char hex[] = "0123456789abcdef";
    size_t plain = 0; /* where the run not yet copied begins */
    builder_char(out, '"');
    for (size_t i = 0; i < value.size; i++) {
        unsigned char c = (unsigned char)value.bytes[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        builder_bytes(out, value.bytes + plain, i - plain);
        plain = i + 1;
        if (c == '"' || c == '\\') {
            builder_char(out, '\\');
            builder_char(out, (char)c);
        } else if (c == '\n') {
            builder_bytes(out, "\\n", 2);
        } else {
            char escape[] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
            builder_bytes(out, escape, sizeof escape);
        }
    }
    if (value.size > plain)
        builder_bytes(out, value.bytes + plain, value.size - plain);
    builder_char(out, '"');
}

static void begin_value(struct json_writer *writer, const char *name)
{
    bool in_list = writer->depth == 0 || (writer->lists >> writer->depth & 1) != 0;
    assert(in_list == (name == NULL));
    if (writer->comma)
        builder_char(&writer->out, ',');
    writer->comma = true;
    if (name != NULL) {
        builder_char(&writer->out, '"');
        builder_string(&writer->out, name);
        builder_bytes(&writer->out, "\":", 2);
    }
}

static void open_level(struct json_writer *writer, const char *name, bool list)
{
    begin_value(writer, name);
    assert(writer->depth < WRITER_DEPTH_MAX);
    writer->depth++;
    uint64_t bit = UINT64_C(1) << writer->depth;
    writer->lists = list ? writer->lists | bit : writer->lists & ~bit;
    writer->comma = false;
    builder_char(&writer->out, list ? '[' : '{');
}

void writer_object(struct json_writer *writer, const char *name)
{
    open_level(writer, name, false);
}

void writer_list(struct json_writer *writer, const char *name)
{
    open_level(writer, name, true);
}

void writer_end(struct json_writer *writer)
{
    assert(writer->depth > 0);
    builder_char(&writer->out, (writer->lists >> writer->depth & 1) != 0 ? ']' : '}');
    writer->depth--;
    writer->comma = true;
}

void writer_text(struct json_writer *writer, const char *name, struct text value)
{
    begin_value(writer, name);
    json_quote(&writer->out, value);
}

void writer_string(struct json_writer *writer, const char *name, const char *value)
{
    if (value == NULL)
        writer_null(writer, name);
    else
        writer_text(writer, name, text_from(value));
}

void writer_integer(struct json_writer *writer, const char *name, int64_t value)
{
    begin_value(writer, name);
    builder_integer(&writer->out, value);
}

void writer_boolean(struct json_writer *writer, const char *name, bool value)
{
    begin_value(writer, name);
    builder_string(&writer->out, value ? "true" : "false");
}

void writer_null(struct json_writer *writer, const char *name)
{
    begin_value(writer, name);
    builder_bytes(&writer->out, "null", 4);
}

void writer_real(struct json_writer *writer, const char *name, double value, int decimals)
{
    if (!isfinite(value)) {
        writer_null(writer, name);
        return;
    }
    begin_value(writer, name);
    builder_format(&writer->out, "%.*f", decimals, value);
}

void writer_decimal(struct json_writer *writer, const char *name, int64_t value, int scale)
{
    char digits[MONEY_TEXT_SIZE];
    money_format(value, scale, digits);
    size_t size = strlen(digits);
    if (memchr(digits, '.', size) != NULL) {
        while (digits[size - 1] == '0')
            size--;
        if (digits[size - 1] == '.')
            size--;
    }
    begin_value(writer, name);
    builder_bytes(&writer->out, digits, size);
}

void writer_raw(struct json_writer *writer, const char *name, struct text json)
{
    if (json.size == 0) {
        writer_null(writer, name);
        return;
    }
    begin_value(writer, name);
    builder_text(&writer->out, json);
}

void writer_id(struct json_writer *writer, const char *name, const char *prefix, int64_t id)
{
    char text[ID_TEXT_SIZE];
    writer_string(writer, name, id == 0 ? NULL : id_format(prefix, id, text));
}

void writer_instant(struct json_writer *writer, const char *name, int64_t instant)
{
    char text[INSTANT_TEXT_SIZE];
    bool none = instant == 0 || instant >= INSTANT_OPEN;
    writer_string(writer, name, none ? NULL : instant_format(instant, text));
}

void writer_day(struct json_writer *writer, const char *name, int32_t day)
{
    char text[DAY_TEXT_SIZE];
    writer_string(writer, name, day == INT32_MIN ? NULL : day_format(day, text));
}

void writer_amount(struct json_writer *writer, const char *name, int64_t minor, const char *currency)
{
    char digits[MONEY_TEXT_SIZE];
    int exponent = currency_exponent(text_from(currency));
    assert(exponent >= 0);
    writer_object(writer, name);
    writer_string(writer, "amount", money_format(minor, exponent, digits));
    writer_string(writer, "currency", currency);
    writer_end(writer);
}
