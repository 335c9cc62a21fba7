/* gift_cards_api.h: the routes of gift cards. */
#ifndef PATRON_FEATURES_GIFT_CARDS_GIFT_CARDS_API_H
#define PATRON_FEATURES_GIFT_CARDS_GIFT_CARDS_API_H

#include "api/call.h"
#include "features/gift_cards/gift_cards_store.h"

extern const struct shape gift_top_up_shape;
enum status gift_top_up_handle(struct call *call, struct item *item, struct error *err);
extern const struct shape gift_sale_shape, gift_sold_shape, gift_pin_shape, gift_card_shape, gift_charge_shape,
    gift_refund_shape, gift_change_shape, gift_moved_shape, gift_owed_shape;
enum status gift_sell_handle(struct call *call, struct item *item, struct error *err);
void gift_sell_finish(struct item *item, struct json_writer *writer);
enum status gift_balance_handle(struct call *call, struct item *item, struct error *err);
enum status gift_activate_handle(struct call *call, struct item *item, struct error *err);
enum status gift_charge_handle(struct call *call, struct item *item, struct error *err);
enum status gift_refund_handle(struct call *call, struct item *item, struct error *err);
enum status gift_void_handle(struct call *call, struct item *item, struct error *err);
void gift_change_finish(struct item *item, struct json_writer *writer);
enum status gift_owed_handle(struct call *call, struct item *item, struct error *err);

#endif
