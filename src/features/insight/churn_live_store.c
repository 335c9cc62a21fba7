#include "features/insight/churn_live_store.h"

#include <math.h>

#include "features/insight/churn_record.h"
#include "features/insight/live_store.h"
#include "foundation/id.h"
#include "foundation/map.h"
#include "queries.h"
#include "storage/storage.h"

enum { REASON_COLUMNS = 5, RISK_COLUMNS = 4 };

static const double MILLION = 1e6;

void store_churn_reason(struct decision *decision, const struct journal_row *row, enum churn_cause cause)
{
    const struct storage_value values[REASON_COLUMNS] = {value_integer(id_bucket(row->member)),
                                                         value_integer(row->member), value_integer(row->id),
                                                         value_integer(row->at), value_integer(cause)};

    row_add(decision, &query_insight_churn_reason_put, arena_copy(decision->arena, values, sizeof values));
}

static enum status receive_cause(void *context, const struct storage_row *row, struct error *err)
{
    size_t *counts = context;
    int64_t cause = row_integer(row, 0);

    (void)err;
    counts[cause >= 0 && cause < CHURN_CAUSES ? cause : CAUSE_OTHER] += (size_t)row_integer(row, 1);
    return STATUS_OK;
}

struct causes_read {
    const struct map *members;
    size_t *counts;
};

static enum status receive_cause_of(void *context, const struct storage_row *row, struct error *err)
{
    const struct causes_read *read = context;
    int64_t cause = row_integer(row, 0);

    (void)err;
    if (map_get_id(read->members, row_integer(row, 1)) != NULL)
        read->counts[cause >= 0 && cause < CHURN_CAUSES ? cause : CAUSE_OTHER]++;
    return STATUS_OK;
}

enum status churn_reasons_count(struct storage_session *session, const struct churn_reasons_range *range,
                                size_t counts[CHURN_CAUSES], struct error *err)
{
    struct causes_read read = {range->members, counts};
    const struct storage_receiver receiver = {.row = receive_cause, .context = counts};
    const struct storage_receiver of_members = {.row = receive_cause_of, .context = &read};
    const struct storage_value values[] = {value_integer(range->first), value_integer(range->beyond)};

    for (int i = 0; i < CHURN_CAUSES; i++)
        counts[i] = 0;
    if (range->members != NULL)
        return storage_stream(session, &query_insight_churn_reasons_of_members, values, &of_members, err);
    return storage_run(session, &query_insight_churn_reasons_count, values, 1, &receiver, err);
}

struct reading {
    struct arena *arena;
    struct risk_points *out;
};

static enum status receive_risk(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;
    struct risk_points *out = reading->out;
    int64_t series = row_integer(row, 0);

    (void)err;
    if (series < 0 || series >= CHURN_SERIES)
        return STATUS_OK;
    out->items = arena_grow(reading->arena, out->items, &out->capacity, out->count + 1, sizeof *out->items);
    out->items[out->count++] = (struct risk_point){(enum churn_series)series, (int32_t)row_integer(row, 1),
                                                   row_integer(row, 2), (double)row_integer(row, 3) / MILLION};
    return STATUS_OK;
}

enum status risks_read(struct storage_session *session, struct arena *arena, int32_t first, struct risk_points *out,
                       struct error *err)
{
    struct reading reading = {arena, out};
    const struct storage_receiver receiver = {.row = receive_risk, .context = &reading};
    const struct storage_value value = value_integer(first);

    *out = (struct risk_points){0};
    return storage_run(session, &query_insight_churn_risks, &value, 1, &receiver, err);
}

enum status risks_put(struct storage_session *session, struct arena *arena, const struct risk_points *points,
                      struct error *err)
{
    struct storage_value *values = arena_array(arena, points->count * RISK_COLUMNS + 1, sizeof *values);

    for (size_t i = 0; i < points->count; i++) {
        const struct risk_point *point = &points->items[i];

        values[i * RISK_COLUMNS] = value_integer(point->series);
        values[i * RISK_COLUMNS + 1] = value_integer(point->day);
        values[i * RISK_COLUMNS + 2] = value_integer(point->members);
        values[i * RISK_COLUMNS + 3] = value_integer(llround(point->risk * MILLION));
    }
    return storage_run(session, &query_insight_churn_risk_put, values, points->count, NULL, err);
}

/* ---- the fitted risk ---- */

enum status churn_kept_get(struct storage_session *session, struct arena *arena, struct kept_churn *out,
                           struct error *err)
{
    struct kept_text text;
    enum status status = model_text_get(session, arena, TEXT("churn"), &text, err);

    *out = (struct kept_churn){.live.threshold.risk = NAN};
    /* One of another version: as if there were none. */
    if (status == STATUS_OK && text.learned_at > 0 && churn_live_read(arena, text.body, &out->live))
        out->learned_at = text.learned_at;
    return status;
}

enum status churn_kept_put(struct storage_session *session, struct arena *arena, const struct kept_churn *churn,
                           struct error *err)
{
    struct kept_text text = {.learned_at = churn->learned_at};
    enum status status = churn_live_write(arena, &churn->live, &text.body, err);

    return status == STATUS_OK ? model_text_put(session, TEXT("churn"), &text, err) : status;
}
