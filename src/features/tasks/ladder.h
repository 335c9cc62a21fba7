/* ladder.h: how a task changes hands, by somebody and by its ladder. Pure; for tasks.c, the store and the tests. */
#ifndef PATRON_FEATURES_TASKS_LADDER_H
#define PATRON_FEATURES_TASKS_LADDER_H

#include "features/tasks/tasks.h"

/* Codes with commas between. False when there are too many. */
bool task_outcomes_read(struct arena *arena, struct text codes, struct task_reason *out);

/* From `now` on it is `owner`'s, until the next step of the ladder. */
void task_give(struct arena *arena, struct task *task, const struct task_owner *owner, int64_t now);

/* The steps to come are given up: whoever has it now keeps it. */
void task_ladder_drop(struct task *task, int64_t now);

/* Puts the steps that the journal has not yet at their times after the due time; not before `now`. */
void task_ladder_plan(struct arena *arena, const struct programme_set *set, const struct task_reason *reason,
                      struct task *task, int64_t now);

#endif
