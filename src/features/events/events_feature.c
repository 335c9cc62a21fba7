#include "features/events/events_feature.h"

#include "api/page.h"
#include "features/events/attribution.h"
#include "features/events/catalogue_api.h"
#include "features/events/custom.h"
#include "features/events/event_api.h"
#include "features/events/events_store.h"
#include "features/events/exchange_api.h"
#include "features/events/item_api.h"
#include "features/events/kind_api.h"
#include "features/events/place_api.h"
#include "features/events/purchase_api.h"
#include "features/events/return.h"
#include "features/events/sales_api.h"
#include "features/events/unreceipted.h"
#include "features/events/visit.h"

enum { BATCH_MAX = 1000 };

#define CATALOGUE_ROUTES(PATH, KEY, noun, nouns, about, plural, INPUT, REPLY, READ, WRITE)                         \
    {.method = HTTP_GET,                                                                                           \
     .path = PATH,                                                                                                 \
     .operation = "list_" nouns,                                                                                   \
     .summary = "List " plural " by code",                                                                         \
     .permission = PERMISSION_CATALOGUE_READ,                                                                      \
     .scope = READ,                                                                                                \
     .query = &page_query_shape,                                                                                   \
     .kind = REPLY_PAGE,                                                                                           \
     .reply = &REPLY,                                                                                              \
     .handle = catalogue_list_handle},                                                                             \
        {.method = HTTP_POST,                                                                                      \
         .path = PATH,                                                                                             \
         .operation = "put_" nouns,                                                                                \
         .summary = "Create or replace " plural,                                                                   \
         .permission = PERMISSION_CATALOGUE_WRITE,                                                                 \
         .scope = WRITE,                                                                                           \
         .body = &INPUT,                                                                                           \
         .items_max = BATCH_MAX,                                                                                   \
         .keeps_reply = true,                                                                                      \
         .kind = REPLY_OBJECT,                                                                                     \
         .reply = &REPLY,                                                                                          \
         .handle = catalogue_put_handle},                                                                          \
        {.method = HTTP_GET,                                                                                       \
         .path = PATH "/{" KEY "}",                                                                                \
         .operation = "get_" noun,                                                                                 \
         .summary = "Show " about,                                                                                 \
         .permission = PERMISSION_CATALOGUE_READ,                                                                  \
         .scope = READ,                                                                                            \
         .kind = REPLY_OBJECT,                                                                                     \
         .reply = &REPLY,                                                                                          \
         .handle = catalogue_get_handle},                                                                          \
        {.method = HTTP_PUT,                                                                                       \
         .path = PATH "/{" KEY "}",                                                                                \
         .operation = "put_" noun,                                                                                 \
         .summary = "Create or replace " about,                                                                    \
         .permission = PERMISSION_CATALOGUE_WRITE,                                                                 \
         .scope = WRITE,                                                                                           \
         .body = &INPUT,                                                                                           \
         .kind = REPLY_OBJECT,                                                                                     \
         .reply = &REPLY,                                                                                          \
         .handle = catalogue_put_handle},                                                                          \
    {                                                                                                              \
        .method = HTTP_DELETE, .path = PATH "/{" KEY "}", .operation = "delete_" noun, .summary = "Delete " about, \
        .permission = PERMISSION_CATALOGUE_WRITE, .scope = WRITE, .kind = REPLY_NONE,                              \
        .handle = catalogue_delete_handle                                                                          \
    }

