/* Past events with lines, movements, detail and what followed from them. */
#include <assert.h>

#include "engine/loader.h"
#include "queries.h"

enum { FOLLOWERS_DEPTH_MAX = 4 };

/* Events of one round, before their rows are complete. */
struct round {
    struct loader *loader;
    struct past_event **events;
    size_t count, capacity;
    struct map *by_id;
};

static struct past_event *round_add(struct round *round, const struct storage_row *row)
{
    struct arena *arena = round->loader->arena;
    int64_t id = id_make(row_integer(row, 1), (int)row_integer(row, 0));

    if (map_get_id(round->by_id, id) != NULL)
        return NULL;
    struct past_event *event = arena_alloc(arena, sizeof *event);
    journal_row_decode(row, arena, &event->row);
    round->events = arena_grow(arena, round->events, &round->capacity, round->count + 1, sizeof(struct past_event *));
    round->events[round->count++] = event;
    map_put_id(round->by_id, id, event);
    return event;
}

static enum status receive_event(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    round_add(context, row);
    return STATUS_OK;
}

static struct past_event *event_of(struct round *round, const struct storage_row *row)
{
    struct past_event *event = map_get_id(round->by_id, id_make(row_integer(row, 1), (int)row_integer(row, 0)));

    assert(event != NULL);
    return event;
}

static enum status receive_line(void *context, const struct storage_row *row, struct error *err)
{
    struct round *round = context;
    struct past_event *event = event_of(round, row);
    struct arena *arena = round->loader->arena;

    (void)err;
    event->row.lines = arena_grow(arena, event->row.lines, &event->row.line_capacity, event->row.line_count + 1,
                                  sizeof(struct purchase_line));
    event->row.lines[event->row.line_count++] = (struct purchase_line){.number = (int32_t)row_integer(row, 2),
                                                                       .sku = row_text_copy(row, 3, arena),
                                                                       .category = row_text_copy(row, 4, arena),
                                                                       .quantity_milli = row_integer(row, 5),
                                                                       .amount = row_integer(row, 6),
                                                                       .discount = row_integer(row, 7),
                                                                       .of_line = (int32_t)row_integer(row, 8)};
    return STATUS_OK;
}

static enum status receive_movement(void *context, const struct storage_row *row, struct error *err)
{
    struct round *round = context;
    struct past_event *event = event_of(round, row);
    struct arena *arena = round->loader->arena;

    (void)err;
    event->row.movements = arena_grow(arena, event->row.movements, &event->row.movement_capacity,
                                      event->row.movement_count + 1, sizeof(struct movement));
    event->row.movements[event->row.movement_count++] = (struct movement){.member = row_integer(row, 3),
                                                                          .wallet = row_text_copy(row, 4, arena),
                                                                          .debit = (enum account)row_integer(row, 5),
                                                                          .credit = (enum account)row_integer(row, 6),
                                                                          .amount = row_integer(row, 7),
                                                                          .lot = row_integer(row, 8)};
    return STATUS_OK;
}

static enum status receive_detail(void *context, const struct storage_row *row, struct error *err)
{
    struct round *round = context;

    (void)err;
    event_of(round, row)->row.detail = row_text_copy(row, 2, round->loader->arena);
    return STATUS_OK;
}

struct keys {
    const struct storage_value *values; /* bucket and seq, or bucket and cause */
    size_t count;
};

static enum status send_keys(struct round *round, const struct storage_query *query, struct keys keys,
                             enum status (*receive)(void *, const struct storage_row *, struct error *),
                             struct error *err)
{
    const struct storage_receiver receiver = {.row = receive, .context = round};

    return storage_send(round->loader->session, query, keys.values, keys.count, &receiver, err);
}

/* Lines, movements and details of the round's events. */
static enum status complete(struct round *round, struct error *err)
{
    struct loader *loader = round->loader;
    struct storage_value *values = arena_array(loader->arena, round->count * 2 + 1, sizeof *values);

    for (size_t i = 0; i < round->count; i++) {
        values[i * 2] = value_integer(id_bucket(round->events[i]->row.id));
        values[i * 2 + 1] = value_integer(id_seq(round->events[i]->row.id));
    }
    const struct keys keys = {values, round->count};
    enum status status = send_keys(round, &query_engine_lines_load, keys, receive_line, err);
    if (status == STATUS_OK)
        status = send_keys(round, &query_engine_movements_load, keys, receive_movement, err);
    if (status == STATUS_OK)
        status = send_keys(round, &query_engine_details_load, keys, receive_detail, err);
    return status == STATUS_OK ? storage_flush(loader->session, err) : status;
}

