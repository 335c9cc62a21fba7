/* Standings, points accounts, lots, holds, days and limits of loaded groups. */
#include <assert.h>

#include "engine/loader.h"
#include "queries.h"

static struct member *member_at(struct loader *loader, const struct storage_row *row)
{
    struct member *member = map_get_id(loader->members, row_integer(row, 0));

    assert(member != NULL);
    return member;
}

static enum status receive_standing(void *context, const struct storage_row *row, struct error *err)
{
    struct loader *loader = context;

    return standing_decode(row, 1, loader->arena, &member_at(loader, row)->standing, err);
}

static enum status receive_own(void *context, const struct storage_row *row, struct error *err)
{
    struct loader *loader = context;

    return standing_decode(row, 1, loader->arena, &member_at(loader, row)->own, err);
}

static enum status receive_wallet(void *context, const struct storage_row *row, struct error *err)
{
    struct loader *loader = context;
    struct member *member = member_at(loader, row);

    (void)err;
    member->wallets = arena_grow(loader->arena, member->wallets, &member->wallet_capacity, member->wallet_count + 1,
                                 sizeof(struct wallet));
    member->wallets[member->wallet_count++] = (struct wallet){.code = row_text_copy(row, 1, loader->arena),
                                                              .active = row_integer(row, 2),
                                                              .pending = row_integer(row, 3),
                                                              .held = row_integer(row, 4),
                                                              .debt = row_integer(row, 5)};
    return STATUS_OK;
}

static enum status receive_lot(void *context, const struct storage_row *row, struct error *err)
{
    struct loader *loader = context;
    struct member *member = member_at(loader, row);

    if (member->lot_count == MEMBER_LOTS_MAX)
        return error_set(err, STATUS_LIMIT, "points.lots", "", "a member has more than %d open lots", MEMBER_LOTS_MAX);
    member->lots =
        arena_grow(loader->arena, member->lots, &member->lot_capacity, member->lot_count + 1, sizeof(struct lot));
    member->lots[member->lot_count++] = (struct lot){.id = row_integer(row, 1),
                                                     .wallet = row_text_copy(row, 2, loader->arena),
                                                     .source = row_integer(row, 3),
                                                     .earned_at = row_integer(row, 4),
                                                     .active_at = row_integer(row, 5),
                                                     .expires_at = row_integer(row, 6),
                                                     .amount = row_integer(row, 7),
                                                     .remaining = row_integer(row, 8),
                                                     .held = row_integer(row, 9),
                                                     .pending = row_integer(row, 10) != 0,
                                                     .expired = row_integer(row, 11)};
    return STATUS_OK;
}

static enum status receive_hold(void *context, const struct storage_row *row, struct error *err)
{
    struct loader *loader = context;
    struct member *member = member_at(loader, row);

    (void)err;
    member->holds =
        arena_grow(loader->arena, member->holds, &member->hold_capacity, member->hold_count + 1, sizeof(struct hold));
    struct hold *hold = &member->holds[member->hold_count++];
    *hold = (struct hold){.id = row_integer(row, 1),
                          .wallet = row_text_copy(row, 2, loader->arena),
                          .amount = row_integer(row, 3),
                          .captured = row_integer(row, 4),
                          .expires_at = row_integer(row, 5),
                          .state = (enum hold_state)row_integer(row, 6)};
    hold_parts_decode(row_text(row, 7), loader->arena, hold);
    return STATUS_OK;
}

static enum status receive_day(void *context, const struct storage_row *row, struct error *err)
{
    struct loader *loader = context;
    struct member *member = member_at(loader, row);

    (void)err;
    member->days = arena_grow(loader->arena, member->days, &member->day_capacity, member->day_count + 1,
                              sizeof(struct member_day));
    member->days[member->day_count++] = (struct member_day){
        .day = (int32_t)row_integer(row, 1), .count = row_integer(row, 2), .spend = row_integer(row, 3)};
    return STATUS_OK;
}

static enum status receive_progress(void *context, const struct storage_row *row, struct error *err)
{
    struct loader *loader = context;
    struct member *member = member_at(loader, row);

    (void)err;
    member->progress = arena_grow(loader->arena, member->progress, &member->progress_capacity,
                                  member->progress_count + 1, sizeof(struct progress));
    member->progress[member->progress_count++] =
        (struct progress){.id = row_text_copy(row, 1, loader->arena), .used = row_integer(row, 2)};
    return STATUS_OK;
}

static enum status send_members(struct loader *loader, const struct storage_query *query, const struct id_list *ids,
                                enum status (*receive)(void *, const struct storage_row *, struct error *),
                                struct error *err)
{
    struct storage_value *values = arena_array(loader->arena, ids->count * 2 + 1, sizeof *values);
    const struct storage_receiver receiver = {.row = receive, .context = loader};

    for (size_t i = 0; i < ids->count; i++) {
        values[i * 2] = value_integer(id_bucket(ids->ids[i]));
        values[i * 2 + 1] = value_integer(ids->ids[i]);
    }
    return storage_send(loader->session, query, values, ids->count, &receiver, err);
}

