#include "features/earning/earning_feature.h"

#include "features/definitions/definitions_api.h"
#include "features/earning/earning_api.h"

static const struct route routes[] = {
    DEFINITION_ROUTES("earning-rules", "earning_rule", "an earning rule"),
    {.method = HTTP_POST,
     .path = "/v1/programme/preview",
     .operation = "preview_earning",
     .summary = "What a basket would earn, rule by rule, and why not",
     .permission = PERMISSION_PROGRAMME_READ,
     .scope = SCOPE_MEMBER,
     .body = &preview_input_shape,
     .reply = &preview_shape,
     .handle = preview_handle},
};

const struct feature earning_feature = {
    .name = "earning",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
};
