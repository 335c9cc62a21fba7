/* feeds_feature.h: what is advertised, and the proof of it. */
#ifndef PATRON_FEATURES_FEEDS_FEEDS_FEATURE_H
#define PATRON_FEATURES_FEEDS_FEEDS_FEATURE_H

#include "api/feature.h"

extern const struct feature feeds_feature;

#endif
