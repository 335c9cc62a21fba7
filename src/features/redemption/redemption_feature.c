#include "features/redemption/redemption_feature.h"

#include "features/redemption/case_api.h"
#include "features/redemption/case_store.h"
#include "features/redemption/proof.h"
#include "features/redemption/proof_api.h"

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
};

static const struct command_type *const commands[] = {&set_pin_type, &thaw_type};
static const struct job_kind *const jobs[] = {&thaw_job};

const struct feature redemption_feature = {
    .name = "redemption",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .commands = commands,
    .command_count = sizeof commands / sizeof commands[0],
    .jobs = jobs,
    .job_count = sizeof jobs / sizeof jobs[0],
};

enum status redemption_hourly(struct engine *engine, struct error *err)
{
    int64_t members, points;

    return cases_thaw(engine, &members, &points, err);
}
