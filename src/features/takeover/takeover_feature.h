/* takeover_feature.h: plugs in what is taken over from the system before. */
#ifndef PATRON_FEATURES_TAKEOVER_TAKEOVER_FEATURE_H
#define PATRON_FEATURES_TAKEOVER_TAKEOVER_FEATURE_H

#include "api/feature.h"

extern const struct feature takeover_feature;

#endif
