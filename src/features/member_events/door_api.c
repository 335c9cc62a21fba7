/* At the door of an event over HTTP: checking in, and the lists of who comes and who waits. */
#include <stddef.h>
#include <string.h>

#include "api/page.h"
#include "features/customers/customers_store.h"
#include "features/customers/model.h"
#include "features/member_events/member_events_api.h"
#include "features/points/context_api.h"
#include "foundation/id.h"
#include "foundation/instant.h"

/* ---- checking in ---- */

struct check_in_input {
    struct text ticket;
    int64_t booking;
    struct context_input context;
};
static const struct field check_in_fields[] = {
    {.name = "ticket",
     .type = FIELD_TEXT,
     .offset = offsetof(struct check_in_input, ticket),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX,
     .about = "What the QR code says."},
    {.name = "booking",
     .type = FIELD_ID,
     .offset = offsetof(struct check_in_input, booking),
     .prefix = "mvb",
     .about = "Instead of a ticket: somebody of the list for the door."},
    CONTEXT_FIELDS(struct check_in_input),
};
const struct shape event_check_in_shape = {
    .name = "EventCheckInInput", .size = sizeof(struct check_in_input), SHAPE_FIELDS(check_in_fields)};

static enum status find_booking(struct call *call, const struct check_in_input *input, int64_t *id, struct error *err)
{
    *id = input->booking;
    if ((input->ticket.size > 0) == (input->booking != 0))
        return error_set(err, STATUS_INVALID, "member_event.ticket_needed", "ticket",
                         "a ticket or a booking is needed");
    if (input->ticket.size > 0 && !event_ticket_read(engine_seal_key(call->engine), text_trim(input->ticket), id))
        return error_set(err, STATUS_INVALID, "member_event.ticket_wrong", "ticket", "this is no ticket of ours");
    return STATUS_OK;
}

enum status event_check_in_handle(struct call *call, struct item *item, struct error *err)
{
    const struct check_in_input *input = item->body;
    struct command *command = item_command(item, &change_event_booking_type, sizeof(struct change_event_booking));
    struct change_event_booking *body = command->body;
    struct storage_session *session;
    struct event_booking booking;
    int64_t id;
    enum status status = find_booking(call, input, &id, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = event_booking_read(session, call->arena, id, &booking, err);
    if (status == STATUS_OK)
        status = call_check_store(call, booking.store, "ticket", err);
    body->action = EVENT_CHECK_IN;
    body->context = context_of(&input->context);
    body->at_event = call->parameters[0];
    if (status == STATUS_OK)
        status = change_event_booking_command(session, call->programmes, command, &booking, err);
    call_read_end(call, session);
    return status;
}

/* ---- lists ---- */

enum status event_waiting_list_handle(struct call *call, struct item *item, struct error *err)
{
    const struct page_query *query = call->query;
    struct cursor cursor = {.integer_count = 1};
    struct event_booking_list list = {.arena = call->arena};
    const struct member_event *event;
    struct storage_session *session;
    size_t limit = (size_t)query->page.limit;
    bool given;
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &given, err);

