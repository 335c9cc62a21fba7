/* facts_time.h: until when the facts of a member stay as they are, if nothing happens. Pure. */
#ifndef PATRON_FEATURES_CONDITIONS_FACTS_TIME_H
#define PATRON_FEATURES_CONDITIONS_FACTS_TIME_H

#include "features/conditions/facts.h"

/*
 * The first instant after `sources->now` at which a fact that the program reads may change by time alone; INSTANT_NEVER: none
 * does. What falls due in the standing (the end of a tier, of points) is not among them: the sweeper makes an event of it.
 */
int64_t facts_until(const struct fact_sources *sources, const struct rule_program *program);

/* Whether any program that reads these facts changes by time alone, beside within, days_since and windows. */
bool facts_timed(const struct rule_program *program);

#endif
