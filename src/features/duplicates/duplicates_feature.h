/* duplicates_feature.h: what the server does with the search for duplicates at night. */
#ifndef PATRON_FEATURES_DUPLICATES_DUPLICATES_FEATURE_H
#define PATRON_FEATURES_DUPLICATES_DUPLICATES_FEATURE_H

#include "api/feature.h"
#include "engine/engine.h"

extern const struct feature duplicates_feature;

/* Scans when that is switched on, the hour is one of the night and the last scan is old enough. */
enum status duplicates_nightly(struct engine *engine, int hour, struct error *err);

#endif
