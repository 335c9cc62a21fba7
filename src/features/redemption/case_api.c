#include "features/redemption/case_api.h"

#include <stddef.h>

#include "api/page.h"
#include "features/redemption/case_store.h"

/* ---- what is shown ---- */

static const struct field case_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "frc"},
    {.name = "state", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = case_states},
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .prefix = "mbr"},
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "Empty: all accounts of the member."},
    {.name = "employee", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "store", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "Of the employee, when it was opened."},
    {.name = "reason", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "opened_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "opened_by", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "alert", .type = FIELD_ID, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .prefix = "fra"},
    {.name = "outcome", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "Why it was closed so."},
    {.name = "closed_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "closed_by", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
};
const struct shape fraud_case_shape = {
    .name = "FraudCase", .about = "While it is open it freezes what it is about.", SHAPE_FIELDS(case_fields)};

static void write_case(struct json_writer *writer, const struct fraud_case *fraud)
{
    writer_id(writer, "id", "frc", fraud->id);
    writer_string(writer, "state", case_states[fraud->state - CASE_OPEN]);
    writer_id(writer, "member", "mbr", fraud->member);
    writer_text(writer, "wallet", fraud->wallet);
    writer_text(writer, "employee", fraud->employee);
    writer_text(writer, "store", fraud->store);
    writer_text(writer, "reason", fraud->reason);
    writer_instant(writer, "opened_at", fraud->opened_at);
    writer_text(writer, "opened_by", fraud->opened_by);
    writer_id(writer, "alert", "fra", fraud->alert);
    writer_text(writer, "outcome", fraud->outcome);
    writer_instant(writer, "closed_at", fraud->closed_at);
    writer_text(writer, "closed_by", fraud->closed_by);
}

/* For the audit: what it is about, without what people wrote of a person. */
static struct text case_audit(struct arena *arena, const struct fraud_case *fraud)
{
    struct json_writer writer;

    writer_start(&writer, arena);
    writer_object(&writer, NULL);
    writer_id(&writer, "id", "frc", fraud->id);
    writer_string(&writer, "state", case_states[fraud->state - CASE_OPEN]);
    writer_id(&writer, "member", "mbr", fraud->member);
    writer_text(&writer, "wallet", fraud->wallet);
    writer_text(&writer, "employee", fraud->employee);
    writer_end(&writer);
    return writer_done(&writer);
}

/* ---- opening ---- */

struct open_body {
    int64_t member, alert;
    struct text wallet, employee, reason;
};
static const struct field open_fields[] = {
    {.name = "member", .type = FIELD_ID, .offset = offsetof(struct open_body, member), .prefix = "mbr"},
    {.name = "wallet",
     .type = FIELD_TEXT,
     .offset = offsetof(struct open_body, wallet),
     .maximum = CODE_SIZE_MAX,
     .about = "One account of the member; all when absent."},
    {.name = "employee",
     .type = FIELD_TEXT,
     .offset = offsetof(struct open_body, employee),
     .maximum = CODE_SIZE_MAX,
     .about = "Instead of a member."},
    {.name = "reason",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NOT_BLANK,
     .offset = offsetof(struct open_body, reason),
     .maximum = CASE_TEXT_MAX},
    {.name = "alert",
     .type = FIELD_ID,
     .offset = offsetof(struct open_body, alert),
     .prefix = "fra",
     .about = "The alert that led to it."},
};
const struct shape case_open_shape = {
    .name = "FraudCaseInput", .size = sizeof(struct open_body), SHAPE_FIELDS(open_fields)};

static enum status find_store(struct call *call, struct fraud_case *fraud, struct error *err)
{
    struct storage_session *session;
    enum status status = fraud->employee.size > 0 ? call_read_begin(call, &session, err) : STATUS_OK;

    if (status != STATUS_OK || fraud->employee.size == 0)
        return status;
    status = case_employee_store(session, call->arena, fraud->employee, &fraud->store, err);
    call_read_end(call, session);
    if (status == STATUS_OK && !call->scope->whole)
        status = call_check_store(call, fraud->store, "employee", err);
    return status;
}

static enum status open_in(struct call *call, struct item *item, struct storage_session *session,
                           struct fraud_case *fraud, struct error *err)
{
    enum status status = case_open(session, fraud, err);

    if (status == STATUS_OK)
        status =
            call_audit(call, "case.opened", fraud->member, (struct text){NULL, 0}, case_audit(call->arena, fraud), err);
    if (status == STATUS_OK)
        write_case(&item->writer, fraud);
    return status;
}

enum status case_open_handle(struct call *call, struct item *item, struct error *err)
{
    const struct open_body *body = item->body;
    struct fraud_case fraud = {.member = body->member,
                               .wallet = body->wallet,
                               .employee = body->employee,
                               .reason = body->reason,
                               .opened_at = call->now,
                               .opened_by = call->actor,
                               .alert = body->alert};
    struct storage_session *session;
    enum status status = find_store(call, &fraud, err);

    if (status == STATUS_OK)
        status = call_write_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = open_in(call, item, session, &fraud, err);
    if (status != STATUS_OK) {
        call_write_rollback(call, session);
        return status;
    }
    status = call_write_commit(call, session, err);
    return status == STATUS_OK ? engine_configuration_reload(call->engine, err) : status;
}

/* ---- reading ---- */

static const char *const listed_states[] = {"any", "open", "released", "confirmed", NULL};

struct case_query {
    struct page page;
    int state;
};
static const struct field query_fields[] = {
    PAGE_FIELDS(struct case_query),
    {.name = "state",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct case_query, state),
     .choices = listed_states,
     .fallback = CASE_OPEN,
     .about = "open when absent."},
};
const struct shape case_query_shape = {
    .name = "FraudCaseQuery", .size = sizeof(struct case_query), SHAPE_FIELDS(query_fields)};

