/* loyalty_store.h: brings the loyalty index of members to the ladders that ask for it. */
#ifndef PATRON_FEATURES_ENTITLEMENTS_LOYALTY_STORE_H
#define PATRON_FEATURES_ENTITLEMENTS_LOYALTY_STORE_H

#include "engine/engine.h"

/* Of every member whose index a ladder asks for, or who stands on one: nothing when no ladder does. `*count`: how many changed. */
enum status tiers_measure(struct engine *engine, int64_t *count, struct error *err);

#endif
