#include "features/events/catalogue_api.h"

#include <stddef.h>
#include <string.h>

#include "api/call.h"
#include "api/page.h"
#include "api/user_change.h"
#include "features/events/catalogue_fields_api.h"
#include "features/events/events_store.h"
#include "features/events/item_api.h"
#include "features/events/kind_api.h"
#include "features/events/place_api.h"

/* ---- bodies; every one begins with its key ---- */

struct store_input {
    struct text code, name, zone, region, parent;
    int64_t cut_minutes;
};
struct channel_input {
    struct text code, name;
};

static const struct field store_fields[] = {
    KEY_FIELD(struct store_input, code, "code", CODE_SIZE_MAX),
    NAME_FIELD(struct store_input),
    {.name = "zone",
     .type = FIELD_TEXT,
     .offset = offsetof(struct store_input, zone),
     .maximum = 64,
     .about = "IANA time zone; the programme's when absent."},
    {.name = "cut_minutes",
     .type = FIELD_INTEGER,
     .offset = offsetof(struct store_input, cut_minutes),
     .flags = FIELD_DEFAULT,
     .minimum = 0,
     .maximum = 1439,
     .about = "The business day begins so many minutes after midnight."},
    {.name = "region", .type = FIELD_TEXT, .offset = offsetof(struct store_input, region), .maximum = CODE_SIZE_MAX},
    {.name = "parent", .type = FIELD_TEXT, .offset = offsetof(struct store_input, parent), .maximum = CODE_SIZE_MAX},
};
const struct shape store_input_shape = {
    .name = "StoreInput", .size = sizeof(struct store_input), SHAPE_FIELDS(store_fields)};

static const struct field channel_fields[] = {KEY_FIELD(struct channel_input, code, "code", CODE_SIZE_MAX),
                                              NAME_FIELD(struct channel_input)};
const struct shape channel_input_shape = {
    .name = "ChannelInput", .size = sizeof(struct channel_input), SHAPE_FIELDS(channel_fields)};

/* ---- replies ---- */

