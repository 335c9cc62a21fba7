/* redemption_feature.h: plugs safe redemption in. */
#ifndef PATRON_FEATURES_REDEMPTION_REDEMPTION_FEATURE_H
#define PATRON_FEATURES_REDEMPTION_REDEMPTION_FEATURE_H

#include "api/feature.h"
#include "engine/engine.h"

extern const struct feature redemption_feature;

/* What a closed case left waiting, should the server have stopped meanwhile; at night the search for unusual earning. */
enum status redemption_hourly(struct engine *engine, int hour, struct error *err);

#endif
