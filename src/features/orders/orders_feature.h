/* orders_feature.h: orders, reservations and stays as a feature. */
#ifndef PATRON_FEATURES_ORDERS_ORDERS_FEATURE_H
#define PATRON_FEATURES_ORDERS_ORDERS_FEATURE_H

#include "api/feature.h"

extern const struct feature orders_feature;

#endif
