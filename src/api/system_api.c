/* system_api.c: the description of the API, health, metrics, and the page that says what this is. */
#include "api/internal.h"
#include "api/metrics.h"
#include "api/routes.h"

static const char page[] =
    "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>Patron</title>\n"
    "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}</style>\n"
    "<h1>Patron</h1>\n"
    "<p>This server keeps the customers of a business, their points and tiers, and what is known of them.\n"
    "Programs talk to it over HTTP and JSON; people sign in with a name and a password.\n"
    "<ul>\n<li><a href=\"/v1/openapi.json\">The API, as an OpenAPI 3.1 document</a>\n"
    "<li><a href=\"/healthz\">Is it well?</a>\n</ul>\n"
    "<p>The documentation lies in the folder docs of the source.\n</html>\n";

static enum status page_handle(struct call *call, struct item *item, struct error *err)
{
    (void)item, (void)err;
    call_reply_content(call, "text/html; charset=utf-8", TEXT(page), NULL);
    return STATUS_OK;
}

static enum status openapi_handle(struct call *call, struct item *item, struct error *err)
{
    (void)item, (void)err;
    call_reply_content(call, "application/json", call->api->openapi, NULL);
    return STATUS_OK;
}

static const struct field health_fields[] = {
    {.name = "healthy", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "version", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "database", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
};
static const struct shape health_shape = {.name = "Health", SHAPE_FIELDS(health_fields)};

/* Healthy is who can read the database now. */
static enum status health_handle(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    enum status status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    call_read_end(call, session);
    writer_boolean(&item->writer, "healthy", true);
    writer_string(&item->writer, "version", PATRON_VERSION);
    writer_string(&item->writer, "database", storage_engine(engine_storage(call->engine)));
    return STATUS_OK;
}

static enum status metrics_handle(struct call *call, struct item *item, struct error *err)
{
    (void)item, (void)err;
    const struct api *api = call->api;
    struct builder out = {.arena = call->arena};
    metrics_engine(&out, call->engine, api->http);
    if (api->options.more_metrics != NULL)
        api->options.more_metrics(api->options.metrics_context, &out);
    metrics_requests(api->metrics, &out);
    call_reply_content(call, "text/plain; version=0.0.4", builder_done(&out), NULL);
    return STATUS_OK;
}

static const struct field sweeper_fields[] = {
    {.name = "stopped", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "swept", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
};
static const struct shape sweeper_shape = {.name = "Sweeper", SHAPE_FIELDS(sweeper_fields)};

static void write_sweeper(struct call *call, struct item *item)
{
    struct engine_figures figures;

    engine_figures(call->engine, &figures);
    writer_boolean(&item->writer, "stopped", figures.sweeper_stopped);
    writer_integer(&item->writer, "swept", figures.swept);
}

static enum status sweeper_handle(struct call *call, struct item *item, struct error *err)
{
    (void)err;
    write_sweeper(call, item);
    return STATUS_OK;
}

/* The audit first: who confirmed the time must be known before points expire by it. */
static enum status confirm_handle(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    enum status status = call_write_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = call_audit(call, "sweeper.confirmed", 0, (struct text){NULL, 0}, (struct text){NULL, 0}, err);
    if (status != STATUS_OK) {
        call_write_rollback(call, session);
        return status;
    }
    status = call_write_commit(call, session, err);
    if (status != STATUS_OK)
        return status;
    engine_sweeper_confirm(call->engine);
    write_sweeper(call, item);
    return STATUS_OK;
}

static const struct route routes[] = {
    {.method = HTTP_GET,
     .path = "/",
     .operation = "get_page",
     .summary = "What this is",
     .permission = PERMISSION_PUBLIC,
     .scope = SCOPE_OWN,
     .kind = REPLY_FILE,
     .handle = page_handle},
    {.method = HTTP_GET,
     .path = "/v1/openapi.json",
     .operation = "get_openapi",
     .summary = "This description",
     .permission = PERMISSION_PUBLIC,
     .scope = SCOPE_OWN,
     .kind = REPLY_FILE,
     .handle = openapi_handle},
    {.method = HTTP_GET,
     .path = "/healthz",
     .operation = "get_health",
     .summary = "Whether the server is well",
     .permission = PERMISSION_PUBLIC,
     .scope = SCOPE_OWN,
     .kind = REPLY_OBJECT,
     .reply = &health_shape,
     .handle = health_handle},
    {.method = HTTP_GET,
     .path = "/metrics",
     .operation = "get_metrics",
     .summary = "Counts for Prometheus",
     .permission = PERMISSION_SYSTEM_READ,
     .scope = SCOPE_WHOLE,
     .kind = REPLY_FILE,
     .handle = metrics_handle},
    {.method = HTTP_GET,
     .path = "/v1/sweeper",
     .operation = "get_sweeper",
     .summary = "Whether the sweeper rests because the clock jumped",
     .permission = PERMISSION_SYSTEM_READ,
     .scope = SCOPE_WHOLE,
     .kind = REPLY_OBJECT,
     .reply = &sweeper_shape,
     .handle = sweeper_handle},
    {.method = HTTP_POST,
     .path = "/v1/sweeper/confirm",
     .operation = "confirm_sweeper",
     .summary = "Confirm the time after the clock jumped: the sweeper goes on",
     .permission = PERMISSION_SYSTEM_MANAGE,
     .scope = SCOPE_WHOLE,
     .kind = REPLY_OBJECT,
     .reply = &sweeper_shape,
     .handle = confirm_handle},
};

const struct feature system_feature = {
    .name = "system", .routes = routes, .route_count = sizeof routes / sizeof routes[0]};
