/* What the API shows of orders, reservations and stays. */
#include <stddef.h>
#include <string.h>

#include "api/page.h"
#include "features/events/purchase_api.h"
#include "features/orders/bookings_store.h"
#include "features/orders/orders_api.h"

/* ---- shapes ---- */

#define HEAD_FIELDS(id_prefix)                                                                                        \
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = (id_prefix)},                                 \
        {.name = "number", .type = FIELD_TEXT}, {.name = "state", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},       \
        {.name = "version", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED}, {.name = "channel", .type = FIELD_TEXT}, \
        {.name = "store", .type = FIELD_TEXT}, {.name = "name", .type = FIELD_TEXT},                                  \
    {                                                                                                                 \
        .name = "note", .type = FIELD_TEXT                                                                            \
    }
#define MONEY_FIELDS                                                                    \
    {.name = "amount", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},                  \
    {                                                                                   \
        .name = "purchase", .type = FIELD_ID, .flags = FIELD_NULLABLE, .prefix = "evt", \
        .about = "The sale that it became last: GET /v1/purchases/{purchase}."          \
    }
#define ORDER_FIELDS                                                                                                  \
    HEAD_FIELDS("ord"), MONEY_FIELDS, {.name = "member", .type = FIELD_ID, .flags = FIELD_NULLABLE, .prefix = "mbr"}, \
        {.name = "origin", .type = FIELD_TEXT}, {.name = "business_day", .type = FIELD_DAY},                          \
        {.name = "placed_at", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE},                                        \
        {.name = "paid_at", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE},                                          \
        {.name = "ready_at", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE},                                         \
    {                                                                                                                 \
        .name = "ended_at", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE, .about = "Collected or cancelled."        \
    }
#define RESERVATION_FIELDS                                                                                             \
    HEAD_FIELDS("rsv"), {.name = "member", .type = FIELD_ID, .flags = FIELD_NULLABLE, .prefix = "mbr"},                \
        {.name = "time", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED}, {.name = "business_day", .type = FIELD_DAY}, \
        {.name = "party", .type = FIELD_INTEGER}, {.name = "place", .type = FIELD_TEXT},                               \
        {.name = "arrived_at", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE},                                        \
    {                                                                                                                  \
        .name = "ended_at", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE                                             \
    }
#define STAY_FIELDS                                                                                                    \
    HEAD_FIELDS("sty"), MONEY_FIELDS, {.name = "guest", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},   \
        {.name = "payer", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},                                 \
        {.name = "credited",                                                                                           \
         .type = FIELD_ID,                                                                                             \
         .flags = FIELD_REQUIRED,                                                                                      \
         .prefix = "mbr",                                                                                              \
         .about = "Whose sale and points it is, by the rate code."},                                                   \
        {.name = "arrival", .type = FIELD_DAY, .flags = FIELD_REQUIRED},                                               \
        {.name = "departure", .type = FIELD_DAY, .flags = FIELD_REQUIRED},                                             \
        {.name = "nights", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED}, {.name = "rate_code", .type = FIELD_TEXT}, \
        {.name = "earns", .type = FIELD_BOOLEAN}, {.name = "night_price", .type = FIELD_AMOUNT},                       \
        {.name = "pending_points",                                                                                     \
         .type = FIELD_LIST,                                                                                           \
         .element = FIELD_OBJECT,                                                                                      \
         .shape = &wallet_points_shape,                                                                                \
         .about = "What waits for the departure, from the check-in on."},                                              \
        {.name = "room", .type = FIELD_TEXT}, {.name = "party", .type = FIELD_INTEGER},                                \
        {.name = "arrived_at", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE},                                        \
    {                                                                                                                  \
        .name = "ended_at", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE, .about = "Departed, cancelled or no-show." \
    }

static const struct field history_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},
    {.name = "kind", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "recorded_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "store", .type = FIELD_TEXT},
};
static const struct shape history_shape = {.name = "BookingHistory", .size = 0, SHAPE_FIELDS(history_fields)};

#define LINES_FIELD(list_name)                                                                     \
    {                                                                                              \
        .name = (list_name), .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, \
        .shape = &purchase_line_shape                                                              \
    }
#define HISTORY_FIELD                                                                            \
    {                                                                                            \
        .name = "history", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, \
        .shape = &history_shape, .about = "What happened to it, sales included, as it was told." \
    }

