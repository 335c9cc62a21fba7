/* scalar.c: one field's value from its text, checked. */
#include "json/scalar.h"

#include <inttypes.h>
#include <string.h>

#include "foundation/id.h"
#include "foundation/instant.h"

bool scalar_is_text(enum field_type type)
{
    switch (type) {
    case FIELD_TEXT:
    case FIELD_INSTANT:
    case FIELD_DAY:
    case FIELD_CHOICE:
    case FIELD_ID:
        return true;
    case FIELD_INTEGER:
    case FIELD_BOOLEAN:
    case FIELD_DECIMAL:
    case FIELD_AMOUNT:
    case FIELD_OBJECT:
    case FIELD_LIST:
    case FIELD_JSON:
    case FIELD_JSON_MAP:
        return false;
    }
    return false;
}

static enum status read_text(struct arena *arena, const struct field *field, struct text text, void *target,
                             struct error *err)
{
    if (field->flags & FIELD_NOT_BLANK) {
        text = text_trim(text);
        if (text.size == 0)
            return error_set(err, STATUS_INVALID, "json.length", field->name, "the text must not be blank");
    }
    size_t maximum = field->maximum > 0 ? (size_t)field->maximum : FIELD_TEXT_MAX;
    if (text.size > maximum)
        return error_set(err, STATUS_INVALID, "json.length", field->name,
                         "the text may have at most %zu bytes, not %zu", maximum, text.size);
    if (text.size < (size_t)field->minimum)
        return error_set(err, STATUS_INVALID, "json.length", field->name, "the text must have at least %zu bytes",
                         (size_t)field->minimum);
    *(struct text *)target = text_copy(arena, text);
    if (text.size == 0)
        ((struct text *)target)->bytes = "";
    return STATUS_OK;
}

static enum status read_choice(const struct field *field, struct text text, void *target, struct error *err)
{
    size_t count = 0;
    for (; field->choices[count] != NULL; count++) {
        if (text_equals(text, field->choices[count])) {
            *(int *)target = (int)count;
            return STATUS_OK;
        }
    }
    char known[256] = "";
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(field->choices[i]);
        if (used + size + 3 > sizeof known)
            break;
        if (i > 0) {
            memcpy(known + used, ", ", 2);
            used += 2;
        }
        memcpy(known + used, field->choices[i], size + 1);
        used += size;
    }
    return error_set(err, STATUS_INVALID, "json.choice", field->name, "'%.*s' is not one of: %s",
                     text.size > 40 ? 40 : (int)text.size, text.bytes == NULL ? "" : text.bytes, known);
}

enum status scalar_read_text(struct arena *arena, const struct field *field, struct text text, void *target,
                             struct error *err)
{
    switch (field->type) {
    case FIELD_TEXT:
        return read_text(arena, field, text, target, err);
    case FIELD_INSTANT:
        if (!instant_parse(text, (int64_t *)target))
            return error_set(err, STATUS_INVALID, "json.instant", field->name,
                             "write an instant as 2026-11-22T18:30:00Z or with an offset (RFC 3339)");
        return STATUS_OK;
    case FIELD_DAY:
        if (!day_parse(text, (int32_t *)target))
            return error_set(err, STATUS_INVALID, "json.day", field->name, "write a day as 2026-11-22");
        return STATUS_OK;
    case FIELD_CHOICE:
        return read_choice(field, text, target, err);
    case FIELD_ID:
        if (!id_parse(field->prefix, text, (int64_t *)target))
            return error_set(err, STATUS_INVALID, "json.id", field->name, "this is not an id that begins with '%s_'",
                             field->prefix);
        return STATUS_OK;
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
    return error_set(err, STATUS_DEFECT, "internal.defect", field->name, "a field of this type is not read from text");
}

enum status scalar_set_integer(const struct field *field, int64_t value, void *target, struct error *err)
{
    bool bounded = field->minimum != 0 || field->maximum != 0;
    if (bounded && value < field->minimum)
        return error_set(err, STATUS_INVALID, "json.range", field->name, "the least value is %" PRId64, field->minimum);
    if (bounded && value > field->maximum)
        return error_set(err, STATUS_INVALID, "json.range", field->name, "the greatest value is %" PRId64,
                         field->maximum);
    *(int64_t *)target = value;
    return STATUS_OK;
}

enum status scalar_read_decimal(const struct field *field, struct text text, void *target, struct error *err)
{
    int64_t value;
    struct error ignored;
    if (money_parse(text, field->scale, &value, &ignored) != STATUS_OK)
        return error_set(err, STATUS_INVALID, "json.decimal", field->name,
                         "write a decimal number with at most %d decimals", field->scale);
    return scalar_set_integer(field, value, target, err);
}

size_t scalar_size(const struct field *field)
{
    switch (field->type) {
    case FIELD_TEXT:
    case FIELD_JSON:
    case FIELD_JSON_MAP:
        return sizeof(struct text);
    case FIELD_BOOLEAN:
        return sizeof(bool);
    case FIELD_AMOUNT:
        return sizeof(struct json_amount);
    case FIELD_DAY:
        return sizeof(int32_t);
    case FIELD_CHOICE:
        return sizeof(int);
    case FIELD_OBJECT:
        return field->shape->size;
    case FIELD_LIST:
        return sizeof(struct json_list);
    case FIELD_INTEGER:
    case FIELD_DECIMAL:
    case FIELD_INSTANT:
    case FIELD_ID:
        break;
    }
    return sizeof(int64_t);
}

void field_set_presence(const struct field *field, void *out, enum presence presence)
{
    if (field->presence != 0)
        ((unsigned char *)out)[field->presence] = (unsigned char)presence;
}

/* Everything else is absent as zero. */
static void set_fallback(const struct field *field, void *target)
{
    bool given = (field->flags & FIELD_DEFAULT) != 0;
    if (field->type == FIELD_DAY)
        *(int32_t *)target = FIELD_DAY_ABSENT;
    else if (field->type == FIELD_CHOICE)
        *(int *)target = given ? (int)field->fallback : -1;
    else if (field->type == FIELD_BOOLEAN && given)
        *(bool *)target = field->fallback != 0;
    else if ((field->type == FIELD_INTEGER || field->type == FIELD_DECIMAL) && given)
        *(int64_t *)target = field->fallback;
}

enum status scalar_set_absent(const struct field *field, void *out, struct error *err)
{
    if (field->flags & FIELD_REQUIRED)
        return error_set(err, STATUS_INVALID, "json.missing", field->name, "'%s' is required", field->name);
    set_fallback(field, (char *)out + field->offset);
    return STATUS_OK;
}
