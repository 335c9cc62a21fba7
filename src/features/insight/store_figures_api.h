/* store_figures_api.h: the route of the figures by store. */
#ifndef PATRON_FEATURES_INSIGHT_STORE_FIGURES_API_H
#define PATRON_FEATURES_INSIGHT_STORE_FIGURES_API_H

#include "api/call.h"

extern const struct shape store_figures_shape, store_figures_query_shape;
enum status store_figures_get(struct call *call, struct item *item, struct error *err);

#endif
