/* job_table.c: what is known of jobs: told to listeners, kept in the database, cleaned up. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "api/directory.h"
#include "api/job_internal.h"
#include "api/write_store.h"
#include "foundation/clock.h"
#include "foundation/log.h"

enum { HEARTBEAT_SECONDS = 5, DEAD_SECONDS = 30, UPKEEP_BYTES_MAX = 4 * 1024 * 1024 };

static struct text counts_json(const struct job *job, struct arena *arena)
{
    struct json_writer writer;
    writer_start(&writer, arena);
    writer_object(&writer, NULL);
    for (size_t i = 0; i < job->count_count; i++)
        writer_integer(&writer, job->counts[i].name, job->counts[i].value);
    writer_end(&writer);
    return writer_done(&writer);
}

struct job_row job_snapshot(const struct job *job, struct arena *arena, const char *state)
{
    return (struct job_row){
        .id = job->id,
        .kind = text_from(job->kind->name),
        .actor = text_copy(arena, text_from(job->actor)),
        .state = text_from(state),
        .percent = job->total > 0 ? job->done * 100 / job->total : 0,
        .message = job->message[0] == '\0' ? TEXT("") : text_copy(arena, text_from(job->message)),
        .counts = counts_json(job, arena),
        .error = job->error[0] == '\0' ? TEXT("") : text_copy(arena, text_from(job->error)),
        .created_at = job->created_at,
        .alive_at = clock_now(engine_clock(job->jobs->engine)),
    };
}

void job_write_json(struct json_writer *writer, const struct job_row *row)
{
    writer_id(writer, "id", "job", row->id);
    writer_text(writer, "kind", row->kind);
    writer_text(writer, "actor", row->actor);
    writer_text(writer, "state", row->state);
    writer_integer(writer, "percent", row->percent);
    writer_text(writer, "message", row->message);
    if (row->error.size > 0)
        writer_text(writer, "error", row->error);
    else
        writer_null(writer, "error");
    writer_raw(writer, "counts", row->counts);
    writer_instant(writer, "created_at", row->created_at);
    writer_instant(writer, "ended_at", row->ended_at);
}

void job_tell(struct job *job, const struct job_row *row, const char *event)
{
    if (job->listener_count == 0)
        return;
    struct arena *arena = arena_new(64 * 1024);
    struct json_writer writer;
    writer_start(&writer, arena);
    writer_object(&writer, NULL);
    job_write_json(&writer, row);
    writer_end(&writer);
    for (size_t i = 0; i < job->listener_count;) {
        if (http_stream_send(job->listeners[i], event, writer_done(&writer))) {
            i++;
        } else {
            http_stream_release(job->listeners[i]);
            job->listeners[i] = job->listeners[--job->listener_count];
        }
    }
    arena_free(arena);
}

enum status job_keep(struct jobs *jobs, const struct job_row *row, bool fresh, struct error *err)
{
    pthread_mutex_lock(&jobs->session_lock);
    enum status status = write_begin(jobs->session, err);
    if (status == STATUS_OK)
        status = fresh ? job_write_new(jobs->session, row, err) : job_write(jobs->session, row, err);
    status = write_end(jobs->session, status, err);
    pthread_mutex_unlock(&jobs->session_lock);
    return status;
}

static struct job *find_here(const struct jobs *jobs, int64_t id)
{
    struct job *job = jobs->first;
    while (job != NULL && job->id != id)
        job = job->next;
    return job;
}

enum status jobs_find(struct jobs *jobs, struct storage_session *session, struct arena *arena, int64_t id,
                      struct job_row *out, struct error *err)
{
    pthread_mutex_lock(&jobs->lock);
    const struct job *job = find_here(jobs, id);
    if (job != NULL)
        *out = job_snapshot(job, arena, job->running ? "running" : "waiting");
    pthread_mutex_unlock(&jobs->lock);
    return job != NULL ? STATUS_OK : job_read(session, arena, id, out, err);
}

enum status jobs_cancel(struct jobs *jobs, int64_t id, struct error *err)
{
    pthread_mutex_lock(&jobs->lock);
    struct job *job = find_here(jobs, id);
    if (job != NULL)
        job->cancelled = true;
    pthread_mutex_unlock(&jobs->lock);
    if (job != NULL)
        return STATUS_OK;
    pthread_mutex_lock(&jobs->session_lock);
    enum status status = write_begin(jobs->session, err);
    if (status == STATUS_OK)
        status = job_write_cancel(jobs->session, id, clock_now(engine_clock(jobs->engine)), err);
    status = write_end(jobs->session, status, err);
    pthread_mutex_unlock(&jobs->session_lock);
    return status;
}

bool jobs_listen(struct jobs *jobs, int64_t id, struct http_stream *stream)
{
    pthread_mutex_lock(&jobs->lock);
    struct job *job = find_here(jobs, id);
    bool listens = job != NULL && job->listener_count < JOB_LISTENERS_MAX;
    if (listens)
        job->listeners[job->listener_count++] = stream;
    pthread_mutex_unlock(&jobs->lock);
    return listens;
}

/* ---- upkeep ---- */

