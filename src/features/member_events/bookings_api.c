/* Bookings of events over HTTP. */
#include <stddef.h>
#include <string.h>

#include "api/page.h"
#include "features/coupons/qr.h"
#include "features/member_events/member_events_api.h"
#include "features/points/context_api.h"
#include "features/redemption/proof_api.h"
#include "features/redemption/velocity.h"
#include "foundation/id.h"
#include "foundation/instant.h"

enum { SCALE_USUAL = 8 };

/* ---- registering ---- */

struct booking_input {
    struct member_reference *member;
    struct proof_input *proof;
    struct text event;
    struct context_input context;
};
static const struct field input_fields[] = {
    MEMBER_FIELD(struct booking_input, "member", member),
    {.name = "event",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct booking_input, event),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX},
    PROOF_FIELD(struct booking_input, proof),
    CONTEXT_FIELDS(struct booking_input),
};
const struct shape event_booking_input_shape = {
    .name = "EventBookingInput", .size = sizeof(struct booking_input), SHAPE_FIELDS(input_fields)};

enum status event_booking_handle(struct call *call, struct item *item, struct error *err)
{
    const struct booking_input *input = item->body;
    struct command *command = item_command(item, &register_for_event_type, sizeof(struct register_for_event));
    struct register_for_event *body = command->body;
    const struct velocity_place place = {input->context.store, input->context.till, input->context.employee};
    enum status status = proof_take(call, input->member, input->proof, &body->proof, err);

    if (status != STATUS_OK)
        return status;
    body->context = context_of(&input->context);
    body->event = input->event;
    velocity_counters(programme_at(call->programmes, call->now), VELOCITY_REDEEMING, &place, command, call->arena);
    if (!event_counters_name(command, call->arena, call->programmes, input->event, (struct text){NULL, 0},
                             &body->counters))
        return error_set(err, STATUS_LIMIT, "member_event.limits", "", "the programme limits too much at once");
    return member_reference_apply(call, command, input->member, "member", err);
}

/* ---- replies ---- */

