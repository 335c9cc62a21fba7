#include "features/reactions/reactions_feature.h"

#include "features/reactions/reactions_api.h"

static const struct route routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/reactions",
     .operation = "list_reactions",
     .summary = "How far each reaction to journal rows has come",
     .permission = PERMISSION_SYSTEM_READ,
     .scope = SCOPE_WHOLE,
     .kind = REPLY_PAGE,
     .reply = &reaction_shape,
     .handle = reaction_list_handle},
};

const struct feature reactions_feature = {
    .name = "reactions", .routes = routes, .route_count = sizeof routes / sizeof routes[0]};
