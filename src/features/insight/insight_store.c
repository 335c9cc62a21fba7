#include "features/insight/insight_store.h"

#include <stdlib.h>

#include "engine/loader.h"
#include "queries.h"
#include "storage/storage.h"

enum { ROW_ARENA_BYTES = 1 << 20 };
enum { BASE_ARENA_BYTES = 512 << 20 };

/* ---- the usual interval ---- */

static enum status receive_interval(void *context, const struct storage_row *row, struct error *err)
{
    struct programme_set *set = context;

    (void)err;
    set->median_interval = row_integer(row, 0);
    return STATUS_OK;
}

enum status insight_configure(struct storage_session *session, struct programme_set *set, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_interval, .context = set};

    return storage_run(session, &query_insight_interval_configure, NULL, 1, &receiver, err);
}

enum status insight_interval_put(struct storage_session *session, int64_t now, int64_t interval, struct error *err)
{
    const struct storage_value values[] = {value_integer(now), value_integer(interval)};
    const struct storage_value first = value_integer(1);
    enum status status = storage_run(session, &query_insight_interval_put, values, 1, NULL, err);

    return status == STATUS_OK ? storage_run(session, &query_insight_epoch_bump, &first, 1, NULL, err) : status;
}

/* ---- standings ---- */

enum { STANDING_MEMBER = 19 }; /* after the columns of the standing */

struct standings {
    struct arena *arena; /* of one row */
    const struct standings_reader *reader;
};

static enum status receive_standing(void *context, const struct storage_row *row, struct error *err)
{
    const struct standings *standings = context;
    const struct standings_reader *reader = standings->reader;
    struct standing standing = {0};

    if (reader->members != NULL && map_get_id(reader->members, row_integer(row, STANDING_MEMBER)) == NULL)
        return STATUS_OK;
    arena_reset(standings->arena);
    enum status status = standing_decode(row, 0, standings->arena, &standing, err);
    if (status != STATUS_OK)
        return status;
    reader->each(reader->context, &standing);
    return STATUS_OK;
}

enum status standings_stream(struct storage_session *session, const struct standings_reader *reader, struct error *err)
{
    struct standings standings = {.arena = arena_new(ROW_ARENA_BYTES), .reader = reader};
    const struct storage_receiver receiver = {.row = receive_standing, .context = &standings};

    if (standings.arena == NULL)
        return error_set(err, STATUS_IO, "internal.memory", "", "there is no memory");
    enum status status = storage_stream(session, &query_insight_standings, NULL, &receiver, err);
    arena_free(standings.arena);
    return status;
}

struct intervals {
    struct arena *arena;
    const struct lifecycle *rules;
    int64_t *values;
    size_t count, capacity;
};

static void collect_interval(void *context, const struct standing *standing)
{
    struct intervals *intervals = context;

    if (standing->purchase_days < lifecycle_or_usual(intervals->rules)->own_interval_days)
        return;
    intervals->values =
        arena_grow(intervals->arena, intervals->values, &intervals->capacity, intervals->count + 1, sizeof(int64_t));
    intervals->values[intervals->count++] = standing_usual_interval(standing, 0, intervals->rules);
}

static int compare_integers(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

    return (a > b) - (a < b);
}

enum status base_median(struct storage_session *session, const struct lifecycle *rules, int64_t *out, struct error *err)
{
    struct intervals intervals = {.arena = arena_new(BASE_ARENA_BYTES), .rules = rules};

    if (intervals.arena == NULL)
        return error_set(err, STATUS_IO, "internal.memory", "", "there is no memory");
    const struct standings_reader reader = {.each = collect_interval, .context = &intervals};
    enum status status = standings_stream(session, &reader, err);
    *out = 0;
    if (status == STATUS_OK && intervals.count > 0) {
        size_t middle = intervals.count / 2;
        qsort(intervals.values, intervals.count, sizeof(int64_t), compare_integers);
        *out = intervals.values[middle];
        if (intervals.count % 2 == 0)
            *out = intervals.values[middle - 1] + (intervals.values[middle] - intervals.values[middle - 1]) / 2;
    }
    arena_free(intervals.arena);
    return status;
}

static enum status receive_count(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    *(int64_t *)context = row_integer(row, 0);
    return STATUS_OK;
}

enum status members_count(struct storage_session *session, int64_t *out, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_count, .context = out};

    return storage_run(session, &query_insight_members_count, NULL, 1, &receiver, err);
}

struct buyers_read {
    struct buyers *out;
    int64_t repeat_purchases;
};

static enum status receive_buyer(void *context, const struct storage_row *row, struct error *err)
{
    const struct buyers_read *read = context;

    (void)err;
    read->out->all += row_integer(row, 1) >= 1;
    read->out->repeat += row_integer(row, 1) >= read->repeat_purchases;
    return STATUS_OK;
}

enum status period_buyers(struct storage_session *session, const struct buyers_period *period, struct buyers *out,
                          struct error *err)
{
    struct buyers_read read = {out, lifecycle_or_usual(period->rules)->repeat_purchases};
    const struct storage_receiver receiver = {.row = receive_buyer, .context = &read};
    const struct storage_value values[] = {value_integer(period->first), value_integer(period->last)};

    *out = (struct buyers){0};
    return storage_stream(session, &query_insight_period_buyers, values, &receiver, err);
}

/* ---- replies that were expensive ---- */

struct kept_read {
    struct arena *arena;
    struct kept_reply *out;
};

static enum status receive_reply(void *context, const struct storage_row *row, struct error *err)
{
    const struct kept_read *read = context;

    (void)err;
    *read->out = (struct kept_reply){row_integer(row, 0), row_integer(row, 1), row_text_copy(row, 2, read->arena)};
    return STATUS_OK;
}

enum status kept_reply_get(struct storage_session *session, struct arena *arena, struct text name,
                           struct kept_reply *out, struct error *err)
{
    struct kept_read read = {arena, out};
    const struct storage_receiver receiver = {.row = receive_reply, .context = &read};
    const struct storage_value value = value_text(name);

    *out = (struct kept_reply){0};
    return storage_run(session, &query_insight_reply_get, &value, 1, &receiver, err);
}

enum status kept_reply_put(struct storage_session *session, struct text name, const struct kept_reply *reply,
                           struct error *err)
{
    const struct storage_value values[] = {value_text(name), value_integer(reply->computed_at),
                                           value_integer(reply->took), value_text(reply->body)};

    return storage_run(session, &query_insight_reply_put, values, 1, NULL, err);
}

static enum status receive_size(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    *(int64_t *)context = row_integer(row, 0);
    return STATUS_OK;
}

enum status insight_base_size(struct storage_session *session, int64_t *out, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_size, .context = out};

    return storage_run(session, &query_insight_base_size, NULL, 1, &receiver, err);
}
