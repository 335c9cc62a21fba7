/* offers_feature.h: how offers plug in. */
#ifndef PATRON_FEATURES_OFFERS_OFFERS_FEATURE_H
#define PATRON_FEATURES_OFFERS_OFFERS_FEATURE_H

#include "api/feature.h"

extern const struct feature offers_feature;

#endif