    if (status == STATUS_OK)
        status = event_of_path(call, &event, err);
    if (status == STATUS_OK)
        status = call_check_store(call, event->store, "event", err);
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    const struct event_booking_queue queue = {.event = event->code,
                                              .from = EVENT_WAITING,
                                              .until = EVENT_WAITING,
                                              .after_place = given ? cursor.integers[0] : 0,
                                              .limit = limit + 1};
    status = event_queue_read(session, &queue, &list, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    bool more = list.count > limit;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < (more ? limit : list.count); i++) {
        writer_object(&item->writer, NULL);
        event_booking_write(&item->writer, call, &list.items[i]);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    if (more)
        cursor.integers[0] = list.items[limit - 1].place;
    page_end(&item->writer, call->arena, &cursor, more);
    return STATUS_OK;
}

/* ---- the list for the door, as CSV ---- */

enum { DOOR_LIST_MAX = 20000 };

/* A cell that no spreadsheet takes for a formula. */
static void cell(struct builder *out, struct text text, bool last)
{
    bool formula = text.size > 0 && strchr("=+-@\t\r", text.bytes[0]) != NULL;

    builder_char(out, '"');
    if (formula)
        builder_char(out, '\'');
    for (size_t i = 0; i < text.size; i++) {
        if (text.bytes[i] == '"')
            builder_char(out, '"');
        builder_char(out, text.bytes[i]);
    }
    builder_string(out, last ? "\"\r\n" : "\",");
}

static struct text name_of(struct arena *arena, const struct profile *profile)
{
    struct text given = profile->fields[PROFILE_GIVEN_NAME], family = profile->fields[PROFILE_FAMILY_NAME];

    if (profile->fields[PROFILE_DISPLAY_NAME].size > 0)
        return profile->fields[PROFILE_DISPLAY_NAME];
    return text_trim(
        text_from(arena_format(arena, "%.*s %.*s", (int)given.size, given.bytes, (int)family.size, family.bytes)));
}

static void line(struct call *call, struct builder *out, const struct event_booking *booking,
                 const struct profile *profile)
{
    char ticket[EVENT_TICKET_SIZE], id[ID_TEXT_SIZE], instant[INSTANT_TEXT_SIZE];
    bool came = booking->state == EVENT_ATTENDED;

    cell(out, text_from(id_format("mvb", booking->id, id)), false);
    cell(out, text_from(event_ticket(engine_seal_key(call->engine), booking->id, ticket)), false);
    cell(out, text_from(id_format("mbr", booking->member, id)), false);
    cell(out, name_of(call->arena, profile), false);
    cell(out, booking->tier, false);
    cell(out, text_from(event_booking_states[booking->state]), false);
    cell(out, text_from(came ? instant_format(booking->ended_at, instant) : ""), true);
}

static bool is_on_list(const struct event_booking *booking)
{
    return booking->state == EVENT_BOOKED || booking->state == EVENT_ATTENDED || booking->state == EVENT_NO_SHOW;
}

static enum status read_door(struct call *call, struct text code, struct event_booking_list *list,
                             struct customer_state **people, struct error *err)
{
    const struct event_booking_queue queue = {
        .event = code, .from = EVENT_BOOKED, .until = EVENT_NO_SHOW, .limit = DOOR_LIST_MAX};
    struct storage_session *session;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = event_queue_read(session, &queue, list, err);
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++)
        if (is_on_list(&list->items[i]))
            list->items[kept++] = list->items[i];
    list->count = kept;
    *people = arena_array(call->arena, kept + 1, sizeof **people);
    for (size_t i = 0; i < kept; i++)
        (*people)[i].member = list->items[i].member;
    if (status == STATUS_OK && kept > 0)
        status = customers_read(session, call->arena, PART_PROFILE, *people, kept, err);
    call_read_end(call, session);
    return status;
}

enum status event_door_list_handle(struct call *call, struct item *item, struct error *err)
{
    struct builder out = {.arena = call->arena};
    struct event_booking_list list = {.arena = call->arena};
    const struct member_event *event;
    struct customer_state *people = NULL;
    enum status status = event_of_path(call, &event, err);

    (void)item;
    if (status == STATUS_OK)
        status = call_check_store(call, event->store, "event", err);
    if (status == STATUS_OK)
        status = read_door(call, event->code, &list, &people, err);
    if (status != STATUS_OK)
        return status;
    builder_string(&out, "booking,ticket,member,name,tier,state,checked_in_at\r\n");
    for (size_t i = 0; i < list.count; i++)
        line(call, &out, &list.items[i], &people[i].profile);
    call_reply_content(call, "text/csv; charset=utf-8", builder_done(&out), "check-in.csv");
    return STATUS_OK;
}
