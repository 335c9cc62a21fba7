/* reactions_feature.h: how reactions plug in. */
#ifndef PATRON_FEATURES_REACTIONS_REACTIONS_FEATURE_H
#define PATRON_FEATURES_REACTIONS_REACTIONS_FEATURE_H

#include "api/feature.h"

extern const struct feature reactions_feature;

#endif
