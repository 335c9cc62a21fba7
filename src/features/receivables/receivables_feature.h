/* receivables_feature.h: plugs what is owed in. */
#ifndef PATRON_FEATURES_RECEIVABLES_RECEIVABLES_FEATURE_H
#define PATRON_FEATURES_RECEIVABLES_RECEIVABLES_FEATURE_H

#include "api/feature.h"

extern const struct feature receivables_feature;

#endif
