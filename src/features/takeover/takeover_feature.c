#include "features/takeover/takeover_feature.h"

#include "features/takeover/answer.h"
#include "features/takeover/balances.h"
#include "features/takeover/coupon.h"
#include "features/takeover/taken_consent.h"
#include "features/takeover/taken_tier.h"
#include "features/takeover/takeover_api.h"

static const struct route routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/migrations",
     .operation = "list_migrations",
     .summary = "The files of every migration, as they were last read",
     .permission = PERMISSION_POINTS_READ,
     .scope = SCOPE_WHOLE,
     .kind = REPLY_PAGE,
     .reply = &migration_file_shape,
     .handle = migrations_handle},
    {.method = HTTP_PUT,
     .path = "/v1/migrations/{migration}/theirs",
     .operation = "put_control_sheet",
     .summary = "Say what the system before has: members, points, liability, by store and by month of expiry",
     .permission = PERMISSION_EXCHANGE_IMPORT,
     .scope = SCOPE_WHOLE,
     .body = &sheet_input_shape,
     .kind = REPLY_OBJECT,
     .reply = &sheet_kept_shape,
     .handle = sheet_put_handle},
    {.method = HTTP_GET,
     .path = "/v1/migrations/{migration}/control",
     .operation = "get_control_sheet",
     .summary = "The control sheet: theirs, ours, difference; all zero before go-live",
     .permission = PERMISSION_POINTS_READ,
     .scope = SCOPE_WHOLE,
     .kind = REPLY_OBJECT,
     .reply = &control_shape,
     .handle = control_handle},
    {.method = HTTP_GET,
     .path = "/v1/coupons/{code}",
     .operation = "get_coupon",
     .summary = "A coupon that was taken over, by its code",
     .permission = PERMISSION_POINTS_READ,
     .scope = SCOPE_OWN,
     .kind = REPLY_OBJECT,
     .reply = &coupon_shape,
     .handle = coupon_get_handle},
    {.method = HTTP_POST,
     .path = "/v1/coupons/{code}/uses",
     .operation = "use_coupon",
     .summary = "Use a coupon, once",
     .permission = PERMISSION_POINTS_REDEEM,
     .scope = SCOPE_STORE,
     .body = &coupon_use_input_shape,
     .body_optional = true,
     .kind = REPLY_OBJECT,
     .reply = &coupon_used_shape,
     .status = 201,
     .handle = coupon_use_handle,
     .finish = coupon_use_finish},
};

static const struct command_type *const commands[] = {&take_balances_type,  &take_debts_type,   &take_tier_type,
                                                      &take_only_tier_type, &take_consent_type, &take_answer_type,
                                                      &take_coupon_type,    &use_coupon_type};

const struct feature takeover_feature = {
    .name = "takeover",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .commands = commands,
    .command_count = sizeof commands / sizeof commands[0],
};
