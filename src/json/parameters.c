/* parameters.c: reads a query string by a shape. */
#include "json/scalar.h"
#include "json/shape.h"
#include "json/unknown.h"

static enum status read_boolean(const struct field *field, struct text text, void *target, struct error *err)
{
    if (!text_equals(text, "true") && !text_equals(text, "false"))
        return error_set(err, STATUS_INVALID, "json.type", field->name, "this must be true or false");
    *(bool *)target = text_equals(text, "true");
    return STATUS_OK;
}

static enum status read_scalar(struct arena *arena, const struct field *field, struct text text, void *target,
                               struct error *err)
{
    int64_t integer;
    if (scalar_is_text(field->type))
        return scalar_read_text(arena, field, text, target, err);
    if (field->type == FIELD_BOOLEAN)
        return read_boolean(field, text, target, err);
    if (field->type == FIELD_DECIMAL)
        return scalar_read_decimal(field, text, target, err);
    if (field->type != FIELD_INTEGER)
        return error_set(err, STATUS_DEFECT, "internal.defect", field->name, "a field of this type is no parameter");
    if (!text_to_integer(text, &integer))
        return error_set(err, STATUS_INVALID, "json.type", field->name, "this must be a whole number");
    return scalar_set_integer(field, integer, target, err);
}

struct reading {
    struct arena *arena;
    const struct shape *shape;
    const struct parameter *parameters;
    size_t count;
    void *out;
    uint64_t seen; /* bit i: field i of the shape was given */
};

/* All parameters of the field's name, in order, as one list. */
static enum status read_repeated(const struct reading *reading, const struct field *field, struct json_list *list,
                                 struct error *err)
{
    const struct parameter *parameters = reading->parameters;
    struct field element = *field;
    element.type = field->element;
    element.minimum = field->element == FIELD_TEXT ? 1 : 0;
    element.maximum = 0;
    size_t size = scalar_size(&element);
    size_t maximum = field->maximum > 0 ? (size_t)field->maximum : FIELD_LIST_MAX;

    char *items = arena_array(reading->arena, reading->count, size);
    size_t used = 0;
    for (size_t i = 0; i < reading->count; i++) {
        if (!text_equals(parameters[i].name, field->name))
            continue;
        if (used == maximum)
            return error_set(err, STATUS_INVALID, "json.count", field->name, "at most %zu are accepted", maximum);
        enum status status = read_scalar(reading->arena, &element, parameters[i].value, items + used * size, err);
        if (status != STATUS_OK)
            return status;
        used++;
    }
    *list = (struct json_list){.items = items, .count = used};
    return STATUS_OK;
}

static enum status read_one(struct reading *reading, const struct parameter *parameter, struct error *err)
{
    const struct shape *shape = reading->shape;
    void *out = reading->out;
    for (size_t i = 0; i < shape->field_count; i++) {
        const struct field *field = &shape->fields[i];
        if (!text_equals(parameter->name, field->name))
            continue;
        uint64_t bit = UINT64_C(1) << i;
        bool again = (reading->seen & bit) != 0;
        reading->seen |= bit;
        field_set_presence(field, out, PRESENCE_GIVEN);
        if (field->type == FIELD_LIST)
            return again
                       ? STATUS_OK
                       : read_repeated(reading, field, (struct json_list *)(void *)((char *)out + field->offset), err);
        if (again)
            return error_set(err, STATUS_INVALID, "json.repeated", field->name, "'%s' is given twice", field->name);
        return read_scalar(reading->arena, field, parameter->value, (char *)out + field->offset, err);
    }
    return unknown_field(shape, parameter->name, err);
}

enum status shape_read_parameters(struct arena *arena, const struct shape *shape, const struct parameter *parameters,
                                  size_t count, void *out, struct error *err)
{
    struct reading reading = {.arena = arena, .shape = shape, .parameters = parameters, .count = count, .out = out};
    for (size_t i = 0; i < count; i++) {
        enum status status = read_one(&reading, &parameters[i], err);
        if (status != STATUS_OK)
            return status;
    }
    for (size_t i = 0; i < shape->field_count; i++) {
        if (reading.seen & (UINT64_C(1) << i))
            continue;
        enum status status = scalar_set_absent(&shape->fields[i], out, err);
        if (status != STATUS_OK)
            return status;
    }
    return shape->check == NULL ? STATUS_OK : shape->check(out, err);
}
