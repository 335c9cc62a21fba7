#include "features/conditions/conditions_store.h"

#include "features/customers/customers_store.h"
#include "foundation/id.h"
#include "queries.h"

/* Persons whose parts are being read, by slot. */
struct people {
    struct storage_session *session;
    struct arena *arena;
    const struct group **groups;
    const struct member **members; /* one of each person */
    const unsigned *parts;
    struct condition_person **out;
    size_t count;
};

static int64_t leader_of(const struct people *people, size_t slot)
{
    return people->members[slot]->leader;
}

/* ---- profiles ---- */

static enum status send_profiles(const struct people *people, struct error *err)
{
    size_t count = 0, filled = 0;
    for (size_t slot = 0; slot < people->count; slot++)
        if ((people->parts[slot] & CONDITION_PROFILE) != 0)
            count += people->groups[slot]->member_count;
    struct customer_state *states = arena_array(people->arena, count + 1, sizeof *states);
    for (size_t slot = 0; slot < people->count; slot++) {
        struct condition_person *out = people->out[slot];
        if ((people->parts[slot] & CONDITION_PROFILE) == 0)
            continue;
        out->members = &states[filled];
        states[filled++].member = leader_of(people, slot);
        for (size_t i = 0; i < people->groups[slot]->member_count; i++) {
            const struct member *member = &people->groups[slot]->members[i];
            if (member->leader == leader_of(people, slot) && member->id != member->leader)
                states[filled++].member = member->id;
        }
        out->member_count = (size_t)(&states[filled] - out->members);
    }
    return filled == 0 ? STATUS_OK
                       : customers_send(people->session, people->arena,
                                        PART_PROFILE | PART_FIELDS | PART_TAGS | PART_CONSENTS, states, filled, err);
}

/* ---- segments ---- */

static enum status receive_segment(void *context, const struct storage_row *row, struct error *err)
{
    const struct people *people = context;
    struct condition_person *out = people->out[row_integer(row, 0)];
    (void)err;
    out->segments =
        arena_grow(people->arena, out->segments, &out->segment_capacity, out->segment_count + 1, sizeof *out->segments);
    out->segments[out->segment_count++] = row_text_copy(row, 1, people->arena);
    return STATUS_OK;
}

static enum status send_segments(struct people *people, struct error *err)
{
    enum { COLUMNS = 3 };
    struct storage_value *values = arena_array(people->arena, people->count * COLUMNS + 1, sizeof *values);
    size_t rows = 0;
    for (size_t slot = 0; slot < people->count; slot++) {
        if ((people->parts[slot] & CONDITION_SEGMENTS) == 0)
            continue;
        struct storage_value *row = &values[rows++ * COLUMNS];
        row[0] = value_integer((int64_t)slot);
        row[1] = value_integer(id_bucket(leader_of(people, slot)));
        row[2] = value_integer(leader_of(people, slot));
    }
    if (rows == 0)
        return STATUS_OK;
    struct storage_receiver *receiver = arena_alloc(people->arena, sizeof *receiver);
    *receiver = (struct storage_receiver){.row = receive_segment, .context = people};
    return storage_send(people->session, &query_conditions_segments_load, values, rows, receiver, err);
}

/* ---- days ---- */

static enum status receive_day(void *context, const struct storage_row *row, struct error *err)
{
    const struct people *people = context;
    struct condition_person *out = people->out[row_integer(row, 0)];
    (void)err;
    out->days = arena_grow(people->arena, out->days, &out->day_capacity, out->day_count + 1, sizeof *out->days);
    out->days[out->day_count++] = (struct member_day){
        .day = (int32_t)row_integer(row, 1), .count = row_integer(row, 2), .spend = row_integer(row, 3)};
    return STATUS_OK;
}

