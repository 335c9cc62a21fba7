/* job_internal.h: jobs as the runner and the routes see them. */
#ifndef PATRON_API_JOB_INTERNAL_H
#define PATRON_API_JOB_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "api/job.h"
#include "api/job_store.h"
#include "http/server.h"

enum { JOBS_RUNNING_MAX = 4, JOBS_WAITING_MAX = 100, JOB_LISTENERS_MAX = 32, JOB_TELL_MS = 200, JOB_KEPT_DAYS = 7 };

struct job_count {
    const char *name;
    int64_t value;
};

/* Guarded by the lock of its jobs, but for `cancelled`. */
struct job {
    struct job *next; /* of those known to this process: waiting and running */
    struct jobs *jobs;
    const struct job_kind *kind;
    int64_t id;
    char *actor;
    void *input;
    bool running;
    atomic_bool cancelled;
    int64_t done, total;
    char message[JOB_MESSAGE_SIZE];
    char error[ERROR_CODE_SIZE]; /* its code, once it failed */
    struct job_count counts[JOB_COUNTS_MAX];
    size_t count_count;
    int64_t created_at;
    int64_t told_at; /* when listeners were last told, monotonic */
    struct http_stream *listeners[JOB_LISTENERS_MAX];
    size_t listener_count;
};

struct jobs {
    struct engine *engine;
    char files[JOB_PATH_SIZE];
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct job *first;
    size_t count;
    struct storage_session *session; /* writes; under session_lock */
    pthread_mutex_t session_lock;
    pthread_t threads[JOBS_RUNNING_MAX];
    pthread_t upkeep;
    int thread_count;
    bool upkeep_started;
    bool stopping;
};

/* What is known of a job now: of one under way from memory, of another from the database. */
enum status jobs_find(struct jobs *jobs, struct storage_session *session, struct arena *arena, int64_t id,
                      struct job_row *out, struct error *err);
/* At once when the job runs here, otherwise within seconds. STATUS_CONFLICT `job.ended`. */
enum status jobs_cancel(struct jobs *jobs, int64_t id, struct error *err);
/* False when the job is not under way here: the caller answers and releases the stream. */
bool jobs_listen(struct jobs *jobs, int64_t id, struct http_stream *stream);

void job_write_json(struct json_writer *writer, const struct job_row *row);

/* job_table.c */
struct job_row job_snapshot(const struct job *job, struct arena *arena, const char *state);
void job_tell(struct job *job, const struct job_row *row, const char *event);
enum status job_keep(struct jobs *jobs, const struct job_row *row, bool fresh, struct error *err);
void *jobs_upkeep(void *context);

#endif
