#include "features/insight/insight_feature.h"

#include "api/page.h"
#include "features/insight/analysis_api.h"
#include "features/insight/analysis_file_api.h"
#include "features/insight/churn_api.h"
#include "features/insight/churn_record.h"
#include "features/insight/insight_api.h"
#include "features/insight/insight_store.h"
#include "features/insight/member_alerts_api.h"
#include "features/insight/rescore_store.h"
#include "features/insight/scores_api.h"
#include "features/insight/segment_live_api.h"
#include "features/insight/segment_live_store.h"
#include "features/insight/store_figures_api.h"

enum { SMALL_BASE_ROWS = 500000, FRESH_HOURS = 20, STALE_HOURS = 72, NIGHT_FROM_HOUR = 2, NIGHT_TO_HOUR = 6 };

static const struct route routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/overview",
     .operation = "get_overview",
     .summary = "Members, sales and points at a glance, in all and by day",
     .permission = PERMISSION_INSIGHT_READ,
     .scope = SCOPE_STORE,
     .query = &overview_query_shape,
     .reply = &overview_shape,
     .handle = overview_get},
    {.method = HTTP_GET,
     .path = "/v1/store-figures",
     .operation = "get_store_figures",
     .summary = "What each store sold, and the share of members in it",
     .permission = PERMISSION_INSIGHT_READ,
     .scope = SCOPE_STORE,
     .query = &store_figures_query_shape,
     .reply = &store_figures_shape,
     .handle = store_figures_get},
    {.method = HTTP_GET,
     .path = "/v1/rfm",
     .operation = "get_rfm",
     .summary = "Members by recency, frequency and monetary value",
     .permission = PERMISSION_INSIGHT_READ,
     .scope = SCOPE_INSIDER,
     .query = &rfm_query_shape,
     .reply = &rfm_shape,
     .handle = rfm_get},
    {.method = HTTP_GET,
     .path = "/v1/stages",
     .operation = "get_stages",
     .summary = "Members by stage of their life with the business",
     .permission = PERMISSION_INSIGHT_READ,
     .scope = SCOPE_INSIDER,
     .reply = &stages_shape,
     .handle = stages_get},
    {.method = HTTP_GET,
     .path = "/v1/members/{member}/knowledge",
     .operation = "get_knowledge",
     .summary = "What is known of one member: stage, rhythm, value and scores",
     .permission = PERMISSION_MEMBERS_READ,
     .scope = SCOPE_MEMBER,
     .reply = &knowledge_shape,
     .handle = knowledge_get},
    {.method = HTTP_GET,
     .path = "/v1/members/{member}/scores",
     .operation = "get_member_scores",
     .summary = "How likely a member stays, how often they will buy and what that is worth, as of now",
     .permission = PERMISSION_MEMBERS_READ,
     .scope = SCOPE_MEMBER,
     .query = &member_scores_query_shape,
     .reply = &member_scores_shape,
     .handle = member_scores_get},
    {.method = HTTP_GET,
     .path = "/v1/scores",
     .operation = "list_scores",
     .summary = "Members by lifetime value, risk or loyalty, as last scored",
     .permission = PERMISSION_INSIGHT_READ,
     .scope = SCOPE_INSIDER,
     .query = &scores_query_shape,
     .kind = REPLY_PAGE,
     .reply = &score_row_shape,
     .handle = scores_list},
    {.method = HTTP_POST,
     .path = "/v1/scores",
     .operation = "start_rescore",
     .summary = "Learn from all purchases and score every member, as happens each night",
     .permission = PERMISSION_INSIGHT_WRITE,
     .scope = SCOPE_WHOLE,
     .body = &rescore_body_shape,
     .body_optional = true,
     .kind = REPLY_OBJECT,
     .reply = &job_started_shape,
     .status = 202,
     .handle = rescore_post},
    {.method = HTTP_GET,
     .path = "/v1/models/clv",
     .operation = "get_clv_model",
     .summary = "The model of lifetime value in force: parameters, errors, what it was learned from",
     .permission = PERMISSION_INSIGHT_READ,
     .scope = SCOPE_WHOLE,
     .reply = &clv_model_shape,
     .handle = clv_model_get},
    {.method = HTTP_POST,
     .path = "/v1/analyses",
     .operation = "start_analysis",
     .summary = "Analyse the live base or an uploaded file, as patron analyze does",
     .permission = PERMISSION_INSIGHT_WRITE,
     .scope = SCOPE_ACTOR,
     .body = &analysis_body_shape,
     .kind = REPLY_OBJECT,
     .reply = &job_started_shape,
     .status = 202,
     .handle = analysis_post},
    {.method = HTTP_GET,
     .path = "/v1/analyses",
     .operation = "list_analyses",
     .summary = "Finished analyses, newest first, without their rows",
     .permission = PERMISSION_INSIGHT_READ,
     .scope = SCOPE_ACTOR,
     .query = &page_query_shape,
     .kind = REPLY_PAGE,
     .reply = &analysis_shape,
     .handle = analyses_list},
    {.method = HTTP_GET,
     .path = "/v1/analyses/{job}",
     .operation = "get_analysis",
     .summary = "The result of a finished analysis",
     .permission = PERMISSION_INSIGHT_READ,
     .scope = SCOPE_ACTOR,
     .reply = &analysis_result_shape,
     .handle = analysis_get},
    {.method = HTTP_POST,
     .path = "/v1/analysis-files",
     .operation = "upload_analysis_file",
     .summary = "Upload a file to analyse: the body is its content, plain or gzip",
     .permission = PERMISSION_INSIGHT_WRITE,
     .scope = SCOPE_ACTOR,
     .raw_body_max = ANALYSIS_FILE_BYTES_MAX,
     .kind = REPLY_OBJECT,
     .reply = &analysis_file_shape,
     .status = 201,
     .handle = analysis_file_post},
    {.method = HTTP_DELETE,
     .path = "/v1/analysis-files/{file}",
     .operation = "delete_analysis_file",
     .summary = "Delete an uploaded file before its days are over",
     .permission = PERMISSION_INSIGHT_WRITE,
     .scope = SCOPE_ACTOR,
     .kind = REPLY_NONE,
     .handle = analysis_file_delete},
    {.method = HTTP_GET,
     .path = "/v1/found-segments",
     .operation = "get_found_segments",
     .summary = "Groups of members who are alike, found by machine, and what sets them apart",
     .permission = PERMISSION_INSIGHT_READ,
     .scope = SCOPE_INSIDER,
     .reply = &found_segments_shape,
     .handle = found_segments_get},
    {.method = HTTP_POST,
     .path = "/v1/found-segments",
     .operation = "find_segments",
     .summary = "Find the segments again now, as happens by the plan",
     .permission = PERMISSION_INSIGHT_WRITE,
     .scope = SCOPE_WHOLE,
     .kind = REPLY_OBJECT,
     .reply = &job_started_shape,
     .status = 202,
     .handle = found_segments_post},
    {.method = HTTP_PUT,
     .path = "/v1/found-segments/plan",
     .operation = "put_segment_plan",
     .summary = "How often segments are found, by which method, and how many",
     .permission = PERMISSION_INSIGHT_WRITE,
     .scope = SCOPE_WHOLE,
     .body = &segment_plan_body_shape,
     .kind = REPLY_OBJECT,
     .reply = &found_segments_shape,
     .handle = segment_plan_put},
    {.method = HTTP_GET,
     .path = "/v1/found-segments/{segment}/members",
     .operation = "list_segment_members",
     .summary = "Who is in a segment",
     .permission = PERMISSION_INSIGHT_READ,
     .scope = SCOPE_INSIDER,
     .query = &page_query_shape,
     .kind = REPLY_PAGE,
     .reply = &segment_member_shape,
     .handle = segment_members_list},
    {.method = HTTP_GET,
     .path = "/v1/members/{member}/found-segment",
     .operation = "get_member_segment",
     .summary = "The segment that a member is in",
     .permission = PERMISSION_MEMBERS_READ,
     .scope = SCOPE_MEMBER,
     .reply = &own_segment_shape,
     .handle = own_segment_get},
    {.method = HTTP_POST,
     .path = "/v1/members/{member}/churn-reasons",
     .operation = "record_churn_reason",
     .summary = "Record why a member left or wants to",
     .permission = PERMISSION_EVENTS_WRITE,
     .scope = SCOPE_MEMBER,
     .body = &churn_reason_body_shape,
     .reply = &churn_reason_recorded_shape,
     .status = 201,
     .handle = churn_reason_handle,
     .finish = churn_reason_finish},
    {.method = HTTP_GET,
     .path = "/v1/churn-causes",
     .operation = "get_churn_causes",
     .summary = "Why members left: shares of the causes recorded, with intervals",
     .permission = PERMISSION_INSIGHT_READ,
     .scope = SCOPE_INSIDER,
     .query = &churn_causes_query_shape,
     .reply = &churn_causes_shape,
     .handle = churn_causes_get},
    {.method = HTTP_GET,
     .path = "/v1/alerts",
     .operation = "list_alerts",
     .summary = "Rises in the risk of the base and of parts of it, with the weeks that show them",
     .permission = PERMISSION_INSIGHT_READ,
     .scope = SCOPE_WHOLE,
     .reply = &alerts_shape,
     .handle = alerts_get},
    {.method = HTTP_GET,
     .path = "/v1/alerts/members",
     .operation = "list_member_alerts",
     .summary = "Members whose risk has passed the threshold, newest first",
     .permission = PERMISSION_INSIGHT_READ,
     .scope = SCOPE_INSIDER,
     .query = &member_alerts_query_shape,
     .kind = REPLY_PAGE,
     .reply = &member_alert_shape,
     .handle = member_alerts_list},
    {.method = HTTP_POST,
     .path = "/v1/members/{member}/alerts/acknowledge",
     .operation = "acknowledge_member_alerts",
     .summary = "Acknowledge the alerts of a member",
     .permission = PERMISSION_MEMBERS_WRITE,
     .scope = SCOPE_INSIDER,
     .kind = REPLY_OBJECT,
     .reply = &alerts_acknowledged_shape,
     .handle = member_alerts_post},
    {.method = HTTP_GET,
     .path = "/v1/models/churn",
     .operation = "get_churn_model",
     .summary = "The model of risk in force, how well it foretells, and the threshold of alerts",
     .permission = PERMISSION_INSIGHT_READ,
     .scope = SCOPE_WHOLE,
     .reply = &churn_fitted_shape,
     .handle = churn_fitted_get},
};

