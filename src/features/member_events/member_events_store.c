#include "features/member_events/member_events_store.h"

#include <stdlib.h>

#include "features/conditions/conditions_store.h"
#include "foundation/id.h"
#include "foundation/map.h"
#include "queries.h"
#include "storage/storage.h"

/* ---- written by commands ---- */

void store_event_booking(struct decision *decision, const struct event_booking *booking)
{
    const struct storage_value values[] = {value_integer(id_bucket(booking->id)),
                                           value_integer(booking->id),
                                           value_integer(booking->version),
                                           value_integer(booking->member),
                                           value_text(booking->event),
                                           value_integer(booking->state),
                                           value_integer(booking->place),
                                           value_text(booking->tier),
                                           value_text(booking->wallet),
                                           value_integer(booking->points),
                                           value_integer(booking->spent_by),
                                           value_integer(booking->given_back),
                                           value_text(booking->store),
                                           value_integer(booking->at),
                                           value_integer(booking->seated_at),
                                           value_integer(booking->ended_at),
                                           value_text(booking->reason),
                                           value_integer(booking->barred_until),
                                           value_text(booking->award_wallet),
                                           value_integer(booking->award),
                                           value_integer(booking->awarded_by)};

    row_add(decision, &query_member_events_booking_put, arena_copy(decision->arena, values, sizeof values));
}

/* ---- rows ---- */

static void decode(const struct storage_row *row, struct arena *arena, struct event_booking *out)
{
    *out = (struct event_booking){.id = row_integer(row, 1),
                                  .version = row_integer(row, 2),
                                  .member = row_integer(row, 3),
                                  .event = row_text_copy(row, 4, arena),
                                  .state = row_integer(row, 5),
                                  .place = row_integer(row, 6),
                                  .tier = row_text_copy(row, 7, arena),
                                  .wallet = row_text_copy(row, 8, arena),
                                  .points = row_integer(row, 9),
                                  .spent_by = row_integer(row, 10),
                                  .given_back = row_integer(row, 11),
                                  .store = row_text_copy(row, 12, arena),
                                  .at = row_integer(row, 13),
                                  .seated_at = row_integer(row, 14),
                                  .ended_at = row_integer(row, 15),
                                  .reason = row_text_copy(row, 16, arena),
                                  .barred_until = row_integer(row, 17),
                                  .award_wallet = row_text_copy(row, 18, arena),
                                  .award = row_integer(row, 19),
                                  .awarded_by = row_integer(row, 20)};
}

struct loading {
    struct arena *arena;
    struct event_booking **bookings;
};

static enum status receive_booking(void *context, const struct storage_row *row, struct error *err)
{
    const struct loading *loading = context;

    (void)err;
    decode(row, loading->arena, loading->bookings[row_integer(row, 0)]);
    return STATUS_OK;
}

static enum status send_bookings(struct storage_session *session, struct arena *arena, struct event_booking **bookings,
                                 const int64_t *ids, size_t count, struct error *err)
{
    struct loading *loading = arena_alloc(arena, sizeof *loading);
    const struct storage_receiver receiver = {.row = receive_booking, .context = loading};
    struct storage_value *values = arena_array(arena, 3 * count + 1, sizeof *values);

    *loading = (struct loading){arena, bookings};
    for (size_t i = 0; i < count; i++) {
        *bookings[i] = (struct event_booking){.id = 0};
        values[3 * i] = value_integer((int64_t)i);
        values[3 * i + 1] = value_integer(id_bucket(ids[i]));
        values[3 * i + 2] = value_integer(ids[i]);
    }
    return storage_send(session, &query_member_events_bookings_load, values, count, &receiver, err);
}

enum status event_booking_read(struct storage_session *session, struct arena *arena, int64_t id,
                               struct event_booking *out, struct error *err)
{
    enum status status = send_bookings(session, arena, &out, &id, 1, err);

    if (status == STATUS_OK)
        status = storage_flush(session, err);
    if (status == STATUS_OK && out->id == 0)
        status = error_set(err, STATUS_MISSING, "member_event.unknown_booking", "booking",
                           "there is no such booking of an event");
    return status;
}

/* ---- the load functions of the commands ---- */

struct own_loading {
    struct arena *arena;
    struct register_for_event **bodies;
};

static enum status receive_own(void *context, const struct storage_row *row, struct error *err)
{
    const struct own_loading *loading = context;
    struct register_for_event *body = loading->bodies[row_integer(row, 0)];

    (void)err;
    body->own = arena_grow(loading->arena, body->own, &body->own_capacity, body->own_count + 1, sizeof *body->own);
    decode(row, loading->arena, &body->own[body->own_count++]);
    return STATUS_OK;
}

