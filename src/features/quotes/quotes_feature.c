#include "features/quotes/quotes_feature.h"

#include "api/page.h"
#include "features/offers/quote.h"
#include "features/quotes/quote_view_api.h"
#include "features/quotes/quotes_api.h"
#include "features/quotes/simulate_api.h"

enum { BATCH_MAX = 100 };

static const struct route routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/quotes",
     .operation = "quote",
     .summary = "What a basket costs a member, and why; or up to 100",
     .permission = PERMISSION_EVENTS_WRITE,
     .scope = SCOPE_STORE,
     .body = &quote_input_shape,
     .items_max = BATCH_MAX,
     .reply = &quote_shape,
     .handle = quote_handle,
     .finish = quote_finish},
    {.method = HTTP_POST,
     .path = "/v1/simulations",
     .operation = "simulate_basket",
     .summary =
         "What a basket would cost and earn now, with every rule, offer and benefit that does not apply, and why",
     .permission = PERMISSION_PROGRAMME_READ,
     .scope = SCOPE_MEMBER,
     .body = &simulation_input_shape,
     .reply = &simulation_shape,
     .handle = simulate_handle},
    {.method = HTTP_GET,
     .path = "/v1/quotes",
     .operation = "list_open_quotes",
     .summary = "Quotes in a state, open ones unless it is named, and what they reserve; those that end first first",
     .permission = PERMISSION_EVENTS_READ,
     .scope = SCOPE_WHOLE,
     .query = &quote_listing_query_shape,
     .kind = REPLY_PAGE,
     .reply = &kept_quote_shape,
     .handle = quote_listing_handle},
    {.method = HTTP_GET,
     .path = "/v1/quotes/{quote}",
     .operation = "get_quote",
     .summary = "A quote that was kept",
     .permission = PERMISSION_EVENTS_READ,
     .scope = SCOPE_MEMBER,
     .reply = &kept_quote_shape,
     .handle = quote_get_handle},
    {.method = HTTP_DELETE,
     .path = "/v1/quotes/{quote}",
     .operation = "release_quote",
     .summary = "End a quote: what it reserves is free again",
     .permission = PERMISSION_EVENTS_WRITE,
     .scope = SCOPE_MEMBER,
     .reply = &quote_ended_shape,
     .handle = quote_delete_handle,
     .finish = quote_delete_finish},
    {.method = HTTP_GET,
     .path = "/v1/members/{member}/quotes",
     .operation = "list_quotes",
     .summary = "The quotes that a member was given, newest first",
     .permission = PERMISSION_EVENTS_READ,
     .scope = SCOPE_MEMBER,
     .query = &page_query_shape,
     .kind = REPLY_PAGE,
     .reply = &kept_quote_shape,
     .handle = quote_list_handle},
};

static const struct command_type quote_command = {.name = "quote"};
static const struct command_type *const commands[] = {&quote_command, &quote_end_type};

const struct feature quotes_feature = {.name = "quotes",
                                       .routes = routes,
                                       .route_count = sizeof routes / sizeof routes[0],
                                       .commands = commands,
                                       .command_count = sizeof commands / sizeof commands[0]};
