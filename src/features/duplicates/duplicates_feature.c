#include "features/duplicates/duplicates_feature.h"

#include "features/duplicates/duplicates_api.h"
#include "features/duplicates/queue_store.h"
#include "features/duplicates/scan_store.h"
#include "foundation/instant.h"

enum { NIGHT_FROM_HOUR = 2, NIGHT_TO_HOUR = 6, FRESH_HOURS = 20 };

static const struct route routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/duplicates/scan",
     .operation = "start_duplicate_scan",
     .summary = "Search all members for those who are probably registered twice",
     .permission = PERMISSION_MEMBERS_MERGE,
     .scope = SCOPE_WHOLE,
     .body = &duplicates_scan_shape,
     .body_optional = true,
     .reply = &job_started_shape,
     .status = 202,
     .handle = duplicates_scan_handle},
    {.method = HTTP_GET,
     .path = "/v1/duplicates",
     .operation = "list_duplicates",
     .summary = "Pairs of persons that are probably one, the surest first, with the evidence side by side",
     .permission = PERMISSION_MEMBERS_READ,
     .scope = SCOPE_INSIDER,
     .query = &duplicates_query_shape,
     .kind = REPLY_PAGE,
     .reply = &duplicate_shape,
     .handle = duplicates_list_handle},
    {.method = HTTP_GET,
     .path = "/v1/duplicates/{duplicate}",
     .operation = "get_duplicate",
     .summary = "A pair and why it looks like one person",
     .permission = PERMISSION_MEMBERS_READ,
     .scope = SCOPE_INSIDER,
     .reply = &duplicate_shape,
     .handle = duplicate_get_handle},
    {.method = HTTP_POST,
     .path = "/v1/duplicates/{duplicate}/decision",
     .operation = "decide_duplicate",
     .summary = "Decide a pair: merge it, say that the two are different, or put it off",
     .permission = PERMISSION_MEMBERS_MERGE,
     .scope = SCOPE_INSIDER,
     .body = &duplicate_decision_shape,
     .reply = &duplicate_decided_shape,
     .keeps_reply = true,
     .handle = duplicate_decide_handle,
     .finish = duplicate_decide_finish},
};

static const struct command_type *const commands[] = {&merge_duplicate_type};
static const struct job_kind *const jobs[] = {&duplicates_job};

const struct feature duplicates_feature = {.name = "duplicates",
                                           .routes = routes,
                                           .route_count = sizeof routes / sizeof routes[0],
                                           .commands = commands,
                                           .command_count = sizeof commands / sizeof commands[0],
                                           .jobs = jobs,
                                           .job_count = sizeof jobs / sizeof jobs[0]};

enum status duplicates_nightly(struct engine *engine, int hour, struct error *err)
{
    struct storage_session *session;
    struct queue_model model;
    struct scan_result result;

    if (hour < NIGHT_FROM_HOUR || hour >= NIGHT_TO_HOUR)
        return STATUS_OK;
    enum status status = engine_read_begin(engine, &session, err);
    if (status != STATUS_OK)
        return status;
    status = queue_model_get(session, &model, err);
    engine_read_end(engine, session);
    int64_t fresh = clock_now(engine_clock(engine)) - FRESH_HOURS * INSTANT_HOUR;
    if (status != STATUS_OK || !model.nightly || model.learned_at > fresh)
        return status;
    return duplicates_scan(engine, &(struct scan){.threads = 1}, &result, err);
}
