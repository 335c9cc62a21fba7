/* reactions_api.h: the route of reactions. */
#ifndef PATRON_FEATURES_REACTIONS_REACTIONS_API_H
#define PATRON_FEATURES_REACTIONS_REACTIONS_API_H

#include "api/call.h"

extern const struct shape reaction_shape;
enum status reaction_list_handle(struct call *call, struct item *item, struct error *err);

#endif
