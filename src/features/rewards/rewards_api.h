/* rewards_api.h: the routes of the catalogue and of orders. */
#ifndef PATRON_FEATURES_REWARDS_REWARDS_API_H
#define PATRON_FEATURES_REWARDS_REWARDS_API_H

#include "api/call.h"
#include "features/rewards/rewards_store.h"

/* catalogue_api.c */
extern const struct shape catalogue_query_shape, catalogue_item_shape;
enum status catalogue_handle(struct call *call, struct item *item, struct error *err);

/* orders_api.c */
extern const struct shape reward_order_input_shape, reward_order_change_shape, reward_order_query_shape,
    reward_order_shape;
enum status reward_order_handle(struct call *call, struct item *item, struct error *err);
void reward_order_finish(struct item *item, struct json_writer *writer);
void reward_order_explain(const struct item *item, struct json_writer *writer);
enum status reward_order_list_handle(struct call *call, struct item *item, struct error *err);
enum status reward_order_get_handle(struct call *call, struct item *item, struct error *err);
enum status reward_prepare_handle(struct call *call, struct item *item, struct error *err);
enum status reward_ship_handle(struct call *call, struct item *item, struct error *err);
enum status reward_hand_over_handle(struct call *call, struct item *item, struct error *err);
enum status reward_cancel_handle(struct call *call, struct item *item, struct error *err);
void reward_change_finish(struct item *item, struct json_writer *writer);

#endif
