/* contracts_feature.h: how contracts plug in. */
#ifndef PATRON_FEATURES_CONTRACTS_CONTRACTS_FEATURE_H
#define PATRON_FEATURES_CONTRACTS_CONTRACTS_FEATURE_H

#include "api/feature.h"

extern const struct feature contracts_feature;

#endif
