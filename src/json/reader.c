/* reader.c: parses JSON and reads it by a shape. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "foundation/id.h"
#include "json/scalar.h"
#include "json/shape.h"
#include "json/unknown.h"

/* The parser recurses: nesting is counted before it runs. */
static bool too_deep(struct text bytes)
{
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < bytes.size; i++) {
        char c = bytes.bytes[i];
        if (quoted) {
            if (c == '\\')
                i++;
            else if (c == '"')
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            if (++depth > JSON_DEPTH_MAX)
                return true;
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return false;
}

enum status json_parse(struct text bytes, struct json_t **out, struct error *err)
{
    if (too_deep(bytes))
        return error_set(err, STATUS_INVALID, "json.syntax", "", "the JSON is nested deeper than %d levels",
                         JSON_DEPTH_MAX);

    json_error_t problem;
    json_t *value = json_loadb(bytes.bytes == NULL ? "" : bytes.bytes, bytes.size,
                               JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &problem);
    if (value == NULL)
        return error_set(err, STATUS_INVALID, "json.syntax", "", "line %d, column %d: %s", problem.line, problem.column,
                         problem.text);
    *out = value;
    return STATUS_OK;
}

void json_release(struct json_t *value)
{
    json_decref(value);
}

bool json_is_list(const struct json_t *value)
{
    return json_is_array(value);
}

size_t json_list_count(const struct json_t *value)
{
    return json_array_size(value);
}

const struct json_t *json_list_at(const struct json_t *value, size_t index)
{
    return json_array_get(value, index);
}

static enum status read_object(struct arena *arena, const struct shape *shape, const json_t *value, void *out,
                               struct error *err);
static enum status read_value(struct arena *arena, const struct field *field, const json_t *value, void *target,
                              struct error *err);

static enum status wrong_type(const struct field *field, const char *wanted, struct error *err)
{
    return error_set(err, STATUS_INVALID, "json.type", field->name, "this must be %s", wanted);
}

/* A real is read through its 15 significant digits, all that a double keeps of a decimal. */
static enum status read_decimal(const struct field *field, const json_t *value, void *target, struct error *err)
{
    char digits[64];
    if (json_is_string(value))
        return scalar_read_decimal(field, (struct text){json_string_value(value), json_string_length(value)}, target,
                                   err);
    if (json_is_integer(value))
        snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        snprintf(digits, sizeof digits, "%.15g", json_real_value(value));
    else
        return wrong_type(field, "a decimal number", err);
    return scalar_read_decimal(field, text_from(digits), target, err);
}

static enum status read_amount(const struct field *field, const json_t *value, void *target, struct error *err)
{
    const json_t *amount = json_object_get(value, "amount");
    const json_t *currency = json_object_get(value, "currency");
    if (!json_is_string(amount) || !json_is_string(currency) || json_object_size(value) != 2)
        return wrong_type(field, "an amount such as {\"amount\": \"12.90\", \"currency\": \"CNY\"}", err);

    struct text code = {json_string_value(currency), json_string_length(currency)};
    int exponent = currency_exponent(code);
    if (exponent < 0 || code.size >= CURRENCY_SIZE)
        return error_set(err, STATUS_INVALID, "json.currency", field->name, "'%.10s' is not a currency of ISO 4217",
                         code.bytes);

    int64_t minor;
    enum status status =
        money_parse((struct text){json_string_value(amount), json_string_length(amount)}, exponent, &minor, err);
    if (status != STATUS_OK) {
        if (err != NULL)
            snprintf(err->field, sizeof err->field, "%s", field->name);
        return status;
    }
    struct json_amount *read = target;
    memcpy(read->currency, code.bytes, code.size);
    return scalar_set_integer(field, minor, &read->minor, err);
}

static enum status read_raw(struct arena *arena, const struct field *field, const json_t *value, void *target,
                            struct error *err)
{
    if (field->type == FIELD_JSON_MAP && !json_is_object(value))
        return wrong_type(field, "an object", err);
    size_t flags = JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15);
    size_t size = json_dumpb(value, NULL, 0, flags);
    size_t maximum = field->maximum > 0 ? (size_t)field->maximum : FIELD_JSON_MAX;
    if (size == 0 || size > maximum)
        return error_set(err, STATUS_INVALID, "json.length", field->name, "the value may have at most %zu bytes",
                         maximum);
    char *bytes = arena_alloc(arena, size);
    json_dumpb(value, bytes, size, flags);
    *(struct text *)target = (struct text){bytes, size};
    return STATUS_OK;
}