static const struct field order_fields[] = {ORDER_FIELDS};
const struct shape order_shape = {.name = "Order", .size = 0, SHAPE_FIELDS(order_fields)};
static const struct field order_detail_fields[] = {ORDER_FIELDS, LINES_FIELD("lines"), HISTORY_FIELD};
const struct shape order_detail_shape = {.name = "OrderDetail", .size = 0, SHAPE_FIELDS(order_detail_fields)};
static const struct field reservation_fields[] = {RESERVATION_FIELDS};
const struct shape reservation_shape = {.name = "Reservation", .size = 0, SHAPE_FIELDS(reservation_fields)};
static const struct field reservation_detail_fields[] = {RESERVATION_FIELDS, HISTORY_FIELD};
const struct shape reservation_detail_shape = {
    .name = "ReservationDetail", .size = 0, SHAPE_FIELDS(reservation_detail_fields)};
static const struct field stay_fields[] = {STAY_FIELDS};
const struct shape stay_shape = {.name = "Stay", .size = 0, SHAPE_FIELDS(stay_fields)};
static const struct field stay_detail_fields[] = {STAY_FIELDS, LINES_FIELD("folio"), HISTORY_FIELD};
const struct shape stay_detail_shape = {.name = "StayDetail", .size = 0, SHAPE_FIELDS(stay_detail_fields)};

/* ---- writing ---- */

static const struct field text_fields[] = {
    {.name = "name", .type = FIELD_TEXT, .offset = 0, .maximum = BOOKING_TEXT_MAX},
    {.name = "note", .type = FIELD_TEXT, .offset = sizeof(struct text), .maximum = BOOKING_TEXT_MAX},
    {.name = "modifiers", .type = FIELD_JSON, .offset = 2 * sizeof(struct text), .maximum = INT32_MAX},
};
static const struct shape texts_shape = {
    .name = "BookingTexts", .size = 3 * sizeof(struct text), SHAPE_FIELDS(text_fields)};

static void write_text(struct json_writer *writer, const char *name, struct text value)
{
    if (value.size > 0)
        writer_text(writer, name, value);
}

static void write_head(struct json_writer *writer, const struct booking *booking, struct text detail)
{
    struct text texts[3] = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    struct error ignored;

    writer_id(writer, "id", booking_prefix(booking->kind), booking->id);
    write_text(writer, "number", booking->number);
    writer_string(writer, "state", booking_state_name(booking->state));
    writer_integer(writer, "version", booking->version);
    write_text(writer, "channel", booking->channel);
    write_text(writer, "store", booking->store);
    if (detail.size > 0 && shape_read_text(writer->out.arena, &texts_shape, detail, texts, &ignored) == STATUS_OK) {
        write_text(writer, "name", texts[0]);
        write_text(writer, "note", texts[1]);
    }
}

static void write_money(struct json_writer *writer, const struct booking *booking)
{
    writer_amount(writer, "amount", booking->amount, booking->currency);
    writer_id(writer, "purchase", "evt", booking->purchase);
}

static void write_order(struct json_writer *writer, const struct booking *booking)
{
    write_money(writer, booking);
    writer_id(writer, "member", "mbr", booking->member);
    write_text(writer, "origin", booking->origin);
    writer_day(writer, "business_day", booking->from_day);
    writer_instant(writer, "placed_at", booking->at);
    writer_instant(writer, "paid_at", booking->paid_at);
    writer_instant(writer, "ready_at", booking->ready_at);
    writer_instant(writer, "ended_at", booking->ended_at);
}

static void write_party(struct json_writer *writer, const struct booking *booking, const char *place)
{
    if (booking->party > 0)
        writer_integer(writer, "party", booking->party);
    write_text(writer, place, booking->place);
    writer_instant(writer, "arrived_at", booking->arrived_at);
    writer_instant(writer, "ended_at", booking->ended_at);
}

static void write_reservation(struct json_writer *writer, const struct booking *booking)
{
    writer_id(writer, "member", "mbr", booking->member);
    writer_instant(writer, "time", booking->at);
    writer_day(writer, "business_day", booking->from_day);
    write_party(writer, booking, "place");
}

static void write_awaited(struct json_writer *writer, const struct booking *booking)
{
    struct booking_awaited awaited;

    booking_awaited_read(booking->awaited, &awaited);
    if (awaited.count == 0)
        return;
    writer_list(writer, "pending_points");
    for (size_t i = 0; i < awaited.count; i++) {
        writer_object(writer, NULL);
        writer_text(writer, "wallet", awaited.items[i].wallet);
        writer_integer(writer, "points", awaited.items[i].points);
        writer_end(writer);
    }
    writer_end(writer);
}

