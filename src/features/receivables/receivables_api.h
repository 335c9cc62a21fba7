/* receivables_api.h: the routes of what is owed, and of the journal of all entries. */
#ifndef PATRON_FEATURES_RECEIVABLES_RECEIVABLES_API_H
#define PATRON_FEATURES_RECEIVABLES_RECEIVABLES_API_H

#include "api/call.h"

extern const struct shape receivables_query_shape, receivable_shape;
enum status receivables_handle(struct call *call, struct item *item, struct error *err);
enum status receivables_journal_handle(struct call *call, struct item *item, struct error *err);

#endif
