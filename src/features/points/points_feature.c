#include "features/points/points_feature.h"

#include "api/page.h"
#include "features/points/points.h"
#include "features/points/points_api.h"

enum { BATCH_MAX = 1000 };

/* A route that moves points: POST, 201, an array or one. */
#define MOVE(PATH, OPERATION, SUMMARY, PERMISSION, INPUT, REPLY, HANDLE, FINISH)                                 \
    {                                                                                                            \
        .method = HTTP_POST, .path = PATH, .operation = OPERATION, .summary = SUMMARY, .permission = PERMISSION, \
        .scope = SCOPE_STORE, .body = &INPUT, .items_max = BATCH_MAX, .reply = &REPLY, .status = 201,            \
        .handle = HANDLE, .finish = FINISH                                                                       \
    }
/* One that continues something named in the path. */
#define CONTINUE(PATH, OPERATION, SUMMARY, INPUT, HANDLE, FINISH)                                            \
    {                                                                                                        \
        .method = HTTP_POST, .path = PATH, .operation = OPERATION, .summary = SUMMARY,                       \
        .permission = PERMISSION_POINTS_REDEEM, .scope = SCOPE_STORE, .body = &INPUT, .body_optional = true, \
        .reply = &points_moved_shape, .status = 201, .handle = HANDLE, .finish = FINISH                      \
    }
#define READ(PATH, OPERATION, SUMMARY, SCOPE, QUERY, KIND, REPLY, HANDLE)                                    \
    {                                                                                                        \
        .method = HTTP_GET, .path = PATH, .operation = OPERATION, .summary = SUMMARY,                        \
        .permission = PERMISSION_POINTS_READ, .scope = SCOPE, .query = QUERY, .kind = KIND, .reply = &REPLY, \
        .handle = HANDLE                                                                                     \
    }

static const struct route routes[] = {
    MOVE("/v1/redemptions", "redeem", "Spend points on a reward", PERMISSION_POINTS_REDEEM, redemption_input_shape,
         points_moved_shape, redeem_handle, redeem_finish),
    CONTINUE("/v1/redemptions/{redemption}/reversals", "reverse_redemption",
             "Undo a redemption or captured hold, whole or in part", undoing_input_shape, reverse_handle,
             reverse_finish),
    MOVE("/v1/holds", "hold", "Set points aside", PERMISSION_POINTS_REDEEM, hold_input_shape, hold_made_shape,
         hold_handle, hold_finish),
    READ("/v1/holds/{hold}", "get_hold", "One hold", SCOPE_MEMBER, NULL, REPLY_OBJECT, hold_shape, hold_get_handle),
    CONTINUE("/v1/holds/{hold}/capture", "capture_hold", "Spend held points; the rest is released",
             hold_end_input_shape, capture_handle, hold_end_finish),
    CONTINUE("/v1/holds/{hold}/release", "release_hold", "Release held points", hold_end_input_shape, release_handle,
             hold_end_finish),
    MOVE("/v1/adjustments", "adjust", "Give or take points by hand", PERMISSION_POINTS_ADJUST, adjustment_input_shape,
         points_moved_shape, adjust_handle, adjust_finish),
    MOVE("/v1/transfers", "transfer", "Move points from one person to another", PERMISSION_POINTS_ADJUST,
         transfer_input_shape, transfer_shape, transfer_handle, transfer_finish),
    READ("/v1/members/{member}/wallets", "list_balances", "What a person has in each account", SCOPE_MEMBER, NULL,
         REPLY_PAGE, balance_shape, balances_handle),
    READ("/v1/members/{member}/lots", "list_lots", "Open lots of a person, soonest expiry first", SCOPE_MEMBER,
         &page_query_shape, REPLY_PAGE, lot_shape, lots_handle),
    READ("/v1/members/{member}/statements/{month}", "get_statement", "What changed a balance in a month", SCOPE_MEMBER,
         &statement_query_shape, REPLY_OBJECT, statement_shape, statement_handle),
    READ("/v1/liability", "list_liability", "What the house owes in points", SCOPE_STORE, NULL, REPLY_PAGE,
         liability_shape, liability_handle),
    READ("/v1/ledger", "list_ledger", "Movements of points in the order of the journal", SCOPE_STORE,
         &ledger_query_shape, REPLY_PAGE, ledger_entry_shape, ledger_handle),
    {.method = HTTP_GET,
     .path = "/v1/heads",
     .operation = "get_heads",
     .summary = "The seals of now, to be kept outside",
     .permission = PERMISSION_POINTS_VERIFY,
     .scope = SCOPE_WHOLE,
     .kind = REPLY_OBJECT,
     .reply = &heads_shape,
     .handle = heads_handle},
    {.method = HTTP_POST,
     .path = "/v1/verify",
     .operation = "start_verify",
     .summary = "Start a job that recomputes the whole ledger",
     .permission = PERMISSION_POINTS_VERIFY,
     .scope = SCOPE_WHOLE,
     .reply = &job_started_shape,
     .status = 202,
     .handle = verify_handle},
};

static const struct command_type *const commands[] = {
    &redeem_command_type,          &hold_command_type,          &capture_command_type,
    &release_command_type,         &reverse_command_type,       &adjust_command_type,
    &transfer_command_type,        &redeem_proved_command_type, &hold_proved_command_type,
    &transfer_proved_command_type,
};

static const struct job_kind *const jobs[] = {&verify_job};

const struct feature points_feature = {
    .name = "points",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .commands = commands,
    .command_count = sizeof commands / sizeof commands[0],
    .jobs = jobs,
    .job_count = sizeof jobs / sizeof jobs[0],
};
