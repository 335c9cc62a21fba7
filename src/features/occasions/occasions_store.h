/* occasions_store.h: the reaction that gives for joining and for friends, and what is due of the days of a year. */
#ifndef PATRON_FEATURES_OCCASIONS_OCCASIONS_STORE_H
#define PATRON_FEATURES_OCCASIONS_OCCASIONS_STORE_H

#include "features/occasions/occasion.h"
#include "features/reactions/reactions_store.h"

extern const struct reaction occasions_reaction;

/*
 * Gives what is due of birthdays and anniversaries today, or was within OCCASION_LATE_DAYS and nobody gave; nothing when `*day` (a
 * programme day, DAY_NONE before the first call) is today, which it becomes. `*given` occasions gave something.
 */
enum status occasions_give(struct engine *engine, int32_t *day, int64_t *given, struct error *err);

#endif
