#include "features/redemption/fraud_api.h"

#include <stddef.h>
#include <stdlib.h>

#include "api/page.h"
#include "features/redemption/fraud_model.h"
#include "features/redemption/fraud_store.h"

/* ---- what is shown ---- */

#define ALERT_FIELDS                                                                                     \
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "fra"},                          \
        {.name = "state", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = fraud_states},       \
        {.name = "kind", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = fraud_kinds},         \
        {.name = "subject",                                                                              \
         .type = FIELD_TEXT,                                                                             \
         .flags = FIELD_REQUIRED,                                                                        \
         .about = "The employee, or the till as STORE/TILL; empty of a member."},                        \
        {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .prefix = "mbr"}, \
        {.name = "store", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "Empty of a member."},   \
        {.name = "day", .type = FIELD_DAY, .flags = FIELD_REQUIRED},                                     \
        {.name = "metric",                                                                               \
         .type = FIELD_CHOICE,                                                                           \
         .flags = FIELD_REQUIRED,                                                                        \
         .choices = fraud_metrics,                                                                       \
         .about = "Purchases of members on the day, or points issued for them."},                        \
        {.name = "value", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},                               \
        {.name = "usual",                                                                                \
         .type = FIELD_DECIMAL,                                                                          \
         .flags = FIELD_REQUIRED,                                                                        \
         .scale = 3,                                                                                     \
         .about = "Median of a day: of the store's employees or tills, of members who bought."},         \
        {.name = "probability",                                                                          \
         .type = FIELD_DECIMAL,                                                                          \
         .flags = FIELD_REQUIRED,                                                                        \
         .scale = FRAUD_PROBABILITY_SCALE,                                                               \
         .about = "Of so much or more on an honest day; 0.000000001 stands for less, too."},             \
        {.name = "history",                                                                              \
         .type = FIELD_INTEGER,                                                                          \
         .flags = FIELD_REQUIRED,                                                                        \
         .about = "Days of employees, tills or members that it was judged by."},                         \
        {.name = "tests",                                                                                \
         .type = FIELD_INTEGER,                                                                          \
         .flags = FIELD_REQUIRED,                                                                        \
         .about = "How many of its kind were judged."},                                                  \
        {.name = "days_between_false_alarms",                                                            \
         .type = FIELD_INTEGER,                                                                          \
         .flags = FIELD_REQUIRED,                                                                        \
         .about = "At least, of its kind and over the whole company, when honest days are alike."},      \
        {.name = "summary", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},                                \
        {.name = "raised_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},                           \
        {.name = "decided_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},         \
        {.name = "decided_by", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},                             \
    {                                                                                                    \
        .name = "reason", .type = FIELD_TEXT, .flags = FIELD_REQUIRED                                    \
    }

static const struct field alert_fields[] = {ALERT_FIELDS};
const struct shape fraud_alert_shape = {.name = "FraudAlert", SHAPE_FIELDS(alert_fields)};
static const struct field evidence_fields[] = {
    ALERT_FIELDS,
    {.name = "events",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_TEXT,
     .about = "The purchases behind it, at most 200."},
};
const struct shape fraud_evidence_shape = {.name = "FraudAlertEvidence", SHAPE_FIELDS(evidence_fields)};

static const char *summary_of(struct arena *arena, const struct fraud_alert *alert)
{
    char day[DAY_TEXT_SIZE], id[ID_TEXT_SIZE];
    const char *who =
        alert->kind == FRAUD_MEMBER ? id_format("mbr", alert->member, id) : text_string(arena, alert->subject);

    return arena_format(arena, "%s %s had %lld %s on %s; %.1f are usual.",
                        alert->kind == FRAUD_EMPLOYEE ? "Employee"
                        : alert->kind == FRAUD_TILL   ? "Till"
                                                      : "Member",
                        who, (long long)alert->value, alert->metric == FRAUD_POINTS ? "points issued" : "purchases",
                        day_format(alert->day, day), (double)alert->usual / 1000);
}

