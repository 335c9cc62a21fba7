/* The seals of now, for whoever keeps them outside. */
#include "features/points/heads.h"
#include "features/points/points_api.h"
#include "foundation/encoding.h"

static const struct field head_fields[] = {
    {.name = "bucket", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "seq", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Number of the last row."},
    {.name = "seal", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
};
static const struct shape head_shape = {.name = "SealHead", SHAPE_FIELDS(head_fields)};

static const struct field heads_fields[] = {
    {.name = "at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "fingerprint",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .about = "A line to print: the day, and a digest of all the rest."},
    {.name = "heads", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &head_shape},
    {.name = "text", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "The file for `patron verify --heads`."},
};
const struct shape heads_shape = {
    .name = "SealHeads", .about = "Kept elsewhere, they show that no row was rewritten.", SHAPE_FIELDS(heads_fields)};

static void write_heads(struct json_writer *writer, struct arena *arena, const struct heads *heads)
{
    char fingerprint[HEADS_FINGERPRINT_SIZE], seal[SEAL_SIZE * 2 + 1];

    writer_instant(writer, "at", heads->at);
    writer_string(writer, "fingerprint", heads_fingerprint(heads, fingerprint));
    writer_list(writer, "heads");
    for (size_t i = 0; i < heads->count; i++) {
        writer_object(writer, NULL);
        writer_integer(writer, "bucket", heads->entries[i].bucket);
        writer_integer(writer, "seq", heads->entries[i].seq);
        writer_string(writer, "seal", hex_encode(heads->entries[i].seal, SEAL_SIZE, seal));
        writer_end(writer);
    }
    writer_end(writer);
    writer_text(writer, "text", heads_write(arena, heads));
}

enum status heads_handle(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    struct heads heads = {.at = call->now, .count = BUCKET_COUNT};
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = verify_heads_read(session, heads.entries, err);
    call_read_end(call, session);
    if (status == STATUS_OK)
        write_heads(&item->writer, call->arena, &heads);
    return status;
}
