#include "features/events/kind_api.h"

#include <stddef.h>

#include "features/events/catalogue_fields_api.h"

struct property_input {
    struct text name;
    int type;
    bool required;
    struct json_list choices;
};
struct kind_input {
    struct text name;
    int64_t kept_days;
    struct json_list properties;
};

static const char *const property_types[] = {"text", "integer", "decimal", "boolean", "day", "instant", "choice", NULL};

static const struct field property_fields[] = {
    {.name = "name",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct property_input, name),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX},
    {.name = "type",
     .type = FIELD_CHOICE,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct property_input, type),
     .choices = property_types},
    {.name = "required", .type = FIELD_BOOLEAN, .offset = offsetof(struct property_input, required)},
    {.name = "choices",
     .type = FIELD_LIST,
     .offset = offsetof(struct property_input, choices),
     .maximum = KIND_CHOICES_MAX,
     .element = FIELD_TEXT},
};
static const struct shape property_shape = {
    .name = "EventProperty", .size = sizeof(struct property_input), SHAPE_FIELDS(property_fields)};
static const struct field kind_fields[] = {
    KEY_FIELD(struct kind_input, name, "name", CODE_SIZE_MAX),
    {.name = "kept_days",
     .type = FIELD_INTEGER,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct kind_input, kept_days),
     .minimum = 0,
     .maximum = KIND_DAYS_MAX,
     .about = "0: for ever, in the sealed journal; otherwise such events go after so many days and earn nothing."},
    {.name = "properties",
     .type = FIELD_LIST,
     .offset = offsetof(struct kind_input, properties),
     .maximum = KIND_PROPERTIES_MAX,
     .element = FIELD_OBJECT,
     .shape = &property_shape},
};
const struct shape kind_input_shape = {
    .name = "EventKindInput", .size = sizeof(struct kind_input), SHAPE_FIELDS(kind_fields)};

static const struct field kind_reply[] = {
    REPLY_TEXT("name"),
    REPLY_VERSION,
    {.name = "kept_days", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "properties",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &property_shape},
};
const struct shape kind_shape = {.name = "EventKind", .size = 0, SHAPE_FIELDS(kind_reply)};

void event_kind_row_write(struct call *call, struct json_writer *writer, const struct catalogue_row *row)
{
    (void)call;
    writer_text(writer, "name", row->key);
    writer_integer(writer, "version", row->version);
    writer_integer(writer, "kept_days", row->columns[0].integer);
    writer_raw(writer, "properties", row->columns[1].text);
}

enum status event_kind_row_read(struct call *call, const void *body, struct catalogue_row *row, struct error *err)
{
    const struct kind_input *input = body;
    const struct property_input *properties = input->properties.items;
    struct event_kind kind = {.name = row->key};
    struct json_writer writer;

    if (event_kind_reserved(row->key))
        return error_set(err, STATUS_INVALID, "event_kind.reserved", "name", "'%.*s' is a kind of Patron's own",
                         (int)row->key.size, row->key.bytes);
    writer_start(&writer, call->arena);
    writer_list(&writer, NULL);
    for (size_t i = 0; i < input->properties.count; i++) {
        writer_object(&writer, NULL);
        writer_text(&writer, "name", properties[i].name);
        writer_string(&writer, "type", property_types[properties[i].type]);
        writer_boolean(&writer, "required", properties[i].required);
        if (properties[i].choices.count > 0) {
            writer_list(&writer, "choices");
            for (size_t c = 0; c < properties[i].choices.count; c++)
                writer_text(&writer, NULL, ((const struct text *)properties[i].choices.items)[c]);
            writer_end(&writer);
        }
        writer_end(&writer);
    }
    writer_end(&writer);
    row->columns[0] = value_integer(input->kept_days);
    row->columns[1] = value_text(writer_done(&writer));
    return event_kind_parse(call->arena, row->columns[1].text, &kind, err);
}