static void write_alert(struct json_writer *writer, struct arena *arena, const struct fraud_alert *alert)
{
    writer_id(writer, "id", "fra", alert->id);
    writer_string(writer, "state", fraud_states[alert->state - FRAUD_OPEN]);
    writer_string(writer, "kind", fraud_kinds[alert->kind - FRAUD_EMPLOYEE]);
    writer_text(writer, "subject", alert->subject);
    writer_id(writer, "member", "mbr", alert->member);
    writer_text(writer, "store", alert->store);
    writer_day(writer, "day", alert->day);
    writer_string(writer, "metric", fraud_metrics[alert->metric - FRAUD_PURCHASES]);
    writer_integer(writer, "value", alert->value);
    writer_decimal(writer, "usual", alert->usual, 3);
    writer_real(writer, "probability", (double)alert->probability / 1e9, FRAUD_PROBABILITY_SCALE);
    writer_integer(writer, "history", alert->history);
    writer_integer(writer, "tests", alert->tests);
    writer_integer(writer, "days_between_false_alarms", FRAUD_FALSE_DAYS);
    writer_string(writer, "summary", summary_of(arena, alert));
    writer_instant(writer, "raised_at", alert->raised_at);
    writer_instant(writer, "decided_at", alert->decided_at);
    writer_text(writer, "decided_by", alert->decided_by);
    writer_text(writer, "reason", alert->reason);
}

/* Of which of the alerts the caller may know. */
static enum status find_seen(struct call *call, struct storage_session *session, const struct fraud_alert *alerts,
                             size_t count, bool **out, struct error *err)
{
    int64_t *members = arena_array(call->arena, count + 1, sizeof *members);
    bool *inside = arena_array(call->arena, count + 1, sizeof *inside);

    for (size_t i = 0; i < count; i++)
        members[i] = alerts[i].member;
    enum status status = call_members_inside(call, session, &(struct scope_people){members, count, inside}, err);
    for (size_t i = 0; i < count; i++)
        if (alerts[i].member == 0)
            inside[i] = call_sees_store(call, alerts[i].store);
    *out = inside;
    return status;
}

/* ---- lists ---- */

static const char *const listed_states[] = {"any", "open", "confirmed", "dismissed", NULL};

struct fraud_query {
    struct page page;
    int state;
};
static const struct field query_fields[] = {
    PAGE_FIELDS(struct fraud_query),
    {.name = "state",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct fraud_query, state),
     .choices = listed_states,
     .fallback = FRAUD_OPEN,
     .about = "open when absent."},
};
const struct shape fraud_query_shape = {
    .name = "FraudQuery", .size = sizeof(struct fraud_query), SHAPE_FIELDS(query_fields)};

enum status fraud_list_handle(struct call *call, struct item *item, struct error *err)
{
    const struct fraud_query *query = call->query;
    struct fraud_page page = {.state = query->state, .limit = (size_t)query->page.limit + 1};
    struct cursor cursor = {.integer_count = 2};
    struct storage_session *session;
    struct fraud_alert *alerts;
    size_t count = 0;
    bool *seen = NULL;
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &page.given, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    page.before_day = (int32_t)cursor.integers[0];
    page.before_id = cursor.integers[1];
    status = fraud_list(session, call->arena, &page, &alerts, &count, err);
    if (status == STATUS_OK)
        status = find_seen(call, session, alerts, count, &seen, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    bool more = count > (size_t)query->page.limit;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < count - more; i++) {
        cursor.integers[0] = alerts[i].day;
        cursor.integers[1] = alerts[i].id;
        if (!seen[i])
            continue;
        writer_object(&item->writer, NULL);
        write_alert(&item->writer, call->arena, &alerts[i]);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, &cursor, more);
    return STATUS_OK;
}

/* The alert of the path, within a read session. */
static enum status find_alert(struct call *call, struct storage_session *session, struct fraud_alert *out,
                              struct error *err)
{
    int64_t id;
    bool *seen = NULL;
    enum status status = call_path_id(call, 0, "fra", &id, err);

    if (status == STATUS_OK)
        status = fraud_read(session, call->arena, id, out, err);
    if (status == STATUS_OK)
        status = find_seen(call, session, out, 1, &seen, err);
    if (status == STATUS_OK && !seen[0])
        return error_set(err, STATUS_FORBIDDEN, "auth.scope", "", "the alert lies outside of your part of the company");
    return status;
}

