#include "features/contracts/contracts_feature.h"

#include "features/contracts/contracts_api.h"

/* A change of a contract. */
#define CHANGE(word, name, about, input, handler)                                                                 \
    {                                                                                                             \
        .method = HTTP_POST, .path = "/v1/contracts/{contract}/" word, .operation = name, .summary = about,       \
        .permission = PERMISSION_CONTRACTS_WRITE, .scope = SCOPE_WHOLE, .body = &input, .reply = &contract_shape, \
        .handle = handler, .finish = contract_change_finish                                                       \
    }

static const struct route routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/contracts",
     .operation = "agree_contract",
     .summary = "Agree a contract with a person or an organisation",
     .permission = PERMISSION_CONTRACTS_WRITE,
     .scope = SCOPE_WHOLE,
     .body = &contract_input_shape,
     .reply = &contract_shape,
     .status = 201,
     .handle = contract_agree_handle,
     .finish = contract_agree_finish},
    {.method = HTTP_GET,
     .path = "/v1/contracts",
     .operation = "list_contracts",
     .summary = "Contracts, the next end first; by state, member or organisation, ending before a day",
     .permission = PERMISSION_MEMBERS_READ,
     .scope = SCOPE_WHOLE,
     .query = &contract_query_shape,
     .kind = REPLY_PAGE,
     .reply = &contract_shape,
     .handle = contract_list_handle},
    {.method = HTTP_GET,
     .path = "/v1/contracts/{contract}",
     .operation = "get_contract",
     .summary = "A contract by id or code: terms, periods, progress, what is to collect",
     .permission = PERMISSION_MEMBERS_READ,
     .scope = SCOPE_WHOLE,
     .reply = &contract_shape,
     .handle = contract_get_handle},
    {.method = HTTP_GET,
     .path = "/v1/contracts/{contract}/history",
     .operation = "list_contract_history",
     .summary = "What was agreed, changed, closed and settled of a contract, the oldest first",
     .permission = PERMISSION_MEMBERS_READ,
     .scope = SCOPE_WHOLE,
     .kind = REPLY_PAGE,
     .reply = &contract_change_shape,
     .handle = contract_history_handle},
    {.method = HTTP_PATCH,
     .path = "/v1/contracts/{contract}",
     .operation = "amend_contract",
     .summary = "Change name, contacts, reminder or automatic renewal of a contract",
     .permission = PERMISSION_CONTRACTS_WRITE,
     .scope = SCOPE_WHOLE,
     .body = &contract_amendment_shape,
     .reply = &contract_shape,
     .handle = contract_amend_handle,
     .finish = contract_change_finish},
    {.method = HTTP_GET,
     .path = "/v1/contract-dues",
     .operation = "list_contract_dues",
     .summary = "What is to be collected or paid back for shortfalls of contracts, the oldest first",
     .permission = PERMISSION_MEMBERS_READ,
     .scope = SCOPE_WHOLE,
     .query = &contract_due_query_shape,
     .kind = REPLY_PAGE,
     .reply = &contract_open_due_shape,
     .handle = contract_due_list_handle},
    CHANGE("terms", "change_contract_terms", "Change the terms of a contract from a day on", contract_terms_input_shape,
           contract_terms_handle),
    CHANGE("renewal", "renew_contract", "Renew a contract for another period, from its end on", contract_renewal_shape,
           contract_renew_handle),
    CHANGE("termination", "end_contract", "End a contract by notice, or on a day", contract_termination_shape,
           contract_end_handle),
    CHANGE("dues/{due}/collection", "collect_contract_due", "Say that what was due for a shortfall is settled",
           contract_collection_shape, contract_collect_handle),
    CHANGE("dues/{due}/waiver", "waive_contract_due", "Give up what was due for a shortfall", contract_waiver_shape,
           contract_waive_handle),
};

static const struct command_type *const commands[] = {&agree_contract_type, &change_contract_type,
                                                      &count_contract_type};

const struct feature contracts_feature = {.name = "contracts",
                                          .routes = routes,
                                          .route_count = sizeof routes / sizeof routes[0],
                                          .commands = commands,
                                          .command_count = sizeof commands / sizeof commands[0]};
