#include "rules/value_json.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "rules/functions.h"

#define INTEROPERABLE_MAX (INT64_C(1) << 53)

static void put_text(struct builder *out, struct text text)
{
    builder_char(out, '"');
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.bytes[i];
        if (c == '"' || c == '\\')
            builder_format(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7F)
            builder_format(out, "\\u%04x", c);
        else
            builder_char(out, (char)c);
    }
    builder_char(out, '"');
}

static void put_double(struct builder *out, double value)
{
    char text[VALUE_TEXT_SIZE];
    size_t size = double_text(value, text);
    if (!isfinite(value)) {
        builder_format(out, "\"%s\"", text);
        return;
    }
    builder_bytes(out, text, size);
    if (strpbrk(text, ".e") == NULL)
        builder_string(out, ".0");
}

static void put_hexadecimal(struct builder *out, struct text bytes)
{
    builder_char(out, '"');
    for (size_t i = 0; i < bytes.size; i++)
        builder_format(out, "%02x", (unsigned char)bytes.bytes[i]);
    builder_char(out, '"');
}

static void put_base64(struct builder *out, struct text bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    builder_char(out, '"');
    for (size_t i = 0; i < bytes.size; i += 3) {
        size_t left = bytes.size - i;
        uint32_t group = (uint32_t)(unsigned char)bytes.bytes[i] << 16;
        group |= left > 1 ? (uint32_t)(unsigned char)bytes.bytes[i + 1] << 8 : 0;
        group |= left > 2 ? (uint32_t)(unsigned char)bytes.bytes[i + 2] : 0;
        builder_char(out, digits[group >> 18]);
        builder_char(out, digits[group >> 12 & 63]);
        builder_char(out, left > 1 ? digits[group >> 6 & 63] : '=');
        builder_char(out, left > 2 ? digits[group & 63] : '=');
    }
    builder_char(out, '"');
}

/* Timestamps, durations and types, whose JSON is text both ways. */
static bool put_named(struct builder *out, struct rule_value value)
{
    char text[VALUE_TEXT_SIZE];
    if (value.kind == RULE_TIMESTAMP)
        timestamp_text(value, text);
    else if (value.kind == RULE_DURATION)
        duration_text(value.integer, text);
    else if (value.kind == RULE_TYPE)
        return builder_format(out, "\"%s\"", rule_kind_type_name((enum rule_kind)value.integer)), true;
    else
        return false;
    builder_format(out, "\"%s\"", text);
    return true;
}

static void put_key(struct builder *out, struct rule_value key)
{
    if (key.kind == RULE_STRING)
        put_text(out, rule_text(key));
    else if (key.kind == RULE_BOOL)
        builder_string(out, key.boolean ? "\"true\"" : "\"false\"");
    else if (key.kind == RULE_INT)
        builder_format(out, "\"%" PRId64 "\"", key.integer);
    else
        builder_format(out, "\"%" PRIu64 "\"", key.natural);
}

static void put_items(struct builder *out, struct rule_value list, void (*put)(struct builder *, struct rule_value))
{
    builder_char(out, '[');
    for (uint32_t i = 0; i < list.size; i++) {
        builder_string(out, i > 0 ? ", " : "");
        put(out, list.items[i]);
    }
    builder_char(out, ']');
}

static void put_integer(struct builder *out, struct rule_value value)
{
    bool far = value.kind == RULE_INT ? value.integer >= INTEROPERABLE_MAX || value.integer <= -INTEROPERABLE_MAX
                                      : value.natural >= (uint64_t)INTEROPERABLE_MAX;
    const char *quote = far ? "\"" : "";
    if (value.kind == RULE_INT)
        builder_format(out, "%s%" PRId64 "%s", quote, value.integer, quote);
    else
        builder_format(out, "%s%" PRIu64 "%s", quote, value.natural, quote);
}

void rule_value_json(struct builder *out, struct rule_value value)
{
    if (put_named(out, value))
        return;
    switch ((int)value.kind) {
    case RULE_BOOL:
        builder_string(out, value.boolean ? "true" : "false");
        break;
    case RULE_INT:
    case RULE_UINT:
        put_integer(out, value);
        break;
    case RULE_DOUBLE:
        put_double(out, value.real);
        break;
    case RULE_STRING:
        put_text(out, rule_text(value));
        break;
    case RULE_BYTES:
        put_base64(out, rule_text(value));
        break;
    case RULE_LIST:
        put_items(out, value, rule_value_json);
        break;
    case RULE_MAP:
        builder_char(out, '{');
        for (uint32_t i = 0; i < value.size; i++) {
            builder_string(out, i > 0 ? ", " : "");
            put_key(out, value.entries[i].key);
            builder_string(out, ": ");
            rule_value_json(out, value.entries[i].value);
        }
        builder_char(out, '}');
        break;
    default:
        builder_string(out, "null");
        break;
    }
}

static void put_typed_map(struct builder *out, struct rule_value map)
{
    builder_char(out, '[');
    for (uint32_t i = 0; i < map.size; i++) {
        builder_string(out, i > 0 ? ", [" : "[");
        rule_value_typed(out, map.entries[i].key);
        builder_string(out, ", ");
        rule_value_typed(out, map.entries[i].value);
        builder_char(out, ']');
    }
    builder_char(out, ']');
}

void rule_value_typed(struct builder *out, struct rule_value value)
{
    builder_format(out, "{\"type\": \"%s\", \"value\": ", rule_kind_name((enum rule_kind)value.kind));
    switch ((int)value.kind) {
    case RULE_INT:
        builder_format(out, "\"%" PRId64 "\"", value.integer);
        break;
    case RULE_UINT:
        builder_format(out, "\"%" PRIu64 "\"", value.natural);
        break;
    case RULE_BYTES:
        put_hexadecimal(out, rule_text(value));
        break;
    case RULE_LIST:
        put_items(out, value, rule_value_typed);
        break;
    case RULE_MAP:
        put_typed_map(out, value);
        break;
    default:
        rule_value_json(out, value);
        break;
    }
    builder_char(out, '}');
}
