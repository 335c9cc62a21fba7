#include "features/redemption/redemption_feature.h"

#include "features/redemption/case_api.h"
#include "features/redemption/case_store.h"
#include "features/redemption/fraud_api.h"
#include "features/redemption/fraud_store.h"
#include "features/redemption/proof.h"
#include "features/redemption/proof_api.h"

enum { NIGHT_FROM_HOUR = 2, NIGHT_TO_HOUR = 6 };

static const struct route routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/members/{member}/codes",
     .operation = "issue_code",
     .summary = "A rotating or one-time code of a member, for whoever delivers it to them",
     .permission = PERMISSION_REDEMPTION_DELIVER,
     .scope = SCOPE_MEMBER,
     .body = &code_request_shape,
     .reply = &code_issued_shape,
     .status = 201,
     .handle = code_issue_handle},
    {.method = HTTP_PUT,
     .path = "/v1/members/{member}/pin",
     .operation = "set_pin",
     .summary = "Set the PIN of a member",
     .permission = PERMISSION_POINTS_REDEEM,
     .scope = SCOPE_MEMBER,
     .body = &pin_request_shape,
     .reply = &pin_set_shape,
     .handle = pin_put_handle,
     .finish = pin_put_finish},
    {.method = HTTP_POST,
     .path = "/v1/fraud-cases",
     .operation = "open_fraud_case",
     .summary = "Open a fraud case: it freezes a member, an account of a member, or an employee",
     .permission = PERMISSION_FRAUD_MANAGE,
     .scope = SCOPE_INSIDER,
     .body = &case_open_shape,
     .keeps_reply = true,
     .reply = &fraud_case_shape,
     .status = 201,
     .handle = case_open_handle},
    {.method = HTTP_GET,
     .path = "/v1/fraud-cases",
     .operation = "list_fraud_cases",
     .summary = "Fraud cases, newest first",
     .permission = PERMISSION_FRAUD_READ,
     .scope = SCOPE_INSIDER,
     .query = &case_query_shape,
     .kind = REPLY_PAGE,
     .reply = &fraud_case_shape,
     .handle = case_list_handle},
    {.method = HTTP_GET,
     .path = "/v1/fraud-cases/{case}",
     .operation = "get_fraud_case",
     .summary = "One fraud case",
     .permission = PERMISSION_FRAUD_READ,
     .scope = SCOPE_INSIDER,
     .reply = &fraud_case_shape,
     .handle = case_get_handle},
    {.method = HTTP_POST,
     .path = "/v1/fraud-cases/{case}/close",
     .operation = "close_fraud_case",
     .summary = "Close a fraud case: what it held goes on as if nothing had been",
     .permission = PERMISSION_FRAUD_MANAGE,
     .scope = SCOPE_INSIDER,
     .body = &case_close_shape,
     .keeps_reply = true,
     .reply = &fraud_case_shape,
     .handle = case_close_handle},
    {.method = HTTP_GET,
     .path = "/v1/alerts/fraud",
     .operation = "list_fraud_alerts",
     .summary = "Employees, tills and members with unusual earning, newest day first",
     .permission = PERMISSION_FRAUD_READ,
     .scope = SCOPE_INSIDER,
     .query = &fraud_query_shape,
     .kind = REPLY_PAGE,
     .reply = &fraud_alert_shape,
     .handle = fraud_list_handle},
    {.method = HTTP_GET,
     .path = "/v1/alerts/fraud/{alert}",
     .operation = "get_fraud_alert",
     .summary = "One alert of unusual earning, with the purchases behind it",
     .permission = PERMISSION_FRAUD_READ,
     .scope = SCOPE_INSIDER,
     .reply = &fraud_evidence_shape,
     .handle = fraud_get_handle},
    {.method = HTTP_POST,
     .path = "/v1/alerts/fraud/{alert}/decision",
     .operation = "decide_fraud_alert",
     .summary = "Confirm or dismiss an alert of unusual earning, or open it again",
     .permission = PERMISSION_FRAUD_MANAGE,
     .scope = SCOPE_INSIDER,
     .body = &fraud_decision_shape,
     .keeps_reply = true,
     .reply = &fraud_alert_shape,
     .handle = fraud_decide_handle},
    {.method = HTTP_POST,
     .path = "/v1/alerts/fraud/search",
     .operation = "search_fraud",
     .summary = "Judge a day now, as happens each night",
     .permission = PERMISSION_FRAUD_MANAGE,
     .scope = SCOPE_WHOLE,
     .body = &fraud_search_shape,
     .body_optional = true,
     .reply = &job_started_shape,
     .status = 202,
     .handle = fraud_search_handle},
};

static const struct command_type *const commands[] = {&set_pin_type, &thaw_type};
static const struct job_kind *const jobs[] = {&thaw_job, &fraud_job};

const struct feature redemption_feature = {
    .name = "redemption",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .commands = commands,
    .command_count = sizeof commands / sizeof commands[0],
    .jobs = jobs,
    .job_count = sizeof jobs / sizeof jobs[0],
};

/* Yesterday, once. */
static enum status search_yesterday(struct engine *engine, struct error *err)
{
    struct configuration configuration = engine_configuration(engine);
    int64_t now = clock_now(engine_clock(engine));
    int32_t yesterday = zone_day(programme_at(configuration.programmes, now)->zone, now) - 1, last;
    struct storage_session *session;
    struct fraud_found found;

    engine_configuration_release(engine, configuration);
    enum status status = engine_read_begin(engine, &session, err);
    if (status != STATUS_OK)
        return status;
    status = fraud_last_day(session, &last, err);
    engine_read_end(engine, session);
    return status == STATUS_OK && last < yesterday ? fraud_search(engine, yesterday, &found, err) : status;
}

enum status redemption_hourly(struct engine *engine, int hour, struct error *err)
{
    int64_t members, points;
    enum status status = cases_thaw(engine, &members, &points, err);

    return status == STATUS_OK && hour >= NIGHT_FROM_HOUR && hour < NIGHT_TO_HOUR ? search_yesterday(engine, err)
                                                                                  : status;
}
