/* What contradicts what in the programme that is planned, over HTTP. */
#include <stddef.h>

#include "features/definitions/feature_api.h"
#include "features/definitions/plan_store.h"
#include "features/definitions/view_api.h"

static const struct field side_fields[] = {
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "version", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .about = "Null: its draft."},
};
static const struct shape side_shape = {.name = "ConflictingDefinition", SHAPE_FIELDS(side_fields)};
static const struct field conflict_fields[] = {
    {.name = "kind", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "one", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, .shape = &side_shape},
    {.name = "other", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, .shape = &side_shape},
    {.name = "reason", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
};
const struct shape definition_conflict_shape = {
    .name = "DefinitionConflict",
    .about = "Two parts of the programme, in force, planned or drafted, that contradict each other.",
    SHAPE_FIELDS(conflict_fields)};

static void write_side(struct json_writer *writer, const char *name, const struct definition *definition)
{
    writer_object(writer, name);
    writer_text(writer, "code", definition->code);
    if (definition->version != 0)
        writer_integer(writer, "version", definition->version);
    else
        writer_null(writer, "version");
    writer_end(writer);
}

static void write_conflict(struct json_writer *writer, const struct definition_kind *kind,
                           const struct definition_conflict *conflict)
{
    writer_object(writer, NULL);
    writer_string(writer, "kind", kind->name);
    write_side(writer, "one", conflict->a);
    write_side(writer, "other", conflict->b);
    writer_text(writer, "reason", conflict->reason);
    writer_end(writer);
}

static enum status write_kind(struct call *call, struct storage_session *session, struct item *item,
                              const struct definition_kind *kind, struct error *err)
{
    struct arena *arena = arena_new(PLAN_ARENA_BYTES);
    struct definition_plan plan = {.arena = arena, .set = call->programmes, .kind = kind, .now = call->now};
    struct conflicts conflicts = {.arena = arena};

    if (arena == NULL)
        return error_set(err, STATUS_BUSY, "exchange.memory", "", "there is no memory to compare with");
    enum status status = definition_plan_read(session, &plan, err);
    if (status == STATUS_OK)
        conflicts_among(&conflicts, kind, plan.items, plan.count);
    for (size_t i = 0; i < conflicts.count; i++)
        write_conflict(&item->writer, kind, &conflicts.items[i]);
    arena_free(arena);
    return status;
}

enum status definition_conflicts_handle(struct call *call, struct item *item, struct error *err)
{
    const struct definition_set *all = call->programmes->definitions;
    struct storage_session *session;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < all->count && status == STATUS_OK; i++)
        status = write_kind(call, session, item, all->lists[i].kind, err);
    writer_end(&item->writer);
    call_read_end(call, session);
    page_end(&item->writer, call->arena, NULL, false);
    return status;
}
