/* takeover_api.h: the routes of migrations and of coupons taken over. */
#ifndef PATRON_FEATURES_TAKEOVER_TAKEOVER_API_H
#define PATRON_FEATURES_TAKEOVER_TAKEOVER_API_H

#include "api/call.h"

extern const struct shape migration_file_shape, sheet_input_shape, sheet_kept_shape, control_shape;
enum status migrations_handle(struct call *call, struct item *item, struct error *err);
enum status sheet_put_handle(struct call *call, struct item *item, struct error *err);
enum status control_handle(struct call *call, struct item *item, struct error *err);

extern const struct shape coupon_shape, coupon_use_input_shape, coupon_used_shape;
enum status coupon_get_handle(struct call *call, struct item *item, struct error *err);
enum status coupon_use_handle(struct call *call, struct item *item, struct error *err);
void coupon_use_finish(struct item *item, struct json_writer *writer);

#endif
