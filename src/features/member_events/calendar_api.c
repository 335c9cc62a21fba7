/* Events over HTTP: what members can come to, and how many seats there are. */
#include <stddef.h>

#include "api/page.h"
#include "features/member_events/member_events_api.h"

struct calendar_query {
    int64_t member;
    struct text store, language;
    bool all;
};
static const struct field query_fields[] = {
    {.name = "member",
     .type = FIELD_ID,
     .offset = offsetof(struct calendar_query, member),
     .prefix = "mbr",
     .about = "Whether this member may register now, and has."},
    {.name = "store",
     .type = FIELD_TEXT,
     .flags = FIELD_STORE,
     .offset = offsetof(struct calendar_query, store),
     .maximum = CODE_SIZE_MAX,
     .about = "Only events there."},
    {.name = "language",
     .type = FIELD_TEXT,
     .offset = offsetof(struct calendar_query, language),
     .maximum = MEMBER_EVENT_LANGUAGE_MAX,
     .about = "Of the names: en, zh-CN, zh-TW ..."},
    {.name = "all",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct calendar_query, all),
     .about = "Those too that are over, were called off or are not for the member."},
};
const struct shape event_calendar_query_shape = {
    .name = "EventCalendarQuery", .size = sizeof(struct calendar_query), SHAPE_FIELDS(query_fields)};

