/* programme_feature.h: plugs the programme in. */
#ifndef PATRON_FEATURES_PROGRAMME_PROGRAMME_FEATURE_H
#define PATRON_FEATURES_PROGRAMME_PROGRAMME_FEATURE_H

#include "api/feature.h"

extern const struct feature programme_feature;

#endif
