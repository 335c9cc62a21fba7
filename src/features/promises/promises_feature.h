/* promises_feature.h: how promises plug into the program. */
#ifndef PATRON_FEATURES_PROMISES_PROMISES_FEATURE_H
#define PATRON_FEATURES_PROMISES_PROMISES_FEATURE_H

#include "api/feature.h"

extern const struct feature promises_feature;

#endif
