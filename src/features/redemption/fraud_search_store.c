/* The search for unusual earning: counting days, judging one. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features/redemption/fraud_facts.h"
#include "features/redemption/fraud_model.h"
#include "features/redemption/fraud_store.h"
#include "foundation/map.h"
#include "queries.h"
#include "storage/storage.h"

enum { KEPT_DAYS = 120, ACTIVITY_COLUMNS = 7, ALERT_COLUMNS = 14, ALERT_HASH_BITS = 56, MEMBER_LEAST = 2 };

static const size_t SEARCH_MEMORY_MAX = (size_t)1 << 30;
static const double MILLI = 1000, PROBABILITY_UNITS = 1e9;

/* ---- counting a day ---- */

struct activity {
    int64_t kind;
    struct text subject, store;
    int32_t day;
    int64_t purchases, points;
};

struct counting {
    struct arena *arena;
    struct map *known; /* kind, subject and store -> struct activity */
    int32_t day;
};

static struct text activity_key(struct arena *arena, int64_t kind, struct text subject, struct text store)
{
    struct builder key = {.arena = arena};

    builder_format(&key, "%lld", (long long)kind);
    builder_char(&key, '\0');
    builder_text(&key, subject);
    builder_char(&key, '\0');
    builder_text(&key, store);
    return builder_done(&key);
}

static void count_one(struct counting *counting, int64_t kind, struct text subject, struct text store, int64_t points)
{
    struct text key = activity_key(counting->arena, kind, subject, store);
    struct activity *activity = map_get(counting->known, key);

    if (activity == NULL) {
        activity = arena_alloc(counting->arena, sizeof *activity);
        *activity = (struct activity){.kind = kind,
                                      .subject = text_copy(counting->arena, subject),
                                      .store = text_copy(counting->arena, store),
                                      .day = counting->day};
        map_put(counting->known, key, activity);
    }
    activity->purchases++;
    activity->points += points;
}

static enum status receive_purchase(void *context, const struct storage_row *row, struct error *err)
{
    struct counting *counting = context;
    struct arena *arena = counting->arena;
    struct text store = row_text(row, 1), facts = row_text(row, 2);
    struct text employee = fact_find(arena, facts, "employee"), till = fact_find(arena, facts, "till");

    (void)err;
    if (employee.size > 0)
        count_one(counting, FRAUD_EMPLOYEE, employee, store, row_integer(row, 3));
    if (till.size > 0) {
        struct builder name = {.arena = arena};
        builder_text(&name, store);
        builder_char(&name, '/');
        builder_text(&name, till);
        count_one(counting, FRAUD_TILL, builder_done(&name), store, row_integer(row, 3));
    }
    return STATUS_OK;
}

static enum status read_day(struct engine *engine, struct counting *counting, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_purchase, .context = counting};
    struct storage_session *session;
    enum status status = engine_read_begin(engine, &session, err);

    if (status != STATUS_OK)
        return status;
    for (int bucket = 0; bucket < BUCKET_COUNT && status == STATUS_OK; bucket++) {
        const struct storage_value values[] = {value_integer(bucket), value_integer(counting->day)};
        status = storage_stream(session, &query_redemption_fraud_day_rows, values, &receiver, err);
    }
    engine_read_end(engine, session);
    return status;
}

static enum status write_day(struct storage_session *session, const struct counting *counting, struct error *err)
{
    size_t count = map_count(counting->known);
    struct storage_value *values = arena_array(counting->arena, ACTIVITY_COLUMNS * count + 1, sizeof *values);
    const struct storage_value before = value_integer(counting->day - KEPT_DAYS), day = value_integer(counting->day);

    for (size_t i = 0; i < count; i++) {
        const struct activity *activity = map_value_at(counting->known, i);
        struct storage_value *row = &values[ACTIVITY_COLUMNS * i];
        row[0] = value_integer((int64_t)(hash_stable(activity->subject) % BUCKET_COUNT));
        row[1] = value_integer(activity->kind);
        row[2] = value_text(activity->subject);
        row[3] = value_text(activity->store);
        row[4] = value_integer(activity->day);
        row[5] = value_integer(activity->purchases);
        row[6] = value_integer(activity->points);
    }
    enum status status = storage_begin(session, err);
    if (status != STATUS_OK)
        return status;
    status = storage_run(session, &query_redemption_fraud_activity_put, values, count, NULL, err);
    if (status == STATUS_OK)
        status = storage_run(session, &query_redemption_fraud_activity_drop, &before, 1, NULL, err);
    if (status == STATUS_OK)
        status = storage_run(session, &query_redemption_fraud_last_day_put, &day, 1, NULL, err);
    if (status == STATUS_OK)
        return storage_commit(session, err);
    storage_rollback(session);
    return status;
}

