/* retention_feature.h: how retention plugs into the program. */
#ifndef PATRON_FEATURES_RETENTION_RETENTION_FEATURE_H
#define PATRON_FEATURES_RETENTION_RETENTION_FEATURE_H

#include "api/feature.h"
#include "engine/engine.h"

extern const struct feature retention_feature;

/* Once a day: what is older than the policy allows goes. */
enum status retention_upkeep(struct engine *engine, struct error *err);

#endif