/* Element errors come with an empty field, or with the path inside the element. */
static void add_index(struct error *err, const struct field *field, size_t index)
{
    if (err == NULL)
        return;
    if (err->field[0] == '\0')
        snprintf(err->field, sizeof err->field, "%s[%zu]", field->name, index);
    else
        error_prefix_field(err, "%s[%zu].", field->name, index);
}

static enum status read_list(struct arena *arena, const struct field *field, const json_t *value, void *target,
                             struct error *err)
{
    if (!json_is_array(value))
        return wrong_type(field, "a list", err);
    size_t count = json_array_size(value);
    size_t maximum = field->maximum > 0 ? (size_t)field->maximum : FIELD_LIST_MAX;
    if (count > maximum || count < (size_t)field->minimum)
        return error_set(err, STATUS_INVALID, "json.count", field->name,
                         "the list must have %zu to %zu elements, not %zu", (size_t)field->minimum, maximum, count);

    struct field element = *field;
    element.name = "";
    element.type = field->element;
    element.flags = field->flags & FIELD_NOT_BLANK;
    element.minimum = field->element == FIELD_TEXT ? 1 : 0;
    element.maximum = 0;

    struct json_list *list = target;
    size_t size = scalar_size(&element);
    char *items = arena_array(arena, count == 0 ? 1 : count, size);
    for (size_t i = 0; i < count; i++) {
        const json_t *one = json_array_get(value, i);
        enum status status = field->element == FIELD_OBJECT
                                 ? read_object(arena, field->shape, one, items + i * size, err)
                                 : read_value(arena, &element, one, items + i * size, err);
        if (status != STATUS_OK) {
            add_index(err, field, i);
            return status;
        }
    }
    *list = (struct json_list){.items = items, .count = count};
    return STATUS_OK;
}

static enum status read_nested(struct arena *arena, const struct field *field, const json_t *value, void *target,
                               struct error *err)
{
    if (!json_is_object(value))
        return wrong_type(field, "an object", err);
    void *nested = arena_alloc(arena, field->shape->size);
    enum status status = read_object(arena, field->shape, value, nested, err);
    if (status != STATUS_OK) {
        if (err != NULL && err->field[0] == '\0')
            snprintf(err->field, sizeof err->field, "%s", field->name);
        else
            error_prefix_field(err, "%s.", field->name);
        return status;
    }
    *(void **)target = nested;
    return STATUS_OK;
}

static const char *text_type_name(enum field_type type)
{
    switch (type) {
    case FIELD_INSTANT:
        return "an instant such as \"2026-11-22T18:30:00Z\"";
    case FIELD_DAY:
        return "a day such as \"2026-11-22\"";
    case FIELD_ID:
        return "an id";
    case FIELD_TEXT:
    case FIELD_CHOICE:
    case FIELD_INTEGER:
    case FIELD_BOOLEAN:
    case FIELD_DECIMAL:
    case FIELD_AMOUNT:
    case FIELD_OBJECT:
    case FIELD_LIST:
    case FIELD_JSON:
    case FIELD_JSON_MAP:
        break;
    }
    return "a text";
}

