/* events_feature.h: how events plug into the program. */
#ifndef PATRON_FEATURES_EVENTS_EVENTS_FEATURE_H
#define PATRON_FEATURES_EVENTS_EVENTS_FEATURE_H

#include "api/feature.h"
#include "engine/engine.h"

extern const struct feature events_feature;

/* Deletes the events that are kept for days and are over; the server calls it daily. */
enum status events_upkeep(struct engine *engine, struct error *err);

#endif
