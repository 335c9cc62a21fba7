/* setup.c: builds the framework from the features, and takes it down. */
#include <stdlib.h>

#include "api/auth.h"
#include "api/internal.h"
#include "api/metrics.h"
#include "api/openapi.h"
#include "api/routes.h"
#include "api/write_store.h"

enum { API_BYTES_MAX = 64 * 1024 * 1024, FEATURES_MAX = 64 };

static const struct feature *const own_features[] = {&session_feature, &identity_feature, &user_feature,
                                                     &factor_feature,  &key_feature,      &audit_feature,
                                                     &job_feature,     &system_feature};
enum { OWN_COUNT = sizeof own_features / sizeof own_features[0] };

static const struct router *build_router(struct arena *arena, const struct api_options *options)
{
    const struct feature **all = arena_array(arena, OWN_COUNT + options->feature_count, sizeof *all);
    for (size_t i = 0; i < OWN_COUNT; i++)
        all[i] = own_features[i];
    for (size_t i = 0; i < options->feature_count; i++)
        all[OWN_COUNT + i] = options->features[i];
    return router_new(arena, all, OWN_COUNT + options->feature_count);
}

enum status api_new(const struct api_options *options, struct api **out, struct error *err)
{
    struct arena *arena = arena_new(API_BYTES_MAX);
    if (arena == NULL)
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory for the API");
    struct api *api = arena_alloc(arena, sizeof *api);
    api->arena = arena;
    api->options = *options;
    pthread_mutex_init(&api->write_lock, NULL);
    api->router = build_router(arena, options);
    api->metrics = metrics_new(arena, api->router);
    api->openapi = openapi_document(arena, api->router);
    enum status status = auth_new(options->engine, &api->auth, err);
    if (status != STATUS_OK) {
        arena_free(arena);
        return status;
    }
    *out = api;
    return STATUS_OK;
}

void api_free(struct api *api)
{
    if (api == NULL)
        return;
    auth_free(api->auth);
    write_close(api->write_session);
    pthread_mutex_destroy(&api->write_lock);
    arena_free(api->arena);
}

void api_watch_http(struct api *api, struct http_server *server)
{
    api->http = server;
}
