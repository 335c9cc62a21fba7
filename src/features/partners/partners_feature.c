#include "features/partners/partners_feature.h"

#include "features/definitions/definitions_api.h"
#include "features/partners/partners_api.h"

/* What a till of a partner sends. */
#define TILL(where, name, about, shape, what, more)                                                                  \
    {                                                                                                                \
        .method = HTTP_POST, .path = where, .operation = name, .summary = about,                                     \
        .permission = PERMISSION_PARTNERS_TILL, .scope = SCOPE_STORE, .body = &shape, .reply = &partner_reply_shape, \
        .status = 201, .handle = what##_handle, .finish = what##_finish, more                                        \
    }

static const struct route routes[] = {
    DEFINITION_ROUTES("partners", "partner", "a partner"),
    TILL("/v1/partner-purchases", "record_partner_purchase", "Record what was bought at a partner: it earns points",
         partner_purchase_shape, partner_purchase, .items_max = ROUTE_ITEMS_MAX),
    TILL("/v1/partner-returns", "return_partner_purchase",
         "Take goods of a partner's receipt back, and what they earned", partner_return_shape, partner_return,
         .again = "partner.changed"),
    TILL("/v1/partner-redemptions", "redeem_at_partner", "Pay at a partner with points", partner_redemption_shape,
         partner_redemption, .items_max = 0),
    TILL("/v1/partner-redemption-voids", "void_partner_redemption",
         "Give points back that paid at a partner, to the lots that they came from", partner_void_shape, partner_void,
         .items_max = 0),
    {.method = HTTP_POST,
     .path = "/v1/partner-claims",
     .operation = "claim_partner_receipt",
     .summary = "Give a member the points of a partner's receipt that had no member",
     .permission = PERMISSION_EVENTS_WRITE,
     .scope = SCOPE_MEMBER,
     .body = &partner_claim_shape,
     .reply = &partner_reply_shape,
     .status = 201,
     .handle = partner_claim_handle,
     .finish = partner_claim_finish},
    {.method = HTTP_GET,
     .path = "/v1/partner-statements",
     .operation = "list_partner_statements",
     .summary = "What partners and the programme owe each other, by month",
     .permission = PERMISSION_PARTNERS_STATEMENT,
     .scope = SCOPE_STORE,
     .query = &partner_statement_query_shape,
     .kind = REPLY_PAGE,
     .reply = &partner_statement_shape,
     .handle = partner_statement_handle},
    {.method = HTTP_POST,
     .path = "/v1/partner-payments",
     .operation = "record_partner_payment",
     .summary = "Say that the statement of a closed month was paid, in part or whole",
     .permission = PERMISSION_FINANCE_CLOSE,
     .scope = SCOPE_WHOLE,
     .body = &partner_payment_shape,
     .reply = &partner_payment_reply_shape,
     .status = 201,
     .handle = partner_payment_handle,
     .finish = partner_payment_finish},
    {.method = HTTP_GET,
     .path = "/v1/partner-statements/file",
     .operation = "get_partner_statements_file",
     .summary = "The same as CSV or XLSX",
     .permission = PERMISSION_PARTNERS_STATEMENT,
     .scope = SCOPE_STORE,
     .query = &partner_statement_file_shape,
     .kind = REPLY_FILE,
     .handle = partner_statement_file_handle},
    {.method = HTTP_GET,
     .path = "/v1/partner-transactions",
     .operation = "get_partner_transactions",
     .summary = "What a partner's statement of a month is made of, receipt by receipt, as CSV, XLSX or JSON Lines",
     .permission = PERMISSION_PARTNERS_STATEMENT,
     .scope = SCOPE_STORE,
     .query = &partner_transactions_shape,
     .kind = REPLY_FILE,
     .handle = partner_transactions_handle},
};

static const struct command_type *const commands[] = {&partner_purchase_type,        &partner_claim_type,
                                                      &partner_return_type,          &partner_redemption_type,
                                                      &partner_redemption_void_type, &partner_payment_type};

const struct feature partners_feature = {.name = "partners",
                                         .routes = routes,
                                         .route_count = sizeof routes / sizeof routes[0],
                                         .commands = commands,
                                         .command_count = sizeof commands / sizeof commands[0]};
