#include "features/exchange/approval_api.h"

#include <stddef.h>

#include "api/directory.h"
#include "api/page.h"
#include "features/exchange/approval_task_store.h"
#include "features/tasks/tasks_api.h"

static const char *const states[] = {"waiting", "approved", "refused", "expired", NULL};

static const struct field approval_fields[] = {
    {.name = "job", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "job"},
    {.name = "actor", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "Who exported."},
    {.name = "table", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "rows", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "state", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = states},
    {.name = "decided_by", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "asked_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "expires_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "decided_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "task",
     .type = FIELD_ID,
     .flags = FIELD_NULLABLE,
     .prefix = "tsk",
     .about = "By which the second person is asked, until it is closed."},
};
const struct shape approval_shape = {.name = "ExportApproval", SHAPE_FIELDS(approval_fields)};

static bool is_waiting(const struct approval *approval)
{
    return text_equals(approval->state, "waiting");
}

static void write_approval(struct json_writer *writer, const struct approval *approval, int64_t now)
{
    bool over = is_waiting(approval) && approval->expires_at <= now;
    writer_id(writer, "job", "job", approval->job);
    writer_text(writer, "actor", approval->actor);
    writer_text(writer, "table", approval->table);
    writer_integer(writer, "rows", approval->rows);
    writer_text(writer, "state", over ? TEXT("expired") : approval->state);
    writer_text(writer, "decided_by", approval->decided_by);
    writer_instant(writer, "asked_at", approval->asked_at);
    writer_instant(writer, "expires_at", approval->expires_at);
    writer_instant(writer, "decided_at", approval->decided_at);
    writer_id(writer, "task", "tsk", approval->task);
}

/* ---- from the job, and before the file ---- */

enum status export_ask(struct job *job, struct engine *engine, const struct export_asked *asked, struct error *err)
{
    struct storage_session *session;
    int64_t now = clock_now(engine_clock(engine)), limit = 0, rows = asked->rows;
    struct approval approval = {.job = job_id(job),
                                .actor = job_actor(job),
                                .table = text_from(asked->table),
                                .rows = rows,
                                .asked_at = now,
                                .expires_at = now + APPROVAL_HOURS * INSTANT_HOUR};
    enum status status = engine_read_begin(engine, &session, err);
    if (status != STATUS_OK)
        return status;
    status = approval_limit_read(session, &limit, err);
    engine_read_end(engine, session);
    if (status != STATUS_OK || rows <= limit)
        return status;
    job_message(job, "%lld rows wait for the approval of a second person", (long long)rows);
    status = approval_task_open(engine, asked->arena, &approval, err);
    return status == STATUS_OK ? approval_ask(engine, &approval, err) : status;
}

static enum status find_approval(struct call *call, int64_t job, struct approvals *out, struct error *err)
{
    struct storage_session *session;
    enum status status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = approval_read(session, call->arena, job, out, err);
    call_read_end(call, session);
    return status;
}

enum status export_check(struct call *call, int64_t job, struct error *err)
{
    struct approvals found;
    enum status status = find_approval(call, job, &found, err);
    if (status != STATUS_OK || found.count == 0 || text_equals(found.items[0].state, "approved"))
        return status;
    if (is_waiting(&found.items[0]) && found.items[0].expires_at <= call->now)
        return error_set(err, STATUS_FORBIDDEN, "export.approval", "", "nobody approved this export in time");
    if (!is_waiting(&found.items[0]))
        return error_set(err, STATUS_FORBIDDEN, "export.approval", "", "this export was refused");
    return error_set(err, STATUS_FORBIDDEN, "export.approval", "",
                     "an export of %lld rows waits for the approval of a second person",
                     (long long)found.items[0].rows);
}

/* ---- the second person ---- */

enum status approval_list_handle(struct call *call, struct item *item, struct error *err)
{
    const struct page_query *query = call->query;
    struct cursor cursor = {.integer_count = 2};
    struct approval before = {.job = INT64_MAX, .asked_at = INT64_MAX};
    struct approvals found;
    struct storage_session *session;
    bool given;
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &given, err);
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    if (given)
        before = (struct approval){.asked_at = cursor.integers[0], .job = cursor.integers[1]};
    status = approvals_read(session, call->arena, &before, query->page.limit + 1, &found, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    bool more = found.count > (size_t)query->page.limit;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < found.count - (more ? 1 : 0); i++) {
        cursor.integers[0] = found.items[i].asked_at;
        cursor.integers[1] = found.items[i].job;
        if (!call_sees_actor(call, found.items[i].actor))
            continue;
        writer_object(&item->writer, NULL);
        write_approval(&item->writer, &found.items[i], call->now);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, &cursor, more);
    return STATUS_OK;
}

static enum status check_decision(struct call *call, int64_t job, struct approvals *found, struct error *err)
{
    enum status status = find_approval(call, job, found, err);
    if (status != STATUS_OK)
        return status;
    if (found->count == 0)
        return error_set(err, STATUS_MISSING, "export.unknown", "", "no export of this id waits");
    if (text_equal(found->items[0].actor, call->actor))
        return error_set(err, STATUS_FORBIDDEN, "export.own", "", "who exports does not decide");
    if (!is_waiting(&found->items[0]) || found->items[0].expires_at <= call->now)
        return error_set(err, STATUS_CONFLICT, "export.decided", "", "this export does not wait any more");
    return STATUS_OK;
}

