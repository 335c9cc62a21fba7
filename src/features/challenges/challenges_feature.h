/* challenges_feature.h: how challenges and badges plug in. */
#ifndef PATRON_FEATURES_CHALLENGES_CHALLENGES_FEATURE_H
#define PATRON_FEATURES_CHALLENGES_CHALLENGES_FEATURE_H

#include "api/feature.h"

extern const struct feature challenges_feature;

#endif
