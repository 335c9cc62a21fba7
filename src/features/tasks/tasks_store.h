/* tasks_store.h: tasks and reasons in the database. */
#ifndef PATRON_FEATURES_TASKS_TASKS_STORE_H
#define PATRON_FEATURES_TASKS_TASKS_STORE_H

#include "engine/engine.h"
#include "features/tasks/tasks.h"

/* With all who had it. STATUS_MISSING `task.unknown`. */
enum status task_read(struct storage_session *session, struct arena *arena, int64_t id, struct task *out,
                      struct error *err);

/* Tasks by (due time, bucket, id), each with the holder of now alone. */
struct task_page {
    int state_from, state_end; /* 0 .. 4 */
    int64_t due_until;         /* INSTANT_NEVER: any */
    struct text store;         /* its place, or that of who has it; empty texts: any */
    struct text person, role, reason;
    const int64_t *members; /* of these alone: one person; NULL: of all and of nobody */
    size_t member_count;
    int64_t now;
    bool given; /* after: the last one before */
    int64_t after_due, after_id;
    size_t limit;
};
enum status task_page_read(struct storage_session *session, struct arena *arena, const struct task_page *page,
                           struct task **out, size_t *count, struct error *err);

/* The attachment. STATUS_MISSING `task.no_proof`. */
enum status task_proof_read(struct storage_session *session, struct arena *arena, int64_t id, struct text *media,
                            struct text *content, struct error *err);

struct task_count {
    struct text store;
    int64_t state, count, overdue;
};
/* Of each store and state; closed ones only since then. */
struct task_counts {
    int64_t now, since; /* input */
    struct task_count *items;
    size_t count, capacity;
};
enum status task_counts_read(struct storage_session *session, struct arena *arena, struct task_counts *counts,
                             struct error *err);

/* Notes in the journal which tasks have risen; called by the server every minute. */
enum status tasks_note(struct engine *engine, struct error *err);

/* ---- reasons ---- */

/* Part of the engine's configure hook. */
enum status tasks_configure(struct storage_session *session, struct arena *arena, struct programme_set *set,
                            struct error *err);

/* All of them, ascending by code. */
enum status task_reasons_read(struct storage_session *session, struct arena *arena, struct task_reason **out,
                              size_t *count, struct error *err);
/* As it is, its version included; renews the configuration. */
enum status task_reason_put(struct storage_session *session, struct arena *arena, const struct task_reason *reason,
                            struct error *err);
enum status task_reason_delete(struct storage_session *session, struct text code, struct error *err);

#endif
