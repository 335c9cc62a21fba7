/* organisations_feature.h: how organisations plug in. */
#ifndef PATRON_FEATURES_ORGANISATIONS_ORGANISATIONS_FEATURE_H
#define PATRON_FEATURES_ORGANISATIONS_ORGANISATIONS_FEATURE_H

#include "api/feature.h"

extern const struct feature organisations_feature;

#endif
