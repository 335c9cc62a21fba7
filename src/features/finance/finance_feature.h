/* finance_feature.h: how finance plugs in, and what it does each hour. */
#ifndef PATRON_FEATURES_FINANCE_FINANCE_FEATURE_H
#define PATRON_FEATURES_FINANCE_FINANCE_FEATURE_H

#include "api/feature.h"
#include "engine/engine.h"

extern const struct feature finance_feature;

/* Catches up with the journal, so that nobody waits for the work of many hours. */
enum status finance_upkeep(struct engine *engine, struct error *err);

#endif
