#include <stddef.h>

#include "api/call.h"
#include "features/exchange/exchange_api.h"
#include "features/exchange/import_store.h"

struct mapping_body {
    struct text document;
};

static const struct field mapping_body_fields[] = {
    {.name = "document",
     .type = FIELD_JSON_MAP,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct mapping_body, document),
     .maximum = MAPPING_DOCUMENT_MAX,
     .about = "kind, map {field: column}, set {field: value}, and how to read: format, encoding, delimiter, header, "
              "columns, zone, date_format, decimal_comma, group."},
};
const struct shape mapping_body_shape = {
    .name = "ImportMappingInput", .size = sizeof(struct mapping_body), SHAPE_FIELDS(mapping_body_fields)};

static const struct field mapping_reply_fields[] = {
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "kind", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "version", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "document", .type = FIELD_JSON_MAP, .flags = FIELD_REQUIRED},
};
const struct shape mapping_reply_shape = {.name = "ImportMapping", .size = 0, SHAPE_FIELDS(mapping_reply_fields)};

static const struct field mapping_list_fields[] = {
    {.name = "items",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &mapping_reply_shape},
};
const struct shape mapping_list_shape = {.name = "ImportMappings", .size = 0, SHAPE_FIELDS(mapping_list_fields)};

static void write_mapping(struct json_writer *writer, const struct saved_mapping *mapping)
{
    writer_text(writer, "name", mapping->name);
    writer_text(writer, "kind", mapping->kind);
    writer_integer(writer, "version", mapping->version);
    writer_raw(writer, "document", mapping->document);
}

enum status mapping_list(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session = NULL;
    struct saved_mapping *mappings = NULL;
    size_t count = 0;
    enum status status = call_read_begin(call, &session, err);
    if (status == STATUS_OK)
        status = mappings_read(session, call->arena, &mappings, &count, err);
    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < count; i++) {
        writer_object(&item->writer, NULL);
        write_mapping(&item->writer, &mappings[i]);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    return STATUS_OK;
}

enum status mapping_get(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session = NULL;
    struct saved_mapping mapping;
    enum status status = call_read_begin(call, &session, err);
    if (status == STATUS_OK)
        status = mapping_find(session, call->arena, call->parameters[0], &mapping, err);
    if (status == STATUS_OK)
        write_mapping(&item->writer, &mapping);
    return status;
}

enum status mapping_put(struct call *call, struct item *item, struct error *err)
{
    const struct mapping_body *body = item->body;
    struct storage_session *session = NULL;
    struct mapping mapping;
    struct saved_mapping before = {0}, after = {0};
    if (call->parameters[0].size > MAPPING_NAME_MAX)
        return error_set(err, STATUS_INVALID, "mapping.name", "name", "a name has 1 to %d bytes", MAPPING_NAME_MAX);
    enum status status = mapping_read(call->arena, body->document, &mapping, err);
    if (status == STATUS_OK)
        status = call_write_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    struct saved_mapping saved = {.name = call->parameters[0],
                                  .kind = text_from(import_kind_name(mapping.kind)),
                                  .document = mapping_write(&mapping, call->arena)};
    bool known = mapping_find(session, call->arena, saved.name, &before, NULL) == STATUS_OK;
    status = mapping_save(session, &saved, err);
    if (status == STATUS_OK)
        status = mapping_find(session, call->arena, saved.name, &after, err);
    if (status == STATUS_OK)
        status = call_audit(call, known ? "import_mapping.updated" : "import_mapping.created", 0,
                            known ? before.document : (struct text){NULL, 0}, after.document, err);
    if (status == STATUS_OK)
        status = call_write_commit(call, session, err);
    else
        call_write_rollback(call, session);
    if (status == STATUS_OK)
        write_mapping(&item->writer, &after);
    return status;
}

enum status mapping_remove(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session = NULL;
    struct saved_mapping before;
    (void)item;
    enum status status = call_write_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = mapping_find(session, call->arena, call->parameters[0], &before, err);
    if (status == STATUS_OK)
        status = mapping_delete(session, call->parameters[0], err);
    if (status == STATUS_OK)
        status = call_audit(call, "import_mapping.deleted", 0, before.document, (struct text){NULL, 0}, err);
    if (status == STATUS_OK)
        return call_write_commit(call, session, err);
    call_write_rollback(call, session);
    return status;
}