static enum status receive_integer(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    *(int64_t *)context = row_integer(row, 0);
    return STATUS_OK;
}

enum status fraud_last_day(struct storage_session *session, int32_t *out, struct error *err)
{
    int64_t day = DAY_NONE;
    const struct storage_receiver receiver = {.row = receive_integer, .context = &day};
    enum status status = storage_run(session, &query_redemption_fraud_last_day, NULL, 1, &receiver, err);

    *out = (int32_t)day;
    return status;
}

/* The days that are not yet counted, and the day itself and the one before anew: tills send late. */
static enum status count_days(struct engine *engine, struct storage_session *writer, int32_t day, struct error *err)
{
    int32_t last, first = day - FRAUD_HISTORY_DAYS;
    enum status status = fraud_last_day(writer, &last, err);

    if (status != STATUS_OK)
        return status;
    if (last != DAY_NONE && last - 1 > first)
        first = last - 1 < day - 1 ? last - 1 : day - 1;
    for (int32_t at = first; at <= day && status == STATUS_OK; at++) {
        struct arena *arena = arena_new(SEARCH_MEMORY_MAX);
        if (arena == NULL)
            return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory to count a day");
        struct counting counting = {.arena = arena, .known = map_new(arena, 256), .day = at};
        status = read_day(engine, &counting, err);
        if (status == STATUS_OK)
            status = write_day(writer, &counting, err);
        arena_free(arena);
    }
    return status;
}

/* ---- judging ---- */

struct judging {
    struct arena *arena;
    int32_t day;
    int64_t now;
    struct activity *rows; /* by kind, store, day, subject */
    size_t row_count, row_capacity;
    struct fraud_alert *alerts;
    size_t alert_count, alert_capacity;
    struct fraud_found *found;
};

static enum status receive_activity(void *context, const struct storage_row *row, struct error *err)
{
    struct judging *judging = context;

    (void)err;
    judging->rows = arena_grow(judging->arena, judging->rows, &judging->row_capacity, judging->row_count + 1,
                               sizeof *judging->rows);
    judging->rows[judging->row_count++] = (struct activity){.kind = row_integer(row, 0),
                                                            .store = row_text_copy(row, 1, judging->arena),
                                                            .subject = row_text_copy(row, 2, judging->arena),
                                                            .day = (int32_t)row_integer(row, 3),
                                                            .purchases = row_integer(row, 4),
                                                            .points = row_integer(row, 5)};
    return STATUS_OK;
}

static void raise_alert(struct judging *judging, struct fraud_alert alert, double usual, double probability)
{
    double units = probability * PROBABILITY_UNITS;

    alert.day = judging->day;
    alert.raised_at = judging->now;
    alert.usual = (int64_t)llround(usual * MILLI);
    alert.probability = units < 1 ? 1 : (int64_t)llround(units);
    judging->alerts = arena_grow(judging->arena, judging->alerts, &judging->alert_capacity, judging->alert_count + 1,
                                 sizeof *judging->alerts);
    judging->alerts[judging->alert_count++] = alert;
}

static int compare_integers(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return left < right ? -1 : left > right;
}

/* The counts of rows [0, count) as a history. */
static struct count_history history_of(struct arena *arena, const struct activity *rows, size_t count)
{
    int64_t *counts = arena_array(arena, count + 1, sizeof *counts);
    int64_t *values = arena_array(arena, count + 1, sizeof *values);
    int64_t *frequencies = arena_array(arena, count + 1, sizeof *frequencies);
    size_t size = 0;

    for (size_t i = 0; i < count; i++)
        counts[i] = rows[i].purchases;
    qsort(counts, count, sizeof *counts, compare_integers);
    for (size_t i = 0; i < count; i++) {
        if (size == 0 || values[size - 1] != counts[i])
            values[size++] = counts[i];
        frequencies[size - 1]++;
    }
    return (struct count_history){values, frequencies, size};
}

