#include "features/reactions/reactions_api.h"

#include <stddef.h>

#include "api/page.h"
#include "features/reactions/reactions_store.h"

static const struct field reaction_fields[] = {
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "behind",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "Rows of the journal that it has before it."},
};
const struct shape reaction_shape = {.name = "Reaction", SHAPE_FIELDS(reaction_fields)};

enum status reaction_list_handle(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    struct reaction_figures *figures;
    size_t count;
    enum status status = call_read_begin(call, &session, err);

    if (status == STATUS_OK)
        status = reactions_read(session, call->arena, &figures, &count, err);
    if (status != STATUS_OK)
        return status;
    call_read_end(call, session);
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < count; i++) {
        writer_object(&item->writer, NULL);
        writer_text(&item->writer, "name", figures[i].name);
        writer_integer(&item->writer, "behind", figures[i].behind);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, NULL, false);
    return STATUS_OK;
}
