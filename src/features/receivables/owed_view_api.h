/* owed_view_api.h: what is owed, and all double entries, as the routes and the command line show them. */
#ifndef PATRON_FEATURES_RECEIVABLES_OWED_VIEW_API_H
#define PATRON_FEATURES_RECEIVABLES_OWED_VIEW_API_H

#include "features/finance/view_api.h"
#include "features/receivables/owed.h"

/* Of all debtors, or of the one that view->entity names. The view sees the whole company. */
enum status owed_view_lines(struct finance_view *view, const struct finance_range *range, struct owed_lines *out,
                            struct error *err);

/* The entries of finance and, for whoever sees the whole company and asks for no points account, of what is owed. */
enum status owed_view_postings(struct finance_view *view, const struct finance_range *range,
                               struct finance_postings *out, struct error *err);

#endif
