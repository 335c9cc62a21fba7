#include "features/feeds/feeds_store.h"

#include <string.h>

#include "queries.h"

struct reading {
    struct arena *arena;
    const struct programme_set *set;
    const struct definition_kind *kind;
    struct text channel;
    struct advertisements *out;
};

/* Documents are kept as compact JSON: one without the member is not worth reading. */
static bool mentions(struct text document)
{
    static const char member[] = "\"advertised\":";

    return document.size > 0 && memmem(document.bytes, document.size, member, sizeof member - 1) != NULL;
}

/* What cannot be read any more never was in force either: see configure_store.c of the definitions. */
static enum status receive_version(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;

    (void)err;
    if (!mentions(row_text(row, 4)))
        return STATUS_OK;
    struct definition *definition = arena_alloc(reading->arena, sizeof *definition);
    const struct definition_input input = {.arena = reading->arena,
                                           .code = row_text_copy(row, 0, reading->arena),
                                           .document = row_text(row, 4),
                                           .programme = programme_at(reading->set, row_integer(row, 2)),
                                           .programmes = reading->set};

    *definition = (struct definition){
        .code = input.code, .version = row_integer(row, 1), .from = row_integer(row, 2), .until = row_integer(row, 3)};
    if (reading->kind->parse(&input, &definition->parsed, NULL) == STATUS_OK)
        advertisements_add(reading->arena, reading->kind, definition, reading->channel, reading->out);
    return STATUS_OK;
}

enum status advertisements_read(struct storage_session *session, struct arena *arena, const struct programme_set *set,
                                struct text channel, struct advertisements *out, struct error *err)
{
    const struct definition_set *all = set->definitions;
    enum status status = STATUS_OK;

    *out = (struct advertisements){.count = 0};
    for (size_t i = 0; all != NULL && i < all->count && status == STATUS_OK; i++) {
        struct reading reading = {arena, set, all->lists[i].kind, channel, out};
        const struct storage_receiver receiver = {.row = receive_version, .context = &reading};
        const struct storage_value values[] = {value_string(reading.kind->name)};
        if (reading.kind->advertised != NULL)
            status = storage_run(session, &query_feeds_published, values, 1, &receiver, err);
    }
    return status;
}
