/* quote_rules.h: what earning rules would give for a basket that is priced. Pure. */
#ifndef PATRON_FEATURES_QUOTES_QUOTE_RULES_H
#define PATRON_FEATURES_QUOTES_QUOTE_RULES_H

#include "features/offers/pricing.h"
#include "features/offers/quote.h"

/* For quote_request.earn_more: caps and budgets are left aside. */
enum status quote_rules_earn(const struct quote_earning *earning, struct quoted *quoted, struct error *err);

/* The parts of the person that the rules ask for. */
unsigned quote_rules_parts(const struct programme_set *programmes);

#endif