static const struct command_type *const commands[] = {&churn_record_type};
static const struct job_kind *const jobs[] = {&rescore_job, &analysis_job, &segments_job};

const struct feature insight_feature = {
    .name = "insight",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .commands = commands,
    .command_count = sizeof commands / sizeof commands[0],
    .jobs = jobs,
    .job_count = sizeof jobs / sizeof jobs[0],
};

static enum status renew(struct storage_session *session, const struct lifecycle *rules, int64_t now, struct error *err)
{
    int64_t interval;
    enum status status = base_median(session, rules, &interval, err);

    if (status == STATUS_OK)
        status = storage_begin(session, err);
    if (status != STATUS_OK)
        return status;
    status = insight_interval_put(session, now, interval, err);
    if (status != STATUS_OK) {
        storage_rollback(session);
        return status;
    }
    return storage_commit(session, err);
}

/* A large base is read at night only. */
static enum status suits(struct engine *engine, int hour, bool *out, struct error *err)
{
    struct storage_session *session;
    int64_t size = 0;
    enum status status = engine_read_begin(engine, &session, err);

    if (status != STATUS_OK)
        return status;
    status = insight_base_size(session, &size, err);
    engine_read_end(engine, session);
    *out = size < SMALL_BASE_ROWS || (hour >= NIGHT_FROM_HOUR && hour < NIGHT_TO_HOUR);
    return status;
}

