/* member_events_feature.h: how events for members plug into the program. */
#ifndef PATRON_FEATURES_MEMBER_EVENTS_MEMBER_EVENTS_FEATURE_H
#define PATRON_FEATURES_MEMBER_EVENTS_MEMBER_EVENTS_FEATURE_H

#include "api/feature.h"

extern const struct feature member_events_feature;

#endif
