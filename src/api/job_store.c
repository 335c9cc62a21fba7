/* job_store.c: jobs in the database. */
#include "api/job_store.h"

#include "queries.h"
#include "storage/storage.h"

enum status job_write_new(struct storage_session *session, const struct job_row *row, struct error *err)
{
    const struct storage_value values[] = {value_integer(row->id), value_text(row->kind), value_text(row->actor),
                                           value_integer(0), value_integer(row->created_at)};
    return storage_run(session, &query_api_job_insert, values, 1, NULL, err);
}

enum status job_write(struct storage_session *session, const struct job_row *row, struct error *err)
{
    const struct storage_value values[] = {
        value_integer(row->id),  value_text(row->state),       value_integer(row->percent),  value_text(row->message),
        value_text(row->counts), value_integer(row->alive_at), value_integer(row->ended_at), value_text(row->error)};
    return storage_run(session, &query_api_job_update, values, 1, NULL, err);
}

enum status jobs_interrupt(struct storage_session *session, int64_t dead_before, int64_t now, struct error *err)
{
    const struct storage_value values[] = {value_integer(dead_before), value_integer(now)};
    return storage_run(session, &query_api_job_interrupt, values, 1, NULL, err);
}

static enum status take_changes(void *context, int64_t changes, struct error *err)
{
    (void)err;
    *(int64_t *)context = changes;
    return STATUS_OK;
}

enum status job_write_cancel(struct storage_session *session, int64_t id, int64_t now, struct error *err)
{
    int64_t changes = 0;
    const struct storage_value values[] = {value_integer(id), value_integer(now)};
    const struct storage_receiver receiver = {.done = take_changes, .context = &changes};
    enum status status = storage_run(session, &query_api_job_cancel, values, 1, &receiver, err);
    if (status == STATUS_OK && changes == 0)
        return error_set(err, STATUS_CONFLICT, "job.ended", "", "the job has ended");
    return status;
}

struct opens_reading {
    struct arena *arena;
    int64_t dead_before;
    struct job_opens *out;
};

static enum status add_open(void *context, const struct storage_row *row, struct error *err)
{
    const struct opens_reading *reading = context;
    struct job_opens *opens = reading->out;
    (void)err;
    opens->items = arena_grow(reading->arena, opens->items, &opens->capacity, opens->count + 1, sizeof *opens->items);
    opens->items[opens->count++] =
        (struct job_open){row_integer(row, 0), row_integer(row, 1) < reading->dead_before, row_integer(row, 2) > 0};
    return STATUS_OK;
}

enum status jobs_read_open(struct storage_session *session, struct arena *arena, int64_t dead_before,
                           struct job_opens *out, struct error *err)
{
    struct opens_reading reading = {arena, dead_before, out};
    const struct storage_receiver receiver = {.row = add_open, .context = &reading};
    return storage_run(session, &query_api_job_open, NULL, 1, &receiver, err);
}

struct reading {
    struct arena *arena;
    struct job_rows *out;
};

static enum status add_row(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    const struct reading *reading = context;
    struct job_rows *rows = reading->out;
    rows->items = arena_grow(reading->arena, rows->items, &rows->capacity, rows->count + 1, sizeof *rows->items);
    struct job_row *made = &rows->items[rows->count++];
    *made = (struct job_row){.id = row_integer(row, 0)};
    if (row->count == 1)
        return STATUS_OK;
    made->kind = row_text_copy(row, 1, reading->arena);
    made->actor = row_text_copy(row, 2, reading->arena);
    made->state = row_text_copy(row, 3, reading->arena);
    made->percent = row_integer(row, 4);
    made->message = row_text_copy(row, 5, reading->arena);
    made->counts = row_text_copy(row, 6, reading->arena);
    made->created_at = row_integer(row, 7);
    made->ended_at = row_integer(row, 8);
    made->error = row_text_copy(row, 9, reading->arena);
    return STATUS_OK;
}

static enum status read_rows(struct storage_session *session, const struct storage_query *query,
                             const struct storage_value *values, struct reading *reading, struct error *err)
{
    struct storage_receiver receiver = {.row = add_row, .context = reading};
    return storage_run(session, query, values, 1, &receiver, err);
}

enum status job_read(struct storage_session *session, struct arena *arena, int64_t id, struct job_row *out,
                     struct error *err)
{
    struct job_rows rows = {.items = NULL};
    const struct storage_value values[] = {value_integer(id)};
    enum status status = read_rows(session, &query_api_job_get, values, &(struct reading){arena, &rows}, err);
    if (status != STATUS_OK)
        return status;
    if (rows.count == 0)
        return error_set(err, STATUS_MISSING, "job.unknown", "", "there is no such job");
    *out = rows.items[0];
    return STATUS_OK;
}

enum status jobs_read(struct storage_session *session, struct arena *arena, const struct cursor *before, int64_t limit,
                      struct job_rows *out, struct error *err)
{
    const struct storage_value values[] = {value_integer(before->integers[0]), value_integer(before->integers[1]),
                                           value_integer(limit)};
    return read_rows(session, &query_api_job_page, values, &(struct reading){arena, out}, err);
}

enum status jobs_read_old(struct storage_session *session, struct arena *arena, int64_t ended_before,
                          struct job_rows *out, struct error *err)
{
    const struct storage_value values[] = {value_integer(ended_before)};
    return read_rows(session, &query_api_job_ended_before, values, &(struct reading){arena, out}, err);
}