static enum status keep_decision(struct call *call, const struct approval *decision, struct error *err)
{
    struct storage_session *session;
    bool done;
    enum status status = call_write_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = approval_decide(session, decision, &done, err);
    if (status == STATUS_OK && !done)
        status = error_set(err, STATUS_CONFLICT, "export.decided", "", "this export does not wait any more");
    if (status == STATUS_OK)
        status = call_audit(call, text_equals(decision->state, "approved") ? "export.approved" : "export.refused",
                            decision->job, TEXT(""), TEXT(""), err);
    if (status != STATUS_OK) {
        call_write_rollback(call, session);
        return status;
    }
    return call_write_commit(call, session, err);
}

/* The first member is the body of the command that closes the task. */
struct closing {
    struct change_task change;
    struct approval approval;
};

/* What is decided stays so, whatever became of the task. */
static enum status close_task(struct call *call, struct item *item, struct approval *approval, struct error *err)
{
    struct storage_session *session;
    bool waits;
    enum status status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = approval_task_waits(session, call->arena, approval->task, &waits, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    if (!waits) {
        write_approval(&item->writer, approval, call->now);
        return STATUS_OK;
    }
    struct command *command = item_command(item, &change_task_type, sizeof(struct closing));
    struct closing *closing = command->body;
    const char *outcome = text_equals(approval->state, "approved") ? "approved" : "refused";
    approval_task_end(call->programmes, outcome, task_caller(call), &closing->change);
    change_task_name(command, approval->task);
    closing->approval = *approval;
    closing->approval.task = 0;
    return STATUS_OK;
}

static enum status decide(struct call *call, struct item *item, const char *state, struct error *err)
{
    struct approvals found;
    struct error ignored;
    char directory[JOB_PATH_SIZE];
    int64_t job;
    enum status status = call_path_id(call, 0, "job", &job, err);
    if (status == STATUS_OK)
        status = check_decision(call, job, &found, err);
    if (status != STATUS_OK)
        return status;
    struct approval *approval = &found.items[0];
    approval->state = text_from(state);
    approval->decided_by = call->actor;
    approval->decided_at = call->now;
    status = keep_decision(call, approval, err);
    if (status != STATUS_OK)
        return status;
    if (text_equals(approval->state, "refused") && jobs_directory(call->jobs, job, directory, &ignored) == STATUS_OK)
        directory_remove(directory);
    return close_task(call, item, approval, err);
}

void approval_finish(struct item *item, struct json_writer *writer)
{
    const struct closing *closing = item->command->body;

    write_approval(writer, &closing->approval, closing->change.at);
}

enum status approval_approve_handle(struct call *call, struct item *item, struct error *err)
{
    return decide(call, item, "approved", err);
}

enum status approval_refuse_handle(struct call *call, struct item *item, struct error *err)
{
    return decide(call, item, "refused", err);
}

/* ---- the limit ---- */

struct policy_input {
    int64_t approval_rows;
};
static const struct field policy_input_fields[] = {
    {.name = "approval_rows",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct policy_input, approval_rows),
     .minimum = 0,
     .maximum = INT64_C(1000000000000),
     .about = "An export of more rows waits for a second person."},
};
const struct shape export_policy_input_shape = {
    .name = "ExportPolicyInput", .size = sizeof(struct policy_input), SHAPE_FIELDS(policy_input_fields)};
static const struct field policy_fields[] = {
    {.name = "approval_rows", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
};
const struct shape export_policy_shape = {.name = "ExportPolicy", SHAPE_FIELDS(policy_fields)};

static enum status read_limit(struct call *call, int64_t *rows, struct error *err)
{
    struct storage_session *session;
    enum status status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = approval_limit_read(session, rows, err);
    call_read_end(call, session);
    return status;
}

enum status export_policy_get_handle(struct call *call, struct item *item, struct error *err)
{
    int64_t rows;
    enum status status = read_limit(call, &rows, err);
    if (status == STATUS_OK)
        writer_integer(&item->writer, "approval_rows", rows);
    return status;
}

static struct text policy_json(struct call *call, int64_t rows)
{
    return text_from(arena_format(call->arena, "{\"approval_rows\":%lld}", (long long)rows));
}

enum status export_policy_put_handle(struct call *call, struct item *item, struct error *err)
{
    const struct policy_input *input = item->body;
    struct storage_session *session;
    int64_t before;
    enum status status = read_limit(call, &before, err);
    if (status == STATUS_OK)
        status = call_write_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = approval_limit_write(session, input->approval_rows, err);
    if (status == STATUS_OK)
        status = call_audit(call, "export_policy.updated", 0, policy_json(call, before),
                            policy_json(call, input->approval_rows), err);
    if (status != STATUS_OK) {
        call_write_rollback(call, session);
        return status;
    }
    writer_integer(&item->writer, "approval_rows", input->approval_rows);
    return call_write_commit(call, session, err);
}
