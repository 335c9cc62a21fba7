/* segments_feature.h: how segments plug into the program. */
#ifndef PATRON_FEATURES_SEGMENTS_SEGMENTS_FEATURE_H
#define PATRON_FEATURES_SEGMENTS_SEGMENTS_FEATURE_H

#include "api/feature.h"

extern const struct feature segments_feature;

#endif
