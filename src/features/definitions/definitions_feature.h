/* definitions_feature.h: plugs in what all definitions share. */
#ifndef PATRON_FEATURES_DEFINITIONS_DEFINITIONS_FEATURE_H
#define PATRON_FEATURES_DEFINITIONS_DEFINITIONS_FEATURE_H

#include "api/feature.h"

extern const struct feature definitions_feature;

#endif
