/* Who belongs together: members, the persons they are merged into, and the households that pool. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/loader.h"
#include "queries.h"

enum { RESOLVE_ROUNDS_MAX = 16 };

void id_list_add(struct arena *arena, struct id_list *list, int64_t id)
{
    list->ids = arena_grow(arena, list->ids, &list->capacity, list->count + 1, sizeof(int64_t));
    list->ids[list->count++] = id;
}

void loader_start(struct loader *loader, struct storage_session *session, struct arena *arena)
{
    *loader = (struct loader){.session = session, .arena = arena};
    loader->found = map_new(arena, 256);
    loader->groupings = map_new(arena, 16);
    loader->groups = map_new(arena, 256);
    loader->members = map_new(arena, 256);
    loader->events = map_new(arena, 16);
}

static enum status receive_member(void *context, const struct storage_row *row, struct error *err)
{
    struct loader *loader = context;
    struct found_member *found = map_get_id(loader->found, row_integer(row, 0));
    struct text salt = row_text(row, 5);

    (void)err;
    assert(found != NULL);
    found->leader = row_integer(row, 1);
    found->household = row_integer(row, 2);
    found->registered_at = row_integer(row, 3);
    found->status = (enum member_status)row_integer(row, 4);
    if (salt.size == SALT_SIZE)
        memcpy(found->salt, salt.bytes, SALT_SIZE);
    return STATUS_OK;
}

static struct grouping *grouping_at(struct loader *loader, int64_t id)
{
    struct grouping *grouping = map_get_id(loader->groupings, id);

    if (grouping == NULL) {
        grouping = arena_alloc(loader->arena, sizeof *grouping);
        grouping->id = id;
        map_put_id(loader->groupings, id, grouping);
    }
    return grouping;
}

static enum status receive_grouping(void *context, const struct storage_row *row, struct error *err)
{
    struct loader *loader = context;
    struct grouping *grouping = grouping_at(loader, row_integer(row, 0));

    (void)err;
    grouping->members =
        arena_grow(loader->arena, grouping->members, &grouping->capacity, grouping->count + 1, sizeof(int64_t));
    grouping->members[grouping->count++] = row_integer(row, 1);
    return STATUS_OK;
}

static enum status receive_household(void *context, const struct storage_row *row, struct error *err)
{
    struct loader *loader = context;

    (void)err;
    grouping_at(loader, row_integer(row, 0))->pooled = row_integer(row, 1) != 0;
    return STATUS_OK;
}

static const struct storage_value *id_values(struct loader *loader, const struct id_list *ids)
{
    struct storage_value *values = arena_array(loader->arena, ids->count * 2 + 1, sizeof *values);

    for (size_t i = 0; i < ids->count; i++) {
        values[i * 2] = value_integer(id_bucket(ids->ids[i]));
        values[i * 2 + 1] = value_integer(ids->ids[i]);
    }
    return values;
}

/* Adds `id` to the next round unless it is known already. */
static void want_member(struct loader *loader, struct id_list *next, int64_t id)
{
    if (map_get_id(loader->found, id) != NULL)
        return;
    struct found_member *found = arena_alloc(loader->arena, sizeof *found);
    found->id = id;
    map_put_id(loader->found, id, found);
    id_list_add(loader->arena, next, id);
}

static enum status load_members(struct loader *loader, const struct id_list *ids, struct error *err)
{
    const struct storage_value *values = id_values(loader, ids);
    const struct storage_receiver members = {.row = receive_member, .context = loader};
    const struct storage_receiver groupings = {.row = receive_grouping, .context = loader};

    enum status status = storage_send(loader->session, &query_engine_members_load, values, ids->count, &members, err);
    if (status == STATUS_OK)
        status = storage_send(loader->session, &query_engine_groupings_load, values, ids->count, &groupings, err);
    return status == STATUS_OK ? storage_flush(loader->session, err) : status;
}

static enum status load_households(struct loader *loader, const struct id_list *ids, struct error *err)
{
    const struct storage_value *values = id_values(loader, ids);
    const struct storage_receiver households = {.row = receive_household, .context = loader};
    const struct storage_receiver groupings = {.row = receive_grouping, .context = loader};

    enum status status =
        storage_send(loader->session, &query_engine_households_load, values, ids->count, &households, err);
    if (status == STATUS_OK)
        status = storage_send(loader->session, &query_engine_groupings_load, values, ids->count, &groupings, err);
    return status == STATUS_OK ? storage_flush(loader->session, err) : status;
}