/* What the person has: all its members together. */
static enum status send_own(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    struct own_loading *loading = arena_alloc(context->arena, sizeof *loading);
    const struct storage_receiver receiver = {.row = receive_own, .context = loading};
    struct storage_value *values = arena_array(context->arena, 4 * count * GROUP_MEMBERS_MAX + 1, sizeof *values);
    size_t rows = 0;

    *loading = (struct own_loading){context->arena,
                                    arena_array(context->arena, count + 1, sizeof(struct register_for_event *))};
    for (size_t i = 0; i < count; i++) {
        struct register_for_event *body = commands[i]->body;
        int64_t member = context->member_of(context, commands[i], 0);
        const struct group *group = context->group_of(context, commands[i], 0);
        loading->bodies[i] = body;
        body->own = NULL;
        body->own_count = body->own_capacity = 0;
        const struct member *named =
            member != 0 && group != NULL ? group_find((struct group *)(uintptr_t)group, member) : NULL;
        for (size_t m = 0; named != NULL && m < group->member_count; m++) {
            if (group->members[m].leader != named->leader)
                continue;
            struct storage_value *value = &values[4 * rows++];
            value[0] = value_integer((int64_t)i);
            value[1] = value_integer(id_bucket(group->members[m].id));
            value[2] = value_integer(group->members[m].id);
            value[3] = value_text(body->event);
        }
    }
    return rows > 0 ? storage_send(context->session, &query_member_events_own_load, values, rows, &receiver, err)
                    : STATUS_OK;
}

enum status register_for_event_load(struct load_context *context, struct command **commands, size_t count,
                                    struct error *err)
{
    struct proof **proofs = arena_array(context->arena, count + 1, sizeof *proofs);
    struct condition_load *loads = arena_array(context->arena, count + 1, sizeof *loads);
    size_t proof_count = 0;

    for (size_t i = 0; i < count; i++) {
        struct register_for_event *body = commands[i]->body;
        if (body->proof.kind != 0)
            proofs[proof_count++] = &body->proof;
        body->known = (struct condition_person){.parts = 0};
        loads[i] = (struct condition_load){
            .command = commands[i], .parts = CONDITION_PROFILE | CONDITION_SEGMENTS, .out = &body->known};
    }
    enum status status = proofs_load(context, proofs, proof_count, err);
    if (status == STATUS_OK)
        status = send_own(context, commands, count, err);
    return status == STATUS_OK ? conditions_load(context, loads, count, err) : status;
}

enum status change_event_booking_load(struct load_context *context, struct command **commands, size_t count,
                                      struct error *err)
{
    struct event_booking **bookings = arena_array(context->arena, count + 1, sizeof(struct event_booking *));
    int64_t *ids = arena_array(context->arena, count + 1, sizeof *ids);

    for (size_t i = 0; i < count; i++) {
        bookings[i] = &((struct change_event_booking *)commands[i]->body)->booking;
        ids[i] = commands[i]->events[0].id;
    }
    return send_bookings(context->session, context->arena, bookings, ids, count, err);
}

/* ---- lists ---- */

static enum status receive_listed(void *context, const struct storage_row *row, struct error *err)
{
    struct event_booking_list *list = context;

    (void)err;
    list->items = arena_grow(list->arena, list->items, &list->capacity, list->count + 1, sizeof *list->items);
    decode(row, list->arena, &list->items[list->count++]);
    return STATUS_OK;
}

static int compare_bookings(const void *a, const void *b)
{
    const struct event_booking *left = a, *right = b;

    if (left->at != right->at)
        return left->at > right->at ? -1 : 1;
    return left->id > right->id ? -1 : left->id < right->id;
}

/* Of one member, or of all that lie in a bucket. */
static enum status read_part(struct storage_session *session, const struct event_booking_page *page, int bucket,
                             int64_t member, struct event_booking_list *list, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_listed, .context = list};
    const struct storage_value values[] = {value_integer(bucket),          value_integer(member),
                                           value_text(page->event),        value_text(page->store),
                                           value_integer(page->state),     value_integer(page->before_at),
                                           value_integer(page->before_id), value_integer((int64_t)page->limit)};

    return storage_run(session, &query_member_events_booking_page, values, 1, &receiver, err);
}

enum status event_bookings_read(struct storage_session *session, const struct event_booking_page *page,
                                struct event_booking_list *out, struct error *err)
{
    enum status status = STATUS_OK;

