#include "features/retention/retention_feature.h"

#include "features/retention/event_archive_api.h"
#include "features/retention/retention_api.h"
#include "features/retention/retention_store.h"

static const struct route routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/retention",
     .operation = "get_retention",
     .summary = "For how long texts of events are kept",
     .permission = PERMISSION_RETENTION_CONFIGURE,
     .scope = SCOPE_WHOLE,
     .reply = &retention_shape,
     .handle = retention_get_handle},
    {.method = HTTP_PUT,
     .path = "/v1/retention",
     .operation = "put_retention",
     .summary = "Set for how long texts of events are kept",
     .permission = PERMISSION_RETENTION_CONFIGURE,
     .scope = SCOPE_WHOLE,
     .body = &retention_input_shape,
     .reply = &retention_shape,
     .handle = retention_put_handle},
    {.method = HTTP_POST,
     .path = "/v1/retention/runs",
     .operation = "start_retention",
     .summary = "Start a job that drops what is older, instead of next night",
     .permission = PERMISSION_RETENTION_CONFIGURE,
     .scope = SCOPE_WHOLE,
     .reply = &job_started_shape,
     .status = 202,
     .handle = retention_start_handle},
    {.method = HTTP_GET,
     .path = "/v1/retention/archive",
     .operation = "get_event_archive",
     .summary = "The files of the archive of events",
     .permission = PERMISSION_RETENTION_CONFIGURE,
     .scope = SCOPE_WHOLE,
     .reply = &event_archive_shape,
     .handle = event_archive_handle},
    {.method = HTTP_GET,
     .path = "/v1/retention/archive/members/{id}",
     .operation = "get_archived_texts",
     .summary = "What the archive of events holds of a member",
     .permission = PERMISSION_RETENTION_CONFIGURE,
     .scope = SCOPE_WHOLE,
     .reply = &archived_texts_shape,
     .handle = archived_texts_handle},
};

static const struct command_type *const commands[] = {&retention_cut_type};
static const struct job_kind *const jobs[] = {&retention_job};

const struct feature retention_feature = {
    .name = "retention",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .commands = commands,
    .command_count = sizeof commands / sizeof commands[0],
    .jobs = jobs,
    .job_count = sizeof jobs / sizeof jobs[0],
};

enum status retention_upkeep(struct engine *engine, struct error *err)
{
    int64_t dropped;

    return retention_run(engine, TEXT("system"), NULL, &dropped, err);
}
