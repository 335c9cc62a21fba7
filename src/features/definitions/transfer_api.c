/* The whole programme as one file, over HTTP. */
#include <stddef.h>

#include "features/definitions/feature_api.h"
#include "features/definitions/transfer_store.h"
#include "features/definitions/view_api.h"

enum status definitions_export_handle(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    struct text lines;
    enum status status = call_read_begin(call, &session, err);

    (void)item;
    if (status != STATUS_OK)
        return status;
    status = definitions_export(session, call->arena, call->programmes, call->now, &lines, err);
    call_read_end(call, session);
    if (status == STATUS_OK)
        call_reply_content(call, "application/x-ndjson", lines, "programme.jsonl");
    return status;
}

struct import_query {
    struct text note;
    bool drafts, check;
};
static const struct field query_fields[] = {
    {.name = "drafts",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct import_query, drafts),
     .about = "Make drafts of all lines and publish nothing."},
    {.name = "check",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct import_query, check),
     .about = "Only check the lines; nothing is saved."},
    {.name = "note",
     .type = FIELD_TEXT,
     .offset = offsetof(struct import_query, note),
     .maximum = DEFINITION_NOTE_MAX,
     .about = "For lines without a note of their own."},
};
const struct shape definition_import_query_shape = {
    .name = "DefinitionImportQuery", .size = sizeof(struct import_query), SHAPE_FIELDS(query_fields)};

static const struct field import_fields[] = {
    {.name = "published", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "drafts", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "unchanged",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "Lines that say what is in force already."},
    {.name = "effective_at",
     .type = FIELD_INSTANT,
     .flags = FIELD_REQUIRED,
     .about = "When what was published takes effect, unless its line says later."},
};
const struct shape definition_import_shape = {
    .name = "DefinitionImport", .about = "What became of the lines of a file.", SHAPE_FIELDS(import_fields)};

static enum status keep_trail(void *context, const struct definition_change *change,
                              const struct definition_changed *changed, struct error *err)
{
    struct call *call = context;
    const struct definition_key key = {change->kind, change->code, change->now};
    enum definition_action action = changed->version != 0 ? DEFINITION_PUBLISH : change->action;

    return call_audit(call, definition_action_name(action), 0, definition_text(change->arena, &key, &changed->before),
                      definition_text(change->arena, &key, &changed->after), err);
}

static void write_result(struct item *item, const struct definition_transferred *result)
{
    writer_integer(&item->writer, "published", result->published);
    writer_integer(&item->writer, "drafts", result->drafts);
    writer_integer(&item->writer, "unchanged", result->unchanged);
    writer_instant(&item->writer, "effective_at", result->at);
}

enum status definitions_import_lines(struct call *call, struct item *item, const struct definition_lines *lines,
                                     struct error *err)
{
    const struct definition_transfer transfer = {.lines = lines->text,
                                                 .set = call->programmes,
                                                 .now = call->now,
                                                 .actor = call->actor,
                                                 .note = lines->note,
                                                 .drafts = lines->drafts,
                                                 .check = lines->check,
                                                 .changed = keep_trail,
                                                 .context = call};
    struct definition_transferred result;
    struct storage_session *session;
    enum status status = call_write_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = definitions_import(session, &transfer, &result, err);
    if (status != STATUS_OK || lines->check) {
        call_write_rollback(call, session);
        if (status == STATUS_OK)
            write_result(item, &result);
        return status;
    }
    write_result(item, &result);
    status = call_write_commit(call, session, err);
    return status == STATUS_OK ? engine_configuration_reload(call->engine, err) : status;
}

enum status definitions_import_handle(struct call *call, struct item *item, struct error *err)
{
    const struct import_query *query = call->query;
    const struct definition_lines lines = {call_body(call), query->note, query->drafts, query->check};

    return definitions_import_lines(call, item, &lines, err);
}
