#include "features/insight/analysis_store.h"

#include "queries.h"
#include "storage/storage.h"

static enum status keep(struct storage_session *session, const struct kept_analysis *analysis, struct error *err)
{
    const struct storage_value values[] = {value_integer(analysis->id),         value_text(analysis->model),
                                           value_text(analysis->options),       value_text(analysis->actor),
                                           value_integer(analysis->started_at), value_integer(analysis->ended_at),
                                           value_text(analysis->result)};
    const struct storage_value before = value_integer(analysis->ended_at - ANALYSIS_KEPT_DAYS * INSTANT_DAY);
    enum status status = storage_begin(session, err);

    if (status != STATUS_OK)
        return status;
    status = storage_run(session, &query_insight_analyses_drop, &before, 1, NULL, err);
    if (status == STATUS_OK)
        status = storage_run(session, &query_insight_analysis_put, values, 1, NULL, err);
    if (status == STATUS_OK)
        return storage_commit(session, err);
    storage_rollback(session);
    return status;
}

enum status analysis_keep(struct engine *engine, const struct kept_analysis *analysis, struct error *err)
{
    struct storage_session *session;
    enum status status = storage_session_new(engine_storage(engine), false, &session, err);

    if (status != STATUS_OK)
        return status;
    status = keep(session, analysis, err);
    storage_session_free(session);
    return status;
}

struct reading {
    struct arena *arena;
    struct kept_analyses *out;
};

static enum status receive(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;
    struct kept_analyses *out = reading->out;

    (void)err;
    out->items = arena_grow(reading->arena, out->items, &out->capacity, out->count + 1, sizeof *out->items);
    out->items[out->count++] = (struct kept_analysis){.id = row_integer(row, 0),
                                                      .model = row_text_copy(row, 1, reading->arena),
                                                      .options = row_text_copy(row, 2, reading->arena),
                                                      .actor = row_text_copy(row, 3, reading->arena),
                                                      .started_at = row_integer(row, 4),
                                                      .ended_at = row_integer(row, 5),
                                                      .result = row_text_copy(row, 6, reading->arena)};
    return STATUS_OK;
}

enum status analysis_read(struct storage_session *session, struct arena *arena, int64_t id, struct kept_analysis *out,
                          struct error *err)
{
    struct kept_analyses found = {0};
    struct reading reading = {arena, &found};
    const struct storage_receiver receiver = {.row = receive, .context = &reading};
    const struct storage_value value = value_integer(id);
    enum status status = storage_run(session, &query_insight_analysis_get, &value, 1, &receiver, err);

    if (status != STATUS_OK)
        return status;
    if (found.count == 0)
        return error_set(err, STATUS_MISSING, "analysis.unknown", "job",
                         "no analysis with this id has finished: see the job");
    *out = found.items[0];
    return STATUS_OK;
}

enum status analyses_read(struct storage_session *session, struct arena *arena, const int64_t before[2], int64_t limit,
                          struct kept_analyses *out, struct error *err)
{
    struct reading reading = {arena, out};
    const struct storage_receiver receiver = {.row = receive, .context = &reading};
    const struct storage_value values[] = {value_integer(before[0]), value_integer(before[1]), value_integer(limit)};

    *out = (struct kept_analyses){0};
    return storage_run(session, &query_insight_analyses_page, values, 1, &receiver, err);
}
