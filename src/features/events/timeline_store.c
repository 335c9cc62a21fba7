/* The timeline of a person: the journal of each member, newest first, merged. */
#include <stdlib.h>

#include "features/events/events_store.h"
#include "foundation/map.h"
#include "queries.h"
#include "storage/storage.h"

struct timeline {
    struct arena *arena;
    int64_t member;
    struct timeline_entry *entries;
    size_t count, capacity;
    struct map *by_id;
};

static struct timeline_entry *add_entry(struct timeline *timeline)
{
    timeline->entries = arena_grow(timeline->arena, timeline->entries, &timeline->capacity, timeline->count + 1,
                                   sizeof *timeline->entries);
    struct timeline_entry *entry = &timeline->entries[timeline->count++];
    *entry = (struct timeline_entry){.member = timeline->member};
    return entry;
}

static enum status receive_row(void *context, const struct storage_row *row, struct error *err)
{
    struct timeline *timeline = context;
    struct timeline_entry *entry = add_entry(timeline);

    (void)err;
    entry->id = id_make(row_integer(row, 1), (int)row_integer(row, 0));
    entry->kind = row_text_copy(row, 2, timeline->arena);
    entry->at = row_integer(row, 3);
    entry->recorded_at = row_integer(row, 4);
    entry->day = (int32_t)row_integer(row, 5);
    entry->cause = row_integer(row, 6);
    entry->store = row_text_copy(row, 7, timeline->arena);
    entry->channel = row_text_copy(row, 8, timeline->arena);
    entry->receipt = row_text_copy(row, 9, timeline->arena);
    entry->amount = row_integer(row, 10);
    entry->earned = earned_rules_read(timeline->arena, row_text(row, 11), &entry->earned_count);
    return STATUS_OK;
}

static enum status receive_trace(void *context, const struct storage_row *row, struct error *err)
{
    struct timeline *timeline = context;
    struct timeline_entry *entry = add_entry(timeline);

    (void)err;
    entry->id = row_integer(row, 0);
    entry->kind = row_text_copy(row, 1, timeline->arena);
    entry->at = entry->recorded_at = row_integer(row, 2);
    entry->day = DAY_NONE;
    entry->store = row_text_copy(row, 3, timeline->arena);
    entry->channel = row_text_copy(row, 4, timeline->arena);
    entry->detail = row_text_copy(row, 5, timeline->arena);
    entry->traced = true;
    return STATUS_OK;
}

static bool wants(const struct timeline_query *query, struct text kind)
{
    for (size_t i = 0; i < query->kind_count; i++)
        if (text_equal(query->kinds[i], kind))
            return true;
    return query->kind_count == 0;
}

/* The rows of one member before the cursor; ids order events of one instant. */
static enum status read_member(struct storage_session *session, struct timeline *timeline,
                               const struct timeline_query *query, struct error *err)
{
    const struct storage_receiver rows = {.row = receive_row, .context = timeline};
    const struct storage_receiver traces = {.row = receive_trace, .context = timeline};
    int bucket = id_bucket(timeline->member);
    /* Of this bucket, ids below the cursor's have a smaller sequence, or the same in a smaller bucket. */
    int64_t seq = id_seq(query->before_id) + (bucket < id_bucket(query->before_id) ? 1 : 0);
    const struct storage_value page = value_integer((int64_t)query->limit + 1);
    enum status status = STATUS_OK;

    if (query->kind_count == 0) {
        const struct storage_value values[] = {value_integer(bucket), value_integer(timeline->member),
                                               value_integer(query->before_at), value_integer(seq), page};
        status = storage_run(session, &query_events_timeline, values, 1, &rows, err);
    }
    for (size_t k = 0; k < query->kind_count && status == STATUS_OK; k++) {
        const struct storage_value values[] = {value_integer(bucket),       value_integer(timeline->member),
                                               value_text(query->kinds[k]), value_integer(query->before_at),
                                               value_integer(seq),          page};
        status = storage_run(session, &query_events_timeline_kind, values, 1, &rows, err);
    }
    if (status != STATUS_OK)
        return status;
    const struct storage_value values[] = {value_integer(bucket), value_integer(timeline->member),
                                           value_integer(query->before_at), value_integer(query->before_id), page};
    size_t before = timeline->count;
    status = storage_run(session, &query_events_timeline_traces, values, 1, &traces, err);
    size_t kept = before;
    for (size_t i = before; i < timeline->count; i++)
        if (wants(query, timeline->entries[i].kind))
            timeline->entries[kept++] = timeline->entries[i];
    timeline->count = kept;
    return status;
}

