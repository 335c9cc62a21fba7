/* occasions_feature.h: how occasions plug in. */
#ifndef PATRON_FEATURES_OCCASIONS_OCCASIONS_FEATURE_H
#define PATRON_FEATURES_OCCASIONS_OCCASIONS_FEATURE_H

#include "api/feature.h"

extern const struct feature occasions_feature;

#endif