static const struct field item_fields[] = {
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "about", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "store", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "place", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "starts", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "ends", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "The price."},
    {.name = "attendance", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Points for coming."},
    {.name = "opens", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "closes", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "cancel_until", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "called_off", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "seats", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "left",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "Seats for this member, or for those for whom none are kept."},
    {.name = "waiting", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Members on the waiting list."},
    {.name = "available", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED, .about = "The member may register now."},
    {.name = "waits",
     .type = FIELD_BOOLEAN,
     .flags = FIELD_REQUIRED,
     .about = "Who registers now comes onto the waiting list."},
    {.name = "reason",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "Why not: member_event.points, member_event.full ..."},
    {.name = "missing", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Points that the member still needs."},
    {.name = "booking", .type = FIELD_ID, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .prefix = "mvb"},
    {.name = "state", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .about = "Of that booking."},
};
const struct shape event_calendar_item_shape = {
    .name = "EventCalendarItem", .about = "An event as the member sees it.", SHAPE_FIELDS(item_fields)};

/* What is asked of each event. */
struct showing {
    struct call *call;
    struct storage_session *session;
    const struct calendar_query *query;
    struct person person;
    struct condition_person known;
    struct event_booking_list own;
};

static enum status read_person(struct showing *showing, struct error *err)
{
    struct call *call = showing->call;

    if (showing->query->member == 0)
        return STATUS_OK;
    enum status status =
        engine_view(call->engine, showing->session, showing->query->member, call->arena, &showing->person, err);
    return status == STATUS_OK
               ? event_person_read(showing->session, call->arena, &showing->person, &showing->known, &showing->own, err)
               : status;
}

static void write_event(struct json_writer *writer, const struct member_event *event, struct text language)
{
    writer_text(writer, "code", event->code);
    writer_text(writer, "name", member_event_name(event, language));
    writer_text(writer, "about", event->about);
    writer_text(writer, "store", event->store);
    writer_text(writer, "place", event->place);
    writer_instant(writer, "starts", event->starts);
    writer_instant(writer, "ends", event->ends);
    writer_text(writer, "wallet", event->wallet);
    writer_integer(writer, "points", event->points);
    writer_integer(writer, "attendance", event->award);
    writer_instant(writer, "opens", event->opens == INT64_MIN ? 0 : event->opens);
    writer_instant(writer, "closes", event->closes);
    writer_instant(writer, "cancel_until", event->cancel_until);
    writer_boolean(writer, "called_off", event->called_off);
}

/* The last one that the person made. */
static const struct event_booking *own_booking(const struct showing *showing, struct text event)
{
    const struct event_booking *found = NULL;

    for (size_t i = 0; i < showing->own.count; i++)
        if (text_equal(showing->own.items[i].event, event) &&
            (found == NULL || showing->own.items[i].place > found->place))
            found = &showing->own.items[i];
    return found;
}

static void write_own(struct json_writer *writer, const struct showing *showing, const struct member_event *event)
{
    const struct event_booking *booking = own_booking(showing, event->code);

    writer_id(writer, "booking", "mvb", booking != NULL ? booking->id : 0);
    writer_string(writer, "state",
                  booking != NULL ? event_booking_states[event_booking_state_at(booking, event, showing->call->now)]
                                  : NULL);
}

static enum status may_register(const struct showing *showing, const struct member_event *event, int64_t *missing,
                                struct error *why)
{
    const struct call *call = showing->call;
    const struct event_booking_list *own = &showing->own;
    const struct member_event_question question = {.set = call->programmes,
                                                   .now = call->now,
                                                   .person = &showing->person,
                                                   .known = &showing->known,
                                                   .barred_until = event_bookings_barred_until(own->items, own->count),
                                                   .registered =
                                                       event_bookings_has(own->items, own->count, event->code),
                                                   .arena = call->arena};
    enum status status = member_event_check(event, &question, missing, why);

    /* Nobody in particular has points, and may be of any audience. */
    if (showing->query->member == 0 && why->status != STATUS_OK && *missing > 0) {
        *missing = 0;
        return STATUS_OK;
    }
    return status;
}

static enum status show_event(struct showing *showing, struct json_writer *writer, const struct member_event *event,
                              struct error *err)
{
    struct call *call = showing->call;
    struct text tier = showing->person.group != NULL ? showing->person.leader->standing.tier : (struct text){NULL, 0};
    int group = member_event_group(event, tier);
    struct error why = {.status = STATUS_OK};
    struct seating seating;
    int64_t missing;
    enum status status = event_seating_read(showing->session, call->arena, call->programmes, event, &seating, err);

    if (status != STATUS_OK)
        return status;
    enum status may = may_register(showing, event, &missing, &why);
    bool waits = !seating_lets_in(&seating, group);
    if (may == STATUS_OK && waits && seating.waiting >= event->waiting_max)
        may = error_set(&why, STATUS_CONFLICT, "member_event.full", "event", "the event is full");
    bool over = call->now >= event->ends || event->called_off;
    bool hidden = over || text_equals(text_from(may == STATUS_OK ? "" : why.code), "member_event.audience");
    if (hidden && !showing->query->all && own_booking(showing, event->code) == NULL)
        return STATUS_OK;
    writer_object(writer, NULL);
    write_event(writer, event, showing->query->language);
    writer_integer(writer, "seats", event->seats);
    writer_integer(writer, "left", seating_free(&seating, group));
    writer_integer(writer, "waiting", seating.waiting);
    writer_boolean(writer, "available", may == STATUS_OK);
    writer_boolean(writer, "waits", waits);
    writer_string(writer, "reason", may == STATUS_OK ? NULL : why.code);
    writer_integer(writer, "missing", missing);
    write_own(writer, showing, event);
    writer_end(writer);
    return STATUS_OK;
}

enum status event_calendar_handle(struct call *call, struct item *item, struct error *err)
{
    const struct definition_list *list = definitions_of(call->programmes, &member_event_kind);
    struct showing showing = {.call = call, .query = call->query};
    enum status status =
        showing.query->member != 0 ? call_check_member(call, showing.query->member, "member", err) : STATUS_OK;

    if (status == STATUS_OK)
        status = call_read_begin(call, &showing.session, err);
    if (status != STATUS_OK)
        return status;
    status = read_person(&showing, err);
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < list->count && status == STATUS_OK; i++) {
        const struct member_event *event = list->items[i].parsed;
        bool there = showing.query->store.size == 0 || text_equal(showing.query->store, event->store);
        if (there && definition_in_force(&list->items[i], call->now))
            status = show_event(&showing, &item->writer, event, err);
    }
    writer_end(&item->writer);
    call_read_end(call, showing.session);
    page_end(&item->writer, call->arena, NULL, false);
    return status;
}

/* ---- the seats of one event ---- */

static const struct field kept_fields[] = {
    {.name = "tiers", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_TEXT},
    {.name = "seats", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "booked", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "waiting", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "left", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Open seats too."},
};
static const struct shape kept_shape = {.name = "EventKeptSeats", SHAPE_FIELDS(kept_fields)};
static const struct field seats_fields[] = {
    {.name = "event", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "starts", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "ends", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "called_off", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "seats", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "booked", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "waiting", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "left",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "For members for whom no seats are kept."},
    {.name = "over",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "Bookings for which there is no seat, since a version with fewer: nobody was thrown out."},
    {.name = "kept", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &kept_shape},
};
const struct shape event_seats_shape = {
    .name = "EventSeats", .about = "Who is booked for an event and who waits.", SHAPE_FIELDS(seats_fields)};

enum status event_of_path(struct call *call, const struct member_event **out, struct error *err)
{
    const struct member_event_known known = member_event_known(call->programmes, call->parameters[0], call->now);

    if (known.event == NULL)
        return error_set(err, STATUS_MISSING, "member_event.unknown", "event", "there is no such event now");
    *out = known.event;
    return STATUS_OK;
}

enum status event_seats_handle(struct call *call, struct item *item, struct error *err)
{
    struct json_writer *writer = &item->writer;
    const struct member_event *event = NULL;
    struct storage_session *session;
    struct seating seating;
    enum status status = event_of_path(call, &event, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = event_seating_read(session, call->arena, call->programmes, event, &seating, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    writer_text(writer, "event", event->code);
    writer_instant(writer, "starts", event->starts);
    writer_instant(writer, "ends", event->ends);
    writer_boolean(writer, "called_off", member_event_known(call->programmes, event->code, call->now).called_off);
    writer_integer(writer, "seats", seating.seats);
    writer_integer(writer, "booked", seating.booked);
    writer_integer(writer, "waiting", seating.waiting);
    writer_integer(writer, "left", seating_free(&seating, SEATING_NO_GROUP));
    writer_integer(writer, "over", seating_over(&seating));
    writer_list(writer, "kept");
    for (size_t i = 0; i < event->kept_count; i++) {
        writer_object(writer, NULL);
        writer_list(writer, "tiers");
        for (size_t t = 0; t < event->kept[i].tier_count; t++)
            writer_text(writer, NULL, event->kept[i].tiers[t]);
        writer_end(writer);
        writer_integer(writer, "seats", event->kept[i].seats);
        writer_integer(writer, "booked", seating.groups[i].booked);
        writer_integer(writer, "waiting", seating.groups[i].waiting);
        writer_integer(writer, "left", seating_free(&seating, (int)i));
        writer_end(writer);
    }
    writer_end(writer);
    return STATUS_OK;
}
