#include "features/rewards/rewards_feature.h"

#include "features/definitions/definitions_api.h"
#include "features/rewards/rewards_api.h"

/* A step of an order. */
#define STEP(word, name, about, handler)                                                                     \
    {                                                                                                        \
        .method = HTTP_POST, .path = "/v1/reward-orders/{order}/" word, .operation = name, .summary = about, \
        .permission = PERMISSION_POINTS_REDEEM, .scope = SCOPE_STORE, .body = &reward_order_change_shape,    \
        .body_optional = true, .reply = &reward_order_shape, .status = 201, .handle = handler,               \
        .finish = reward_change_finish,                                                                      \
    }

static const struct route routes[] = {
    DEFINITION_ROUTES("rewards", "reward", "a reward"),
    {.method = HTTP_GET,
     .path = "/v1/reward-catalogue",
     .operation = "list_reward_catalogue",
     .summary = "What members can have for points now, and what a member still needs",
     .permission = PERMISSION_POINTS_READ,
     .scope = SCOPE_OWN,
     .query = &catalogue_query_shape,
     .kind = REPLY_PAGE,
     .reply = &catalogue_item_shape,
     .handle = catalogue_handle},
    {.method = HTTP_POST,
     .path = "/v1/reward-orders",
     .operation = "order_reward",
     .summary = "Order a reward for points, or with a coupon",
     .permission = PERMISSION_POINTS_REDEEM,
     .scope = SCOPE_STORE,
     .body = &reward_order_input_shape,
     .reply = &reward_order_shape,
     .status = 201,
     .handle = reward_order_handle,
     .finish = reward_order_finish,
     .explain = reward_order_explain},
    {.method = HTTP_GET,
     .path = "/v1/reward-orders",
     .operation = "list_reward_orders",
     .summary = "Orders of rewards, newest first; of a member, a reward, a store",
     .permission = PERMISSION_POINTS_READ,
     .scope = SCOPE_STORE,
     .query = &reward_order_query_shape,
     .kind = REPLY_PAGE,
     .reply = &reward_order_shape,
     .handle = reward_order_list_handle},
    {.method = HTTP_GET,
     .path = "/v1/reward-orders/{order}",
     .operation = "get_reward_order",
     .summary = "An order of a reward",
     .permission = PERMISSION_POINTS_READ,
     .scope = SCOPE_STORE,
     .reply = &reward_order_shape,
     .handle = reward_order_get_handle},
    STEP("preparation", "prepare_reward_order", "Say that an order is ready to be collected", reward_prepare_handle),
    STEP("shipment", "ship_reward_order", "Say that an order was sent: its points are spent", reward_ship_handle),
    STEP("handover", "hand_over_reward_order", "Say that an order was handed over", reward_hand_over_handle),
    STEP("cancellation", "cancel_reward_order", "Cancel an order: points, stock and coupon come back",
         reward_cancel_handle),
};

static const struct command_type *const commands[] = {&order_reward_type, &change_reward_order_type};

const struct feature rewards_feature = {.name = "rewards",
                                        .routes = routes,
                                        .route_count = sizeof routes / sizeof routes[0],
                                        .commands = commands,
                                        .command_count = sizeof commands / sizeof commands[0]};
