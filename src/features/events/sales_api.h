/* sales_api.h: sales and profit by day, store, category, item or brand. */
#ifndef PATRON_FEATURES_EVENTS_SALES_API_H
#define PATRON_FEATURES_EVENTS_SALES_API_H

#include "api/route.h"

extern const struct shape sales_query_shape, sales_shape;

enum status sales_get(struct call *call, struct item *item, struct error *err);

#endif
