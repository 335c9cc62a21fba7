/* job_store.h: jobs in the database, so that they are known after a restart. */
#ifndef PATRON_API_JOB_STORE_H
#define PATRON_API_JOB_STORE_H

#include "api/page.h"

struct storage_session;

struct job_row {
    int64_t id;
    struct text kind, actor, state, message, error;
    struct text counts; /* JSON object */
    int64_t percent;
    int64_t created_at, alive_at, ended_at;
};

struct job_rows {
    struct job_row *items;
    size_t count, capacity;
};

enum status job_write_new(struct storage_session *session, const struct job_row *row, struct error *err);
enum status job_write(struct storage_session *session, const struct job_row *row, struct error *err);
/* Jobs that were last heard of before `dead_before` and did not end are interrupted. */
enum status jobs_interrupt(struct storage_session *session, int64_t dead_before, int64_t now, struct error *err);

/* Asks the process that runs the job to stop it. STATUS_CONFLICT `job.ended`. */
enum status job_write_cancel(struct storage_session *session, int64_t id, int64_t now, struct error *err);

/* Of a job that did not end: whether its process was last heard of before `dead_before`, and whether somebody cancelled it. */
struct job_open {
    int64_t id;
    bool dead, cancelled;
};
struct job_opens {
    struct job_open *items;
    size_t count, capacity;
};
enum status jobs_read_open(struct storage_session *session, struct arena *arena, int64_t dead_before,
                           struct job_opens *out, struct error *err);

/* STATUS_MISSING `job.unknown`. */
enum status job_read(struct storage_session *session, struct arena *arena, int64_t id, struct job_row *out,
                     struct error *err);
/* Newest first, before the cursor (created_at, id). */
enum status jobs_read(struct storage_session *session, struct arena *arena, const struct cursor *before, int64_t limit,
                      struct job_rows *out, struct error *err);
/* Ids of those that ended before `ended_before`. */
enum status jobs_read_old(struct storage_session *session, struct arena *arena, int64_t ended_before,
                          struct job_rows *out, struct error *err);

#endif