    for (int bucket = 0; page->person == NULL && bucket < BUCKET_COUNT && status == STATUS_OK; bucket++)
        status = read_part(session, page, bucket, 0, out, err);
    for (size_t i = 0; page->person != NULL && i < page->person->group->member_count && status == STATUS_OK; i++) {
        const struct member *member = &page->person->group->members[i];
        if (member->leader == page->person->leader->id)
            status = read_part(session, page, id_bucket(member->id), member->id, out, err);
    }
    if (out->count > 1)
        qsort(out->items, out->count, sizeof *out->items, compare_bookings);
    out->count = out->count < page->limit ? out->count : page->limit;
    return status;
}

enum status event_queue_read(struct storage_session *session, const struct event_booking_queue *queue,
                             struct event_booking_list *out, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_listed, .context = out};
    const struct storage_value values[] = {value_text(queue->event), value_integer(queue->from),
                                           value_integer(queue->until), value_integer(queue->after_place),
                                           value_integer((int64_t)queue->limit)};

    return storage_run(session, &query_member_events_event_page, values, 1, &receiver, err);
}

/* ---- seats ---- */

static enum status receive_count(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    *((int64_t **)context)[row_integer(row, 0)] = row_integer(row, 1);
    return STATUS_OK;
}

struct counter_reading {
    struct arena *arena;
    struct storage_value *values;
    int64_t **out;
    size_t count;
};

static void want_counter(struct counter_reading *reading, const char *id, int64_t *out)
{
    struct storage_value *value = &reading->values[3 * reading->count];

    value[0] = value_integer((int64_t)reading->count);
    value[1] = value_integer((int64_t)(hash_stable(text_from(id)) % BUCKET_COUNT));
    value[2] = value_text(text_from(id));
    *out = 0;
    reading->out[reading->count++] = out;
}

enum status event_seating_read(struct storage_session *session, struct arena *arena, const struct programme_set *set,
                               const struct member_event *event, struct seating *out, struct error *err)
{
    enum { COUNTERS = 2 + 2 * MEMBER_EVENT_TIERS_MAX };
    struct text tiers[MEMBER_EVENT_TIERS_MAX], none = {NULL, 0};
    int64_t booked[MEMBER_EVENT_TIERS_MAX], waiting[MEMBER_EVENT_TIERS_MAX];
    struct counter_reading reading = {.arena = arena,
                                      .values = arena_array(arena, 3 * COUNTERS, sizeof *reading.values),
                                      .out = arena_array(arena, COUNTERS, sizeof(int64_t *))};
    const struct storage_receiver receiver = {.row = receive_count, .context = reading.out};
    size_t tier_count = member_event_tiers(set, event->code, none, tiers);

    *out = (struct seating){.seats = event->seats, .group_count = event->kept_count};
    want_counter(&reading, event_booked_counter(arena, event->code, none), &out->booked);
    want_counter(&reading, event_waiting_counter(arena, event->code, none), &out->waiting);
    for (size_t i = 0; i < tier_count; i++) {
        want_counter(&reading, event_booked_counter(arena, event->code, tiers[i]), &booked[i]);
        want_counter(&reading, event_waiting_counter(arena, event->code, tiers[i]), &waiting[i]);
    }
    enum status status =
        storage_run(session, &query_member_events_counters_load, reading.values, reading.count, &receiver, err);
    for (size_t i = 0; i < event->kept_count; i++)
        out->groups[i].kept = event->kept[i].seats;
    for (size_t i = 0; i < tier_count && status == STATUS_OK; i++) {
        int group = member_event_group(event, tiers[i]);
        if (group == SEATING_NO_GROUP)
            continue;
        out->groups[group].booked += booked[i];
        out->groups[group].waiting += waiting[i];
    }
    return status;
}

/* ---- a person ---- */

enum status event_person_read(struct storage_session *session, struct arena *arena, const struct person *person,
                              struct condition_person *known, struct event_booking_list *own, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_listed, .context = own};
    struct storage_value *values = arena_array(arena, 4 * person->group->member_count + 1, sizeof *values);
    size_t count = 0;

    own->arena = arena;
    for (size_t i = 0; i < person->group->member_count; i++) {
        const struct member *member = &person->group->members[i];
        if (member->leader != person->leader->id)
            continue;
        struct storage_value *value = &values[4 * count++];
        value[0] = value_integer(0);
        value[1] = value_integer(id_bucket(member->id));
        value[2] = value_integer(member->id);
        value[3] = value_text((struct text){NULL, 0});
    }
    enum status status = storage_run(session, &query_member_events_own_load, values, count, &receiver, err);
    return status == STATUS_OK
               ? conditions_read(session, arena, person, CONDITION_PROFILE | CONDITION_SEGMENTS, known, err)
               : status;
}
