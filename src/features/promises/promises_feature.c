#include "features/promises/promises_feature.h"

#include "features/promises/missed.h"
#include "features/promises/promises_api.h"

static const struct route routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/missed-benefits",
     .operation = "list_missed_benefits",
     .summary =
         "Benefits that were due with purchases and not given, newest day first; of a store, a member, a state, days",
     .permission = PERMISSION_EVENTS_READ,
     .scope = SCOPE_STORE,
     .query = &missed_query_shape,
     .kind = REPLY_PAGE,
     .reply = &missed_shape,
     .handle = missed_list_handle},
    {.method = HTTP_GET,
     .path = "/v1/missed-benefits/{missed}",
     .operation = "get_missed_benefit",
     .summary = "A benefit that was due and not given",
     .permission = PERMISSION_EVENTS_READ,
     .scope = SCOPE_STORE,
     .reply = &missed_shape,
     .handle = missed_get_handle},
    {.method = HTTP_POST,
     .path = "/v1/missed-benefits/{missed}/decision",
     .operation = "decide_missed_benefit",
     .summary = "Make a missed benefit good, or refuse it",
     .permission = PERMISSION_POINTS_APPROVE,
     .scope = SCOPE_STORE,
     .body = &missed_decision_shape,
     .reply = &missed_shape,
     .handle = missed_decide_handle,
     .finish = missed_decide_finish},
};

static const struct command_type *const commands[] = {&check_benefits_type, &follow_missed_type, &decide_missed_type};

const struct feature promises_feature = {.name = "promises",
                                         .routes = routes,
                                         .route_count = sizeof routes / sizeof routes[0],
                                         .commands = commands,
                                         .command_count = sizeof commands / sizeof commands[0]};
