/* exchange_feature.h: import and export, plugged in. */
#ifndef PATRON_FEATURES_EXCHANGE_EXCHANGE_FEATURE_H
#define PATRON_FEATURES_EXCHANGE_EXCHANGE_FEATURE_H

#include "api/feature.h"

extern const struct feature exchange_feature;

#endif