static int newest_first(const void *left, const void *right)
{
    const struct timeline_entry *a = left, *b = right;

    if (a->at != b->at)
        return a->at > b->at ? -1 : 1;
    return (a->id < b->id) - (a->id > b->id);
}

/* ---- what hangs on the rows ---- */

static struct timeline_entry *entry_of(struct timeline *timeline, const struct storage_row *row)
{
    return map_get_id(timeline->by_id, id_make(row_integer(row, 1), (int)row_integer(row, 0)));
}

static void add_points(struct timeline_entry *entry, struct text wallet, int64_t points, struct arena *arena)
{
    for (size_t i = 0; i < entry->point_count; i++) {
        if (text_equal(entry->points[i].wallet, wallet)) {
            entry->points[i].points += points;
            return;
        }
    }
    if (entry->point_count < TIMELINE_WALLETS_MAX)
        entry->points[entry->point_count++] = (struct wallet_points){text_copy(arena, wallet), points};
}

/* Active, pending and held count for the balance, debt against it; the others are outside of the member. */
static int64_t balance_of(int64_t account, int64_t amount)
{
    return account <= ACCOUNT_DEBT ? amount : 0;
}

static enum status receive_movement(void *context, const struct storage_row *row, struct error *err)
{
    struct timeline *timeline = context;
    struct timeline_entry *entry = entry_of(timeline, row);
    int64_t amount = row_integer(row, 6);

    (void)err;
    if (entry != NULL && row_integer(row, 2) == entry->member)
        add_points(entry, row_text(row, 3),
                   balance_of(row_integer(row, 5), amount) - balance_of(row_integer(row, 4), amount), timeline->arena);
    return STATUS_OK;
}

static enum status receive_detail(void *context, const struct storage_row *row, struct error *err)
{
    struct timeline *timeline = context;
    struct timeline_entry *entry = entry_of(timeline, row);

    (void)err;
    if (entry != NULL)
        entry->detail = row_text_copy(row, 2, timeline->arena);
    return STATUS_OK;
}

static enum status complete(struct storage_session *session, struct timeline *timeline, struct error *err)
{
    struct storage_value *keys = arena_array(timeline->arena, timeline->count * 2 + 1, sizeof *keys);
    const struct storage_receiver movements = {.row = receive_movement, .context = timeline};
    const struct storage_receiver details = {.row = receive_detail, .context = timeline};
    size_t count = 0;

    timeline->by_id = map_new(timeline->arena, timeline->count + 1);
    for (size_t i = 0; i < timeline->count; i++) {
        if (timeline->entries[i].traced)
            continue;
        map_put_id(timeline->by_id, timeline->entries[i].id, &timeline->entries[i]);
        keys[count * 2] = value_integer(id_bucket(timeline->entries[i].id));
        keys[count * 2 + 1] = value_integer(id_seq(timeline->entries[i].id));
        count++;
    }
    if (count == 0)
        return STATUS_OK;
    enum status status = storage_run(session, &query_events_timeline_movements, keys, count, &movements, err);
    return status == STATUS_OK ? storage_run(session, &query_events_timeline_details, keys, count, &details, err)
                               : status;
}

enum status timeline_read(struct storage_session *session, struct arena *arena, const struct timeline_query *query,
                          struct timeline_entry **out, size_t *count, struct error *err)
{
    struct timeline timeline = {.arena = arena};
    enum status status = STATUS_OK;

    for (size_t m = 0; m < query->member_count && status == STATUS_OK; m++) {
        timeline.member = query->members[m];
        status = read_member(session, &timeline, query, err);
    }
    if (status != STATUS_OK)
        return status;
    if (timeline.count > 1)
        qsort(timeline.entries, timeline.count, sizeof *timeline.entries, newest_first);
    if (timeline.count > query->limit + 1)
        timeline.count = query->limit + 1;
    status = complete(session, &timeline, err);
    *out = timeline.entries;
    *count = timeline.count;
    return status;
}
