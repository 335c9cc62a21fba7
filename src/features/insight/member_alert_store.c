#include "features/insight/member_alert_store.h"

#include <stdlib.h>

#include "foundation/id.h"
#include "queries.h"
#include "storage/storage.h"

enum { RAISED_COLUMNS = 6, ENDED_COLUMNS = 3, ARENA_MAX = 1 << 28 };

/* ---- raising ---- */

struct before {
    int64_t member, risk;
};

struct comparing {
    struct arena *arena;
    const struct alert_check *check;
    size_t at;      /* the next score to compare with */
    int64_t *going; /* members of the bucket with an alert that has not ended; ascending */
    size_t going_count, going_capacity, going_at;
    int64_t now;
    struct storage_value *raised, *ended;
    size_t raised_count, ended_count, raised_capacity, ended_capacity;
};

static void raise_alert(struct comparing *comparing, const struct before *before, int64_t risk)
{
    comparing->raised = arena_grow(comparing->arena, comparing->raised, &comparing->raised_capacity,
                                   (comparing->raised_count + 1) * RAISED_COLUMNS, sizeof *comparing->raised);
    struct storage_value *values = comparing->raised + RAISED_COLUMNS * comparing->raised_count++;

    values[0] = value_integer(id_bucket(before->member));
    values[1] = value_integer(before->member);
    values[2] = value_integer(comparing->now);
    values[3] = value_integer(before->risk);
    values[4] = value_integer(risk);
    values[5] = value_integer(comparing->check->threshold);
}

static void end_alert(struct comparing *comparing, const struct before *before)
{
    comparing->ended = arena_grow(comparing->arena, comparing->ended, &comparing->ended_capacity,
                                  (comparing->ended_count + 1) * ENDED_COLUMNS, sizeof *comparing->ended);
    struct storage_value *values = comparing->ended + ENDED_COLUMNS * comparing->ended_count++;

    values[0] = value_integer(id_bucket(before->member));
    values[1] = value_integer(before->member);
    values[2] = value_integer(comparing->now);
}

static enum status receive_going(void *context, const struct storage_row *row, struct error *err)
{
    struct comparing *comparing = context;

    (void)err;
    comparing->going = arena_grow(comparing->arena, comparing->going, &comparing->going_capacity,
                                  comparing->going_count + 1, sizeof *comparing->going);
    comparing->going[comparing->going_count++] = row_integer(row, 0);
    return STATUS_OK;
}

static bool is_going(struct comparing *comparing, int64_t member)
{
    while (comparing->going_at < comparing->going_count && comparing->going[comparing->going_at] < member)
        comparing->going_at++;
    return comparing->going_at < comparing->going_count && comparing->going[comparing->going_at] == member;
}

/* Rows come by member, as the scores of their bucket do. */
static enum status receive_before(void *context, const struct storage_row *row, struct error *err)
{
    struct comparing *comparing = context;
    const struct alert_check *check = comparing->check;
    const struct before before = {row_integer(row, 0), row_integer(row, 1)};
    int bucket = id_bucket(before.member);

    (void)err;
    while (comparing->at < check->count && id_bucket(check->scores[comparing->at].member) == bucket &&
           check->scores[comparing->at].member < before.member)
        comparing->at++;
    if (comparing->at >= check->count || check->scores[comparing->at].member != before.member)
        return STATUS_OK;
    int64_t risk = check->scores[comparing->at].numbers[SCORE_RISK];

    bool going = is_going(comparing, before.member);

    if (!going && before.risk < check->threshold_before && risk >= check->threshold &&
        risk - before.risk >= check->rise)
        raise_alert(comparing, &before, risk);
    if (going && risk < check->threshold)
        end_alert(comparing, &before);
    return STATUS_OK;
}

static enum status write_changes(struct storage_session *writes, const struct comparing *comparing, struct error *err)
{
    if (comparing->raised_count + comparing->ended_count == 0)
        return STATUS_OK;
    enum status status = storage_begin(writes, err);

