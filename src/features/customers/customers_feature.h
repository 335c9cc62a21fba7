/* customers_feature.h: the customers capability, as the server plugs it in. */
#ifndef PATRON_FEATURES_CUSTOMERS_CUSTOMERS_FEATURE_H
#define PATRON_FEATURES_CUSTOMERS_CUSTOMERS_FEATURE_H

#include "api/feature.h"

extern const struct feature customers_feature;

#endif
