#include "features/entitlements/entitlements_store.h"

#include "foundation/id.h"
#include "queries.h"
#include "storage/storage.h"

void store_tier_request(struct decision *decision, const struct tier_request *request)
{
    const struct storage_value values[] = {value_integer(id_bucket(request->id)),
                                           value_integer(request->id),
                                           value_integer(request->member),
                                           value_text(request->ladder),
                                           value_text(request->tier),
                                           value_integer(request->as),
                                           value_integer(request->until),
                                           value_text(request->reason),
                                           value_text(kept_by_write(decision->arena, request)),
                                           value_integer(request->state),
                                           value_text(request->asked_by),
                                           value_integer(request->asked_at),
                                           value_text(request->decided_by),
                                           value_integer(request->decided_at)};

    row_add(decision, &query_entitlements_tier_request_put, arena_copy(decision->arena, values, sizeof values));
}

static void decode_request(const struct storage_row *row, struct arena *arena, struct tier_request *out)
{
    *out = (struct tier_request){.id = row_integer(row, 1),
                                 .member = row_integer(row, 2),
                                 .ladder = row_text_copy(row, 3, arena),
                                 .tier = row_text_copy(row, 4, arena),
                                 .as = (int)row_integer(row, 5),
                                 .until = row_integer(row, 6),
                                 .reason = row_text_copy(row, 7, arena),
                                 .state = (int)row_integer(row, 9),
                                 .asked_by = row_text_copy(row, 10, arena),
                                 .asked_at = row_integer(row, 11),
                                 .decided_by = row_text_copy(row, 12, arena),
                                 .decided_at = row_integer(row, 13)};
    kept_by_read(row_text(row, 8), out);
}

struct request_loading {
    struct arena *arena;
    struct tier_request **requests;
};

static enum status receive_loaded(void *context, const struct storage_row *row, struct error *err)
{
    const struct request_loading *loading = context;

    (void)err;
    decode_request(row, loading->arena, loading->requests[row_integer(row, 0)]);
    return STATUS_OK;
}

/* The context lives in the arena: receivers are called at the flush. */
static enum status send_requests(struct storage_session *session, struct arena *arena, struct tier_request **requests,
                                 const int64_t *ids, size_t count, struct error *err)
{
    struct request_loading *loading = arena_alloc(arena, sizeof *loading);
    const struct storage_receiver receiver = {.row = receive_loaded, .context = loading};
    struct storage_value *values = arena_array(arena, 3 * count + 1, sizeof *values);

    *loading = (struct request_loading){arena, requests};
    for (size_t i = 0; i < count; i++) {
        *requests[i] = (struct tier_request){.id = 0};
        values[3 * i] = value_integer((int64_t)i);
        values[3 * i + 1] = value_integer(id_bucket(ids[i]));
        values[3 * i + 2] = value_integer(ids[i]);
    }
    return storage_send(session, &query_entitlements_tier_requests_load, values, count, &receiver, err);
}

enum status tier_request_load(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    struct tier_request **requests = arena_array(context->arena, count + 1, sizeof(struct tier_request *));
    int64_t *ids = arena_array(context->arena, count + 1, sizeof *ids);

    for (size_t i = 0; i < count; i++) {
        requests[i] = &((struct decide_tier_request *)commands[i]->body)->request;
        ids[i] = ((struct decide_tier_request *)commands[i]->body)->id;
    }
    return send_requests(context->session, context->arena, requests, ids, count, err);
}

enum status tier_request_read(struct storage_session *session, struct arena *arena, int64_t id,
                              struct tier_request *out, struct error *err)
{
    enum status status = send_requests(session, arena, &out, &id, 1, err);

    if (status == STATUS_OK)
        status = storage_flush(session, err);
    if (status == STATUS_OK && out->id == 0)
        status = error_set(err, STATUS_MISSING, "tier.unknown_request", "request", "there is no such request");
    return status;
}

struct request_listing {
    struct arena *arena;
    struct tier_request *requests;
    size_t count, capacity;
};

static enum status receive_listed(void *context, const struct storage_row *row, struct error *err)
{
    struct request_listing *listing = context;

    (void)err;
    listing->requests = arena_grow(listing->arena, listing->requests, &listing->capacity, listing->count + 1,
                                   sizeof *listing->requests);
    decode_request(row, listing->arena, &listing->requests[listing->count++]);
    return STATUS_OK;
}

enum status tier_request_page_read(struct storage_session *session, struct arena *arena,
                                   const struct tier_request_page *page, struct tier_request **out, size_t *count,
                                   struct error *err)
{
    struct request_listing listing = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_listed, .context = &listing};
    const struct storage_value values[] = {
        value_integer(page->state), value_integer(page->given ? page->after_at : INT64_MIN),
        value_integer(page->given ? id_bucket(page->after_id) : 0), value_integer(page->given ? page->after_id : 0),
        value_integer((int64_t)page->limit)};
    enum status status = storage_run(session, &query_entitlements_tier_request_page, values, 1, &receiver, err);

    *out = listing.requests;
    *count = listing.count;
    return status;
}
