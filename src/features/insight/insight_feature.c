#include "features/insight/insight_feature.h"

#include "features/insight/insight_api.h"
#include "features/insight/insight_store.h"

static const struct route routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/overview",
     .operation = "get_overview",
     .summary = "Members, sales and points at a glance, in all and by day",
     .permission = PERMISSION_INSIGHT_READ,
     .query = &overview_query_shape,
     .reply = &overview_shape,
     .handle = overview_get},
    {.method = HTTP_GET,
     .path = "/v1/rfm",
     .operation = "get_rfm",
     .summary = "Members by recency, frequency and monetary value",
     .permission = PERMISSION_INSIGHT_READ,
     .query = &rfm_query_shape,
     .reply = &rfm_shape,
     .handle = rfm_get},
    {.method = HTTP_GET,
     .path = "/v1/stages",
     .operation = "get_stages",
     .summary = "Members by stage of their life with the business",
     .permission = PERMISSION_INSIGHT_READ,
     .reply = &stages_shape,
     .handle = stages_get},
    {.method = HTTP_GET,
     .path = "/v1/members/{member}/knowledge",
     .operation = "get_knowledge",
     .summary = "What is known of one member: stage, rhythm, value and scores",
     .permission = PERMISSION_MEMBERS_READ,
     .reply = &knowledge_shape,
     .handle = knowledge_get},
};

const struct feature insight_feature = {
    .name = "insight",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
};

static enum status renew(struct storage_session *session, int64_t now, struct error *err)
{
    int64_t interval;
    enum status status = base_median(session, &interval, err);

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

enum status insight_upkeep(struct engine *engine, struct error *err)
{
    struct storage_session *session;
    enum status status = storage_session_new(engine_storage(engine), false, &session, err);

    if (status != STATUS_OK)
        return status;
    status = renew(session, clock_now(engine_clock(engine)), err);
    storage_session_free(session);
    return status;
}