/* Says that the jobs of this process live. */
static void beat(struct jobs *jobs, struct arena *arena)
{
    struct job_row rows[JOBS_WAITING_MAX];
    size_t count = 0;
    struct error error;
    pthread_mutex_lock(&jobs->lock);
    for (const struct job *job = jobs->first; job != NULL && count < JOBS_WAITING_MAX; job = job->next)
        rows[count++] = job_snapshot(job, arena, job->running ? "running" : "waiting");
    pthread_mutex_unlock(&jobs->lock);
    for (size_t i = 0; i < count; i++) {
        pthread_mutex_lock(&jobs->lock);
        bool alive = find_here(jobs, rows[i].id) != NULL;
        pthread_mutex_unlock(&jobs->lock);
        if (alive)
            (void)job_keep(jobs, &rows[i], false, &error);
    }
}

static void interrupt_dead(struct jobs *jobs)
{
    struct error error;
    int64_t now = clock_now(engine_clock(jobs->engine));
    pthread_mutex_lock(&jobs->session_lock);
    enum status status = write_begin(jobs->session, &error);
    if (status == STATUS_OK)
        status = jobs_interrupt(jobs->session, now - DEAD_SECONDS * INSTANT_SECOND, now, &error);
    if (write_end(jobs->session, status, &error) != STATUS_OK)
        log_event(LOG_WARNING, "job.upkeep", "%s: %s", error.code, error.message);
    pthread_mutex_unlock(&jobs->session_lock);
}

/* Stops what was cancelled from another process; true when a job is there whose process is dead. */
static bool look_at_open(struct jobs *jobs, struct arena *arena)
{
    struct storage_session *session;
    struct job_opens opens = {.items = NULL};
    struct error error;
    int64_t dead_before = clock_now(engine_clock(jobs->engine)) - DEAD_SECONDS * INSTANT_SECOND;
    bool dead = false;
    if (engine_read_begin(jobs->engine, &session, &error) != STATUS_OK)
        return false;
    enum status status = jobs_read_open(session, arena, dead_before, &opens, &error);
    engine_read_end(jobs->engine, session);
    if (status != STATUS_OK)
        return false;
    pthread_mutex_lock(&jobs->lock);
    for (size_t i = 0; i < opens.count; i++) {
        struct job *job = find_here(jobs, opens.items[i].id);
        dead |= opens.items[i].dead && job == NULL;
        if (job != NULL && opens.items[i].cancelled)
            job->cancelled = true;
    }
    pthread_mutex_unlock(&jobs->lock);
    return dead;
}

static void remove_old_files(struct jobs *jobs, struct arena *arena)
{
    struct storage_session *session;
    struct job_rows rows = {.items = NULL};
    struct error error;
    char path[JOB_PATH_SIZE];
    int64_t before = clock_now(engine_clock(jobs->engine)) - JOB_KEPT_DAYS * INSTANT_DAY;
    if (!directory_exists(jobs->files) || engine_read_begin(jobs->engine, &session, &error) != STATUS_OK)
        return;
    enum status status = jobs_read_old(session, arena, before, &rows, &error);
    engine_read_end(jobs->engine, session);
    for (size_t i = 0; status == STATUS_OK && i < rows.count; i++)
        if (jobs_directory(jobs, rows.items[i].id, path, &error) == STATUS_OK)
            directory_remove(path);
}

/* An idle server only reads; it writes when jobs run here, or died elsewhere. */
void *jobs_upkeep(void *context)
{
    struct jobs *jobs = context;
    pthread_setname_np(pthread_self(), "job-upkeep");
    struct arena *arena = arena_new(UPKEEP_BYTES_MAX);
    remove_old_files(jobs, arena);
    for (int64_t turn = 1;; turn++) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += HEARTBEAT_SECONDS;
        pthread_mutex_lock(&jobs->lock);
        while (!jobs->stopping && pthread_cond_timedwait(&jobs->changed, &jobs->lock, &until) == 0)
            continue;
        bool stopping = jobs->stopping;
        bool busy = jobs->count > 0;
        pthread_mutex_unlock(&jobs->lock);
        if (stopping)
            break;
        arena_reset(arena);
        if (busy)
            beat(jobs, arena);
        if (look_at_open(jobs, arena))
            interrupt_dead(jobs);
        if (turn % 720 == 0)
            remove_old_files(jobs, arena);
    }
    arena_free(arena);
    return NULL;
}
