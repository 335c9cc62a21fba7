/* entitlements_feature.h: how entitlements plug in. */
#ifndef PATRON_FEATURES_ENTITLEMENTS_ENTITLEMENTS_FEATURE_H
#define PATRON_FEATURES_ENTITLEMENTS_ENTITLEMENTS_FEATURE_H

#include "api/feature.h"

extern const struct feature entitlements_feature;

#endif
