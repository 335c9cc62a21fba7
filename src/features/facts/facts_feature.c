#include "features/facts/facts_feature.h"

#include "features/facts/facts_api.h"

static const struct route routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/rules/facts",
     .operation = "list_facts",
     .summary = "What an expression may name of a member, and the functions it may call",
     .permission = PERMISSION_MEMBERS_READ,
     .scope = SCOPE_OWN,
     .reply = &facts_shape,
     .handle = facts_list},
    {.method = HTTP_POST,
     .path = "/v1/rules/check",
     .operation = "check_rule",
     .summary = "Whether an expression is right: its type, or what is wrong and where",
     .permission = PERMISSION_MEMBERS_READ,
     .scope = SCOPE_OWN,
     .body = &rule_check_body_shape,
     .reply = &rule_check_shape,
     .handle = rule_check_post},
    {.method = HTTP_POST,
     .path = "/v1/rules/evaluate",
     .operation = "evaluate_rule",
     .summary = "The value of an expression for one member, the facts behind it, and until when it holds",
     .permission = PERMISSION_MEMBERS_READ,
     .scope = SCOPE_MEMBER,
     .body = &rule_evaluate_body_shape,
     .reply = &rule_evaluation_shape,
     .handle = rule_evaluate_post},
};

const struct feature facts_feature = {
    .name = "facts", .routes = routes, .route_count = sizeof routes / sizeof routes[0]};
