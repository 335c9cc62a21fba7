#include "features/retention/event_archive_api.h"

#include "features/retention/event_archive_store.h"

static const struct field part_fields[] = {
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "Of the file in the directory."},
    {.name = "texts", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "bytes", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "first_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "last_at",
     .type = FIELD_INSTANT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "When the last of its events was recorded: the file goes when that is archive_days ago."},
};
static const struct shape part_shape = {.name = "EventArchivePart", SHAPE_FIELDS(part_fields)};
static const struct field list_fields[] = {
    {.name = "items", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &part_shape},
};
const struct shape event_archive_shape = {
    .name = "EventArchive", .about = "The files of the archive of events.", SHAPE_FIELDS(list_fields)};

static const struct field text_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt", .about = "Of the event."},
    {.name = "recorded_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "texts", .type = FIELD_JSON, .flags = FIELD_REQUIRED, .about = "As they lay in the database."},
};
static const struct shape text_shape = {.name = "ArchivedText", SHAPE_FIELDS(text_fields)};
static const struct field texts_fields[] = {
    {.name = "items", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &text_shape},
    {.name = "more",
     .type = FIELD_BOOLEAN,
     .flags = FIELD_REQUIRED,
     .about = "There are more: 'patron retention read' tells all of them."},
};
const struct shape archived_texts_shape = {
    .name = "ArchivedTexts", .about = "Texts of a member's old events.", SHAPE_FIELDS(texts_fields)};

static enum status directory_of(const struct call *call, const char **out, struct error *err)
{
    *out = engine_event_archive(call->engine);
    if (*out != NULL)
        return STATUS_OK;
    return error_set(err, STATUS_CONFLICT, "retention.no_archive", "",
                     "this server has no archive of events: --event-archive DIR names its directory");
}

enum status event_archive_handle(struct call *call, struct item *item, struct error *err)
{
    const char *directory = NULL;
    struct archive_part *parts = NULL;
    size_t count = 0;
    enum status status = directory_of(call, &directory, err);

    if (status == STATUS_OK)
        status = event_archive_list(directory, -1, call->arena, &parts, &count, err);
    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < count; i++) {
        writer_object(&item->writer, NULL);
        writer_string(&item->writer, "name", parts[i].name);
        writer_integer(&item->writer, "texts", parts[i].texts);
        writer_integer(&item->writer, "bytes", parts[i].bytes);
        writer_instant(&item->writer, "first_at", parts[i].first_at);
        writer_instant(&item->writer, "last_at", parts[i].last_at);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    return STATUS_OK;
}

struct telling {
    struct json_writer *writer;
    int64_t count;
};

static enum status tell_text(void *context, const struct archived_text *text, struct error *err)
{
    struct telling *telling = context;

    (void)err;
    if (telling->count++ >= ARCHIVED_TEXTS_MAX)
        return STATUS_OK;
    writer_object(telling->writer, NULL);
    writer_id(telling->writer, "id", "evt", text->id);
    writer_instant(telling->writer, "recorded_at", text->recorded_at);
    writer_raw(telling->writer, "texts", text->body);
    writer_end(telling->writer);
    return STATUS_OK;
}

enum status archived_texts_handle(struct call *call, struct item *item, struct error *err)
{
    const char *directory = NULL;
    struct storage_session *session;
    struct telling telling = {.writer = &item->writer};
    const struct archive_receiver receiver = {tell_text, &telling};
    int64_t member = 0;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status == STATUS_OK)
        status = directory_of(call, &directory, err);
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    status = event_archive_read(call->engine, session, directory, member, &receiver, err);
    writer_end(&item->writer);
    writer_boolean(&item->writer, "more", telling.count > ARCHIVED_TEXTS_MAX);
    call_read_end(call, session);
    return status;
}