/* Follows leaders, members of a person and households of what the last round brought. */
static void follow(struct loader *loader, const struct id_list *ids, struct id_list *next, struct id_list *households)
{
    for (size_t i = 0; i < ids->count; i++) {
        const struct found_member *found = map_get_id(loader->found, ids->ids[i]);
        const struct grouping *grouping = map_get_id(loader->groupings, found->id);
        if (found->leader == 0)
            continue;
        if (found->leader != found->id)
            want_member(loader, next, found->leader);
        for (size_t m = 0; grouping != NULL && m < grouping->count; m++)
            want_member(loader, next, grouping->members[m]);
        if (found->household != 0 && map_get_id(loader->groupings, found->household) == NULL) {
            grouping_at(loader, found->household);
            id_list_add(loader->arena, households, found->household);
        }
    }
}

enum status loader_resolve(struct loader *loader, const struct id_list *ids, struct error *err)
{
    struct id_list now = {0};

    for (size_t i = 0; i < ids->count; i++)
        want_member(loader, &now, ids->ids[i]);
    for (int round = 0; now.count > 0; round++) {
        struct id_list next = {0}, households = {0};
        if (round == RESOLVE_ROUNDS_MAX)
            return error_set(err, STATUS_DEFECT, "engine.groups", "", "the groups of a member do not end");
        enum status status = load_members(loader, &now, err);
        if (status != STATUS_OK)
            return status;
        follow(loader, &now, &next, &households);
        if (households.count > 0) {
            status = load_households(loader, &households, err);
            if (status != STATUS_OK)
                return status;
        }
        for (size_t h = 0; h < households.count; h++) {
            const struct grouping *household = map_get_id(loader->groupings, households.ids[h]);
            for (size_t m = 0; household->pooled && m < household->count; m++)
                want_member(loader, &next, household->members[m]);
        }
        now = next;
    }
    return STATUS_OK;
}

const struct found_member *loader_found(const struct loader *loader, int64_t id)
{
    const struct found_member *found = map_get_id(loader->found, id);

    return found != NULL && found->leader != 0 ? found : NULL;
}

static void add_once(struct arena *arena, struct id_list *list, int64_t id)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->ids[i] == id)
            return;
    id_list_add(arena, list, id);
}

static void add_person(struct loader *loader, struct id_list *list, int64_t leader)
{
    const struct grouping *grouping = map_get_id(loader->groupings, leader);

    add_once(loader->arena, list, leader);
    for (size_t i = 0; grouping != NULL && i < grouping->count; i++)
        add_once(loader->arena, list, grouping->members[i]);
}

static int compare_ids(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

static void group_fill(struct loader *loader, struct loaded_group *group, const struct id_list *ids)
{
    group->live.members = arena_array(loader->arena, ids->count, sizeof(struct member));
    group->live.member_count = ids->count;
    for (size_t i = 0; i < ids->count; i++) {
        const struct found_member *found = map_get_id(loader->found, ids->ids[i]);
        struct member *member = &group->live.members[i];
        assert(found != NULL && found->leader != 0);
        member->id = found->id;
        member->leader = found->leader;
        member->household = found->household;
        member->registered_at = found->registered_at;
        member->status = found->status;
        memcpy(member->salt, found->salt, SALT_SIZE);
        member->standing.tier_until = member->standing.due_at = INSTANT_NEVER;
        member->own.tier_until = member->own.due_at = INSTANT_NEVER;
        map_put_id(loader->groups, member->id, group);
        map_put_id(loader->members, member->id, member);
    }
}

struct loaded_group *loader_group(struct loader *loader, int64_t id)
{
    struct loaded_group *group = map_get_id(loader->groups, id);
    const struct found_member *found = loader_found(loader, id);

    if (group != NULL || found == NULL)
        return group;
    const struct found_member *leader = loader_found(loader, found->leader);
    assert(leader != NULL);
    const struct grouping *household = leader->household != 0 ? map_get_id(loader->groupings, leader->household) : NULL;
    struct id_list ids = {0};
    group = arena_alloc(loader->arena, sizeof *group);
    add_person(loader, &ids, leader->id);
    if (household != NULL && household->pooled) {
        group->live.pooled = true;
        for (size_t i = 0; i < household->count; i++)
            add_person(loader, &ids, household->members[i]);
    }
    qsort(ids.ids, ids.count, sizeof(int64_t), compare_ids);
    group_fill(loader, group, &ids);
    loader->list = arena_grow(loader->arena, loader->list, &loader->list_capacity, loader->list_count + 1,
                              sizeof(struct loaded_group *));
    loader->list[loader->list_count++] = group;
    return group;
}
