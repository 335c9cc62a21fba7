/* library_feature.c: how ready programmes plug into the program. */
#include "api/feature.h"
#include "api/page.h"
#include "features/definitions/feature_api.h"
#include "features/library/library_api.h"

static const struct route routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/ready-programmes",
     .operation = "list_ready_programmes",
     .summary = "Programmes that are ready to be loaded",
     .permission = PERMISSION_PROGRAMME_READ,
     .scope = SCOPE_OWN,
     .query = &ready_query_shape,
     .kind = REPLY_PAGE,
     .reply = &ready_summary_shape,
     .handle = ready_list},
    {.method = HTTP_GET,
     .path = "/v1/ready-programmes/{name}",
     .operation = "get_ready_programme",
     .summary = "A ready programme: its document, parts, terms for members, and a worked receipt",
     .permission = PERMISSION_PROGRAMME_READ,
     .scope = SCOPE_OWN,
     .query = &ready_query_shape,
     .reply = &ready_programme_shape,
     .handle = ready_get},
    {.method = HTTP_POST,
     .path = "/v1/ready-programmes/{name}/publication",
     .operation = "publish_ready_programme",
     .summary = "Publish a ready programme with its parts",
     .permission = PERMISSION_PROGRAMME_PUBLISH,
     .scope = SCOPE_COMPANY,
     .body = &ready_publication_body_shape,
     .body_optional = true,
     .keeps_reply = true,
     .reply = &definition_import_shape,
     .handle = ready_publish},
};

extern const struct feature library_feature;
const struct feature library_feature = {
    .name = "library", .routes = routes, .route_count = sizeof routes / sizeof routes[0]};
