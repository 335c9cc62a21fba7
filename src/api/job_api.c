/* job_api.c: long work over the API. */
#include "api/call.h"
#include "api/job_internal.h"
#include "api/page.h"
#include "api/routes.h"

/* ---- beginning one ---- */

static const struct field started_fields[] = {
    {.name = "job",
     .type = FIELD_ID,
     .flags = FIELD_REQUIRED,
     .prefix = "job",
     .about = "Follow it under /v1/jobs/{job}."},
};
const struct shape job_started_shape = {
    .name = "JobStarted", .about = "Work that goes on in the background.", SHAPE_FIELDS(started_fields)};

enum status call_job(struct call *call, struct item *item, const struct job_kind *kind, void *input, struct error *err)
{
    int64_t id;
    enum status status = job_start(call->jobs, kind, call->actor, input, &id, err);

    if (status == STATUS_OK)
        writer_id(&item->writer, "job", "job", id);
    return status;
}

static const char *const state_names[] = {"waiting", "running", "done", "failed", "cancelled", "interrupted", NULL};

static const struct field job_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "job"},
    {.name = "kind", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "actor", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "state", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = state_names},
    {.name = "percent", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .minimum = 0, .maximum = 100},
    {.name = "message", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "error",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "Of a job that failed: the code of docs/errors.md."},
    {.name = "counts", .type = FIELD_JSON_MAP, .flags = FIELD_REQUIRED, .about = "Numbers of the result by name."},
    {.name = "created_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "ended_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
};
static const struct shape job_shape = {.name = "Job", SHAPE_FIELDS(job_fields)};

static enum status find_job(struct call *call, struct job_row *out, struct error *err)
{
    int64_t id;
    struct storage_session *session;
    enum status status = call_path_id(call, 0, "job", &id, err);
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = jobs_find(call->jobs, session, call->arena, id, out, err);
    call_read_end(call, session);
    return status;
}

static enum status get_handle(struct call *call, struct item *item, struct error *err)
{
    struct job_row row;
    enum status status = find_job(call, &row, err);
    if (status == STATUS_OK)
        job_write_json(&item->writer, &row);
    return status;
}

static enum status list_handle(struct call *call, struct item *item, struct error *err)
{
    const struct page_query *query = call->query;
    struct cursor before = {.integer_count = 2};
    struct job_rows rows = {.items = NULL};
    struct storage_session *session;
    bool given;
    enum status status = cursor_read(call->arena, query->page.after, &before, &given, err);
    if (status == STATUS_OK && !given)
        before.integers[0] = before.integers[1] = INT64_MAX;
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = jobs_read(session, call->arena, &before, query->page.limit + 1, &rows, err);
    struct cursor last = {.integer_count = 2};
    bool more = rows.count > (size_t)query->page.limit;
    size_t shown = more ? rows.count - 1 : rows.count;
    writer_list(&item->writer, "items");
    for (size_t i = 0; status == STATUS_OK && i < shown; i++) {
        struct job_row row;
        last.integers[0] = rows.items[i].created_at;
        last.integers[1] = rows.items[i].id;
        if (!call_sees_actor(call, rows.items[i].actor))
            continue;
        status = jobs_find(call->jobs, session, call->arena, rows.items[i].id, &row, err);
        if (status != STATUS_OK)
            break;
        writer_object(&item->writer, NULL);
        job_write_json(&item->writer, &row);
        writer_end(&item->writer);
    }
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, &last, more);
    return STATUS_OK;
}

/* The state now, then "progress" until "end"; of a job that ended, the end at once. */
static enum status events_handle(struct call *call, struct item *item, struct error *err)
{
    (void)item;
    struct job_row row;
    enum status status = find_job(call, &row, err);
    if (status != STATUS_OK)
        return status;
    struct json_writer writer;
    writer_start(&writer, call->arena);
    writer_object(&writer, NULL);
    job_write_json(&writer, &row);
    writer_end(&writer);
    struct http_stream *stream = call_stream(call);
    http_stream_send(stream, row.ended_at == 0 ? "progress" : "end", writer_done(&writer));
    if (row.ended_at != 0 || !jobs_listen(call->jobs, row.id, stream))
        http_stream_release(stream);
    return STATUS_OK;
}

static enum status cancel_handle(struct call *call, struct item *item, struct error *err)
{
    struct job_row row;
    enum status status = find_job(call, &row, err);
    if (status == STATUS_OK)
        status = jobs_cancel(call->jobs, row.id, err);
    if (status == STATUS_OK)
        job_write_json(&item->writer, &row);
    return status;
}

static const struct route routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/jobs",
     .operation = "list_jobs",
     .summary = "Long work, newest first",
     .permission = PERMISSION_JOBS_READ,
     .scope = SCOPE_ACTOR,
     .query = &page_query_shape,
     .kind = REPLY_PAGE,
     .reply = &job_shape,
     .handle = list_handle},
    {.method = HTTP_GET,
     .path = "/v1/jobs/{job}",
     .operation = "get_job",
     .summary = "One job",
     .permission = PERMISSION_JOBS_READ,
     .scope = SCOPE_ACTOR,
     .kind = REPLY_OBJECT,
     .reply = &job_shape,
     .handle = get_handle},
    {.method = HTTP_GET,
     .path = "/v1/jobs/{job}/events",
     .operation = "watch_job",
     .summary = "The progress of a job as it happens",
     .permission = PERMISSION_JOBS_READ,
     .scope = SCOPE_ACTOR,
     .kind = REPLY_EVENTS,
     .handle = events_handle},
    {.method = HTTP_POST,
     .path = "/v1/jobs/{job}/cancel",
     .operation = "cancel_job",
     .summary = "Ask a job to stop",
     .permission = PERMISSION_JOBS_READ,
     .scope = SCOPE_ACTOR,
     .kind = REPLY_OBJECT,
     .reply = &job_shape,
     .status = 202,
     .handle = cancel_handle},
};

const struct feature job_feature = {.name = "jobs", .routes = routes, .route_count = sizeof routes / sizeof routes[0]};
