/* approval_task_store.h: the task by which the second person is asked about an export. */
#ifndef PATRON_FEATURES_EXCHANGE_APPROVAL_TASK_STORE_H
#define PATRON_FEATURES_EXCHANGE_APPROVAL_TASK_STORE_H

#include "features/exchange/approval_store.h"
#include "features/tasks/tasks.h"

#define APPROVAL_TASK_REASON "approval" /* declared from the beginning; the house may change it, or do without */

/* Opens the task, keyed "export:job_...", and sets approval->task; 0 when the reason is not declared. */
enum status approval_task_open(struct engine *engine, struct arena *arena, struct approval *approval,
                               struct error *err);

/* What closes it: done with `outcome` where the reason knows that, otherwise dropped. */
void approval_task_end(const struct programme_set *set, const char *outcome, struct text by, struct change_task *body);

/* Whether the task is still to be done. */
enum status approval_task_waits(struct storage_session *session, struct arena *arena, int64_t task, bool *waits,
                                struct error *err);

/* Closes the tasks of what is decided or over; called by the server every minute. */
enum status approvals_follow(struct engine *engine, struct error *err);

#endif