enum status insight_rescore(struct engine *engine, int hour, struct error *err)
{
    struct rescore_result result;
    bool now;
    enum status status = suits(engine, hour, &now, err);

    if (status == STATUS_OK)
        status = rescore_run(engine, &(struct rescore){.unless_hours = now ? FRESH_HOURS : STALE_HOURS}, &result, err);

    /* A base from which nothing can be learned yet is no fault. */
    return status == STATUS_INVALID ? STATUS_OK : status;
}

enum status insight_segments(struct engine *engine, int hour, struct error *err)
{
    struct segment_plan plan;
    bool now, ran;
    enum status status = suits(engine, hour, &now, err);

    if (status == STATUS_OK && now)
        status = segments_refresh(engine, &(struct segment_refresh){.only_due = true}, &ran, &plan, err);

    /* Too few members are no fault. */
    return status == STATUS_INVALID ? STATUS_OK : status;
}

enum status insight_upkeep(struct engine *engine, struct error *err)
{
    struct storage_session *session;
    enum status status = storage_session_new(engine_storage(engine), false, &session, err);

    if (status != STATUS_OK)
        return status;
    struct configuration configuration = engine_configuration(engine);
    status = renew(session, configuration.programmes->lifecycle, clock_now(engine_clock(engine)), err);
    engine_configuration_release(engine, configuration);
    storage_session_free(session);
    return status;
}
