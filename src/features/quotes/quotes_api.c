#include "features/quotes/quotes_api.h"

#include "api/page.h"
#include "features/coupons/coupons_api.h"
#include "features/offers/quotes_store.h"
#include "features/quotes/quote_input_api.h"
#include "features/quotes/quote_view_api.h"

/* ---- who ---- */

/* In a session of its own: whether the caller sees the member is asked outside of one. */
static enum status find_member(struct call *call, const struct quoting *quoting, const struct quote_input *input,
                               struct quote_request *body, int64_t *member, struct error *err)
{
    struct storage_session *session;
    int64_t named = 0;

    *member = 0;
    if (input->member == NULL && input->organisation != 0)
        return quote_buyer(quoting, NULL, input, member, body, err);
    if (input->member == NULL)
        return STATUS_OK;
    enum status status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = member_reference_find(call, session, input->member, &named, err);
    *member = named;
    if (status == STATUS_OK)
        status = quote_buyer(quoting, session, input, member, body, err);
    call_read_end(call, session);
    return status == STATUS_OK ? call_check_member(call, named, "member", err) : status;
}

static enum status find_person(struct call *call, struct storage_session *session, int64_t member,
                               struct person *person, struct error *err)
{
    *person = (struct person){NULL, NULL, NULL};
    if (member == 0)
        return STATUS_OK;
    enum status status = engine_view(call->engine, session, member, call->arena, person, err);
    if (status == STATUS_OK && person->member->status != MEMBER_ACTIVE)
        status = error_set(err, STATUS_MISSING, "member.unknown", "member", "there is no such member");
    return status;
}

/* ---- asking ---- */

static void keep(const struct quoting *quoting, struct item *item, const struct quote_request *body,
                 const struct person *person)
{
    const struct offer_index *index = offer_index_of(quoting->programmes);
    struct command *command = item_command(item, quote_type(index, body), sizeof *body);
    struct quote_request *kept = command->body;
    int64_t member = person->member != NULL ? person->member->id : 0;

    *kept = *body;
    kept->known = (struct condition_person){.parts = 0};
    if (member != 0)
        command_subject_member(command, member);
    command->bucket = member != 0 ? id_bucket(member) : (int)((uint64_t)quoting->now / 1000 % BUCKET_COUNT);
    quote_name_counters(quoting, body, person, command);
}

/* Reading codes counts guesses, and so comes before the session in which the basket is priced. */
enum status quote_take_coupons(struct call *call, const struct quoting *quoting, int64_t member,
                               struct quote_request *body, struct error *err)
{
    const struct json_list codes = quote_coupon_codes(quoting, body);

    if (codes.count == 0)
        return STATUS_OK;
    body->coupons = arena_array(call->arena, COUPONS_MAX, sizeof *body->coupons);
    body->parts |= CONDITION_PROFILE | CONDITION_SEGMENTS;
    return coupons_take(call, &codes, member, body->coupons, &body->coupon_count, err);
}

static enum status price(const struct quoting *quoting, struct storage_session *session, struct item *item,
                         struct quote_request *body, const struct person *person, struct error *err)
{
    const struct quote_input *input = item->body;
    enum status status = quote_complete(quoting, session, person, body, err);

    if (status == STATUS_OK && input->keep)
        keep(quoting, item, body, person);
    else if (status == STATUS_OK)
        status = quote_now(quoting, session, person, body, err);
    if (status == STATUS_OK && !input->keep)
        write_quote(&item->writer, body);
    return status;
}

enum status quote_handle(struct call *call, struct item *item, struct error *err)
{
    const struct quoting quoting = {call->arena, call->programmes, call->now};
    struct quote_request *body = arena_alloc(call->arena, sizeof *body);
    struct storage_session *session;
    struct person person;
    int64_t member = 0;
    enum status status = quote_open(&quoting, item->body, body, err);

    if (status == STATUS_OK)
        status = find_member(call, &quoting, item->body, body, &member, err);
    if (status == STATUS_OK)
        status = quote_take_coupons(call, &quoting, member, body, err);
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = find_person(call, session, member, &person, err);
    if (status == STATUS_OK)
        status = price(&quoting, session, item, body, &person, err);
    call_read_end(call, session);
    return status;
}

void quote_finish(struct item *item, struct json_writer *writer)
{
    item->status = 201;
    write_quote(writer, item->command->body);
}

/* ---- those that are kept ---- */

static enum status find_quote(struct call *call, struct quote_row *row, struct error *err)
{
    struct storage_session *session;
    int64_t id;
    enum status status = call_path_id(call, 0, "quo", &id, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = quote_find(session, call->arena, id, row, err);
    call_read_end(call, session);
    return status == STATUS_OK && row->member != 0 ? call_check_member(call, row->member, "", err) : status;
}

static enum status write_kept(struct json_writer *writer, struct arena *arena, const struct quote_row *row,
                              struct error *err)
{
    struct quoted quoted;
    enum status status = quote_read(arena, row->document, &quoted, err);