enum status loader_states(struct loader *loader, struct error *err)
{
    struct id_list leaders = {0}, shares = {0}, members = {0};

    for (size_t g = 0; g < loader->list_count; g++) {
        struct loaded_group *group = loader->list[g];
        if (group->states)
            continue;
        group->states = true;
        for (size_t m = 0; m < group->live.member_count; m++) {
            struct member *member = &group->live.members[m];
            struct member *leader = group_leader(&group->live, member);
            id_list_add(loader->arena, &members, member->id);
            if (leader == member)
                id_list_add(loader->arena, &leaders, member->id);
            if (group_person_size(&group->live, leader) > 1)
                id_list_add(loader->arena, &shares, member->id);
        }
    }
    enum status status = send_members(loader, &query_engine_standings_load, &leaders, receive_standing, err);
    if (status == STATUS_OK)
        status = send_members(loader, &query_engine_standings_own_load, &shares, receive_own, err);
    if (status == STATUS_OK)
        status = send_members(loader, &query_engine_wallets_load, &members, receive_wallet, err);
    return status;
}

enum status loader_days(struct loader *loader, const struct day_key *keys, size_t count, struct error *err)
{
    struct storage_value *values = arena_array(loader->arena, count * 3 + 1, sizeof *values);
    const struct storage_receiver receiver = {.row = receive_day, .context = loader};

    for (size_t i = 0; i < count; i++) {
        values[i * 3] = value_integer(id_bucket(keys[i].member));
        values[i * 3 + 1] = value_integer(keys[i].member);
        values[i * 3 + 2] = value_integer(keys[i].day);
    }
    return storage_send(loader->session, &query_engine_days_load, values, count, &receiver, err);
}

static void list_members(struct loader *loader, const struct loaded_group *group, struct id_list *ids)
{
    for (size_t m = 0; m < group->live.member_count; m++)
        id_list_add(loader->arena, ids, group->live.members[m].id);
}

enum status loader_lots(struct loader *loader, struct loaded_group **groups, size_t count, struct error *err)
{
    struct id_list ids = {0};

    for (size_t g = 0; g < count; g++) {
        if (groups[g]->lots)
            continue;
        groups[g]->lots = true;
        list_members(loader, groups[g], &ids);
        for (size_t m = 0; m < groups[g]->live.member_count; m++)
            groups[g]->live.members[m].lots_loaded = true;
    }
    enum status status = send_members(loader, &query_engine_lots_load, &ids, receive_lot, err);
    return status == STATUS_OK ? send_members(loader, &query_engine_holds_load, &ids, receive_hold, err) : status;
}

enum status loader_progress(struct loader *loader, struct loaded_group **groups, size_t count, struct error *err)
{
    struct id_list ids = {0};

    for (size_t g = 0; g < count; g++) {
        if (groups[g]->progress)
            continue;
        groups[g]->progress = true;
        list_members(loader, groups[g], &ids);
        for (size_t m = 0; m < groups[g]->live.member_count; m++)
            groups[g]->live.members[m].progress_loaded = true;
    }
    return send_members(loader, &query_engine_progress_load, &ids, receive_progress, err);
}

/* ---- what events name ---- */

struct named {
    struct storage_value *values; /* bucket, member, id */
    size_t count, capacity;
    struct map *seen;
};

static void name_add(struct loader *loader, struct named *named, int64_t member, int64_t id)
{
    if (id == 0 || map_get_id(loader->members, member) == NULL || map_get_id(named->seen, id) != NULL)
        return;
    map_put_id(named->seen, id, named);
    named->values =
        arena_grow(loader->arena, named->values, &named->capacity, (named->count + 1) * 3, sizeof *named->values);
    struct storage_value *values = named->values + named->count++ * 3;
    values[0] = value_integer(id_bucket(member));
    values[1] = value_integer(member);
    values[2] = value_integer(id);
}

static void name_event(struct loader *loader, const struct past_event *event, struct named *lots, struct named *holds)
{
    for (size_t i = 0; i < event->row.movement_count; i++)
        name_add(loader, lots, event->row.movements[i].member, event->row.movements[i].lot);
    if (text_equals(event->row.kind, "hold"))
        name_add(loader, holds, event->row.member, event->row.id);
    for (size_t i = 0; i < event->follower_count; i++)
        name_event(loader, &event->followers[i], lots, holds);
}

enum status loader_named(struct loader *loader, struct past_event **events, size_t count, struct error *err)
{
    struct named lots = {.seen = map_new(loader->arena, 16)}, holds = {.seen = map_new(loader->arena, 16)};
    const struct storage_receiver receive_lots = {.row = receive_lot, .context = loader};
    const struct storage_receiver receive_holds = {.row = receive_hold, .context = loader};

    for (size_t i = 0; i < count; i++)
        name_event(loader, events[i], &lots, &holds);
    enum status status =
        storage_send(loader->session, &query_engine_lots_named_load, lots.values, lots.count, &receive_lots, err);
    if (status == STATUS_OK)
        status = storage_send(loader->session, &query_engine_holds_named_load, holds.values, holds.count,
                              &receive_holds, err);
    return status;
}
