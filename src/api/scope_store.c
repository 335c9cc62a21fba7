/* scope_store.c: the tree of places as scopes need it, and which members were where. */
#include "api/scope_store.h"

#include "engine/engine.h"
#include "foundation/id.h"
#include "foundation/map.h"
#include "queries.h"
#include "storage/storage.h"

struct places_read {
    struct arena *arena;
    struct scope_places *out;
};

static enum status receive_place(void *context, const struct storage_row *row, struct error *err)
{
    const struct places_read *read = context;
    struct scope_places *out = read->out;
    (void)err;
    out->items = arena_grow(read->arena, out->items, &out->capacity, out->count + 1, sizeof *out->items);
    out->items[out->count++] = (struct scope_place){.code = row_text_copy(row, 0, read->arena),
                                                    .parent = row_text_copy(row, 1, read->arena),
                                                    .store = text_equals(row_text(row, 2), "store")};
    return STATUS_OK;
}

enum status scope_places_read(struct storage_session *session, struct arena *arena, struct scope_places *out,
                              struct error *err)
{
    struct places_read read = {arena, out};
    const struct storage_receiver receiver = {.row = receive_place, .context = &read};
    *out = (struct scope_places){.items = NULL};
    return storage_run(session, &query_api_scope_places, NULL, 1, &receiver, err);
}

/* ---- some members ---- */

struct members_read {
    const struct scope *scope;
    struct arena *arena;
    struct map *asked; /* id of a member of a person -> index + 1 of the person asked for */
    bool *inside;
    struct storage_value *rows; /* bucket, member */
    size_t row_count, row_capacity;
};

static void want_member(struct members_read *read, int64_t member, size_t index)
{
    enum { COLUMNS = 2 };
    if (map_get_id(read->asked, member) != NULL)
        return;
    map_put_id(read->asked, member, (void *)(uintptr_t)(index + 1));
    read->rows =
        arena_grow(read->arena, read->rows, &read->row_capacity, (read->row_count + 1) * COLUMNS, sizeof *read->rows);
    read->rows[read->row_count * COLUMNS] = value_integer(id_bucket(member));
    read->rows[read->row_count * COLUMNS + 1] = value_integer(member);
    read->row_count++;
}

static enum status receive_grouped(void *context, const struct storage_row *row, struct error *err)
{
    struct members_read *read = context;
    const void *index = map_get_id(read->asked, row_integer(row, 0));
    (void)err;
    if (index != NULL)
        want_member(read, row_integer(row, 1), (size_t)((uintptr_t)index - 1));
    return STATUS_OK;
}

static enum status receive_store(void *context, const struct storage_row *row, struct error *err)
{
    const struct members_read *read = context;
    const void *index = map_get_id(read->asked, row_integer(row, 0));
    (void)err;
    if (index != NULL && scope_sees(read->scope, row_text(row, 1)))
        read->inside[(uintptr_t)index - 1] = true;
    return STATUS_OK;
}

enum status scope_members(struct storage_session *session, struct arena *arena, const struct scope *scope,
                          const struct scope_people *people, struct error *err)
{
    const int64_t *members = people->members;
    size_t count = people->count;
    bool *inside = people->inside;
    struct members_read read = {.scope = scope, .arena = arena, .asked = map_new(arena, count + 1), .inside = inside};
    const struct storage_receiver grouped = {.row = receive_grouped, .context = &read};
    const struct storage_receiver stores = {.row = receive_store, .context = &read};
    for (size_t i = 0; i < count; i++) {
        inside[i] = scope->whole;
        want_member(&read, members[i], i);
    }
    if (scope->whole || count == 0)
        return STATUS_OK;
    size_t asked = read.row_count;
    const struct storage_value *rows = arena_copy(arena, read.rows, asked * 2 * sizeof *rows);
    enum status status = storage_run(session, &query_api_scope_grouped, rows, asked, &grouped, err);
    if (status == STATUS_OK)
        status = storage_run(session, &query_api_scope_stores, read.rows, read.row_count, &stores, err);
    /* The same person asked for twice has one row. */
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        inside[i] = inside[(uintptr_t)map_get_id(read.asked, members[i]) - 1];
    return status;
}

/* ---- all ---- */

struct all_read {
    const struct scope *scope;
    struct map *leaders, *members;
};

static enum status receive_leader(void *context, const struct storage_row *row, struct error *err)
{
    const struct all_read *read = context;
    (void)err;
    if (scope_sees(read->scope, row_text(row, 1)))
        map_put_id(read->leaders, row_integer(row, 0), read->leaders);
    return STATUS_OK;
}

static enum status receive_member(void *context, const struct storage_row *row, struct error *err)
{
    const struct all_read *read = context;
    (void)err;
    if (map_get_id(read->leaders, row_integer(row, 1)) != NULL)
        map_put_id(read->members, row_integer(row, 0), read->members);
    return STATUS_OK;
}

enum status scope_members_all(struct storage_session *session, struct arena *arena, const struct scope *scope,
                              struct map **out, struct error *err)
{
    struct all_read read = {scope, map_new(arena, 1024), map_new(arena, 1024)};
    const struct storage_receiver leaders = {.row = receive_leader, .context = &read};
    const struct storage_receiver members = {.row = receive_member, .context = &read};
    enum status status = STATUS_OK;
    for (int bucket = 0; bucket < BUCKET_COUNT && status == STATUS_OK; bucket++) {
        const struct storage_value value = value_integer(bucket);
        status = storage_run(session, &query_api_scope_leaders, &value, 1, &leaders, err);
    }
    for (int bucket = 0; bucket < BUCKET_COUNT && status == STATUS_OK; bucket++) {
        const struct storage_value value = value_integer(bucket);
        status = storage_run(session, &query_api_scope_everyone, &value, 1, &members, err);
    }
    *out = read.members;
    return status;
}