    if (status != STATUS_OK)
        return status;
    writer_id(writer, "id", "quo", row->id);
    writer_id(writer, "member", "mbr", row->member);
    writer_string(writer, "state", quote_state_name((enum quote_state)row->state));
    writer_instant(writer, "at", row->at);
    writer_instant(writer, "expires_at", row->due_at);
    writer_id(writer, "purchase", "evt", row->settled_by);
    write_quote_price(writer, &quoted);
    return STATUS_OK;
}

enum status quote_get_handle(struct call *call, struct item *item, struct error *err)
{
    struct quote_row row;
    enum status status = find_quote(call, &row, err);

    return status == STATUS_OK ? write_kept(&item->writer, call->arena, &row, err) : status;
}

enum status quote_delete_handle(struct call *call, struct item *item, struct error *err)
{
    struct quote_row row;
    enum status status = find_quote(call, &row, err);

    if (status != STATUS_OK)
        return status;
    struct command *command = item_command(item, &quote_end_type, sizeof(struct quote_end));
    struct quote_end *body = command->body;
    body->id = row.id;
    status = quote_read(call->arena, row.document, &body->quoted, err);
    if (status != STATUS_OK)
        return status;
    if (row.member != 0)
        command_subject_member(command, row.member);
    command->bucket = id_bucket(row.id);
    if (row.reserved) {
        body->coupons = quoted_coupons(&body->quoted, command, call->arena, &body->coupon_count);
        quoted_counters(&body->quoted, command, call->arena);
    }
    return STATUS_OK;
}

void quote_delete_finish(struct item *item, struct json_writer *writer)
{
    const struct quote_end *body = item->command->body;

    writer_id(writer, "id", "quo", body->id);
    writer_string(writer, "state", quote_state_name((enum quote_state)body->row.state));
}

enum status quote_list_handle(struct call *call, struct item *item, struct error *err)
{
    const struct page_query *query = call->query;
    struct cursor cursor = {.integer_count = 1};
    struct quote_page page = {.limit = (size_t)query->page.limit + 1};
    struct storage_session *session;
    bool given = false;
    enum status status = call_path_id(call, 0, "mbr", &page.member, err);

    if (status == STATUS_OK)
        status = cursor_read(call->arena, query->page.after, &cursor, &given, err);
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    page.before = given ? cursor.integers[0] : INT64_MAX;
    status = quotes_of_member(session, call->arena, &page, err);
    call_read_end(call, session);
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < page.count && i + 1 < page.limit && status == STATUS_OK; i++) {
        writer_object(&item->writer, NULL);
        status = write_kept(&item->writer, call->arena, &page.items[i], err);
        writer_end(&item->writer);
        cursor.integers[0] = page.items[i].id;
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, &cursor, page.count == page.limit);
    return status;
}

/* ---- what is open ---- */

struct listing_query {
    struct page page;
    int state;
    bool reserved;
};
static const struct field listing_query_fields[] = {
    PAGE_FIELDS(struct listing_query),
    {.name = "state",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct listing_query, state),
     .choices = quote_state_words},
    {.name = "reserved",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct listing_query, reserved),
     .about = "Only those that reserve: limited offers, coupons, points."},
};
const struct shape quote_listing_query_shape = {
    .name = "QuoteListQuery", .size = sizeof(struct listing_query), SHAPE_FIELDS(listing_query_fields)};

enum status quote_listing_handle(struct call *call, struct item *item, struct error *err)
{
    const struct listing_query *query = call->query;
    struct cursor cursor = {.integer_count = 2};
    struct quote_listing listing = {.state = (enum quote_state)(query->state + 1),
                                    .reserved = query->reserved,
                                    .after_due = INT64_MIN,
                                    .limit = (size_t)query->page.limit + 1};
    struct storage_session *session;
    bool given = false;
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &given, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    if (given) {
        listing.after_due = cursor.integers[0];
        listing.after_id = cursor.integers[1];
    }
    status = quotes_listed(session, call->arena, &listing, err);
    call_read_end(call, session);
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < listing.count && i + 1 < listing.limit && status == STATUS_OK; i++) {
        writer_object(&item->writer, NULL);
        status = write_kept(&item->writer, call->arena, &listing.items[i], err);
        writer_end(&item->writer);
        cursor.integers[0] = listing.items[i].due_at;
        cursor.integers[1] = listing.items[i].id;
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, &cursor, listing.count == listing.limit);
    return status;
}
