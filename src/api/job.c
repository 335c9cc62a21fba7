/* job.c: runs jobs on threads of their own. */
#include "api/job.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "api/audit.h"
#include "api/job_internal.h"
#include "api/write_store.h"
#include "foundation/clock.h"
#include "foundation/log.h"

enum { JOB_ARENA_BYTES_MAX = 1024 * 1024 * 1024, TELL_BYTES_MAX = 256 * 1024 };

static void job_free(struct job *job)
{
    for (size_t i = 0; i < job->listener_count; i++)
        http_stream_release(job->listeners[i]);
    free(job->actor);
    free(job);
}

/* ---- running ---- */

static struct job *take_waiting(struct jobs *jobs)
{
    struct job *oldest = NULL;
    for (struct job *job = jobs->first; job != NULL; job = job->next)
        if (!job->running)
            oldest = job; /* the list has the newest first */
    if (oldest != NULL)
        oldest->running = true;
    return oldest;
}

static void remove_job(struct jobs *jobs, struct job *job)
{
    struct job **link = &jobs->first;
    while (*link != job)
        link = &(*link)->next;
    *link = job->next;
    jobs->count--;
}

static const char *state_after(const struct job *job, enum status status)
{
    if (status != STATUS_OK)
        return "failed";
    return job->cancelled ? "cancelled" : "done";
}

static void finish_job(struct jobs *jobs, struct job *job, enum status status, const struct error *error)
{
    struct arena *arena = arena_new(TELL_BYTES_MAX);
    struct error ignored;
    pthread_mutex_lock(&jobs->lock);
    if (status != STATUS_OK) {
        snprintf(job->message, sizeof job->message, "%.*s", JOB_MESSAGE_SIZE - 1, error->message);
        snprintf(job->error, sizeof job->error, "%s", error->code);
    } else if (!job->cancelled) {
        job->total = job->total > 0 ? job->total : 1;
        job->done = job->total;
    }
    struct job_row row = job_snapshot(job, arena, state_after(job, status));
    row.ended_at = row.alive_at;
    pthread_mutex_unlock(&jobs->lock);
    if (job_keep(jobs, &row, false, &ignored) != STATUS_OK)
        log_event(LOG_ERROR, "job.record", "%s: %s", ignored.code, ignored.message);
    pthread_mutex_lock(&jobs->lock);
    job_tell(job, &row, "end");
    remove_job(jobs, job);
    pthread_mutex_unlock(&jobs->lock);
    job_free(job);
    arena_free(arena);
}

static void run_job(struct jobs *jobs, struct job *job)
{
    struct arena *arena = arena_new(JOB_ARENA_BYTES_MAX);
    struct error error = {.status = STATUS_OK};
    enum status status = STATUS_OK;
    if (!job->cancelled)
        status = job->kind->run(job, jobs->engine, arena, job->input, &error);
    if (status != STATUS_OK)
        log_event(LOG_WARNING, "job.failed", "%s: %s: %s", job->kind->name, error.code, error.message);
    if (job->kind->release != NULL)
        job->kind->release(job->input);
    arena_free(arena);
    finish_job(jobs, job, status, &error);
}

static void *work(void *context)
{
    struct jobs *jobs = context;
    pthread_setname_np(pthread_self(), "job");
    pthread_mutex_lock(&jobs->lock);
    for (;;) {
        struct job *job = take_waiting(jobs);
        if (job != NULL) {
            pthread_mutex_unlock(&jobs->lock);
            run_job(jobs, job);
            pthread_mutex_lock(&jobs->lock);
        } else if (jobs->stopping) {
            break;
        } else {
            pthread_cond_wait(&jobs->changed, &jobs->lock);
        }
    }
    pthread_mutex_unlock(&jobs->lock);
    return NULL;
}

static struct job *job_new(struct jobs *jobs, const struct job_kind *kind, struct text actor, void *input)
{
    struct job *job = calloc(1, sizeof *job);
    char *name = calloc(1, actor.size + 1);
    if (job == NULL || name == NULL) {
        free(job);
        free(name);
        return NULL;
    }
    if (actor.size > 0)
        memcpy(name, actor.bytes, actor.size);
    job->jobs = jobs;
    job->kind = kind;
    job->id = random_id();
    job->actor = name;
    job->input = input;
    job->created_at = clock_now(engine_clock(jobs->engine));
    return job;
}

static enum status enter_job(struct jobs *jobs, struct job *job, struct error *err)
{
    pthread_mutex_lock(&jobs->lock);
    bool room = jobs->count < JOBS_WAITING_MAX && !jobs->stopping;
    if (room) {
        job->next = jobs->first;
        jobs->first = job;
        jobs->count++;
        pthread_cond_broadcast(&jobs->changed);
    }
    pthread_mutex_unlock(&jobs->lock);
    return room ? STATUS_OK : error_set(err, STATUS_BUSY, "job.busy", "", "too many jobs are waiting");
}

enum status job_start(struct jobs *jobs, const struct job_kind *kind, struct text actor, void *input, int64_t *id,
                      struct error *err)
{
    struct arena *arena = arena_new(TELL_BYTES_MAX);
    struct job *job = job_new(jobs, kind, actor, input);
    enum status status = STATUS_OK;
    int64_t made = 0;
    if (job == NULL)
        status = error_set(err, STATUS_BUSY, "job.busy", "", "there is no memory for another job");
    if (status == STATUS_OK) {
        struct job_row row = job_snapshot(job, arena, "waiting");
        made = job->id;
        status = job_keep(jobs, &row, true, err);
    }
    if (status == STATUS_OK)
        status = enter_job(jobs, job, err);
    arena_free(arena);
    if (status != STATUS_OK) {
        if (kind->release != NULL)
            kind->release(input);
        if (job != NULL)
            job_free(job);
        return status;
    }
    *id = made;
    return STATUS_OK;
}