/* Of every member of the person. */
static enum status send_days(struct people *people, struct error *err)
{
    enum { COLUMNS = 4 };
    size_t count = 0, rows = 0;
    for (size_t slot = 0; slot < people->count; slot++)
        if ((people->parts[slot] & CONDITION_DAYS) != 0)
            count += people->groups[slot]->member_count;
    if (count == 0)
        return STATUS_OK;
    struct storage_value *values = arena_array(people->arena, count * COLUMNS, sizeof *values);
    for (size_t slot = 0; slot < people->count; slot++)
        for (size_t i = 0; (people->parts[slot] & CONDITION_DAYS) != 0 && i < people->groups[slot]->member_count; i++) {
            const struct member *member = &people->groups[slot]->members[i];
            if (member->leader != leader_of(people, slot))
                continue;
            struct storage_value *row = &values[rows++ * COLUMNS];
            row[0] = value_integer((int64_t)slot);
            row[1] = value_integer(id_bucket(member->id));
            row[2] = value_integer(member->id);
            row[3] = value_integer(RULE_WINDOW_DAYS_MAX);
        }
    const struct storage_receiver receiver = {.row = receive_day, .context = people};
    return storage_send(people->session, &query_conditions_days_load, values, rows, &receiver, err);
}

static enum status send(struct people *people, struct error *err)
{
    for (size_t slot = 0; slot < people->count; slot++)
        *people->out[slot] = (struct condition_person){.parts = people->parts[slot]};
    enum status status = send_profiles(people, err);
    if (status == STATUS_OK)
        status = send_segments(people, err);
    return status == STATUS_OK ? send_days(people, err) : status;
}

/* ---- for a batch, and for one ---- */

enum status conditions_load(struct load_context *context, struct condition_load *loads, size_t count, struct error *err)
{
    struct people *people = arena_alloc(context->arena, sizeof *people);
    unsigned *parts = arena_array(context->arena, count + 1, sizeof *parts);
    *people = (struct people){.session = context->session,
                              .arena = context->arena,
                              .groups = arena_array(context->arena, count + 1, sizeof *people->groups),
                              .members = arena_array(context->arena, count + 1, sizeof *people->members),
                              .parts = parts,
                              .out = arena_array(context->arena, count + 1, sizeof *people->out)};
    for (size_t i = 0; i < count; i++) {
        int64_t member = context->member_of(context, loads[i].command, loads[i].subject);
        const struct group *group = context->group_of(context, loads[i].command, loads[i].subject);
        *loads[i].out = (struct condition_person){.parts = 0};
        if (loads[i].parts == 0 || member == 0 || group == NULL)
            continue;
        people->groups[people->count] = group;
        people->members[people->count] = group_find((struct group *)(uintptr_t)group, member);
        parts[people->count] = loads[i].parts;
        people->out[people->count++] = loads[i].out;
    }
    return send(people, err);
}

enum status conditions_read_all(struct storage_session *session, struct arena *arena,
                                const struct condition_reading *readings, size_t count, unsigned parts,
                                struct error *err)
{
    struct people people = {.session = session,
                            .arena = arena,
                            .groups = arena_array(arena, count + 1, sizeof *people.groups),
                            .members = arena_array(arena, count + 1, sizeof *people.members),
                            .out = arena_array(arena, count + 1, sizeof *people.out),
                            .count = count};
    unsigned *all = arena_array(arena, count + 1, sizeof *all);
    for (size_t i = 0; i < count; i++) {
        people.groups[i] = readings[i].person->group;
        people.members[i] = readings[i].person->leader;
        people.out[i] = readings[i].out;
        all[i] = parts;
    }
    people.parts = all;
    enum status status = send(&people, err);
    return status == STATUS_OK ? storage_flush(session, err) : status;
}

enum status conditions_read(struct storage_session *session, struct arena *arena, const struct person *person,
                            unsigned parts, struct condition_person *out, struct error *err)
{
    const struct condition_reading reading = {person, out};
    return conditions_read_all(session, arena, &reading, 1, parts, err);
}