/* Of which of the cases the caller may know. */
static enum status find_seen(struct call *call, struct storage_session *session, const struct fraud_case *cases,
                             size_t count, bool **out, struct error *err)
{
    int64_t *members = arena_array(call->arena, count + 1, sizeof *members);
    bool *inside = arena_array(call->arena, count + 1, sizeof *inside);

    for (size_t i = 0; i < count; i++)
        members[i] = cases[i].member;
    enum status status = call_members_inside(call, session, &(struct scope_people){members, count, inside}, err);
    for (size_t i = 0; i < count; i++)
        if (cases[i].member == 0)
            inside[i] = call->scope->whole || call_sees_store(call, cases[i].store);
    *out = inside;
    return status;
}

enum status case_list_handle(struct call *call, struct item *item, struct error *err)
{
    const struct case_query *query = call->query;
    struct case_page page = {.state = query->state, .limit = (size_t)query->page.limit + 1};
    struct cursor cursor = {.integer_count = 2};
    struct storage_session *session;
    struct fraud_case *cases;
    size_t count = 0;
    bool *seen = NULL;
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &page.given, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    page.before_at = cursor.integers[0];
    page.before_id = cursor.integers[1];
    status = case_list(session, call->arena, &page, &cases, &count, err);
    if (status == STATUS_OK)
        status = find_seen(call, session, cases, count, &seen, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    bool more = count > (size_t)query->page.limit;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < count - more; i++) {
        cursor.integers[0] = cases[i].opened_at;
        cursor.integers[1] = cases[i].id;
        if (!seen[i])
            continue;
        writer_object(&item->writer, NULL);
        write_case(&item->writer, &cases[i]);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, &cursor, more);
    return STATUS_OK;
}

static enum status find_case(struct call *call, struct fraud_case *out, struct error *err)
{
    struct storage_session *session;
    int64_t id;
    bool *seen = NULL;
    enum status status = call_path_id(call, 0, "frc", &id, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = case_read(session, call->arena, id, out, err);
    if (status == STATUS_OK)
        status = find_seen(call, session, out, 1, &seen, err);
    call_read_end(call, session);
    if (status == STATUS_OK && !seen[0])
        return error_set(err, STATUS_FORBIDDEN, "auth.scope", "", "the case lies outside of your part of the company");
    return status;
}

enum status case_get_handle(struct call *call, struct item *item, struct error *err)
{
    struct fraud_case fraud;
    enum status status = find_case(call, &fraud, err);

    if (status == STATUS_OK)
        write_case(&item->writer, &fraud);
    return status;
}

/* ---- closing ---- */

static const char *const close_results[] = {"released", "confirmed", NULL};

struct close_body {
    int result;
    struct text reason;
};
static const struct field close_fields[] = {
    {.name = "result",
     .type = FIELD_CHOICE,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct close_body, result),
     .choices = close_results,
     .about = "confirmed: it was fraud; what is to be taken back was adjusted before."},
    {.name = "reason",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NOT_BLANK,
     .offset = offsetof(struct close_body, reason),
     .maximum = CASE_TEXT_MAX},
};
const struct shape case_close_shape = {
    .name = "FraudCaseClosing", .size = sizeof(struct close_body), SHAPE_FIELDS(close_fields)};

static enum status close_in(struct call *call, struct item *item, struct storage_session *session,
                            struct fraud_case *fraud, struct error *err)
{
    const struct case_closing closing = {fraud->id, fraud->state, fraud->outcome, fraud->closed_at, fraud->closed_by};
    enum status status = case_close(session, &closing, err);

    if (status == STATUS_OK)
        status =
            call_audit(call, "case.closed", fraud->member, (struct text){NULL, 0}, case_audit(call->arena, fraud), err);
    if (status == STATUS_OK)
        write_case(&item->writer, fraud);
    return status;
}

enum status case_close_handle(struct call *call, struct item *item, struct error *err)
{
    const struct close_body *body = item->body;
    struct storage_session *session;
    struct fraud_case fraud;
    int64_t job;
    enum status status = find_case(call, &fraud, err);

    if (status == STATUS_OK)
        status = call_write_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    fraud.state = body->result == 0 ? CASE_RELEASED : CASE_CONFIRMED;
    fraud.outcome = body->reason;
    fraud.closed_at = call->now;
    fraud.closed_by = call->actor;
    status = close_in(call, item, session, &fraud, err);
    if (status != STATUS_OK) {
        call_write_rollback(call, session);
        return status;
    }
    status = call_write_commit(call, session, err);
    if (status == STATUS_OK)
        status = engine_configuration_reload(call->engine, err);
    /* What cannot start now happens within the hour. */
    if (status == STATUS_OK)
        (void)job_start(call->jobs, &thaw_job, call->actor, NULL, &job, NULL);
    return status;
}

/* ---- giving back ---- */

static enum status run(struct job *job, struct engine *engine, struct arena *arena, void *input, struct error *err)
{
    int64_t members = 0, points = 0;
    enum status status = cases_thaw(engine, &members, &points, err);

    (void)arena;
    (void)input;
    if (status != STATUS_OK)
        return status;
    job_count(job, "members", members);
    job_count(job, "points", points);
    job_message(job, "%lld points of %lld members wait no longer", (long long)points, (long long)members);
    return STATUS_OK;
}

const struct job_kind thaw_job = {.name = "thaw", .permission = PERMISSION_FRAUD_READ, .run = run};
