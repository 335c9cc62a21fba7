#include "features/redemption/redemption_feature.h"

#include "features/redemption/proof.h"
#include "features/redemption/proof_api.h"

static const struct route routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/members/{member}/codes",
     .operation = "issue_code",
     .summary = "A rotating or one-time code of a member, for whoever delivers it to them",
     .permission = PERMISSION_REDEMPTION_DELIVER,
     .scope = SCOPE_MEMBER,
     .body = &code_request_shape,
     .reply = &code_issued_shape,
     .status = 201,
     .handle = code_issue_handle},
    {.method = HTTP_PUT,
     .path = "/v1/members/{member}/pin",
     .operation = "set_pin",
     .summary = "Set the PIN of a member",
     .permission = PERMISSION_POINTS_REDEEM,
     .scope = SCOPE_MEMBER,
     .body = &pin_request_shape,
     .reply = &pin_set_shape,
     .handle = pin_put_handle,
     .finish = pin_put_finish},
};

static const struct command_type *const commands[] = {&set_pin_type};

const struct feature redemption_feature = {
    .name = "redemption",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .commands = commands,
    .command_count = sizeof commands / sizeof commands[0],
};