/* ---- inside run ---- */

int64_t job_id(const struct job *job)
{
    return job->id;
}

struct text job_actor(const struct job *job)
{
    return text_from(job->actor);
}

static int64_t monotonic_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* With the lock held; seldom enough not to cost the job anything. */
static void tell_sometimes(struct job *job)
{
    int64_t now = monotonic_ms();
    if (job->listener_count == 0 || now - job->told_at < JOB_TELL_MS)
        return;
    job->told_at = now;
    struct arena *arena = arena_new(TELL_BYTES_MAX);
    struct job_row row = job_snapshot(job, arena, "running");
    job_tell(job, &row, "progress");
    arena_free(arena);
}

void job_progress(struct job *job, int64_t done, int64_t total)
{
    pthread_mutex_lock(&job->jobs->lock);
    job->done = done;
    job->total = total;
    tell_sometimes(job);
    pthread_mutex_unlock(&job->jobs->lock);
}

void job_message(struct job *job, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    pthread_mutex_lock(&job->jobs->lock);
    vsnprintf(job->message, sizeof job->message, format, arguments);
    tell_sometimes(job);
    pthread_mutex_unlock(&job->jobs->lock);
    va_end(arguments);
}

void job_count(struct job *job, const char *name, int64_t value)
{
    pthread_mutex_lock(&job->jobs->lock);
    size_t i = 0;
    while (i < job->count_count && strcmp(job->counts[i].name, name) != 0)
        i++;
    if (i < JOB_COUNTS_MAX) {
        job->counts[i] = (struct job_count){.name = name, .value = value};
        if (i == job->count_count)
            job->count_count++;
    }
    tell_sometimes(job);
    pthread_mutex_unlock(&job->jobs->lock);
}

bool job_cancelled(const struct job *job)
{
    return job->cancelled;
}

static void directory_path(const struct jobs *jobs, int64_t id, char path[JOB_PATH_SIZE])
{
    char name[ID_TEXT_SIZE];
    snprintf(path, JOB_PATH_SIZE, "%.*s/%s", JOB_PATH_SIZE - ID_TEXT_SIZE - 2, jobs->files, id_format("job", id, name));
}

enum status job_directory(struct job *job, char path[JOB_PATH_SIZE], struct error *err)
{
    directory_path(job->jobs, job->id, path);
    if ((mkdir(job->jobs->files, 0700) != 0 && errno != EEXIST) || (mkdir(path, 0700) != 0 && errno != EEXIST))
        return error_set(err, STATUS_IO, "job.files", "", "%s cannot be made: %s", path, strerror(errno));
    return STATUS_OK;
}

const char *jobs_files(const struct jobs *jobs)
{
    return jobs->files;
}

enum status jobs_directory(struct jobs *jobs, int64_t id, char path[JOB_PATH_SIZE], struct error *err)
{
    struct stat status;
    directory_path(jobs, id, path);
    if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode))
        return error_set(err, STATUS_MISSING, "job.no_files", "", "there are no files of such a job");
    return STATUS_OK;
}

/* ---- all of them ---- */

static enum status start_threads(struct jobs *jobs, struct error *err)
{
    for (int i = 0; i < JOBS_RUNNING_MAX; i++) {
        if (pthread_create(&jobs->threads[i], NULL, work, jobs) != 0)
            return error_set(err, STATUS_LIMIT, "job.busy", "", "the threads of jobs cannot start");
        jobs->thread_count++;
    }
    if (pthread_create(&jobs->upkeep, NULL, jobs_upkeep, jobs) != 0)
        return error_set(err, STATUS_LIMIT, "job.busy", "", "the threads of jobs cannot start");
    jobs->upkeep_started = true;
    return STATUS_OK;
}

enum status jobs_new(struct engine *engine, const char *files, struct jobs **out, struct error *err)
{
    struct jobs *jobs = calloc(1, sizeof *jobs);
    if (jobs == NULL)
        return error_set(err, STATUS_LIMIT, "job.busy", "", "there is no memory for jobs");
    jobs->engine = engine;
    snprintf(jobs->files, sizeof jobs->files, "%s", files);
    pthread_mutex_init(&jobs->lock, NULL);
    pthread_mutex_init(&jobs->session_lock, NULL);
    pthread_cond_init(&jobs->changed, NULL);
    enum status status = write_open(engine, &jobs->session, err);
    if (status == STATUS_OK)
        status = start_threads(jobs, err);
    if (status != STATUS_OK) {
        jobs_stop(jobs);
        return status;
    }
    *out = jobs;
    return STATUS_OK;
}

void jobs_stop(struct jobs *jobs)
{
    if (jobs == NULL)
        return;
    pthread_mutex_lock(&jobs->lock);
    jobs->stopping = true;
    for (struct job *job = jobs->first; job != NULL; job = job->next)
        job->cancelled = true;
    pthread_cond_broadcast(&jobs->changed);
    pthread_mutex_unlock(&jobs->lock);
    for (int i = 0; i < jobs->thread_count; i++)
        pthread_join(jobs->threads[i], NULL);
    if (jobs->upkeep_started)
        pthread_join(jobs->upkeep, NULL);
    write_close(jobs->session);
    free(jobs);
}