static void write_stay(const struct call *call, struct json_writer *writer, const struct booking *booking)
{
    const struct booking_rules *rules = booking_rules_of(call->programmes);

    write_money(writer, booking);
    writer_id(writer, "guest", "mbr", booking->member);
    writer_id(writer, "payer", "mbr", booking->payer != 0 ? booking->payer : booking->member);
    writer_id(writer, "credited", "mbr", booking_buyer(rules, booking));
    writer_day(writer, "arrival", booking->from_day);
    writer_day(writer, "departure", booking->until_day);
    writer_integer(writer, "nights", booking_nights(booking));
    write_text(writer, "rate_code", booking->rate);
    writer_boolean(writer, "earns", rate_code_of(rules, booking->rate).earns);
    if (booking->night_price > 0)
        writer_amount(writer, "night_price", booking->night_price, booking->currency);
    write_awaited(writer, booking);
    write_party(writer, booking, "room");
}

static void write_booking(const struct call *call, struct json_writer *writer, const struct booking *booking,
                          struct text detail)
{
    write_head(writer, booking, detail);
    switch (booking->kind) {
    case BOOKING_ORDER:
        write_order(writer, booking);
        break;
    case BOOKING_RESERVATION:
        write_reservation(writer, booking);
        break;
    case BOOKING_STAY:
        write_stay(call, writer, booking);
        break;
    }
}

static void write_entry(struct json_writer *writer, const struct journal_row *row)
{
    writer_object(writer, NULL);
    writer_id(writer, "id", "evt", row->id);
    writer_text(writer, "kind", row->kind);
    writer_instant(writer, "at", row->at);
    writer_instant(writer, "recorded_at", row->recorded_at);
    write_text(writer, "store", row->store);
    writer_end(writer);
}

static void write_row_lines(struct json_writer *writer, struct journal_row *row, const char *currency)
{
    row_attach_terms(writer->out.arena, row);
    write_lines(writer, row->lines, row->line_count, currency);
}

static void write_past(struct json_writer *writer, const struct booking *booking, struct past_event *begun)
{
    if (booking->kind != BOOKING_RESERVATION) {
        writer_list(writer, booking->kind == BOOKING_STAY ? "folio" : "lines");
        write_row_lines(writer, &begun->row, booking->currency);
        for (size_t f = 0; f < begun->follower_count; f++)
            if (text_equals(begun->followers[f].row.kind, "stay_folio"))
                write_row_lines(writer, &begun->followers[f].row, booking->currency);
        writer_end(writer);
    }
    writer_list(writer, "history");
    write_entry(writer, &begun->row);
    for (size_t f = 0; f < begun->follower_count; f++)
        write_entry(writer, &begun->followers[f].row);
    writer_end(writer);
}

/* ---- one ---- */

