/* stored_value_feature.h: how stored value plugs into the program. */
#ifndef PATRON_FEATURES_STORED_VALUE_STORED_VALUE_FEATURE_H
#define PATRON_FEATURES_STORED_VALUE_STORED_VALUE_FEATURE_H

#include "api/feature.h"

extern const struct feature stored_value_feature;

#endif
