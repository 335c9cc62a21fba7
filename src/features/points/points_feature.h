/* points_feature.h: plugs points in. */
#ifndef PATRON_FEATURES_POINTS_POINTS_FEATURE_H
#define PATRON_FEATURES_POINTS_POINTS_FEATURE_H

#include "api/feature.h"

extern const struct feature points_feature;

#endif
