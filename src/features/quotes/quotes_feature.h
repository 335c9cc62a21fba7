/* quotes_feature.h: how quotes plug in. */
#ifndef PATRON_FEATURES_QUOTES_QUOTES_FEATURE_H
#define PATRON_FEATURES_QUOTES_QUOTES_FEATURE_H

#include "api/feature.h"

extern const struct feature quotes_feature;

#endif
