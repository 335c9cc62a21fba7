/* checkpoint.c: a thread that moves the write-ahead log into the database file beside the writer (SQLite). */
#include "server/checkpoint.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "foundation/clock.h"
#include "foundation/log.h"

/*
 * A page that many commits wrote is copied once a pass, so passes are few and each is spread over the time. A log past
 * RESTART_ABOVE begins anew, which holds the writer while the rest is copied: passes without a pause come first, until they no
 * longer leave less. Of what is left more is tolerated the longer the log is. Writing over a log costs a disk far
 * less than making it longer.
 */
enum { REST_MIN_MS = 200, REST_MAX_MS = 500, REST_TIMES = 2, IDLE_LOOKS = 300, PASSES_MAX = 12, CHECKPOINT_NICE = 10 };
enum { RESTART_ABOVE_BYTES = 384 * 1048576, TRUNCATE_ABOVE_BYTES = 96 * 1048576 };
enum { LITTLE_BYTES = 256 * 1024, TOLERATED_BYTES = 1024 * 1024, TOLERATED_SHARE = 16 };

struct checkpoint {
    struct storage *storage;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
    bool failing; /* said once, until it works again */
};

static bool is_little(int64_t copied_bytes, int64_t copied_before, int64_t log_bytes)
{
    int64_t over = log_bytes - RESTART_ABOVE_BYTES;
    bool no_longer_less = copied_bytes * 4 >= copied_before * 3;
    return copied_bytes <= LITTLE_BYTES || (no_longer_less && copied_bytes <= TOLERATED_BYTES + over / TOLERATED_SHARE);
}

static enum status restart(struct checkpoint *checkpoint, struct storage_log *log, struct error *err)
{
    enum status status = STATUS_OK;
    bool near = false;
    int64_t copied_before = 0;
    for (int pass = 0; pass < PASSES_MAX && !near && status == STATUS_OK; pass++) {
        int64_t start = log->copied_bytes;
        status = storage_checkpoint(checkpoint->storage, STORAGE_CHECKPOINT_CATCH_UP, log, err);
        int64_t copied = log->copied_bytes - start;
        /* A reader of old pages holds the copying back, and would make the writer wait for nothing. */
        near = log->copied_bytes == log->bytes && is_little(copied, copied_before, log->bytes);
        copied_before = copied;
    }
    return status == STATUS_OK && near ? storage_checkpoint(checkpoint->storage, STORAGE_CHECKPOINT_RESTART, log, err)
                                       : status;
}

/* The file is cut when nothing was written for a minute, so that an idle database holds no large log. */
static void step(struct checkpoint *checkpoint, struct storage_log *before, int *idle_looks)
{
    struct error error;
    struct storage_log log = *before;
    enum status status = storage_checkpoint(checkpoint->storage, STORAGE_CHECKPOINT_BESIDE, &log, &error);
    bool idle = log.bytes == before->bytes;
    *idle_looks = idle ? *idle_looks + 1 : 0;
    if (status == STATUS_OK && !idle && log.bytes > RESTART_ABOVE_BYTES)
        status = restart(checkpoint, &log, &error);
    if (status == STATUS_OK && *idle_looks == IDLE_LOOKS && log.bytes > TRUNCATE_ABOVE_BYTES)
        status = storage_checkpoint(checkpoint->storage, STORAGE_CHECKPOINT_TRUNCATE, &log, &error);
    if (status != STATUS_OK && status != STATUS_BUSY && !checkpoint->failing)
        log_event(LOG_WARNING, "checkpoint.failed", "%s: %s", error.code, error.message);
    checkpoint->failing = status != STATUS_OK && status != STATUS_BUSY;
    *before = log;
}

static int64_t rest_ms(int64_t took_ms)
{
    int64_t rest = took_ms * REST_TIMES;
    return rest < REST_MIN_MS ? REST_MIN_MS : rest > REST_MAX_MS ? REST_MAX_MS : rest;
}

static void *run(void *context)
{
    struct checkpoint *checkpoint = context;
    struct storage_log log = {0};
    int idle_looks = 0;
    int64_t took_ms = 0;
    pthread_setname_np(pthread_self(), "checkpoint");
    /* Copying is never urgent: whoever answers a client goes first. Linux gives each thread a priority of its own. */
    setpriority(PRIO_PROCESS, (id_t)gettid(), CHECKPOINT_NICE);
    pthread_mutex_lock(&checkpoint->lock);
    while (!checkpoint->stopping) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += rest_ms(took_ms) * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&checkpoint->wake, &checkpoint->lock, &until);
        if (checkpoint->stopping)
            break;
        pthread_mutex_unlock(&checkpoint->lock);
        int64_t started = clock_boot(&clock_system);
        step(checkpoint, &log, &idle_looks);
        took_ms = (clock_boot(&clock_system) - started) / 1000;
        pthread_mutex_lock(&checkpoint->lock);
    }
    pthread_mutex_unlock(&checkpoint->lock);
    return NULL;
}

enum status checkpoint_start(struct storage *storage, struct checkpoint **out, struct error *err)
{
    *out = NULL;
    if (strcmp(storage_engine(storage), "sqlite") != 0)
        return STATUS_OK;
    struct checkpoint *checkpoint = calloc(1, sizeof *checkpoint);
    if (checkpoint == NULL)
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory for the checkpoints");
    checkpoint->storage = storage;
    pthread_mutex_init(&checkpoint->lock, NULL);
    pthread_cond_init(&checkpoint->wake, NULL);
    if (pthread_create(&checkpoint->thread, NULL, run, checkpoint) != 0) {
        free(checkpoint);
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "the thread of the checkpoints cannot start");
    }
    *out = checkpoint;
    return STATUS_OK;
}

void checkpoint_stop(struct checkpoint *checkpoint)
{
    if (checkpoint == NULL)
        return;
    pthread_mutex_lock(&checkpoint->lock);
    checkpoint->stopping = true;
    pthread_cond_signal(&checkpoint->wake);
    pthread_mutex_unlock(&checkpoint->lock);
    pthread_join(checkpoint->thread, NULL);
    pthread_mutex_destroy(&checkpoint->lock);
    pthread_cond_destroy(&checkpoint->wake);
    free(checkpoint);
}
