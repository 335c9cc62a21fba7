/* job.h: long work in the background of the server: progress, cancelling, results, and what became of it. */
#ifndef PATRON_API_JOB_H
#define PATRON_API_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "api/permission.h"
#include "engine/engine.h"
#include "foundation/arena.h"
#include "foundation/error.h"
#include "foundation/text.h"

enum { JOB_MESSAGE_SIZE = 400, JOB_COUNTS_MAX = 12, JOB_PATH_SIZE = 512 };

struct job;
struct jobs;

/* How a feature plugs a kind of job in. */
struct job_kind {
    const char *name;           /* "import" */
    enum permission permission; /* to see and cancel it, beside jobs.read */
    /* On the job's own thread; `arena` lives as long as the job runs. An error makes the job fail with its sentence. */
    enum status (*run)(struct job *job, struct engine *engine, struct arena *arena, void *input, struct error *err);
    void (*release)(void *input); /* after the run; may be NULL */
};

/*
 * Starts a job; `input` is the job's from now on (released even on an error). At most 4 run at once, others wait, at most
 * 100: STATUS_BUSY `job.busy`. `*id` is its public id with prefix "job".
 */
enum status job_start(struct jobs *jobs, const struct job_kind *kind, struct text actor, void *input, int64_t *id,
                      struct error *err);

/* ---- inside run ---- */

int64_t job_id(const struct job *job);
struct text job_actor(const struct job *job);
/* What is done of what there is (total 0: not known), shown as percent and to those who listen. Cheap. */
void job_progress(struct job *job, int64_t done, int64_t total);
void job_message(struct job *job, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Sets a count of the result: "rows", "imported", "refused" ... (`name` static). */
void job_count(struct job *job, const char *name, int64_t value);
/* True once someone cancelled, or the server stops: return soon with STATUS_OK. */
bool job_cancelled(const struct job *job);
/* A directory of the job's own for files, made when first asked for; removed 7 days after the job ended. */
enum status job_directory(struct job *job, char path[JOB_PATH_SIZE], struct error *err);

/* ---- from outside ---- */

const char *jobs_files(
    const struct jobs *jobs); /* the directory in which those of all jobs lie, made by the first of them */

/* The directory of the job with `id`; STATUS_MISSING `job.unknown` without one, or `job.no_files`. */
enum status jobs_directory(struct jobs *jobs, int64_t id, char path[JOB_PATH_SIZE], struct error *err);

/* `files` is the directory in which the jobs' directories lie; jobs that ran in a dead process become "interrupted". */
enum status jobs_new(struct engine *engine, const char *files, struct jobs **out, struct error *err);
void jobs_stop(struct jobs *jobs); /* cancels, waits, frees; accepts NULL */

#endif