    if (status != STATUS_OK)
        return status;
    if (comparing->ended_count > 0)
        status = storage_run(writes, &query_insight_alerts_end, comparing->ended, comparing->ended_count, NULL, err);
    if (status == STATUS_OK && comparing->raised_count > 0)
        status = storage_run(writes, &query_insight_alerts_put, comparing->raised, comparing->raised_count, NULL, err);
    if (status == STATUS_OK)
        return storage_commit(writes, err);
    storage_rollback(writes);
    return status;
}

static void skip_to_bucket(struct comparing *comparing, int bucket)
{
    const struct alert_check *check = comparing->check;

    while (comparing->at < check->count && id_bucket(check->scores[comparing->at].member) < bucket)
        comparing->at++;
}

enum status member_alerts_raise(struct storage_session *reads, struct storage_session *writes,
                                const struct alert_check *check, int64_t now, int64_t *raised, struct error *err)
{
    struct comparing comparing = {.arena = arena_new(ARENA_MAX), .check = check, .now = now};
    const struct storage_receiver receiver = {.row = receive_before, .context = &comparing},
                                  going = {.row = receive_going, .context = &comparing};
    enum status status = comparing.arena != NULL
                             ? STATUS_OK
                             : error_set(err, STATUS_LIMIT, "insight.days", "", "there is no memory to compare risks");

    for (int bucket = check->first; status == STATUS_OK && bucket < check->end; bucket++) {
        const struct storage_value value = value_integer(bucket);

        skip_to_bucket(&comparing, bucket);
        comparing.going_count = comparing.going_at = 0;
        status = storage_run(reads, &query_insight_alerts_going, &value, 1, &going, err);
        if (status == STATUS_OK)
            status = storage_run(reads, &query_insight_alert_risks, &value, 1, &receiver, err);
    }
    if (status == STATUS_OK)
        status = write_changes(writes, &comparing, err);
    if (status == STATUS_OK)
        *raised += (int64_t)comparing.raised_count;
    arena_free(comparing.arena);
    return status;
}

/* ---- pages ---- */

struct reading {
    struct arena *arena;
    struct member_alerts *out;
};

static enum status receive_alert(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;
    struct member_alerts *out = reading->out;

    (void)err;
    out->items = arena_grow(reading->arena, out->items, &out->capacity, out->count + 1, sizeof *out->items);
    out->items[out->count++] = (struct member_alert){.member = row_integer(row, 0),
                                                     .raised_at = row_integer(row, 1),
                                                     .before = row_integer(row, 2),
                                                     .risk = row_integer(row, 3),
                                                     .threshold = row_integer(row, 4),
                                                     .ended_at = row_integer(row, 5),
                                                     .acknowledged_at = row_integer(row, 6),
                                                     .acknowledged_by = row_text_copy(row, 7, reading->arena)};
    return STATUS_OK;
}

enum status member_alerts_read(struct storage_session *session, struct arena *arena, const struct alert_page *page,
                               struct member_alerts *out, struct error *err)
{
    struct reading reading = {arena, out};
    const struct storage_receiver receiver = {.row = receive_alert, .context = &reading};
    const struct storage_value after = value_integer(page->given ? page->after : INT64_MAX);
    const struct storage_value own[] = {value_integer(id_bucket(page->member)), value_integer(page->member),
                                        value_integer(page->state), after, value_integer(page->limit)};
    const struct storage_value all[] = {
        value_integer(page->state), after, value_integer(page->given ? id_bucket(page->after_member) : 0),
        value_integer(page->given ? page->after_member : 0), value_integer(page->limit)};

    *out = (struct member_alerts){0};
    return page->member > 0 ? storage_run(session, &query_insight_alerts_of_member, own, 1, &receiver, err)
                            : storage_run(session, &query_insight_alerts_page, all, 1, &receiver, err);
}

static enum status receive_changes(void *context, int64_t changes, struct error *err)
{
    (void)err;
    *(int64_t *)context = changes;
    return STATUS_OK;
}

enum status member_alerts_acknowledge(struct storage_session *session, int64_t member, int64_t now, struct text actor,
                                      int64_t *count, struct error *err)
{
    const struct storage_receiver receiver = {.done = receive_changes, .context = count};
    const struct storage_value values[] = {value_integer(id_bucket(member)), value_integer(member), value_integer(now),
                                           value_text(actor)};

    *count = 0;
    return storage_run(session, &query_insight_alerts_acknowledge, values, 1, &receiver, err);
}