enum status fraud_get_handle(struct call *call, struct item *item, struct error *err)
{
    struct fraud_evidence *evidence = arena_alloc(call->arena, sizeof *evidence);
    struct storage_session *session;
    struct fraud_alert alert;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    evidence->zone = programme_at(call->programmes, call->now)->zone;
    status = find_alert(call, session, &alert, err);
    if (status == STATUS_OK)
        status = fraud_events(session, call->arena, &alert, evidence, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    write_alert(&item->writer, call->arena, &alert);
    writer_list(&item->writer, "events");
    for (size_t i = 0; i < evidence->count; i++)
        writer_id(&item->writer, NULL, "evt", evidence->events[i]);
    writer_end(&item->writer);
    return STATUS_OK;
}

/* ---- deciding ---- */

struct decision_body {
    int state;
    struct text reason;
};
static const struct field decision_fields[] = {
    {.name = "state",
     .type = FIELD_CHOICE,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct decision_body, state),
     .choices = fraud_states},
    {.name = "reason",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NOT_BLANK,
     .offset = offsetof(struct decision_body, reason),
     .maximum = FRAUD_REASON_MAX},
};
const struct shape fraud_decision_shape = {
    .name = "FraudDecision", .size = sizeof(struct decision_body), SHAPE_FIELDS(decision_fields)};

static enum status decide_in(struct call *call, struct item *item, struct storage_session *session,
                             const struct fraud_alert *alert, struct error *err)
{
    char id[ID_TEXT_SIZE];
    enum status status = fraud_decide(session, alert, err);

    if (status == STATUS_OK)
        status = call_audit(
            call, "fraud.decided", alert->member, (struct text){NULL, 0},
            text_from(arena_format(call->arena, "{\"id\":\"%s\",\"state\":\"%s\"}", id_format("fra", alert->id, id),
                                   fraud_states[alert->state - FRAUD_OPEN])),
            err);
    if (status == STATUS_OK)
        write_alert(&item->writer, call->arena, alert);
    return status;
}

enum status fraud_decide_handle(struct call *call, struct item *item, struct error *err)
{
    const struct decision_body *body = item->body;
    struct storage_session *session;
    struct fraud_alert alert;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = find_alert(call, session, &alert, err);
    call_read_end(call, session);
    if (status == STATUS_OK)
        status = call_write_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    alert.state = (enum fraud_state)(FRAUD_OPEN + body->state);
    alert.reason = body->reason;
    alert.decided_at = call->now;
    alert.decided_by = call->actor;
    status = decide_in(call, item, session, &alert, err);
    if (status == STATUS_OK)
        return call_write_commit(call, session, err);
    call_write_rollback(call, session);
    return status;
}

/* ---- searching ---- */

struct search_body {
    int32_t day;
};
static const struct field search_fields[] = {
    {.name = "day",
     .type = FIELD_DAY,
     .offset = offsetof(struct search_body, day),
     .about = "Yesterday when absent; each night searches the day before by itself."},
};
const struct shape fraud_search_shape = {
    .name = "FraudSearch", .size = sizeof(struct search_body), SHAPE_FIELDS(search_fields)};
static enum status run(struct job *job, struct engine *engine, struct arena *arena, void *input, struct error *err)
{
    const int32_t *day = input;
    struct fraud_found found;

    (void)arena;
    enum status status = fraud_search(engine, *day, &found, err);
    if (status != STATUS_OK)
        return status;
    job_count(job, "judged", found.judged);
    job_count(job, "alerts", found.raised);
    job_count(job, "short_history", found.short_history);
    job_message(job, "%lld of %lld are unusual; the history of %lld is too short to judge by", (long long)found.raised,
                (long long)found.judged, (long long)found.short_history);
    return STATUS_OK;
}

const struct job_kind fraud_job = {.name = "fraud", .permission = PERMISSION_FRAUD_READ, .run = run, .release = free};

enum status fraud_search_handle(struct call *call, struct item *item, struct error *err)
{
    const struct search_body *body = item->body;
    int32_t today = zone_day(programme_at(call->programmes, call->now)->zone, call->now);
    int32_t *day = malloc(sizeof *day);
    if (day == NULL)
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory to look for fraud");
    *day = body->day != FIELD_DAY_ABSENT ? body->day : today - 1;
    return call_job(call, item, &fraud_job, day, err);
}
