#include "features/measures/measures_feature.h"

#include "features/measures/measures_api.h"

static const struct route routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/measures",
     .operation = "list_measures",
     .summary = "What each figure is: formula, unit, period, returns, filters, where it is shown",
     .permission = PERMISSION_SIGNED_IN,
     .scope = SCOPE_OWN,
     .kind = REPLY_PAGE,
     .reply = &measure_shape,
     .handle = measures_list_handle},
    {.method = HTTP_GET,
     .path = "/v1/measures/{measure}",
     .operation = "get_measure",
     .summary = "What one figure is",
     .permission = PERMISSION_SIGNED_IN,
     .scope = SCOPE_OWN,
     .reply = &measure_shape,
     .handle = measure_get_handle},
    {.method = HTTP_GET,
     .path = "/v1/measure-rules",
     .operation = "get_measure_rules",
     .summary = "The values that definitions rest on: who is active, at risk, lapsed, new",
     .permission = PERMISSION_SIGNED_IN,
     .scope = SCOPE_COMPANY,
     .reply = &measure_rules_shape,
     .handle = measure_rules_get_handle},
    {.method = HTTP_PUT,
     .path = "/v1/measure-rules",
     .operation = "put_measure_rules",
     .summary = "Set the values that definitions rest on",
     .permission = PERMISSION_MEASURES_WRITE,
     .scope = SCOPE_COMPANY,
     .body = &measure_rules_input_shape,
     .keeps_reply = true,
     .reply = &measure_rules_shape,
     .handle = measure_rules_put_handle},
};

const struct feature measures_feature = {
    .name = "measures", .routes = routes, .route_count = sizeof routes / sizeof routes[0]};
