/* live_scores_store.c: the scores of every person as rows, written in short transactions. */
#include <math.h>

#include "features/insight/live_store.h"
#include "features/insight/pause_store.h"
#include "foundation/id.h"
#include "queries.h"
#include "storage/storage.h"

enum { SCORE_COLUMNS = 10, ROWS_FIRST = 2000, ROWS_MIN = 200, ROWS_MAX = 8000, HOLD_MS = 30 };

static const double WHOLE_MAX = 9e15;

static int64_t whole(double value)
{
    if (isnan(value))
        return -1;
    return llround(fmin(fmax(value, 0), WHOLE_MAX));
}

void score_whole(const struct live_score *score, struct kept_score *out)
{
    out->numbers[SCORE_ALIVE] = whole(score->alive * SCORE_MILLION);
    out->numbers[SCORE_EXPECTED] = whole(score->expected * SCORE_MILLION);
    out->numbers[SCORE_VALUE] = whole(score->value);
    out->numbers[SCORE_LIFETIME] = whole(score->lifetime);
    out->numbers[SCORE_LOYALTY] = whole(score->loyalty);
    out->numbers[SCORE_RISK] = whole(score->risk * SCORE_MILLION);
    out->kind = score->kind;
}

static void score_values(const struct kept_score *score, struct storage_value *values)
{
    values[0] = value_integer(id_bucket(score->member));
    values[1] = value_integer(score->member);
    values[2] = value_integer(score->scored_at);
    for (int i = 0; i < SCORE_KEYS; i++)
        values[3 + i] = value_integer(score->numbers[i]);
    values[3 + SCORE_KEYS] = value_integer(score->kind);
}

/* One transaction, and a moment for whoever waits to write; how long it held the writer. */
static enum status put_some(struct storage_session *session, const struct storage_value *values, size_t count,
                            double *held_ms, struct error *err)
{
    struct pause pause;
    enum status status = storage_begin(session, err);

    if (status != STATUS_OK)
        return status;
    pause_start(&pause);
    status = storage_run(session, &query_insight_scores_put, values, count, NULL, err);
    if (status == STATUS_OK)
        status = storage_commit(session, err);
    else
        storage_rollback(session);
    *held_ms = pause_take(&pause);
    return status;
}

enum status scores_put(struct storage_session *session, struct score_pace *pace, const struct kept_score *scores,
                       size_t count, struct error *err)
{
    struct arena *arena = arena_new((size_t)ROWS_MAX * SCORE_COLUMNS * sizeof(struct storage_value) * 2);
    enum status status = STATUS_OK;

    if (arena == NULL)
        return error_set(err, STATUS_LIMIT, "insight.days", "", "there is no memory to keep scores with");
    struct storage_value *values = arena_array(arena, (size_t)ROWS_MAX * SCORE_COLUMNS, sizeof *values);

    if (pace->rows == 0)
        pace->rows = ROWS_FIRST;
    for (size_t done = 0; status == STATUS_OK && done < count;) {
        size_t some = count - done < pace->rows ? count - done : pace->rows;
        double held_ms = 0;

        for (size_t i = 0; i < some; i++)
            score_values(&scores[done + i], values + i * SCORE_COLUMNS);
        status = put_some(session, values, some, &held_ms, err);
        done += some;
        pace->rows = (size_t)fmin(ROWS_MAX, fmax(ROWS_MIN, (double)some * HOLD_MS / fmax(held_ms, 1)));
    }
    arena_free(arena);
    return status;
}

enum status scores_drop_older(struct storage_session *session, int64_t scored_at, struct error *err)
{
    enum status status = STATUS_OK;

    for (int bucket = 0; status == STATUS_OK && bucket < BUCKET_COUNT; bucket++) {
        const struct storage_value values[] = {value_integer(bucket), value_integer(scored_at)};

        status = storage_run(session, &query_insight_scores_drop, values, 1, NULL, err);
    }
    return status;
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
