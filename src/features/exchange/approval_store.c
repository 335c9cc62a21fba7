#include "features/exchange/approval_store.h"

#include "queries.h"
#include "storage/storage.h"

struct approvals_read {
    struct arena *arena;
    struct approvals *out;
};

static enum status receive_approval(void *context, const struct storage_row *row, struct error *err)
{
    const struct approvals_read *read = context;
    struct approvals *out = read->out;
    (void)err;
    out->items = arena_grow(read->arena, out->items, &out->capacity, out->count + 1, sizeof *out->items);
    out->items[out->count++] = (struct approval){.job = row_integer(row, 0),
                                                 .actor = row_text_copy(row, 1, read->arena),
                                                 .table = row_text_copy(row, 2, read->arena),
                                                 .rows = row_integer(row, 3),
                                                 .state = row_text_copy(row, 4, read->arena),
                                                 .decided_by = row_text_copy(row, 5, read->arena),
                                                 .asked_at = row_integer(row, 6),
                                                 .expires_at = row_integer(row, 7),
                                                 .decided_at = row_integer(row, 8),
                                                 .task = row_integer(row, 9)};
    return STATUS_OK;
}

/* A statement in a transaction of its own. */
static enum status write_alone(struct engine *engine, const struct storage_query *query,
                               const struct storage_value *values, struct error *err)
{
    struct storage_session *session;
    enum status status = storage_session_new(engine_storage(engine), false, &session, err);
    if (status != STATUS_OK)
        return status;
    status = storage_run(session, query, values, 1, NULL, err);
    storage_session_free(session);
    return status;
}

enum status approval_ask(struct engine *engine, const struct approval *approval, struct error *err)
{
    const struct storage_value values[] = {value_integer(approval->job),      value_text(approval->actor),
                                           value_text(approval->table),       value_integer(approval->rows),
                                           value_integer(approval->asked_at), value_integer(approval->expires_at),
                                           value_integer(approval->task)};
    return write_alone(engine, &query_exchange_approval_put, values, err);
}

enum status approval_settle(struct engine *engine, int64_t job, struct error *err)
{
    const struct storage_value value = value_integer(job);
    return write_alone(engine, &query_exchange_approval_settle, &value, err);
}

enum status approvals_unsettled(struct storage_session *session, struct arena *arena, int64_t now, int64_t limit,
                                struct approvals *out, struct error *err)
{
    struct approvals_read read = {arena, out};
    const struct storage_receiver receiver = {.row = receive_approval, .context = &read};
    const struct storage_value values[] = {value_integer(now), value_integer(limit)};
    *out = (struct approvals){.items = NULL};
    return storage_run(session, &query_exchange_approvals_unsettled, values, 1, &receiver, err);
}

enum status approval_read(struct storage_session *session, struct arena *arena, int64_t job, struct approvals *out,
                          struct error *err)
{
    struct approvals_read read = {arena, out};
    const struct storage_receiver receiver = {.row = receive_approval, .context = &read};
    const struct storage_value value = value_integer(job);
    *out = (struct approvals){.items = NULL};
    return storage_run(session, &query_exchange_approval_get, &value, 1, &receiver, err);
}

enum status approvals_read(struct storage_session *session, struct arena *arena, const struct approval *before,
                           int64_t limit, struct approvals *out, struct error *err)
{
    struct approvals_read read = {arena, out};
    const struct storage_receiver receiver = {.row = receive_approval, .context = &read};
    const struct storage_value values[] = {value_integer(before->asked_at), value_integer(before->job),
                                           value_integer(limit)};
    *out = (struct approvals){.items = NULL};
    return storage_run(session, &query_exchange_approval_page, values, 1, &receiver, err);
}

static enum status take_changes(void *context, int64_t changes, struct error *err)
{
    (void)err;
    *(bool *)context = changes > 0;
    return STATUS_OK;
}

enum status approval_decide(struct storage_session *session, const struct approval *decision, bool *done,
                            struct error *err)
{
    const struct storage_receiver receiver = {.done = take_changes, .context = done};
    const struct storage_value values[] = {value_integer(decision->job), value_text(decision->state),
                                           value_text(decision->decided_by), value_integer(decision->decided_at)};
    *done = false;
    return storage_run(session, &query_exchange_approval_decide, values, 1, &receiver, err);
}

static enum status take_limit(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    *(int64_t *)context = row_integer(row, 0);
    return STATUS_OK;
}

enum status approval_limit_read(struct storage_session *session, int64_t *rows, struct error *err)
{
    const struct storage_receiver receiver = {.row = take_limit, .context = rows};
    *rows = APPROVAL_ROWS_USUAL;
    return storage_run(session, &query_exchange_approval_limit, NULL, 1, &receiver, err);
}

enum status approval_limit_write(struct storage_session *session, int64_t rows, struct error *err)
{
    const struct storage_value value = value_integer(rows);
    return storage_run(session, &query_exchange_approval_limit_put, &value, 1, NULL, err);
}