enum status booking_get_handle(struct call *call, struct item *item, struct error *err)
{
    enum booking_kind kind = booking_kind_of(call);
    struct storage_session *session;
    struct past_event *begun;
    struct booking booking;
    struct text detail = {NULL, 0};
    int64_t id;
    enum status status = call_path_id(call, 0, booking_prefix(kind), &id, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = booking_read(session, call->arena, kind, id, &booking, err);
    if (status == STATUS_OK)
        status = booking_check_seen(call, &booking, err);
    if (status == STATUS_OK)
        status = engine_event(session, id, LOAD_FOLLOWERS, call->arena, &begun, err);
    if (status == STATUS_OK)
        status = booking_details(session, call->arena, &booking, 1, &detail, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    item->etag = booking.version;
    write_booking(call, &item->writer, &booking, detail);
    write_past(&item->writer, &booking, begun);
    return STATUS_OK;
}

/* ---- lists ---- */

struct list_input {
    struct page page;
    struct text store, state, channel, number;
    int32_t day, from, to;
    int64_t member;
};

static const struct field list_fields[] = {
    PAGE_FIELDS(struct list_input),
    {.name = "store",
     .type = FIELD_TEXT,
     .flags = FIELD_STORE,
     .offset = offsetof(struct list_input, store),
     .maximum = CODE_SIZE_MAX},
    {.name = "state", .type = FIELD_TEXT, .offset = offsetof(struct list_input, state), .maximum = CODE_SIZE_MAX},
    {.name = "day",
     .type = FIELD_DAY,
     .offset = offsetof(struct list_input, day),
     .about = "Business day: of an order's placing, of a reservation, of a stay's arrival."},
    {.name = "from", .type = FIELD_DAY, .offset = offsetof(struct list_input, from), .about = "Days from this on."},
    {.name = "to", .type = FIELD_DAY, .offset = offsetof(struct list_input, to), .about = "Until this day, included."},
    {.name = "member", .type = FIELD_ID, .offset = offsetof(struct list_input, member), .prefix = "mbr"},
    {.name = "channel", .type = FIELD_TEXT, .offset = offsetof(struct list_input, channel), .maximum = CODE_SIZE_MAX},
    {.name = "number",
     .type = FIELD_TEXT,
     .offset = offsetof(struct list_input, number),
     .maximum = EVENT_KEY_PART_MAX,
     .about = "The one with this number in `channel`, wherever it is handled."},
};
const struct shape booking_query_shape = {
    .name = "BookingQuery", .size = sizeof(struct list_input), SHAPE_FIELDS(list_fields)};

/* By its number: whoever names it exactly may see it. */
static enum status list_number(struct call *call, struct storage_session *session, struct booking_list *out,
                               struct error *err)
{
    const struct list_input *input = call->query;
    enum booking_kind kind = booking_kind_of(call);
    int64_t id;
    const struct booking_number number = {kind, input->channel, input->number};
    enum status status = booking_find(session, call->arena, &number, &id, err);

    *out = (struct booking_list){.arena = call->arena, .items = arena_alloc(call->arena, sizeof(struct booking))};
    if (status != STATUS_OK || id == 0)
        return status;
    out->count = 1;
    return booking_read(session, call->arena, kind, id, &out->items[0], err);
}

static enum status fill_query(struct call *call, struct storage_session *session, struct booking_query *query,
                              struct error *err)
{
    const struct list_input *input = call->query;
    struct cursor cursor = {.integer_count = 2};
    enum booking_state state = BOOKING_PLACED;
    bool given;
    enum status status = cursor_read(call->arena, input->page.after, &cursor, &given, err);

    if (status != STATUS_OK)
        return status;
    if (input->state.size > 0 && !booking_state_find(booking_kind_of(call), input->state, &state))
        return error_set(err, STATUS_INVALID, "json.choice", "state", "there is no state '%.*s'",
                         (int)input->state.size, input->state.bytes);
    *query = (struct booking_query){.kind = booking_kind_of(call),
                                    .store = input->store,
                                    .from_day = input->from != FIELD_DAY_ABSENT ? input->from : INT32_MIN,
                                    .until_day = input->to != FIELD_DAY_ABSENT ? input->to : INT32_MAX,
                                    .before_day = given ? (int32_t)cursor.integers[0] : INT32_MAX,
                                    .before_id = given ? cursor.integers[1] : INT64_MAX,
                                    .state = input->state.size > 0 ? (int)state : 0,
                                    .limit = (size_t)input->page.limit};
    if (input->day != FIELD_DAY_ABSENT)
        query->from_day = query->until_day = input->day;
    if (input->member == 0)
        return STATUS_OK;
    struct person person;
    int64_t *members = arena_array(call->arena, GROUP_MEMBERS_MAX, sizeof *members);
    status = engine_view(call->engine, session, input->member, call->arena, &person, err);
    for (size_t i = 0; status == STATUS_OK && i < person.group->member_count; i++)
        if (person.group->members[i].leader == person.leader->id)
            members[query->member_count++] = person.group->members[i].id;
    query->members = members;
    return status;
}

static enum status read_list(struct call *call, struct booking_list *list, size_t *limit, struct text **details,
                             struct error *err)
{
    const struct list_input *input = call->query;
    struct booking_query query = {.limit = 1};
    struct storage_session *session;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    if (input->number.size > 0) {
        status = list_number(call, session, list, err);
    } else {
        status = fill_query(call, session, &query, err);
        if (status == STATUS_OK)
            status = bookings_list(session, call->arena, &query, list, err);
    }
    if (status == STATUS_OK) {
        *details = arena_array(call->arena, list->count + 1, sizeof **details);
        status = booking_details(session, call->arena, list->items, list->count, *details, err);
    }
    call_read_end(call, session);
    *limit = query.limit;
    return status;
}

enum status booking_list_handle(struct call *call, struct item *item, struct error *err)
{
    const struct list_input *input = call->query;
    struct booking_list list;
    struct cursor last = {.integer_count = 2};
    struct text *details;
    struct error ignored;
    size_t limit;
    enum status status = read_list(call, &list, &limit, &details, err);

    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < list.count && i < limit; i++) {
        const struct booking *booking = &list.items[i];
        last.integers[0] = booking->from_day;
        last.integers[1] = booking->id;
        if (input->number.size == 0 && booking_check_seen(call, booking, &ignored) != STATUS_OK)
            continue;
        writer_object(&item->writer, NULL);
        write_booking(call, &item->writer, booking, details[i]);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, &last, list.count > limit);
    return STATUS_OK;
}