/* Points may have come from, or gone back to, members who have left the group since: their rows lie in any bucket. */
static bool drew_points(const struct journal_row *row)
{
    for (size_t i = 0; i < row->movement_count; i++) {
        enum account debit = row->movements[i].debit, credit = row->movements[i].credit;
        if (credit == ACCOUNT_REDEEMED || credit == ACCOUNT_HELD || debit == ACCOUNT_REDEEMED || debit == ACCOUNT_HELD)
            return true;
    }
    return row->movement_count == 0 && row->line_count == 0;
}

/* The buckets in which followers of the event may lie: those of its member's group, or its own. */
static size_t follower_keys(struct loader *loader, const struct past_event *event, struct storage_value *values)
{
    struct loaded_group *group = event->row.member != 0 ? loader_group(loader, event->row.member) : NULL;
    bool used[BUCKET_COUNT], everywhere = drew_points(&event->row);
    size_t count = 0;

    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
        used[bucket] = everywhere;
    used[id_bucket(event->row.id)] = true;
    for (size_t m = 0; group != NULL && m < group->live.member_count; m++)
        used[id_bucket(group->live.members[m].id)] = true;
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        if (!used[bucket])
            continue;
        values[count * 2] = value_integer(bucket);
        values[count * 2 + 1] = value_integer(event->row.id);
        count++;
    }
    return count;
}

static int compare_events(const struct past_event *a, const struct past_event *b)
{
    if (a->row.recorded_at != b->row.recorded_at)
        return a->row.recorded_at < b->row.recorded_at ? -1 : 1;
    return (a->row.id > b->row.id) - (a->row.id < b->row.id);
}

/* Hangs the followers of a finished round on their causes; deepest rounds first. */
static void attach(struct arena *arena, const struct round *round, struct past_event *cause)
{
    for (size_t i = 0; i < round->count; i++) {
        struct past_event *follower = round->events[i];
        if (follower->row.cause != cause->row.id)
            continue;
        cause->followers = arena_grow(arena, cause->followers, &cause->follower_capacity, cause->follower_count + 1,
                                      sizeof(struct past_event));
        size_t at = cause->follower_count++;
        while (at > 0 && compare_events(follower, &cause->followers[at - 1]) < 0) {
            cause->followers[at] = cause->followers[at - 1];
            at--;
        }
        cause->followers[at] = *follower;
    }
}

static enum status load_followers(const struct round *causes, int depth, struct error *err)
{
    struct loader *loader = causes->loader;
    struct round round = {.loader = loader, .by_id = map_new(loader->arena, causes->count)};
    struct storage_value *values = arena_array(loader->arena, causes->count * BUCKET_COUNT * 2 + 1, sizeof *values);
    size_t count = 0;

    if (causes->count == 0 || depth == FOLLOWERS_DEPTH_MAX)
        return STATUS_OK;
    for (size_t i = 0; i < causes->count; i++)
        count += follower_keys(loader, causes->events[i], values + count * 2);
    enum status status =
        send_keys(&round, &query_engine_followers_load, (struct keys){values, count}, receive_event, err);
    if (status == STATUS_OK)
        status = storage_flush(loader->session, err);
    if (status == STATUS_OK)
        status = complete(&round, err);
    if (status == STATUS_OK)
        status = load_followers(&round, depth + 1, err);
    for (size_t i = 0; status == STATUS_OK && i < causes->count; i++)
        attach(loader->arena, &round, causes->events[i]);
    return status;
}

enum status loader_events(struct loader *loader, const struct id_list *ids, bool followers, struct error *err)
{
    struct round round = {.loader = loader, .by_id = map_new(loader->arena, ids->count + 1)};
    struct storage_value *values = arena_array(loader->arena, ids->count * 2 + 1, sizeof *values);

    if (ids->count == 0)
        return STATUS_OK;
    for (size_t i = 0; i < ids->count; i++) {
        values[i * 2] = value_integer(id_bucket(ids->ids[i]));
        values[i * 2 + 1] = value_integer(id_seq(ids->ids[i]));
    }
    const struct keys keys = {values, ids->count};
    enum status status = send_keys(&round, &query_engine_journal_load, keys, receive_event, err);
    if (status == STATUS_OK)
        status = storage_flush(loader->session, err);
    if (status == STATUS_OK)
        status = complete(&round, err);
    if (status == STATUS_OK && followers)
        status = load_followers(&round, 0, err);
    for (size_t i = 0; i < round.count; i++)
        if (map_get_id(loader->events, round.events[i]->row.id) == NULL)
            map_put_id(loader->events, round.events[i]->row.id, round.events[i]);
    return status;
}
