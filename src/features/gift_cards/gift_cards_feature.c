#include "features/gift_cards/gift_cards_feature.h"

#include "features/gift_cards/gift_cards_api.h"

#define CARD(word, name, about, allowed, input, handler)                                                      \
    {                                                                                                         \
        .method = HTTP_POST, .path = "/v1/gift-cards/{card}/" word, .operation = name, .summary = about,      \
        .permission = PERMISSION_##allowed, .scope = SCOPE_STORE, .body = &input, .reply = &gift_moved_shape, \
        .status = 201, .handle = handler, .finish = gift_change_finish,                                       \
    }

static const struct route routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/gift-cards",
     .operation = "sell_gift_card",
     .summary = "Sell a gift card, or give one: its code and, once, its PIN",
     .permission = PERMISSION_STORED_VALUE_TOP_UP,
     .scope = SCOPE_STORE,
     .body = &gift_sale_shape,
     .reply = &gift_sold_shape,
     .status = 201,
     .handle = gift_sell_handle,
     .finish = gift_sell_finish},
    {.method = HTTP_POST,
     .path = "/v1/gift-cards/{card}/balance",
     .operation = "get_gift_card",
     .summary = "What a gift card has, by code and PIN",
     .permission = PERMISSION_POINTS_READ,
     .scope = SCOPE_OWN,
     .body = &gift_pin_shape,
     .reply = &gift_card_shape,
     .handle = gift_balance_handle},
    CARD("activation", "activate_gift_card", "Activate a gift card that was sold inactive", STORED_VALUE_TOP_UP,
         gift_change_shape, gift_activate_handle),
    CARD("top-ups", "top_up_gift_card", "Pay money in on a gift card", STORED_VALUE_TOP_UP, gift_top_up_shape,
         gift_top_up_handle),
    CARD("charges", "charge_gift_card", "Pay with a gift card, in part or whole", POINTS_REDEEM, gift_charge_shape,
         gift_charge_handle),
    CARD("refunds", "refund_gift_card", "Give a charge back to the card, in part or whole", POINTS_REDEEM,
         gift_refund_shape, gift_refund_handle),
    CARD("void", "void_gift_card", "Make a gift card void", STORED_VALUE_REFUND, gift_change_shape, gift_void_handle),
    {.method = HTTP_GET,
     .path = "/v1/gift-card-liability",
     .operation = "list_gift_card_liability",
     .summary = "What is owed on gift cards, by the store that sold",
     .permission = PERMISSION_FINANCE_READ,
     .scope = SCOPE_STORE,
     .kind = REPLY_PAGE,
     .reply = &gift_owed_shape,
     .handle = gift_owed_handle},
};

static const struct command_type *const commands[] = {&sell_gift_card_type, &change_gift_card_type,
                                                      &refund_gift_card_type, &top_up_gift_card_type};

const struct feature gift_cards_feature = {.name = "gift_cards",
                                           .routes = routes,
                                           .route_count = sizeof routes / sizeof routes[0],
                                           .commands = commands,
                                           .command_count = sizeof commands / sizeof commands[0]};
