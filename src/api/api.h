/* api.h: the framework: takes whole HTTP requests, authorises, parses, lets routes handle, submits, answers. */
#ifndef PATRON_API_API_H
#define PATRON_API_API_H

#include "api/analysis.h"
#include "api/feature.h"
#include "api/identity.h"
#include "api/job.h"
#include "engine/engine.h"
#include "http/server.h"

struct api;

struct api_options {
    struct engine *engine;
    struct jobs *jobs;
    const struct analyses *analyses; /* NULL: none */
    const struct feature *const *features;
    size_t feature_count;
    struct identity *identity; /* the first issuer of OpenID Connect; NULL: none */
    bool secure_cookies;       /* the server is reached over TLS */
    /* Adds figures of the server's own to /metrics; from any thread; may be NULL. */
    void (*more_metrics)(void *context, struct builder *out);
    void *metrics_context;
};

/* Builds the table of routes and starts the watch over keys and sessions. */
enum status api_new(const struct api_options *options, struct api **out, struct error *err);
/* After the HTTP server stopped. */
void api_free(struct api *api);

/* For struct http_options. */
void api_handle(void *context, struct http_exchange *exchange);
void api_refuse(void *context, struct arena *arena, const struct error *error, struct http_reply *reply);
int64_t api_body_limit(void *context, enum http_method method, struct text path);

/* /metrics also tells of the HTTP server. */
void api_watch_http(struct api *api, struct http_server *server);

/* All codes of error_codes.def as a Markdown table, for docs/errors.md. */
struct text error_codes_markdown(struct arena *arena);

#endif
