/* facts_feature.h: how facts plug into the program. */
#ifndef PATRON_FEATURES_FACTS_FACTS_FEATURE_H
#define PATRON_FEATURES_FACTS_FACTS_FEATURE_H

#include "api/feature.h"

extern const struct feature facts_feature;

#endif