static void judge_one(struct judging *judging, const struct activity *row, const struct count_model *counts,
                      const struct amount_model *amounts, int64_t tests)
{
    struct fraud_alert alert = {.kind = (enum fraud_kind)row->kind,
                                .subject = row->subject,
                                .store = row->store,
                                .tests = tests,
                                .history = counts->size};
    double chance = fraud_chance(tests, 2);
    double often = count_model_above(counts, row->purchases), much = amount_model_above(amounts, row->points);

    judging->found->judged++;
    if (often < chance) {
        alert.metric = FRAUD_PURCHASES;
        alert.value = row->purchases;
        raise_alert(judging, alert, counts->median, often);
    }
    if (much < chance) {
        alert.metric = FRAUD_POINTS;
        alert.value = row->points;
        raise_alert(judging, alert, amounts->median, much);
    }
}

/* The rows of the same day of the week as the day that is judged, or all of them when these are too few. */
static const struct activity *comparable(const struct judging *judging, const struct activity *rows, size_t *count)
{
    struct activity *same = arena_array(judging->arena, *count + 1, sizeof *same);
    size_t kept = 0;

    for (size_t i = 0; i < *count; i++)
        if ((judging->day - rows[i].day) % 7 == 0)
            same[kept++] = rows[i];
    if (kept < FRAUD_HISTORY_MIN)
        return rows;
    *count = kept;
    return same;
}

/* The rows of one kind and store: those of the day by those of before. */
static void judge_store(struct judging *judging, const struct activity *rows, size_t count, int64_t tests)
{
    size_t before = count;
    struct count_model counts;
    struct amount_model amounts;

    while (before > 0 && rows[before - 1].day == judging->day)
        before--;
    if (before == count)
        return;
    size_t size = before;
    const struct activity *past = comparable(judging, rows, &size);
    int64_t *points = arena_array(judging->arena, size + 1, sizeof *points);
    for (size_t i = 0; i < size; i++)
        points[i] = past[i].points;
    const struct count_history history = history_of(judging->arena, past, size);
    if (!count_model_learn(&history, &counts) || !amount_model_learn(judging->arena, points, size, &amounts)) {
        judging->found->short_history += (int64_t)(count - before);
        return;
    }
    for (size_t i = before; i < count; i++)
        judge_one(judging, &rows[i], &counts, &amounts, tests);
}

static void judge_kind(struct judging *judging, int64_t kind)
{
    const struct activity *rows = judging->rows;
    int64_t tests = 0;

    for (size_t i = 0; i < judging->row_count; i++)
        tests += rows[i].kind == kind && rows[i].day == judging->day;
    for (size_t i = 0; i < judging->row_count;) {
        size_t first = i;
        while (i < judging->row_count && rows[i].kind == rows[first].kind &&
               text_equal(rows[i].store, rows[first].store))
            i++;
        if (rows[first].kind == kind)
            judge_store(judging, rows + first, i - first, tests);
    }
}

/* ---- members ---- */

struct member_counts {
    struct arena *arena;
    int64_t *values, *frequencies; /* purchases of a day less one */
    size_t size, capacity, frequency_capacity;
};

static enum status receive_member_count(void *context, const struct storage_row *row, struct error *err)
{
    struct member_counts *counts = context;

    (void)err;
    counts->values =
        arena_grow(counts->arena, counts->values, &counts->capacity, counts->size + 1, sizeof *counts->values);
    counts->frequencies = arena_grow(counts->arena, counts->frequencies, &counts->frequency_capacity, counts->size + 1,
                                     sizeof *counts->frequencies);
    counts->values[counts->size] = row_integer(row, 0) - 1;
    counts->frequencies[counts->size++] = row_integer(row, 1);
    return STATUS_OK;
}

struct member_alerts_found {
    struct judging *judging;
    const struct count_model *model;
    int64_t tests;
};

static enum status receive_member_day(void *context, const struct storage_row *row, struct error *err)
{
    const struct member_alerts_found *found = context;
    const struct fraud_alert alert = {.kind = FRAUD_MEMBER,
                                      .subject = TEXT(""),
                                      .store = TEXT(""),
                                      .member = row_integer(row, 0),
                                      .metric = FRAUD_PURCHASES,
                                      .value = row_integer(row, 1),
                                      .tests = found->tests,
                                      .history = found->model->size};

    (void)err;
    raise_alert(found->judging, alert, found->model->median + 1, count_model_above(found->model, alert.value - 1));
    return STATUS_OK;
}

static enum status read_counts(struct storage_session *session, struct member_counts *counts, int32_t first,
                               int32_t last, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_member_count, .context = counts};
    const struct storage_value values[] = {value_integer(first), value_integer(last)};

    return storage_run(session, &query_redemption_fraud_member_counts, values, 1, &receiver, err);
}

