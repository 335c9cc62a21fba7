/* partners_feature.h: plugs partners in. */
#ifndef PATRON_FEATURES_PARTNERS_PARTNERS_FEATURE_H
#define PATRON_FEATURES_PARTNERS_PARTNERS_FEATURE_H

#include "api/feature.h"

extern const struct feature partners_feature;

#endif
