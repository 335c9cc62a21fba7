/* redemption_feature.h: plugs safe redemption in. */
#ifndef PATRON_FEATURES_REDEMPTION_REDEMPTION_FEATURE_H
#define PATRON_FEATURES_REDEMPTION_REDEMPTION_FEATURE_H

#include "api/feature.h"

extern const struct feature redemption_feature;

#endif
