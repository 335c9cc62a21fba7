/* Stores, channels, items, their categories and shelves, declared kinds, places and employees: tables of the same shape (key, version, columns). */
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
                         &query_events_item_delete, ITEM_COLUMN_COUNT, false},
    [CATALOGUE_KINDS] = {&query_events_kind_list, &query_events_kind_get, &query_events_kind_put,
                         &query_events_kind_delete, 2, true},
    [CATALOGUE_PLACES] = {&query_events_place_list, &query_events_place_get, &query_events_place_put,
                          &query_events_store_delete, PLACE_COLUMN_COUNT, true},
    [CATALOGUE_EMPLOYEES] = {&query_events_employee_list, &query_events_employee_get, &query_events_employee_put,
                             &query_events_employee_delete, EMPLOYEE_COLUMN_COUNT, true},
    [CATALOGUE_CATEGORIES] = {&query_events_category_list, &query_events_category_get, &query_events_category_put,
                              &query_events_category_delete, CATEGORY_COLUMN_COUNT, true},
    [CATALOGUE_SHELVES] = {&query_events_shelf_list, &query_events_shelf_get, &query_events_shelf_put,
                           &query_events_shelf_delete, SHELF_COLUMN_COUNT, false},
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

static enum status receive_key(void *context, const struct storage_row *row, struct error *err)
{
    struct catalogue_read *read = context;

    (void)err;
    read->rows = arena_grow(read->arena, read->rows, &read->capacity, read->count + 1, sizeof *read->rows);
    read->rows[read->count++] = (struct catalogue_row){.key = row_text_copy(row, 0, read->arena)};
    return STATUS_OK;
}

static enum status receive_any(void *context, const struct storage_row *row, struct error *err)
{
    (void)row;
    (void)err;
    *(bool *)context = true;
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

enum status catalogue_renew(struct storage_session *session, struct error *err)
{
    const struct storage_value first = value_integer(1);

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
    bool priced =
        catalogue == CATALOGUE_ITEMS && (row->columns[ITEM_COST].integer >= 0 || row->columns[ITEM_TAX].integer >= 0);
    return status == STATUS_OK && (priced || catalogues[catalogue].configures) ? catalogue_renew(session, err) : status;
}

enum status catalogue_delete(struct storage_session *session, enum catalogue catalogue, struct text key,
                             struct error *err)
{
    const struct storage_value value = value_text(key);
    enum status status = storage_run(session, catalogues[catalogue].delete, &value, 1, NULL, err);

    return status == STATUS_OK && catalogues[catalogue].configures ? catalogue_renew(session, err) : status;
}

/* ---- the tree of categories ---- */

static enum status category_refused(const struct catalogue_row *row, const char *code, const char *why,
                                    struct error *err)
{
    return error_set(err, STATUS_INVALID, code, "parent", "'%.*s' %s", (int)row->columns[CATEGORY_PARENT].text.size,
                     row->columns[CATEGORY_PARENT].text.bytes, why);
}

/* How many levels lie below the category, itself not counted; up to the limit. */
static enum status category_height(struct storage_session *session, struct arena *arena, struct text code, int limit,
                                   int *height, struct error *err)
{
    struct catalogue_read read = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_key, .context = &read};
    const struct storage_value value = value_text(code);
    enum status status =
        limit > 0 ? storage_run(session, &query_events_category_children, &value, 1, &receiver, err) : STATUS_OK;

    *height = 0;
    for (size_t i = 0; i < read.count && status == STATUS_OK; i++) {
        int below;
        status = category_height(session, arena, read.rows[i].key, limit - 1, &below, err);
        if (below + 1 > *height)
            *height = below + 1;
    }
    return status;
}

enum status category_check(struct storage_session *session, struct arena *arena, const struct catalogue_row *row,
                           struct error *err)
{
    struct text code = row->columns[CATEGORY_PARENT].text;
    int depth = 0, height = 0;
    enum status status = STATUS_OK;

    for (; code.size > 0 && depth <= CATEGORY_DEPTH_MAX; depth++) {
        struct catalogue_row *parent;
        if (text_equal(code, row->key))
            return category_refused(row, "category.ring", "lies in the category itself", err);
        status = catalogue_get(session, arena, CATALOGUE_CATEGORIES, code, &parent, err);
        if (status != STATUS_OK)
            return status;
        if (parent == NULL)
            return category_refused(row, "category.parent", "is not a category", err);
        code = parent->columns[CATEGORY_PARENT].text;
    }
    status = category_height(session, arena, row->key, CATEGORY_DEPTH_MAX + 1, &height, err);
    if (status == STATUS_OK && depth + height >= CATEGORY_DEPTH_MAX)
        return category_refused(row, "category.depth", "lies too deep in the tree of categories", err);
    return status;
}

enum status category_check_leaf(struct storage_session *session, struct text code, struct error *err)
{
    bool any = false;
    const struct storage_receiver receiver = {.row = receive_any, .context = &any};
    const struct storage_value value = value_text(code);
    enum status status = storage_run(session, &query_events_category_children, &value, 1, &receiver, err);

    if (status == STATUS_OK && any)
        return error_set(err, STATUS_CONFLICT, "category.not_empty", "", "other categories lie in it");
    return status;
}