static enum status read_value(struct arena *arena, const struct field *field, const json_t *value, void *target,
                              struct error *err)
{
    switch (field->type) {
    case FIELD_TEXT:
    case FIELD_INSTANT:
    case FIELD_DAY:
    case FIELD_CHOICE:
    case FIELD_ID:
        if (!json_is_string(value))
            return wrong_type(field, text_type_name(field->type), err);
        return scalar_read_text(arena, field, (struct text){json_string_value(value), json_string_length(value)},
                                target, err);
    case FIELD_INTEGER:
        if (!json_is_integer(value))
            return wrong_type(field, "a whole number", err);
        return scalar_set_integer(field, json_integer_value(value), target, err);
    case FIELD_BOOLEAN:
        if (!json_is_boolean(value))
            return wrong_type(field, "true or false", err);
        *(bool *)target = json_is_true(value);
        return STATUS_OK;
    case FIELD_DECIMAL:
        return read_decimal(field, value, target, err);
    case FIELD_AMOUNT:
        return read_amount(field, value, target, err);
    case FIELD_OBJECT:
        return read_nested(arena, field, value, target, err);
    case FIELD_LIST:
        return read_list(arena, field, value, target, err);
    case FIELD_JSON:
    case FIELD_JSON_MAP:
        return read_raw(arena, field, value, target, err);
    }
    return error_set(err, STATUS_DEFECT, "internal.defect", field->name, "a field of unknown type");
}

/* Clients write members in the order of the documentation, so the search begins after the last find. */
static const struct field *find_field(const struct shape *shape, const char *name, size_t *hint)
{
    for (size_t i = 0; i < shape->field_count; i++) {
        size_t index = *hint + i;
        if (index >= shape->field_count)
            index -= shape->field_count;
        if (strcmp(shape->fields[index].name, name) == 0) {
            *hint = index + 1;
            return &shape->fields[index];
        }
    }
    return NULL;
}

static enum status read_member(struct arena *arena, const struct field *field, const json_t *value, void *out,
                               struct error *err)
{
    if (json_is_null(value)) {
        if (!(field->flags & FIELD_NULLABLE))
            return wrong_type(field, "given, or left out; it cannot be null", err);
        struct field optional = *field;
        optional.flags &= ~(unsigned)FIELD_REQUIRED;
        field_set_presence(field, out, PRESENCE_NULL);
        return scalar_set_absent(&optional, out, err);
    }
    field_set_presence(field, out, PRESENCE_GIVEN);
    return read_value(arena, field, value, (char *)out + field->offset, err);
}

static enum status read_object(struct arena *arena, const struct shape *shape, const json_t *value, void *out,
                               struct error *err)
{
    if (!json_is_object(value))
        return error_set(err, STATUS_INVALID, "json.type", "", "this must be an object");

    uint64_t seen = 0;
    size_t hint = 0;
    const char *key;
    json_t *member;
    json_object_foreach((json_t *)(uintptr_t)value, key, member)
    {
        const struct field *field = find_field(shape, key, &hint);
        if (field == NULL)
            return unknown_field(shape, text_from(key), err);
        seen |= UINT64_C(1) << (field - shape->fields);
        enum status status = read_member(arena, field, member, out, err);
        if (status != STATUS_OK)
            return status;
    }
    for (size_t i = 0; i < shape->field_count; i++) {
        if (seen & (UINT64_C(1) << i))
            continue;
        enum status status = scalar_set_absent(&shape->fields[i], out, err);
        if (status != STATUS_OK)
            return status;
    }
    return shape->check == NULL ? STATUS_OK : shape->check(out, err);
}

enum status shape_read(struct arena *arena, const struct shape *shape, const struct json_t *value, void *out,
                       struct error *err)
{
    return read_object(arena, shape, value, out, err);
}

enum status shape_read_text(struct arena *arena, const struct shape *shape, struct text json, void *out,
                            struct error *err)
{
    json_t *value;
    enum status status = json_parse(json, &value, err);
    if (status != STATUS_OK)
        return status;
    status = read_object(arena, shape, value, out, err);
    json_release(value);
    return status;
}
