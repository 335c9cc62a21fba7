#include "features/receivables/receivables_feature.h"

#include "features/finance/finance_api.h"
#include "features/receivables/receivables_api.h"

static const struct route routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/finance/receivables",
     .operation = "list_finance_receivables",
     .summary = "What partners and contracts owe by month: opening, what became due, what was paid, closing",
     .permission = PERMISSION_FINANCE_READ,
     .scope = SCOPE_WHOLE,
     .query = &receivables_query_shape,
     .kind = REPLY_PAGE,
     .reply = &receivable_shape,
     .handle = receivables_handle},
    {.method = HTTP_GET,
     .path = "/v1/finance/journal",
     .operation = "get_finance_journal",
     .summary = "The double entries of months for the accounts, as CSV or XLSX",
     .permission = PERMISSION_FINANCE_READ,
     .scope = SCOPE_STORE,
     .query = &finance_file_query_shape,
     .kind = REPLY_FILE,
     .handle = receivables_journal_handle},
};

const struct feature receivables_feature = {
    .name = "receivables", .routes = routes, .route_count = sizeof routes / sizeof routes[0]};
