/* coupons_feature.h: how coupons plug into the program. */
#ifndef PATRON_FEATURES_COUPONS_COUPONS_FEATURE_H
#define PATRON_FEATURES_COUPONS_COUPONS_FEATURE_H

#include "api/feature.h"

extern const struct feature coupons_feature;

#endif