/* A member who buys does so at least once: what counts is how often more. */
static enum status judge_members(struct judging *judging, struct storage_session *session, struct error *err)
{
    struct member_counts before = {.arena = judging->arena}, today = {.arena = judging->arena};
    struct member_alerts_found found = {.judging = judging};
    const struct storage_receiver receiver = {.row = receive_member_day, .context = &found};
    struct count_model model;
    enum status status = read_counts(session, &before, judging->day - FRAUD_HISTORY_DAYS, judging->day - 1, err);

    if (status == STATUS_OK)
        status = read_counts(session, &today, judging->day, judging->day, err);
    const struct count_history history = {before.values, before.frequencies, before.size};
    if (status != STATUS_OK || !count_model_learn(&history, &model))
        return status;
    for (size_t i = 0; i < today.size; i++)
        found.tests += today.frequencies[i];
    found.model = &model;
    judging->found->judged += found.tests;
    int64_t least = count_model_limit(&model, fraud_chance(found.tests, 1)) + 1;
    const struct storage_value values[] = {value_integer(judging->day),
                                           value_integer(least > MEMBER_LEAST ? least : MEMBER_LEAST)};
    return storage_run(session, &query_redemption_fraud_member_days, values, 1, &receiver, err);
}

/* ---- raising ---- */

static int64_t alert_id(struct arena *arena, const struct fraud_alert *alert)
{
    struct builder key = {.arena = arena};

    builder_format(&key, "%d %d %lld %d ", (int)alert->kind, (int)alert->metric, (long long)alert->member, alert->day);
    builder_text(&key, activity_key(arena, 0, alert->subject, alert->store));
    uint64_t hash = hash_stable(builder_done(&key));
    return (int64_t)((hash & (((uint64_t)1 << ALERT_HASH_BITS) - 1)) | 1) * BUCKET_COUNT +
           (alert->member != 0 ? id_bucket(alert->member) : 0);
}

static enum status write_alerts(struct storage_session *session, struct judging *judging, struct error *err)
{
    struct storage_value *values =
        arena_array(judging->arena, ALERT_COLUMNS * judging->alert_count + 1, sizeof *values);

    for (size_t i = 0; i < judging->alert_count; i++) {
        const struct fraud_alert *alert = &judging->alerts[i];
        int64_t id = alert_id(judging->arena, alert);
        const struct storage_value row[ALERT_COLUMNS] = {
            value_integer(id_bucket(id)),      value_integer(id),
            value_integer(alert->kind),        value_text(alert->subject),
            value_integer(alert->member),      value_text(alert->store),
            value_integer(alert->day),         value_integer(alert->metric),
            value_integer(alert->value),       value_integer(alert->usual),
            value_integer(alert->probability), value_integer(alert->tests),
            value_integer(alert->history),     value_integer(alert->raised_at)};
        memcpy(&values[ALERT_COLUMNS * i], row, sizeof row);
    }
    enum status status = storage_run(session, &query_redemption_fraud_raise, values, judging->alert_count, NULL, err);
    judging->found->raised = (int64_t)judging->alert_count;
    return status;
}

static enum status judge_day(struct engine *engine, struct storage_session *writer, struct judging *judging,
                             struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_activity, .context = judging};
    const struct storage_value range[] = {value_integer(judging->day - FRAUD_HISTORY_DAYS),
                                          value_integer(judging->day)};
    struct storage_session *session;
    enum status status = engine_read_begin(engine, &session, err);

    if (status != STATUS_OK)
        return status;
    status = storage_run(session, &query_redemption_fraud_activity_read, range, 1, &receiver, err);
    if (status == STATUS_OK) {
        judge_kind(judging, FRAUD_EMPLOYEE);
        judge_kind(judging, FRAUD_TILL);
        status = judge_members(judging, session, err);
    }
    engine_read_end(engine, session);
    return status == STATUS_OK ? write_alerts(writer, judging, err) : status;
}

enum status fraud_search(struct engine *engine, int32_t day, struct fraud_found *out, struct error *err)
{
    struct storage_session *writer;
    struct arena *arena = arena_new(SEARCH_MEMORY_MAX);

    *out = (struct fraud_found){0};
    if (arena == NULL)
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory to look for fraud");
    struct judging judging = {.arena = arena, .day = day, .now = clock_now(engine_clock(engine)), .found = out};
    enum status status = storage_session_new(engine_storage(engine), false, &writer, err);
    if (status == STATUS_OK) {
        status = count_days(engine, writer, day, err);
        if (status == STATUS_OK)
            status = judge_day(engine, writer, &judging, err);
        storage_session_free(writer);
    }
    arena_free(arena);
    return status;
}
