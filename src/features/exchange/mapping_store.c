#include "features/events/events_store.h"
#include "features/exchange/import_store.h"
#include "queries.h"

struct mappings {
    struct arena *arena;
    struct saved_mapping *list;
    size_t count, capacity;
};

static enum status add_mapping(void *context, const struct storage_row *row, struct error *err)
{
    struct mappings *mappings = context;
    (void)err;
    mappings->list =
        arena_grow(mappings->arena, mappings->list, &mappings->capacity, mappings->count + 1, sizeof *mappings->list);
    mappings->list[mappings->count++] = (struct saved_mapping){.name = row_text_copy(row, 0, mappings->arena),
                                                               .kind = row_text_copy(row, 1, mappings->arena),
                                                               .document = row_text_copy(row, 2, mappings->arena),
                                                               .version = row_integer(row, 3)};
    return STATUS_OK;
}

enum status mappings_read(struct storage_session *session, struct arena *arena, struct saved_mapping **out,
                          size_t *count, struct error *err)
{
    struct mappings mappings = {.arena = arena};
    struct storage_receiver receiver = {.row = add_mapping, .context = &mappings};
    enum status status = storage_run(session, &query_exchange_mappings_read, NULL, 1, &receiver, err);
    if (status != STATUS_OK)
        return status;
    *out = mappings.list;
    *count = mappings.count;
    return STATUS_OK;
}

enum status mapping_find(struct storage_session *session, struct arena *arena, struct text name,
                         struct saved_mapping *out, struct error *err)
{
    struct mappings mappings = {.arena = arena};
    struct storage_receiver receiver = {.row = add_mapping, .context = &mappings};
    struct storage_value value = value_text(name);
    enum status status = storage_run(session, &query_exchange_mapping_find, &value, 1, &receiver, err);
    if (status != STATUS_OK)
        return status;
    if (mappings.count == 0)
        return error_set(err, STATUS_MISSING, "mapping.unknown", "mapping", "there is no saved mapping '%.*s'",
                         (int)name.size, name.bytes);
    *out = mappings.list[0];
    return STATUS_OK;
}

enum status mapping_save(struct storage_session *session, const struct saved_mapping *mapping, struct error *err)
{
    struct storage_value values[] = {value_text(mapping->name), value_text(mapping->kind),
                                     value_text(mapping->document), value_integer(1)};
    return storage_run(session, &query_exchange_mapping_save, values, 1, NULL, err);
}

static enum status count_changes(void *context, int64_t changes, struct error *err)
{
    (void)err;
    *(int64_t *)context = changes;
    return STATUS_OK;
}

enum status mapping_delete(struct storage_session *session, struct text name, struct error *err)
{
    int64_t changes = 0;
    struct storage_receiver receiver = {.done = count_changes, .context = &changes};
    struct storage_value value = value_text(name);
    enum status status = storage_run(session, &query_exchange_mapping_delete, &value, 1, &receiver, err);
    if (status == STATUS_OK && changes == 0)
        return error_set(err, STATUS_MISSING, "mapping.unknown", "mapping", "there is no saved mapping '%.*s'",
                         (int)name.size, name.bytes);
    return status;
}

enum status items_write(struct engine *engine, const struct item_row *items, size_t count, int64_t *changed,
                        struct error *err)
{
    struct storage_session *session = NULL;
    enum { COLUMNS = 7 };
    bool priced = false;
    struct arena *arena = arena_new((count + 1) * COLUMNS * sizeof(struct storage_value) + 65536);
    if (arena == NULL)
        return error_set(err, STATUS_LIMIT, "exchange.memory", "", "there is no memory for the items");
    struct storage_value *values = arena_array(arena, count * COLUMNS + 1, sizeof *values);
    for (size_t i = 0; i < count; i++) {
        struct storage_value *row = values + i * COLUMNS;
        row[0] = value_text(items[i].sku);
        row[1] = value_text(items[i].name);
        row[2] = value_text(items[i].category);
        row[3] = value_integer(items[i].price);
        row[4] = value_text(items[i].brand);
        row[5] = value_integer(items[i].costed ? items[i].cost : TERMS_UNKNOWN);
        row[6] = value_integer(items[i].taxed ? items[i].tax : TERMS_UNKNOWN);
        priced = priced || items[i].costed || items[i].taxed;
    }
    *changed = 0;
    struct storage_receiver receiver = {.done = count_changes, .context = changed};
    enum status status = storage_session_new(engine_storage(engine), false, &session, err);
    if (status == STATUS_OK)
        status = storage_begin(session, err);
    if (status == STATUS_OK)
        status = storage_run(session, &query_exchange_items_store, values, count, &receiver, err);
    if (status == STATUS_OK && priced)
        status = catalogue_renew(session, err);
    if (status == STATUS_OK)
        status = storage_commit(session, err);
    if (status != STATUS_OK && session != NULL)
        storage_rollback(session);
    storage_session_free(session);
    arena_free(arena);
    return status;
}
