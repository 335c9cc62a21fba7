/* Stores, channels, items, declared kinds, places and employees: tables of the same shape (key, version, columns). */
#include <assert.h>

#include "features/events/events_store.h"
#include "queries.h"
#include "storage/storage.h"

struct catalogue_queries {
    const struct storage_query *list, *get, *put, *delete;
    size_t column_count;
    bool configures; /* decisions see it: a change renews the configuration of every process */
};

static const struct catalogue_queries catalogues[] = {
    [CATALOGUE_STORES] = {&query_events_store_list, &query_events_store_get, &query_events_store_put,
                          &query_events_store_delete, 5, true},
    [CATALOGUE_CHANNELS] = {&query_events_channel_list, &query_events_channel_get, &query_events_channel_put,
                            &query_events_channel_delete, 1, false},
    [CATALOGUE_ITEMS] = {&query_events_item_list, &query_events_item_get, &query_events_item_put,
                         &query_events_item_delete, 4, false},
    [CATALOGUE_KINDS] = {&query_events_kind_list, &query_events_kind_get, &query_events_kind_put,
                         &query_events_kind_delete, 2, true},
    [CATALOGUE_PLACES] = {&query_events_place_list, &query_events_place_get, &query_events_place_put,
                          &query_events_store_delete, PLACE_COLUMN_COUNT, true},
    [CATALOGUE_EMPLOYEES] = {&query_events_employee_list, &query_events_employee_get, &query_events_employee_put,
                             &query_events_employee_delete, EMPLOYEE_COLUMN_COUNT, true},
};

struct catalogue_read {
    struct arena *arena;
    size_t column_count;
    struct catalogue_row *rows;
    size_t count, capacity;
};

static enum status receive_row(void *context, const struct storage_row *row, struct error *err)
{
    struct catalogue_read *read = context;

    (void)err;
    read->rows = arena_grow(read->arena, read->rows, &read->capacity, read->count + 1, sizeof *read->rows);
    struct catalogue_row *out = &read->rows[read->count++];
    *out = (struct catalogue_row){.key = row_text_copy(row, 0, read->arena), .version = row_integer(row, 1)};
    for (size_t i = 0; i < read->column_count; i++) {
        const struct storage_value *value = &row->values[2 + i];
        out->columns[i] = value->type == STORAGE_INTEGER ? value_integer(value->integer)
                                                         : value_text(row_text_copy(row, 2 + (int)i, read->arena));
    }
    return STATUS_OK;
}

enum status catalogue_list(struct storage_session *session, struct arena *arena, enum catalogue catalogue,
                           struct catalogue_page *page, struct error *err)
{
    struct catalogue_read read = {.arena = arena, .column_count = catalogues[catalogue].column_count};
    const struct storage_receiver receiver = {.row = receive_row, .context = &read};
    const struct storage_value values[] = {value_text(page->after), value_integer((int64_t)page->limit)};
    enum status status = storage_run(session, catalogues[catalogue].list, values, 1, &receiver, err);

    page->rows = read.rows;
    page->count = read.count;
    return status;
}

enum status catalogue_get(struct storage_session *session, struct arena *arena, enum catalogue catalogue,
                          struct text key, struct catalogue_row **out, struct error *err)
{
    struct catalogue_read read = {.arena = arena, .column_count = catalogues[catalogue].column_count};
    const struct storage_receiver receiver = {.row = receive_row, .context = &read};
    const struct storage_value values[] = {value_text(key)};
    enum status status = storage_run(session, catalogues[catalogue].get, values, 1, &receiver, err);

    *out = read.count > 0 ? &read.rows[0] : NULL;
    return status;
}

static enum status renew(struct storage_session *session, enum catalogue catalogue, struct error *err)
{
    const struct storage_value first = value_integer(1);

    if (!catalogues[catalogue].configures)
        return STATUS_OK;
    return storage_run(session, &query_events_epoch_bump, &first, 1, NULL, err);
}

enum status catalogue_put(struct storage_session *session, enum catalogue catalogue, const struct catalogue_row *row,
                          struct error *err)
{
    struct storage_value values[CATALOGUE_COLUMNS_MAX + 2] = {value_text(row->key), value_integer(row->version)};

    assert(catalogues[catalogue].column_count <= CATALOGUE_COLUMNS_MAX);
    for (size_t i = 0; i < catalogues[catalogue].column_count; i++)
        values[2 + i] = row->columns[i];
    enum status status = storage_run(session, catalogues[catalogue].put, values, 1, NULL, err);
    return status == STATUS_OK ? renew(session, catalogue, err) : status;
}

enum status catalogue_delete(struct storage_session *session, enum catalogue catalogue, struct text key,
                             struct error *err)
{
    const struct storage_value value = value_text(key);
    enum status status = storage_run(session, catalogues[catalogue].delete, &value, 1, NULL, err);

    return status == STATUS_OK ? renew(session, catalogue, err) : status;
}

enum status items_put(struct storage_session *session, struct arena *arena, const struct catalogue_item *items,
                      size_t count, struct error *err)
{
    enum { ITEM_COLUMNS = 5 };
    struct storage_value *values = arena_array(arena, count * ITEM_COLUMNS + 1, sizeof *values);

    for (size_t i = 0; i < count; i++) {
        values[i * ITEM_COLUMNS] = value_text(items[i].sku);
        values[i * ITEM_COLUMNS + 1] = value_text(items[i].name);
        values[i * ITEM_COLUMNS + 2] = value_text(items[i].category);
        values[i * ITEM_COLUMNS + 3] = value_integer(items[i].price);
        values[i * ITEM_COLUMNS + 4] = value_text(items[i].attributes);
    }
    return storage_run(session, &query_events_items_put, values, count, NULL, err);
}