static const struct route routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/purchases",
     .operation = "record_purchase",
     .summary = "Record a purchase, or up to 1,000",
     .permission = PERMISSION_EVENTS_WRITE,
     .scope = SCOPE_STORE,
     .body = &purchase_input_shape,
     .items_max = BATCH_MAX,
     .reply = &purchase_receipt_shape,
     .status = 201,
     .handle = purchase_handle,
     .finish = purchase_finish,
     .explain = purchase_explain},
    {.method = HTTP_GET,
     .path = "/v1/purchases/{purchase}",
     .operation = "get_purchase",
     .summary = "One purchase, what followed, and what is left of its lines",
     .permission = PERMISSION_EVENTS_READ,
     .scope = SCOPE_STORE,
     .reply = &purchase_shape,
     .handle = purchase_get},
    {.method = HTTP_POST,
     .path = "/v1/purchases/{purchase}/returns",
     .operation = "return_purchase",
     .summary = "Record that goods of a purchase came back",
     .permission = PERMISSION_EVENTS_WRITE,
     .scope = SCOPE_STORE,
     .body = &return_input_shape,
     .body_optional = true,
     .reply = &return_shape,
     .status = 201,
     .handle = return_of_handle,
     .finish = return_finish},
    {.method = HTTP_POST,
     .path = "/v1/purchases/{purchase}/claim",
     .operation = "claim_purchase",
     .summary = "Give an anonymous purchase to a member; it earns as a late purchase",
     .permission = PERMISSION_EVENTS_WRITE,
     .scope = SCOPE_MEMBER,
     .body = &attribution_input_shape,
     .reply = &purchase_receipt_shape,
     .status = 201,
     .handle = attribution_handle,
     .finish = attribution_finish},
    {.method = HTTP_POST,
     .path = "/v1/returns",
     .operation = "record_return",
     .summary = "Record returns of purchases named by id or receipt",
     .permission = PERMISSION_EVENTS_WRITE,
     .scope = SCOPE_STORE,
     .body = &return_by_input_shape,
     .items_max = BATCH_MAX,
     .reply = &return_shape,
     .status = 201,
     .handle = return_by_handle,
     .finish = return_finish},
    {.method = HTTP_POST,
     .path = "/v1/returns-without-receipt",
     .operation = "record_unreceipted_return",
     .summary = "Record goods that come back without a receipt, as the programme allows",
     .permission = PERMISSION_EVENTS_WRITE,
     .scope = SCOPE_STORE,
     .body = &unreceipted_input_shape,
     .items_max = BATCH_MAX,
     .reply = &return_shape,
     .status = 201,
     .handle = unreceipted_handle,
     .finish = unreceipted_finish},
    {.method = HTTP_POST,
     .path = "/v1/purchases/{purchase}/void",
     .operation = "void_purchase",
     .summary = "Undo a purchase on its own business day, as if it had not been",
     .permission = PERMISSION_EVENTS_WRITE,
     .scope = SCOPE_STORE,
     .body = &void_input_shape,
     .body_optional = true,
     .reply = &return_shape,
     .status = 201,
     .handle = void_of_handle,
     .finish = return_finish},
    {.method = HTTP_POST,
     .path = "/v1/voids",
     .operation = "record_void",
     .summary = "Undo purchases of the same business day, named by id or receipt",
     .permission = PERMISSION_EVENTS_WRITE,
     .scope = SCOPE_STORE,
     .body = &void_by_input_shape,
     .items_max = BATCH_MAX,
     .reply = &return_shape,
     .status = 201,
     .handle = void_by_handle,
     .finish = return_finish},
    {.method = HTTP_POST,
     .path = "/v1/exchanges",
     .operation = "record_exchange",
     .summary = "Record goods that come back and others taken for them, on one receipt",
     .permission = PERMISSION_EVENTS_WRITE,
     .scope = SCOPE_STORE,
     .body = &exchange_input_shape,
     .items_max = BATCH_MAX,
     .reply = &exchange_shape,
     .status = 201,
     .handle = exchange_handle,
     .finish = exchange_finish},
    {.method = HTTP_POST,
     .path = "/v1/purchase-claims",
     .operation = "claim_purchases",
     .summary = "Give anonymous purchases, named by receipt, to members; they earn as late purchases",
     .permission = PERMISSION_EVENTS_WRITE,
     .scope = SCOPE_STORE,
     .body = &purchase_claim_input_shape,
     .items_max = BATCH_MAX,
     .reply = &purchase_receipt_shape,
     .status = 201,
     .handle = purchase_claim_handle,
     .finish = attribution_finish},
    {.method = HTTP_POST,
     .path = "/v1/visits",
     .operation = "record_visit",
     .summary = "Record a visit, or up to 1,000",
     .permission = PERMISSION_EVENTS_WRITE,
     .scope = SCOPE_STORE,
     .body = &visit_input_shape,
     .items_max = BATCH_MAX,
     .reply = &event_recorded_shape,
     .status = 201,
     .handle = visit_handle,
     .finish = visit_finish},
    {.method = HTTP_POST,
     .path = "/v1/events",
     .operation = "record_event",
     .summary = "Record an event of a declared kind, or up to 1,000",
     .permission = PERMISSION_EVENTS_WRITE,
     .scope = SCOPE_STORE,
     .body = &event_input_shape,
     .items_max = BATCH_MAX,
     .reply = &event_recorded_shape,
     .status = 201,
     .handle = event_handle,
     .finish = event_finish},
    {.method = HTTP_GET,
     .path = "/v1/events/{event}",
     .operation = "get_event",
     .summary = "One event of the journal, with lines, movements and what followed",
     .permission = PERMISSION_EVENTS_READ,
     .scope = SCOPE_STORE,
     .reply = &event_shape,
     .handle = event_get},
    {.method = HTTP_GET,
     .path = "/v1/members/{member}/timeline",
     .operation = "get_timeline",
     .summary = "Everything that happened with a person, newest first",
     .permission = PERMISSION_EVENTS_READ,
     .scope = SCOPE_MEMBER,
     .query = &timeline_query_shape,
     .kind = REPLY_PAGE,
     .reply = &timeline_entry_shape,
     .handle = timeline_get},
    {.method = HTTP_GET,
     .path = "/v1/sales",
     .operation = "get_sales",
     .summary = "Sales, and profit where costs are known, by day, store, category, item or brand",
     .permission = PERMISSION_INSIGHT_READ,
     .scope = SCOPE_STORE,
     .query = &sales_query_shape,
     .reply = &sales_shape,
     .handle = sales_get},
    CATALOGUE_ROUTES("/v1/stores", "store", "store", "stores", "a store", "stores", store_input_shape, store_shape,
                     SCOPE_STORE, SCOPE_COMPANY),
    CATALOGUE_ROUTES("/v1/places", "place", "place", "places", "a place", "places", place_input_shape, place_shape,
                     SCOPE_STORE, SCOPE_COMPANY),
    CATALOGUE_ROUTES("/v1/employees", "employee", "employee", "employees", "an employee", "employees",
                     employee_input_shape, employee_shape, SCOPE_STORE, SCOPE_STORE),
    {.method = HTTP_GET,
     .path = "/v1/place-tree",
     .operation = "get_place_tree",
     .summary = "The tree of places, each after the one it lies in",
     .permission = PERMISSION_CATALOGUE_READ,
     .scope = SCOPE_STORE,
     .kind = REPLY_PAGE,
     .reply = &place_node_shape,
     .handle = place_tree_handle},
    {.method = HTTP_POST,
     .path = "/v1/places/{place}/move",
     .operation = "move_place",
     .summary = "Let a place, with all below it, lie in another",
     .permission = PERMISSION_CATALOGUE_WRITE,
     .scope = SCOPE_COMPANY,
     .body = &place_move_shape,
     .reply = &place_shape,
     .handle = place_move_handle},
    {.method = HTTP_POST,
     .path = "/v1/places/{place}/close",
     .operation = "close_place",
     .summary = "Close a place from a day on, or open it again",
     .permission = PERMISSION_CATALOGUE_WRITE,
     .scope = SCOPE_COMPANY,
     .body = &place_close_shape,
     .body_optional = true,
     .reply = &place_shape,
     .handle = place_close_handle},
    {.method = HTTP_GET,
     .path = "/v1/places/{place}/now",
     .operation = "get_place_moment",
     .summary = "The business day of a place, and whether it is open",
     .permission = PERMISSION_CATALOGUE_READ,
     .scope = SCOPE_STORE,
     .query = &place_now_query_shape,
     .reply = &place_now_shape,
     .handle = place_now_handle},
    CATALOGUE_ROUTES("/v1/channels", "channel", "channel", "channels", "a channel", "channels", channel_input_shape,
                     channel_shape, SCOPE_COMPANY, SCOPE_COMPANY),
    CATALOGUE_ROUTES("/v1/items", "sku", "item", "items", "an item", "items", item_input_shape, item_shape,
                     SCOPE_COMPANY, SCOPE_COMPANY),
    CATALOGUE_ROUTES("/v1/item-categories", "category", "item_category", "item_categories", "an item category",
                     "item categories", category_input_shape, category_shape, SCOPE_COMPANY, SCOPE_COMPANY),
    CATALOGUE_ROUTES("/v1/stores/{store}/shelves", "sku", "shelf", "shelves", "where an item lies in a store",
                     "where items lie in a store", shelf_input_shape, shelf_shape, SCOPE_STORE, SCOPE_STORE),
    CATALOGUE_ROUTES("/v1/event-kinds", "kind", "event_kind", "event_kinds", "an event kind", "event kinds",
                     kind_input_shape, kind_shape, SCOPE_COMPANY, SCOPE_COMPANY),
};

/* Variants of one type (with lots, with progress) have one name. */
static const struct command_type purchase_command = {.name = "purchase", .decide = purchase_decide};
static const struct command_type visit_command = {.name = "visit", .decide = visit_decide};
static const struct command_type custom_command = {.name = "event", .decide = custom_decide};
static const struct command_type claim_command = {.name = "claim", .decide = attribution_decide};
static const struct command_type unreceipted_command = {.name = "unreceipted_return", .decide = unreceipted_decide};
static const struct command_type *const commands[] = {
    &purchase_command,    &return_command_type, &void_command_type, &exchange_command_type,
    &unreceipted_command, &visit_command,       &custom_command,    &claim_command,
};

const struct feature events_feature = {
    .name = "events",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .commands = commands,
    .command_count = sizeof commands / sizeof commands[0],
};

enum status events_upkeep(struct engine *engine, struct error *err)
{
    struct configuration configuration = engine_configuration(engine);
    struct storage_session *session;
    enum status status = storage_session_new(engine_storage(engine), false, &session, err);

    if (status == STATUS_OK) {
        status = traces_purge(session, configuration.programmes, clock_now(engine_clock(engine)), err);
        storage_session_free(session);
    }
    engine_configuration_release(engine, configuration);
    return status;
}