static const struct field store_reply[] = {
    REPLY_TEXT("code"),
    REPLY_VERSION,
    REPLY_TEXT("name"),
    REPLY_TEXT("zone"),
    {.name = "cut_minutes", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    REPLY_TEXT("region"),
    REPLY_TEXT("parent"),
};
const struct shape store_shape = {.name = "Store", .size = 0, SHAPE_FIELDS(store_reply)};
static const struct field channel_reply[] = {REPLY_TEXT("code"), REPLY_VERSION, REPLY_TEXT("name")};
const struct shape channel_shape = {.name = "Channel", .size = 0, SHAPE_FIELDS(channel_reply)};

static void write_store(struct call *call, struct json_writer *writer, const struct catalogue_row *row)
{
    (void)call;
    writer_text(writer, "code", row->key);
    writer_integer(writer, "version", row->version);
    writer_text(writer, "name", row->columns[0].text);
    writer_text(writer, "zone", row->columns[1].text);
    writer_integer(writer, "cut_minutes", row->columns[2].integer);
    writer_text(writer, "region", row->columns[3].text);
    writer_text(writer, "parent", row->columns[4].text);
}

static void write_channel(struct call *call, struct json_writer *writer, const struct catalogue_row *row)
{
    (void)call;
    writer_text(writer, "code", row->key);
    writer_integer(writer, "version", row->version);
    writer_text(writer, "name", row->columns[0].text);
}

/* ---- from a body to a row ---- */

static enum status read_store(struct call *call, const void *body, struct catalogue_row *row, struct error *err)
{
    const struct store_input *input = body;
    const struct zone *zone;
    enum status status = input->zone.size > 0 ? zone_load(call->arena, input->zone, &zone, err) : STATUS_OK;

    row->columns[0] = value_text(input->name);
    row->columns[1] = value_text(input->zone);
    row->columns[2] = value_integer(input->cut_minutes);
    row->columns[3] = value_text(input->region);
    row->columns[4] = value_text(input->parent);
    return status;
}

static enum status read_channel(struct call *call, const void *body, struct catalogue_row *row, struct error *err)
{
    const struct channel_input *input = body;

    (void)call;
    (void)err;
    row->columns[0] = value_text(input->name);
    return STATUS_OK;
}

/* ---- one set of functions for all ---- */

struct catalogue_routes {
    const char *path;
    enum catalogue catalogue;
    const char *updated, *deleted; /* names in the audit trail */
    enum status (*read)(struct call *call, const void *body, struct catalogue_row *row, struct error *err);
    void (*write)(struct call *call, struct json_writer *writer, const struct catalogue_row *row);
    /* Whether the row may be written, and removed; NULL: always. */
    enum status (*check)(struct storage_session *session, struct arena *arena, const struct catalogue_row *row,
                         struct error *err);
    enum status (*check_delete)(struct storage_session *session, struct text key, struct error *err);
    bool (*sees)(const struct call *call, const struct catalogue_row *row); /* NULL: everybody does */
    bool in_store; /* the first parameter of the path is a store, and the key lies in it */
};

static bool sees_place(const struct call *call, const struct catalogue_row *row)
{
    return call_sees_store(call, row->key);
}

static bool sees_employee(const struct call *call, const struct catalogue_row *row)
{
    return call_sees_store(call, row->columns[EMPLOYEE_STORE].text);
}

/* A place of another kind is no store, whatever the old address says. */
static enum status check_store(struct storage_session *session, struct arena *arena, const struct catalogue_row *row,
                               struct error *err)
{
    struct catalogue_row *place;
    enum status status = catalogue_get(session, arena, CATALOGUE_PLACES, row->key, &place, err);

    if (status == STATUS_OK && place != NULL && !text_equals(place->columns[PLACE_KIND].text, "store"))
        return error_set(err, STATUS_CONFLICT, "place.kind", "code", "'%.*s' is a place of another kind",
                         (int)row->key.size, row->key.bytes);
    return status;
}

static const struct catalogue_routes catalogues[] = {
    {.path = "/v1/stores/{store}/shelves",
     .catalogue = CATALOGUE_SHELVES,
     .updated = "shelf.updated",
     .deleted = "shelf.deleted",
     .read = item_shelf_row_read,
     .write = item_shelf_row_write,
     .in_store = true},
    {.path = "/v1/item-categories",
     .catalogue = CATALOGUE_CATEGORIES,
     .updated = "item_category.updated",
     .deleted = "item_category.deleted",
     .read = item_category_row_read,
     .write = item_category_row_write,
     .check = category_check,
     .check_delete = category_check_leaf},
    {"/v1/stores", CATALOGUE_STORES, "store.updated", "store.deleted", read_store, write_store, check_store,
     place_check_leaf, sees_place, false},
    {"/v1/channels", CATALOGUE_CHANNELS, "channel.updated", "channel.deleted", read_channel, write_channel, NULL, NULL,
     NULL, false},
    {"/v1/items", CATALOGUE_ITEMS, "item.updated", "item.deleted", item_row_read, item_row_write, NULL, NULL, NULL,
     false},
    {"/v1/event-kinds", CATALOGUE_KINDS, "event_kind.updated", "event_kind.deleted", event_kind_row_read,
     event_kind_row_write, NULL, NULL, NULL, false},
    {"/v1/places", CATALOGUE_PLACES, "place.updated", "place.deleted", place_row_read, place_row_write, place_check,
     place_check_leaf, sees_place, false},
    {"/v1/employees", CATALOGUE_EMPLOYEES, "employee.updated", "employee.deleted", employee_row_read,
     employee_row_write, NULL, NULL, sees_employee, false},
};

static const struct catalogue_routes *routes_of(const struct call *call)
{
    size_t i = 0;

    while (i + 1 < sizeof catalogues / sizeof catalogues[0] &&
           strncmp(call->route->path, catalogues[i].path, strlen(catalogues[i].path)) != 0)
        i++;
    return &catalogues[i];
}

/* The key that the address names; of what lies in a store the one after it. Empty: none. */
static struct text path_key(const struct call *call)
{
    return call->parameters[routes_of(call)->in_store ? 1 : 0];
}

/* The same as the rows have it. */
static struct text row_key(const struct call *call)
{
    return routes_of(call)->in_store ? item_shelf_key(call, call->parameters[1]) : call->parameters[0];
}

static enum status unknown_key(struct error *err)
{
    return error_set(err, STATUS_MISSING, "catalogue.unknown", "", "there is nothing with this code");
}

enum status catalogue_list_handle(struct call *call, struct item *item, struct error *err)
{
    const struct catalogue_routes *routes = routes_of(call);
    const struct page_query *query = call->query;
    struct cursor cursor = {.text_count = 1};
    struct storage_session *session;
    size_t limit = (size_t)query->page.limit;
    bool given;
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &given, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    struct text first = routes->in_store ? item_shelf_key(call, TEXT("")) : TEXT("");
    struct catalogue_page page = {.after = given ? cursor.texts[0] : first, .limit = limit + 1};
    status = catalogue_list(session, call->arena, routes->catalogue, &page, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    while (page.count > 0 && !text_starts_with(page.rows[page.count - 1].key, first))
        page.count--;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < page.count && i < limit; i++) {
        cursor.texts[0] = page.rows[i].key;
        if (routes->sees != NULL && !routes->sees(call, &page.rows[i]))
            continue;
        writer_object(&item->writer, NULL);
        routes->write(call, &item->writer, &page.rows[i]);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, &cursor, page.count > limit);
    return STATUS_OK;
}

static enum status check_seen(const struct call *call, const struct catalogue_row *row, struct error *err)
{
    const struct catalogue_routes *routes = routes_of(call);

    if (routes->sees == NULL || routes->sees(call, row))
        return STATUS_OK;
    return error_set(err, STATUS_FORBIDDEN, "auth.scope", "",
                     "this lies outside of the part of the company that you see");
}

enum status catalogue_row_read(struct call *call, struct catalogue_row **out, struct error *err)
{
    struct storage_session *session;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = catalogue_get(session, call->arena, routes_of(call)->catalogue, row_key(call), out, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    return *out != NULL ? check_seen(call, *out, err) : unknown_key(err);
}

enum status catalogue_get_handle(struct call *call, struct item *item, struct error *err)
{
    const struct catalogue_routes *routes = routes_of(call);
    struct catalogue_row *row;
    enum status status = catalogue_row_read(call, &row, err);

    if (status != STATUS_OK)
        return status;
    routes->write(call, &item->writer, row);
    item->etag = row->version;
    return STATUS_OK;
}

static struct text as_json(struct call *call, const struct catalogue_routes *routes, const struct catalogue_row *row)
{
    struct json_writer writer;

    if (row == NULL)
        return (struct text){NULL, 0};
    writer_start(&writer, call->arena);
    writer_object(&writer, NULL);
    routes->write(call, &writer, row);
    writer_end(&writer);
    return writer_done(&writer);
}

/* Reads what is there, checks the version asked for, writes and audits; in the caller's transaction. */
static enum status put_row(struct call *call, struct storage_session *session, const struct catalogue_routes *routes,
                           struct catalogue_row *row, struct error *err)
{
    struct catalogue_row *before;
    int64_t version;
    enum status status = call_if_match(call, &version, err);

    if (status == STATUS_OK)
        status = catalogue_get(session, call->arena, routes->catalogue, row->key, &before, err);
    if (status == STATUS_OK && before != NULL)
        status = check_seen(call, before, err);
    if (status != STATUS_OK)
        return status;
    if (version != 0 && (before == NULL || before->version != version))
        return error_set(err, STATUS_STALE, "catalogue.stale", "If-Match", "it was changed meanwhile");
    row->version = before != NULL ? before->version + 1 : 1;
    status = routes->check != NULL ? routes->check(session, call->arena, row, err) : STATUS_OK;
    if (status == STATUS_OK)
        status = catalogue_put(session, routes->catalogue, row, err);
    if (status != STATUS_OK)
        return status;
    return call_audit(call, routes->updated, 0, as_json(call, routes, before), as_json(call, routes, row), err);
}

enum status catalogue_row_change(struct call *call, struct item *item, struct catalogue_row *row, struct error *err)
{
    const struct catalogue_routes *routes = routes_of(call);
    struct storage_session *session;
    enum status status = call_write_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = put_row(call, session, routes, row, err);
    if (status != STATUS_OK) {
        call_write_rollback(call, session);
        return status;
    }
    routes->write(call, &item->writer, row);
    item->etag = row->version;
    status = call_write_commit(call, session, err);
    call_scopes_changed(call);
    return status;
}

enum status catalogue_put_handle(struct call *call, struct item *item, struct error *err)
{
    const struct catalogue_routes *routes = routes_of(call);
    struct catalogue_row row = {.key = *(const struct text *)item->body};
    struct text named = path_key(call);
    bool by_path = named.size > 0;

    if (by_path && row.key.size > 0 && !text_equal(row.key, named))
        return error_set(err, STATUS_INVALID, "catalogue.key", "code", "the body names another code than the address");
    if (by_path)
        row.key = named;
    if (row.key.size == 0)
        return error_set(err, STATUS_INVALID, "catalogue.key", "code", "the code is missing");
    if (text_starts_with(row.key, TEXT(SCOPE_PARTNER)))
        return error_set(err, STATUS_INVALID, "catalogue.key", "code", "codes that begin with %s are those of partners",
                         SCOPE_PARTNER);
    enum status status = routes->read(call, item->body, &row, err);
    return status == STATUS_OK ? catalogue_row_change(call, item, &row, err) : status;
}

static enum status delete_row(struct call *call, struct storage_session *session, const struct catalogue_routes *routes,
                              struct error *err)
{
    struct catalogue_row *before;
    enum status status = catalogue_get(session, call->arena, routes->catalogue, row_key(call), &before, err);

    if (status != STATUS_OK)
        return status;
    if (before == NULL)
        return unknown_key(err);
    status = check_seen(call, before, err);
    if (status == STATUS_OK && routes->check_delete != NULL)
        status = routes->check_delete(session, before->key, err);
    if (status == STATUS_OK)
        status = catalogue_delete(session, routes->catalogue, before->key, err);
    if (status != STATUS_OK)
        return status;
    return call_audit(call, routes->deleted, 0, as_json(call, routes, before), (struct text){NULL, 0}, err);
}

enum status catalogue_delete_handle(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    enum status status = call_write_begin(call, &session, err);

    (void)item;
    if (status != STATUS_OK)
        return status;
    status = delete_row(call, session, routes_of(call), err);
    if (status != STATUS_OK) {
        call_write_rollback(call, session);
        return status;
    }
    status = call_write_commit(call, session, err);
    call_scopes_changed(call);
    return status;
}
