/* referrals_api.h: the routes of referrals. */
#ifndef PATRON_FEATURES_REFERRALS_REFERRALS_API_H
#define PATRON_FEATURES_REFERRALS_REFERRALS_API_H

#include "api/call.h"

extern const struct shape referral_code_input_shape, referral_code_shape, referral_offer_shape, referral_input_shape,
    referral_shape, referral_query_shape, referral_decision_shape;

enum status referral_code_make_handle(struct call *call, struct item *item, struct error *err);
void referral_code_make_finish(struct item *item, struct json_writer *writer);
enum status referral_code_list_handle(struct call *call, struct item *item, struct error *err);
enum status referral_offer_handle(struct call *call, struct item *item, struct error *err);
enum status referral_join_handle(struct call *call, struct item *item, struct error *err);
void referral_join_finish(struct item *item, struct json_writer *writer);
enum status referral_list_handle(struct call *call, struct item *item, struct error *err);
enum status referral_held_handle(struct call *call, struct item *item, struct error *err);
enum status referral_decide_handle(struct call *call, struct item *item, struct error *err);
void referral_decide_finish(struct item *item, struct json_writer *writer);

#endif
