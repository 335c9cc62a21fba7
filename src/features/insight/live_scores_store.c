/* live_scores_store.c: the scores of every person as rows: kept in short transactions, read in pages. */
#include <math.h>
#include <time.h>

#include "features/insight/live_store.h"
#include "foundation/id.h"
#include "queries.h"
#include "storage/storage.h"

enum { SCORE_COLUMNS = 8, ROWS_FIRST = 2000, ROWS_MIN = 200, ROWS_MAX = 16000, HOLD_MS = 30 };

static const double WHOLE_MAX = 9e15;

static int64_t whole(double value)
{
    if (isnan(value))
        return -1;
    return llround(fmin(fmax(value, 0), WHOLE_MAX));
}

static void score_values(const struct score_rows *rows, size_t at, struct storage_value *values)
{
    const struct live_score *score = &rows->scores[at];
    int64_t member = rows->base->persons[at];

    values[0] = value_integer(id_bucket(member));
    values[1] = value_integer(member);
    values[2] = value_integer(rows->scored_at);
    values[3] = value_integer(whole(score->alive * SCORE_MILLION));
    values[4] = value_integer(whole(score->expected * SCORE_MILLION));
    values[5] = value_integer(whole(score->value));
    values[6] = value_integer(whole(score->lifetime));
    values[7] = value_integer(whole(score->loyalty));
}

static double elapsed_ms(const struct timespec *since)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - since->tv_sec) * 1e3 + (double)(now.tv_nsec - since->tv_nsec) / 1e6;
}

/* One transaction; how long it held the writer. */
static enum status put_some(struct storage_session *session, const struct storage_value *values, size_t count,
                            double *held_ms, struct error *err)
{
    struct timespec started;
    enum status status = storage_begin(session, err);

    if (status != STATUS_OK)
        return status;
    clock_gettime(CLOCK_MONOTONIC, &started);
    status = storage_run(session, &query_insight_scores_put, values, count, NULL, err);
    if (status == STATUS_OK)
        status = storage_commit(session, err);
    else
        storage_rollback(session);
    *held_ms = elapsed_ms(&started);
    return status;
}

/* A moment for whoever waits to write. */
static void pause_ms(double ms)
{
    struct timespec length = {.tv_nsec = (long)(fmin(ms, 500) * 1e6)};

    nanosleep(&length, NULL);
}

static enum status drop_older(struct storage_session *session, int64_t scored_at, struct error *err)
{
    enum status status = STATUS_OK;

    for (int bucket = 0; status == STATUS_OK && bucket < BUCKET_COUNT; bucket++) {
        const struct storage_value values[] = {value_integer(bucket), value_integer(scored_at)};

        status = storage_run(session, &query_insight_scores_drop, values, 1, NULL, err);
    }
    return status;
}

enum status scores_keep(struct storage_session *session, const struct score_rows *rows, const struct score_watch *watch,
                        bool *stopped, struct error *err)
{
    struct arena *arena = arena_new(ROWS_MAX * SCORE_COLUMNS * sizeof(struct storage_value) * 2);
    size_t total = rows->base->person_count, done = 0, room = ROWS_FIRST;
    enum status status = STATUS_OK;

    if (arena == NULL)
        return error_set(err, STATUS_LIMIT, "insight.days", "", "there is no memory to keep scores with");
    struct storage_value *values = arena_array(arena, ROWS_MAX * SCORE_COLUMNS, sizeof *values);

    *stopped = false;
    while (status == STATUS_OK && done < total) {
        size_t count = total - done < room ? total - done : room;
        double held_ms = 0;

        if (watch != NULL && !watch->go_on(watch->context, done, total)) {
            *stopped = true;
            break;
        }
        for (size_t i = 0; i < count; i++)
            score_values(rows, done + i, values + i * SCORE_COLUMNS);
        status = put_some(session, values, count, &held_ms, err);
        done += count;
        room = (size_t)fmin(ROWS_MAX, fmax(ROWS_MIN, (double)count * HOLD_MS / fmax(held_ms, 1)));
        pause_ms(held_ms / 8);
    }
    arena_free(arena);
    if (status == STATUS_OK && !*stopped)
        status = drop_older(session, rows->scored_at, err);
    return status;
}

/* ---- pages ---- */

struct reading {
    struct arena *arena;
    struct kept_scores *out;
};

static enum status receive_score(void *context, const struct storage_row *row, struct error *err)
{
    struct reading *reading = context;
    struct kept_scores *out = reading->out;

    (void)err;
    out->items = arena_grow(reading->arena, out->items, &out->capacity, out->count + 1, sizeof *out->items);
    struct kept_score *score = &out->items[out->count++];

    score->member = row_integer(row, 1);
    score->scored_at = row_integer(row, 2);
    for (int i = 0; i < SCORE_KEYS; i++)
        score->numbers[i] = row_integer(row, 3 + i);
    return STATUS_OK;
}

enum status scores_read(struct storage_session *session, struct arena *arena, const struct score_page *page,
                        struct kept_scores *out, struct error *err)
{
    static const struct storage_query *const best[SCORE_KEYS] = {
        &query_insight_scores_best_alive, &query_insight_scores_best_expected, &query_insight_scores_best_value,
        &query_insight_scores_best_lifetime, &query_insight_scores_best_loyalty};
    static const struct storage_query *const worst[SCORE_KEYS] = {
        &query_insight_scores_worst_alive, &query_insight_scores_worst_expected, &query_insight_scores_worst_value,
        &query_insight_scores_worst_lifetime, &query_insight_scores_worst_loyalty};
    struct reading reading = {arena, out};
    const struct storage_receiver receiver = {.row = receive_score, .context = &reading};
    int64_t end = page->worst ? INT64_MIN : INT64_MAX;
    const struct storage_value values[] = {value_integer(page->given ? page->after : end),
                                           value_integer(page->given ? id_bucket(page->member) : 0),
                                           value_integer(page->given ? page->member : 0), value_integer(page->limit)};

    *out = (struct kept_scores){0};
    return storage_run(session, (page->worst ? worst : best)[page->key], values, 1, &receiver, err);
}

struct counted {
    int64_t *count, *scored_at;
};

static enum status receive_count(void *context, const struct storage_row *row, struct error *err)
{
    const struct counted *counted = context;

    (void)err;
    *counted->count = row_integer(row, 0);
    *counted->scored_at = row_integer(row, 1);
    return STATUS_OK;
}

enum status scores_count(struct storage_session *session, int64_t *count, int64_t *scored_at, struct error *err)
{
    struct counted counted = {count, scored_at};
    const struct storage_receiver receiver = {.row = receive_count, .context = &counted};

    return storage_run(session, &query_insight_scores_count, NULL, 1, &receiver, err);
}
