/* What the other events of the person of a voided purchase leave: first and last purchase, last event. */
#include "features/events/events_store.h"
#include "foundation/map.h"
#include "queries.h"
#include "storage/storage.h"

struct void_reading {
    struct map *bodies; /* member id -> struct void_member */
};

struct void_member {
    struct purchase_return *body;
    bool own; /* the member of the purchase */
};

static void fold(struct standing_others *others, const struct storage_row *row)
{
    int64_t first = row_integer(row, 1), last = row_integer(row, 2), event = row_integer(row, 3);

    if (first != 0 && (others->first_purchase_at == 0 || first < others->first_purchase_at))
        others->first_purchase_at = first;
    if (last > others->last_purchase_at)
        others->last_purchase_at = last;
    if (event > others->last_event_at)
        others->last_event_at = event;
}

static enum status receive_others(void *context, const struct storage_row *row, struct error *err)
{
    const struct void_reading *reading = context;
    const struct void_member *member = map_get_id(reading->bodies, row_integer(row, 0));

    (void)err;
    if (member == NULL)
        return STATUS_OK;
    fold(&member->body->others, row);
    if (member->own)
        fold(&member->body->own_others, row);
    return STATUS_OK;
}

enum status void_load(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    struct void_reading *reading = arena_alloc(context->arena, sizeof *reading);
    struct storage_value *values = NULL;
    size_t rows = 0, capacity = 0;

    reading->bodies = map_new(context->arena, count);
    for (size_t c = 0; c < count; c++) {
        struct purchase_return *body = commands[c]->body;
        int64_t purchase = commands[c]->events[0].id;
        body->others = body->own_others = (struct standing_others){0};
        for (size_t m = 0; m < body->person_member_count; m++) {
            struct void_member *member = arena_alloc(context->arena, sizeof *member);
            *member = (struct void_member){body, body->person_members[m] == commands[c]->subjects[0].id};
            map_put_id(reading->bodies, body->person_members[m], member);
            values = arena_grow(context->arena, values, &capacity, (rows + 1) * 3, sizeof *values);
            values[rows * 3] = value_integer(id_bucket(body->person_members[m]));
            values[rows * 3 + 1] = value_integer(body->person_members[m]);
            values[rows++ * 3 + 2] = value_integer(purchase);
        }
    }
    if (rows == 0)
        return STATUS_OK;
    const struct storage_receiver receiver = {.row = receive_others, .context = reading};
    return storage_send(context->session, &query_events_void_others, values, rows, &receiver, err);
}