static const struct field booking_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mvb"},
    {.name = "state",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .about = "waiting, booked, attended, cancelled, no_show or not_seated."},
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},
    {.name = "event", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "starts", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "ends", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "store", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "place", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "In the order of registrations."},
    {.name = "tier",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "For which seats are kept."},
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "The price: of who waits on hold."},
    {.name = "given_back", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Of the price."},
    {.name = "registered_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "seated_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "ended_at",
     .type = FIELD_INSTANT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "Checked in, cancelled or not come."},
    {.name = "reason", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .about = "Why it was cancelled."},
    {.name = "barred_until",
     .type = FIELD_INSTANT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "The member may not register for an event before."},
    {.name = "attendance", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Points for having come."},
    {.name = "ticket",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "What the QR code says; of a booking with a seat."},
    {.name = "available", .type = FIELD_INTEGER, .about = "After a registration: what the person may spend."},
};
const struct shape event_booking_shape = {.name = "EventBooking",
                                          .about = "A seat at an event, or a place on its waiting list.",
                                          SHAPE_FIELDS(booking_fields)};

static void write_optional(struct json_writer *writer, const char *name, struct text text)
{
    if (text.size > 0)
        writer_text(writer, name, text);
    else
        writer_null(writer, name);
}

void event_booking_write(struct json_writer *writer, const struct call *call, const struct event_booking *booking)
{
    const struct member_event *event = member_event_known(call->programmes, booking->event, call->now).event;
    char ticket[EVENT_TICKET_SIZE];

    writer_id(writer, "id", "mvb", booking->id);
    writer_string(writer, "state", event_booking_states[event_booking_state_at(booking, event, call->now)]);
    writer_id(writer, "member", "mbr", booking->member);
    writer_text(writer, "event", booking->event);
    writer_text(writer, "name", event != NULL ? event->name : booking->event);
    writer_instant(writer, "starts", event != NULL ? event->starts : 0);
    writer_instant(writer, "ends", event != NULL ? event->ends : 0);
    writer_text(writer, "store", booking->store);
    writer_integer(writer, "place", booking->place);
    write_optional(writer, "tier", booking->tier);
    writer_text(writer, "wallet", booking->wallet);
    writer_integer(writer, "points", booking->points);
    writer_integer(writer, "given_back", booking->given_back);
    writer_instant(writer, "registered_at", booking->at);
    writer_instant(writer, "seated_at", booking->seated_at);
    writer_instant(writer, "ended_at", booking->ended_at);
    write_optional(writer, "reason", booking->reason);
    writer_instant(writer, "barred_until", booking->barred_until);
    writer_integer(writer, "attendance", booking->award);
    if (booking->state == EVENT_BOOKED || booking->state == EVENT_ATTENDED)
        writer_string(writer, "ticket", event_ticket(engine_seal_key(call->engine), booking->id, ticket));
    else
        writer_null(writer, "ticket");
}

void event_booking_finish(struct item *item, struct json_writer *writer)
{
    const struct register_for_event *body = item->command->body;

    event_booking_write(writer, item->call, &body->result);
    writer_integer(writer, "available", body->available);
}

void event_booking_explain(const struct item *item, struct json_writer *writer)
{
    if (item->command == NULL || strcmp(item->command->error.code, "member_event.points") != 0)
        return;
    writer_integer(writer, "missing", ((const struct register_for_event *)item->command->body)->missing);
}

/* ---- reading ---- */

/* The booking of the path, when the caller sees where the event is. */
static enum status read_booking(struct call *call, struct storage_session *session, struct event_booking *out,
                                struct error *err)
{
    int64_t id = 0;
    enum status status = call_path_id(call, 0, "mvb", &id, err);

    if (status == STATUS_OK)
        status = event_booking_read(session, call->arena, id, out, err);
    return status == STATUS_OK ? call_check_store(call, out->store, "booking", err) : status;
}

static enum status read_one(struct call *call, struct event_booking *out, struct error *err)
{
    struct storage_session *session;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = read_booking(call, session, out, err);
    call_read_end(call, session);
    return status;
}

enum status event_booking_get_handle(struct call *call, struct item *item, struct error *err)
{
    struct event_booking booking;
    enum status status = read_one(call, &booking, err);

    if (status == STATUS_OK)
        event_booking_write(&item->writer, call, &booking);
    return status;
}

static const char *const states[] = {"waiting", "booked", "attended", "cancelled", "no_show", "not_seated", NULL};
struct booking_query {
    struct page page;
    int64_t member;
    struct text event, store;
    int state;
};
static const struct field booking_query_fields[] = {
    PAGE_FIELDS(struct booking_query),
    {.name = "member", .type = FIELD_ID, .offset = offsetof(struct booking_query, member), .prefix = "mbr"},
    {.name = "event", .type = FIELD_TEXT, .offset = offsetof(struct booking_query, event), .maximum = CODE_SIZE_MAX},
    {.name = "state", .type = FIELD_CHOICE, .offset = offsetof(struct booking_query, state), .choices = states},
    {.name = "store",
     .type = FIELD_TEXT,
     .flags = FIELD_STORE,
     .offset = offsetof(struct booking_query, store),
     .maximum = CODE_SIZE_MAX},
};
const struct shape event_booking_query_shape = {
    .name = "EventBookingQuery", .size = sizeof(struct booking_query), SHAPE_FIELDS(booking_query_fields)};

static enum status read_page(struct call *call, struct storage_session *session, struct event_booking_page *page,
                             struct event_booking_list *list, struct error *err)
{
    const struct booking_query *query = call->query;
    struct person *person = arena_alloc(call->arena, sizeof *person);
    enum status status = STATUS_OK;

    if (query->member != 0) {
        status = engine_view(call->engine, session, query->member, call->arena, person, err);
        page->person = person;
    }
    return status == STATUS_OK ? event_bookings_read(session, page, list, err) : status;
}

enum status event_booking_list_handle(struct call *call, struct item *item, struct error *err)
{
    const struct booking_query *query = call->query;
    struct cursor cursor = {.integer_count = 2};
    struct event_booking_list list = {.arena = call->arena};
    struct storage_session *session;
    size_t limit = (size_t)query->page.limit;
    bool given;
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &given, err);

    if (status == STATUS_OK && query->member != 0)
        status = call_check_member(call, query->member, "member", err);
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    struct event_booking_page page = {.event = query->event,
                                      .store = query->store,
                                      .state = query->state + 1,
                                      .before_at = given ? cursor.integers[0] : INSTANT_NEVER,
                                      .before_id = given ? cursor.integers[1] : 0,
                                      .limit = limit + 1};
    status = read_page(call, session, &page, &list, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    bool more = list.count > limit;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < (more ? limit : list.count); i++) {
        if (!call_sees_store(call, list.items[i].store))
            continue;
        writer_object(&item->writer, NULL);
        event_booking_write(&item->writer, call, &list.items[i]);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    if (more) {
        cursor.integers[0] = list.items[limit - 1].at;
        cursor.integers[1] = list.items[limit - 1].id;
    }
    page_end(&item->writer, call->arena, &cursor, more);
    return STATUS_OK;
}

/* ---- changing ---- */

struct change_input {
    struct text reason;
    struct context_input context;
};
static const struct field change_fields[] = {
    {.name = "reason",
     .type = FIELD_TEXT,
     .offset = offsetof(struct change_input, reason),
     .maximum = CODE_SIZE_MAX,
     .about = "A code: why."},
    CONTEXT_FIELDS(struct change_input),
};
const struct shape event_booking_change_shape = {
    .name = "EventBookingChange", .size = sizeof(struct change_input), SHAPE_FIELDS(change_fields)};

static enum status change(struct call *call, struct item *item, enum event_booking_action action, struct error *err)
{
    const struct change_input *input = item->body;
    struct command *command = item_command(item, &change_event_booking_type, sizeof(struct change_event_booking));
    struct change_event_booking *body = command->body;
    struct storage_session *session;
    struct event_booking booking;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = read_booking(call, session, &booking, err);
    body->action = action;
    body->context = context_of(&input->context);
    body->reason = input->reason;
    if (status == STATUS_OK)
        status = change_event_booking_command(session, call->programmes, command, &booking, err);
    call_read_end(call, session);
    return status;
}

enum status event_booking_cancel_handle(struct call *call, struct item *item, struct error *err)
{
    return change(call, item, EVENT_CANCEL, err);
}

enum status event_booking_correct_handle(struct call *call, struct item *item, struct error *err)
{
    return change(call, item, EVENT_CORRECT, err);
}

void event_booking_change_finish(struct item *item, struct json_writer *writer)
{
    event_booking_write(writer, item->call, &((const struct change_event_booking *)item->command->body)->result);
}

/* ---- tickets ---- */

static const char *const formats[] = {"svg", "png", NULL};
struct ticket_query {
    int format;
    int64_t scale;
};
static const struct field ticket_query_fields[] = {
    {.name = "format",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct ticket_query, format),
     .choices = formats},
    {.name = "scale",
     .type = FIELD_INTEGER,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct ticket_query, scale),
     .minimum = 1,
     .maximum = QR_SCALE_MAX,
     .fallback = SCALE_USUAL,
     .about = "Of a PNG: pixels a module."},
};
const struct shape event_ticket_query_shape = {
    .name = "EventTicketQuery", .size = sizeof(struct ticket_query), SHAPE_FIELDS(ticket_query_fields)};

enum status event_ticket_handle(struct call *call, struct item *item, struct error *err)
{
    const struct ticket_query *query = call->query;
    struct event_booking booking;
    char ticket[EVENT_TICKET_SIZE];
    struct text picture = {NULL, 0};
    enum status status = read_one(call, &booking, err);

    (void)item;
    if (status == STATUS_OK && booking.state != EVENT_BOOKED && booking.state != EVENT_ATTENDED)
        status = error_set(err, STATUS_CONFLICT, "member_event.not_booked", "booking", "the booking is %s",
                           event_booking_states[booking.state]);
    if (status != STATUS_OK)
        return status;
    struct text text = text_from(event_ticket(engine_seal_key(call->engine), booking.id, ticket));
    status = query->format == 0 ? qr_svg(call->arena, text, &picture, err)
                                : qr_png(call->arena, text, (int)query->scale, &picture, err);
    if (status == STATUS_OK)
        call_reply_content(call, query->format == 0 ? "image/svg+xml" : "image/png", picture, NULL);
    return status;
}
