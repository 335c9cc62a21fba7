/* earning_feature.h: how earning rules plug in. */
#ifndef PATRON_FEATURES_EARNING_EARNING_FEATURE_H
#define PATRON_FEATURES_EARNING_EARNING_FEATURE_H

#include "api/feature.h"

extern const struct feature earning_feature;

#endif
