/* approval_store.h: exports of many rows that wait for a second person. */
#ifndef PATRON_FEATURES_EXCHANGE_APPROVAL_STORE_H
#define PATRON_FEATURES_EXCHANGE_APPROVAL_STORE_H

#include "engine/engine.h"

enum { APPROVAL_ROWS_USUAL = 10000, APPROVAL_HOURS = 72 };

struct approval {
    int64_t job;
    struct text actor, table;
    int64_t rows;
    struct text state; /* "waiting", "approved", "refused" */
    struct text decided_by;
    int64_t asked_at, expires_at, decided_at;
    int64_t task; /* by which the second person is asked; 0: none, or it is closed */
};

struct approvals {
    struct approval *items;
    size_t count, capacity;
};

/* In a transaction of its own. */
enum status approval_ask(struct engine *engine, const struct approval *approval, struct error *err);

/* `out->count` is 0 when the export needs none. */
enum status approval_read(struct storage_session *session, struct arena *arena, int64_t job, struct approvals *out,
                          struct error *err);
/* Newest first, before (asked_at, job). */
enum status approvals_read(struct storage_session *session, struct arena *arena, const struct approval *before,
                           int64_t limit, struct approvals *out, struct error *err);

/* Those decided or over by `now` whose task may still be open, oldest first. */
enum status approvals_unsettled(struct storage_session *session, struct arena *arena, int64_t now, int64_t limit,
                                struct approvals *out, struct error *err);
/* Its task is closed. In a transaction of its own. */
enum status approval_settle(struct engine *engine, int64_t job, struct error *err);

/* `*done` is false when it does not wait, is over, or is the decider's own. In the caller's transaction. */
enum status approval_decide(struct storage_session *session, const struct approval *decision, bool *done,
                            struct error *err);

/* Exports of more rows wait; APPROVAL_ROWS_USUAL until it is set. */
enum status approval_limit_read(struct storage_session *session, int64_t *rows, struct error *err);
enum status approval_limit_write(struct storage_session *session, int64_t rows, struct error *err);

#endif
