/* tasks_feature.h: how tasks plug in. */
#ifndef PATRON_FEATURES_TASKS_TASKS_FEATURE_H
#define PATRON_FEATURES_TASKS_TASKS_FEATURE_H

#include "api/feature.h"

extern const struct feature tasks_feature;

#endif
