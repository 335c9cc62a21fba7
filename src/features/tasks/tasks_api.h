/* tasks_api.h: the routes of tasks and of their reasons. */
#ifndef PATRON_FEATURES_TASKS_TASKS_API_H
#define PATRON_FEATURES_TASKS_TASKS_API_H

#include "api/call.h"
#include "features/tasks/tasks.h"

extern const struct shape task_input_shape, task_change_shape, task_owner_shape, task_close_shape, task_query_shape,
    task_counts_query_shape, task_shape, task_counts_shape;

/* What was read by task_owner_shape (NULL: nobody named). STATUS_INVALID `task.role`, `task.person`. */
enum status task_owner_read(struct call *call, const void *given, struct task_owner *out, struct error *err);

enum status task_open_handle(struct call *call, struct item *item, struct error *err);
void task_open_finish(struct item *item, struct json_writer *writer);
enum status task_list_handle(struct call *call, struct item *item, struct error *err);
enum status task_get_handle(struct call *call, struct item *item, struct error *err);
enum status task_proof_handle(struct call *call, struct item *item, struct error *err);
enum status task_counts_handle(struct call *call, struct item *item, struct error *err);
enum status task_take_handle(struct call *call, struct item *item, struct error *err);
enum status task_assign_handle(struct call *call, struct item *item, struct error *err);
enum status task_change_handle(struct call *call, struct item *item, struct error *err);
enum status task_done_handle(struct call *call, struct item *item, struct error *err);
enum status task_drop_handle(struct call *call, struct item *item, struct error *err);
void task_change_finish(struct item *item, struct json_writer *writer);

/* reasons_api.c */
extern const struct shape task_reason_input_shape, task_reason_shape;
enum status task_reason_list_handle(struct call *call, struct item *item, struct error *err);
enum status task_reason_get_handle(struct call *call, struct item *item, struct error *err);
enum status task_reason_put_handle(struct call *call, struct item *item, struct error *err);
enum status task_reason_delete_handle(struct call *call, struct item *item, struct error *err);

/* tasks_view_api.c: between the files. */
/* The members of a task as it is at `at`. */
void task_write(struct json_writer *writer, const struct task *task, int64_t at);
/* The name by which the caller has tasks: of a user its own. */
struct text task_caller(const struct call *call);
/* Whether the caller sees the task: it is of a store of its part, somebody there has it, or the caller does. */
bool task_seen(const struct call *call, const struct task *task);
/* The task of the path, when the caller sees it. STATUS_MISSING `task.unknown`, STATUS_FORBIDDEN `auth.scope`. */
enum status task_of_path(struct call *call, struct task *task, struct error *err);

#endif
