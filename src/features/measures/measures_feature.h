/* measures_feature.h: how the dictionary of figures plugs into the program. */
#ifndef PATRON_FEATURES_MEASURES_MEASURES_FEATURE_H
#define PATRON_FEATURES_MEASURES_MEASURES_FEATURE_H

#include "api/feature.h"

extern const struct feature measures_feature;

#endif
