/* rewards_feature.h: how rewards plug into the program. */
#ifndef PATRON_FEATURES_REWARDS_REWARDS_FEATURE_H
#define PATRON_FEATURES_REWARDS_REWARDS_FEATURE_H

#include "api/feature.h"

extern const struct feature rewards_feature;

#endif
