/* insight_feature.h: how insight plugs into the program. */
#ifndef PATRON_FEATURES_INSIGHT_INSIGHT_FEATURE_H
#define PATRON_FEATURES_INSIGHT_INSIGHT_FEATURE_H

#include "api/feature.h"
#include "engine/engine.h"

extern const struct feature insight_feature;

/* Computes the usual interval of the base anew; the server calls it nightly. */
enum status insight_upkeep(struct engine *engine, struct error *err);

/*
 * Scores all members anew, unless that was done lately. A row of each member is written: a large base waits for the
 * night, when few others write, for up to three days. `hour` is that of the day in the zone of the programme; the server
 * calls it hourly.
 */
enum status insight_rescore(struct engine *engine, int hour, struct error *err);

/* Finds the segments of members again when their plan says so; as above, but a large base waits for the night. */
enum status insight_segments(struct engine *engine, int hour, struct error *err);

#endif
