/* custom_fields_api.c: the fields that a business adds to its members. */
#include <stddef.h>

#include "features/customers/members_api.h"
#include "features/customers/members_store.h"

static const char *const types[] = {"text", "integer", "decimal", "boolean", "day", "instant", "choice", NULL};

struct custom_field_body {
    struct text name;
    int type;
    struct json_list choices;
    bool required, personal;
};
static const struct field body_fields[] = {
    {.name = "name", .type = FIELD_TEXT, .offset = offsetof(struct custom_field_body, name), .maximum = 100},
    {.name = "type",
     .type = FIELD_CHOICE,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct custom_field_body, type),
     .choices = types},
    {.name = "choices",
     .type = FIELD_LIST,
     .offset = offsetof(struct custom_field_body, choices),
     .maximum = 200,
     .element = FIELD_TEXT},
    {.name = "required", .type = FIELD_BOOLEAN, .offset = offsetof(struct custom_field_body, required)},
    {.name = "personal",
     .type = FIELD_BOOLEAN,
     .flags = FIELD_DEFAULT,
     .fallback = 1,
     .offset = offsetof(struct custom_field_body, personal)},
};
const struct shape custom_field_body_shape = {
    .name = "CustomFieldBody", .size = sizeof(struct custom_field_body), SHAPE_FIELDS(body_fields)};

static const struct field reply_fields[] = {
    {.name = "code", .type = FIELD_TEXT},        {.name = "name", .type = FIELD_TEXT},
    {.name = "type", .type = FIELD_TEXT},        {.name = "choices", .type = FIELD_LIST, .element = FIELD_TEXT},
    {.name = "required", .type = FIELD_BOOLEAN}, {.name = "personal", .type = FIELD_BOOLEAN},
};
const struct shape custom_field_shape = {.name = "CustomField", SHAPE_FIELDS(reply_fields)};

static void write_field(struct json_writer *writer, const struct custom_field *field)
{
    writer_text(writer, "code", field->code);
    writer_text(writer, "name", field->name);
    writer_text(writer, "type", field->type);
    writer_raw(writer, "choices", field->choices);
    writer_boolean(writer, "required", field->required);
    writer_boolean(writer, "personal", field->personal);
}

enum status list_custom_fields_handle(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    struct custom_field *fields;
    size_t count;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = custom_fields_read(session, call->arena, &fields, &count, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < count; i++) {
        writer_object(&item->writer, NULL);
        write_field(&item->writer, &fields[i]);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    writer_null(&item->writer, "next");
    return STATUS_OK;
}

static struct text object_of(struct arena *arena, const struct custom_field *field)
{
    struct json_writer writer;

    writer_start(&writer, arena);
    writer_object(&writer, NULL);
    write_field(&writer, field);
    writer_end(&writer);
    return writer_done(&writer);
}

static struct text choices_of(struct arena *arena, struct json_list list)
{
    struct json_writer writer;

    writer_start(&writer, arena);
    writer_list(&writer, NULL);
    for (size_t i = 0; i < list.count; i++)
        writer_text(&writer, NULL, ((const struct text *)list.items)[i]);
    writer_end(&writer);
    return writer_done(&writer);
}

static bool is_code(struct text code)
{
    for (size_t i = 0; i < code.size; i++) {
        char c = code.bytes[i];
        if (!((c >= 'a' && c <= 'z') || c == '_' || (i > 0 && c >= '0' && c <= '9')))
            return false;
    }
    return code.size > 0 && code.size <= CUSTOM_CODE_SIZE_MAX;
}

static const struct custom_field *find_field(const struct custom_field *fields, size_t count, struct text code)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(fields[i].code, code))
            return &fields[i];
    return NULL;
}

/* Values that members have must stay readable: the type of a field does not change. */
static enum status check_change(const struct custom_field *before, size_t count, const struct custom_field *field,
                                struct error *err)
{
    if (before == NULL && count >= CUSTOM_FIELDS_MAX)
        return error_set(err, STATUS_LIMIT, "custom.count", "code", "there are at most %d custom fields",
                         CUSTOM_FIELDS_MAX);
    if (before != NULL && !text_equal(before->type, field->type))
        return error_set(err, STATUS_CONFLICT, "custom.type_changed", "type", "the type of a field cannot be changed");
    return STATUS_OK;
}

static enum status put_field(struct call *call, struct storage_session *session, const struct custom_field *field,
                             struct error *err)
{
    struct custom_field *fields;
    size_t count;
    enum status status = custom_fields_read(session, call->arena, &fields, &count, err);
    if (status != STATUS_OK)
        return status;
    const struct custom_field *before = find_field(fields, count, field->code);

    status = check_change(before, count, field, err);
    if (status == STATUS_OK)
        status = custom_field_store(session, field, err);
    if (status == STATUS_OK)
        status = call_audit(call, "custom_field.set", 0,
                            before != NULL ? object_of(call->arena, before) : (struct text){NULL, 0},
                            object_of(call->arena, field), err);
    return status;
}

enum status put_custom_field_handle(struct call *call, struct item *item, struct error *err)
{
    const struct custom_field_body *given = item->body;
    struct custom_field field = {.code = call->parameters[0],
                                 .name = given->name,
                                 .type = text_from(types[given->type]),
                                 .choices = choices_of(call->arena, given->choices),
                                 .required = given->required,
                                 .personal = given->personal};
    struct storage_session *session;

    if (!is_code(field.code))
        return error_set(err, STATUS_INVALID, "custom.code", "code", "a code has lower-case letters, digits and _");
    if (text_equals(field.type, "choice") && given->choices.count == 0)
        return error_set(err, STATUS_INVALID, "custom.choices", "choices", "a choice needs its choices");
    enum status status = call_write_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = put_field(call, session, &field, err);
    if (status != STATUS_OK) {
        call_write_rollback(call, session);
        return status;
    }
    status = call_write_commit(call, session, err);
    if (status == STATUS_OK)
        write_field(&item->writer, &field);
    return status;
}

static enum status remove_field(struct call *call, struct storage_session *session, struct text code, struct error *err)
{
    struct custom_field *fields;
    size_t count;
    enum status status = custom_fields_read(session, call->arena, &fields, &count, err);
    if (status != STATUS_OK)
        return status;
    const struct custom_field *before = find_field(fields, count, code);

    if (before == NULL)
        return error_set(err, STATUS_MISSING, "custom.unknown", "code", "there is no such custom field");
    status = custom_field_remove(session, code, err);
    if (status == STATUS_OK)
        status =
            call_audit(call, "custom_field.removed", 0, object_of(call->arena, before), (struct text){NULL, 0}, err);
    return status;
}

enum status delete_custom_field_handle(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    enum status status = call_write_begin(call, &session, err);

    (void)item;
    if (status != STATUS_OK)
        return status;
    status = remove_field(call, session, call->parameters[0], err);
    if (status == STATUS_OK)
        return call_write_commit(call, session, err);
    call_write_rollback(call, session);
    return status;
}
