/* referrals_feature.h: how referrals plug in. */
#ifndef PATRON_FEATURES_REFERRALS_REFERRALS_FEATURE_H
#define PATRON_FEATURES_REFERRALS_REFERRALS_FEATURE_H

#include "api/feature.h"

extern const struct feature referrals_feature;

#endif
