/* schema.c: a shape as a JSON schema, for OpenAPI 3.1. */
#include "json/schema.h"

#include <stdio.h>

static void write_type(struct json_writer *writer, const char *type, bool nullable)
{
    if (!nullable) {
        writer_string(writer, "type", type);
        return;
    }
    writer_list(writer, "type");
    writer_string(writer, NULL, type);
    writer_string(writer, NULL, "null");
    writer_end(writer);
}

static void write_reference(struct json_writer *writer, const char *schema, bool nullable)
{
    char reference[128];
    snprintf(reference, sizeof reference, "#/components/schemas/%s", schema);
    if (!nullable) {
        writer_string(writer, "$ref", reference);
        return;
    }
    writer_list(writer, "anyOf");
    writer_object(writer, NULL);
    writer_string(writer, "$ref", reference);
    writer_end(writer);
    writer_object(writer, NULL);
    writer_string(writer, "type", "null");
    writer_end(writer);
    writer_end(writer);
}

/* Sizes are in bytes here and in code points there: a schema says only what holds in both. */
static void write_text(struct json_writer *writer, const struct field *field, bool nullable)
{
    write_type(writer, "string", nullable);
    if (field->minimum > 0 || (field->flags & FIELD_NOT_BLANK))
        writer_integer(writer, "minLength", 1);
    if (field->maximum > 0)
        writer_integer(writer, "maxLength", field->maximum);
}

static void write_integer(struct json_writer *writer, const struct field *field, bool nullable)
{
    write_type(writer, "integer", nullable);
    writer_string(writer, "format", "int64");
    if (field->minimum == 0 && field->maximum == 0)
        return;
    if (field->minimum != INT64_MIN)
        writer_integer(writer, "minimum", field->minimum);
    if (field->maximum != INT64_MAX)
        writer_integer(writer, "maximum", field->maximum);
}

static void write_choice(struct json_writer *writer, const struct field *field, bool nullable)
{
    write_type(writer, "string", nullable);
    writer_list(writer, "enum");
    for (size_t i = 0; field->choices[i] != NULL; i++)
        writer_string(writer, NULL, field->choices[i]);
    if (nullable)
        writer_null(writer, NULL);
    writer_end(writer);
}

static void write_formatted(struct json_writer *writer, const char *format, bool nullable)
{
    write_type(writer, "string", nullable);
    writer_string(writer, "format", format);
}

static void write_id(struct json_writer *writer, const struct field *field, bool nullable)
{
    char pattern[64];
    snprintf(pattern, sizeof pattern, "^%s_[0-9A-Za-z]{13}$", field->prefix == NULL ? "[a-z]+" : field->prefix);
    write_type(writer, "string", nullable);
    writer_string(writer, "pattern", pattern);
}

static void write_list(struct json_writer *writer, const struct field *field, bool nullable)
{
    struct field element = *field;
    element.type = field->element;
    element.flags = 0;
    element.minimum = element.maximum = 0;
    element.about = NULL;
    write_type(writer, "array", nullable);
    if (field->minimum > 0)
        writer_integer(writer, "minItems", field->minimum);
    if (field->maximum > 0)
        writer_integer(writer, "maxItems", field->maximum);
    schema_write_field(writer, "items", &element);
}

void schema_write_field(struct json_writer *writer, const char *name, const struct field *field)
{
    bool nullable = (field->flags & FIELD_NULLABLE) != 0;
    writer_object(writer, name);
    switch (field->type) {
    case FIELD_TEXT:
        write_text(writer, field, nullable);
        break;
    case FIELD_INTEGER:
        write_integer(writer, field, nullable);
        break;
    case FIELD_BOOLEAN:
        write_type(writer, "boolean", nullable);
        break;
    case FIELD_DECIMAL:
        writer_list(writer, "type");
        writer_string(writer, NULL, "number");
        writer_string(writer, NULL, "string");
        if (nullable)
            writer_string(writer, NULL, "null");
        writer_end(writer);
        break;
    case FIELD_AMOUNT:
        write_reference(writer, "Amount", nullable);
        break;
    case FIELD_INSTANT:
        write_formatted(writer, "date-time", nullable);
        break;
    case FIELD_DAY:
        write_formatted(writer, "date", nullable);
        break;
    case FIELD_CHOICE:
        write_choice(writer, field, nullable);
        break;
    case FIELD_ID:
        write_id(writer, field, nullable);
        break;
    case FIELD_OBJECT:
        write_reference(writer, field->shape->name, nullable);
        break;
    case FIELD_LIST:
        write_list(writer, field, nullable);
        break;
    case FIELD_JSON_MAP:
        write_type(writer, "object", nullable);
        break;
    case FIELD_JSON:
        break;
    }
    if (field->about != NULL)
        writer_string(writer, "description", field->about);
    writer_end(writer);
}

void schema_write(struct json_writer *writer, const char *name, const struct shape *shape, bool open)
{
    writer_object(writer, name);
    writer_string(writer, "type", "object");
    if (shape->about != NULL)
        writer_string(writer, "description", shape->about);
    writer_object(writer, "properties");
    for (size_t i = 0; i < shape->field_count; i++)
        schema_write_field(writer, shape->fields[i].name, &shape->fields[i]);
    writer_end(writer);

    bool any = false;
    for (size_t i = 0; i < shape->field_count; i++) {
        if (!(shape->fields[i].flags & FIELD_REQUIRED))
            continue;
        if (!any)
            writer_list(writer, "required");
        any = true;
        writer_string(writer, NULL, shape->fields[i].name);
    }
    if (any)
        writer_end(writer);
    if (!open)
        writer_boolean(writer, "additionalProperties", false);
    writer_end(writer);
}

void schema_visit(const struct shape *shape, void (*visit)(void *context, const struct shape *shape), void *context)
{
    visit(context, shape);
    for (size_t i = 0; i < shape->field_count; i++) {
        const struct field *field = &shape->fields[i];
        if (field->shape != NULL && field->shape != shape)
            schema_visit(field->shape, visit, context);
    }
}
