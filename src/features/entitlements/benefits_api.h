/* benefits_api.h: the routes of a member's benefits and memberships. */
#ifndef PATRON_FEATURES_ENTITLEMENTS_BENEFITS_API_H
#define PATRON_FEATURES_ENTITLEMENTS_BENEFITS_API_H

#include "api/call.h"
#include "features/entitlements/entitled.h"

extern const struct shape member_benefit_shape, benefit_use_input_shape, benefit_used_shape, benefit_use_shape,
    benefit_reversal_input_shape, benefit_given_input_shape, benefit_given_shape;
enum status member_benefits_handle(struct call *call, struct item *item, struct error *err);
enum status benefit_uses_handle(struct call *call, struct item *item, struct error *err);
enum status benefit_use_handle(struct call *call, struct item *item, struct error *err);
void benefit_use_finish(struct item *item, struct json_writer *writer);
void benefit_use_explain(const struct item *item, struct json_writer *writer);
enum status benefit_reverse_handle(struct call *call, struct item *item, struct error *err);
void benefit_reverse_finish(struct item *item, struct json_writer *writer);
enum status benefit_give_handle(struct call *call, struct item *item, struct error *err);
void benefit_give_finish(struct item *item, struct json_writer *writer);

/* memberships_api.c */
extern const struct shape member_membership_shape, membership_purchase_shape, membership_payment_shape,
    membership_reason_shape, membership_changed_shape;
enum status member_memberships_handle(struct call *call, struct item *item, struct error *err);
enum status membership_buy_handle(struct call *call, struct item *item, struct error *err);
enum status membership_renew_handle(struct call *call, struct item *item, struct error *err);
enum status membership_cancel_handle(struct call *call, struct item *item, struct error *err);
enum status membership_refund_handle(struct call *call, struct item *item, struct error *err);
void membership_finish(struct item *item, struct json_writer *writer);

/* The person of the path with what `entitled` asks for, on a read session that is over. */
enum status entitled_of_path(struct call *call, struct person *person, struct entitled *entitled, struct error *err);

#endif
