/* Definitions into the configuration. */
#include "features/definitions/definitions_store.h"
#include "foundation/instant.h"
#include "foundation/log.h"
#include "queries.h"

struct reading {
    struct arena *arena;
    struct programme_set *set;
    const struct definition_kind *kind;
    struct definition *items;
    size_t count, capacity;
};

static enum status receive_definition(void *context, const struct storage_row *row, struct error *err)
{
    struct reading *reading = context;
    struct error problem = {0};
    struct definition definition = {.code = row_text_copy(row, 0, reading->arena),
                                    .version = row_integer(row, 1),
                                    .from = row_integer(row, 2),
                                    .until = row_integer(row, 3),
                                    .document = row_text_copy(row, 4, reading->arena)};
    const struct definition_input input = {.arena = reading->arena,
                                           .code = definition.code,
                                           .document = definition.document,
                                           .programme = programme_at(reading->set, definition.from),
                                           .programmes = reading->set};

    (void)err;
    if (reading->kind->parse(&input, &definition.parsed, &problem) != STATUS_OK) {
        log_event(LOG_ERROR, "definition.unreadable", "version %lld of %s '%.*s' is left out: %s %s",
                  (long long)definition.version, reading->kind->name, (int)definition.code.size, definition.code.bytes,
                  problem.field, problem.message);
        return STATUS_OK;
    }
    reading->items =
        arena_grow(reading->arena, reading->items, &reading->capacity, reading->count + 1, sizeof *reading->items);
    reading->items[reading->count++] = definition;
    return STATUS_OK;
}

static enum status index_lists(struct arena *arena, struct definition_list *lists, size_t count, struct error *err)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        if (lists[i].kind->index != NULL)
            status = lists[i].kind->index(arena, lists[i].items, lists[i].count, &lists[i].index, err);
    return status;
}

enum status definitions_configure(struct storage_session *session, struct arena *arena,
                                  const struct definitions_reading *reading, struct programme_set *set,
                                  struct error *err)
{
    struct definition_list *lists = arena_array(arena, reading->kind_count + 1, sizeof *lists);
    struct definition_set *definitions = arena_alloc(arena, sizeof *definitions);
    enum status status = STATUS_OK;

    for (size_t i = 0; i < reading->kind_count && status == STATUS_OK; i++) {
        struct reading one = {.arena = arena, .set = set, .kind = reading->kinds[i]};
        const struct storage_receiver receiver = {.row = receive_definition, .context = &one};
        const struct storage_value values[] = {
            value_string(one.kind->name), value_integer(reading->now - (int64_t)DEFINITION_KEPT_DAYS * INSTANT_DAY)};
        status = storage_run(session, &query_definitions_configure, values, 1, &receiver, err);
        lists[i] = (struct definition_list){.kind = one.kind, .items = one.items, .count = one.count};
    }
    if (status == STATUS_OK)
        status = index_lists(arena, lists, reading->kind_count, err);
    *definitions = (struct definition_set){lists, reading->kind_count};
    set->definitions = definitions;
    return status;
}
