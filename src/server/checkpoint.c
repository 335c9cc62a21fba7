/* checkpoint.c: a thread that moves the write-ahead log into the database file beside the writer (SQLite). */
#include "server/checkpoint.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "foundation/log.h"

/*
 * Often, so that each checkpoint writes little: the commits that come while it flushes the database file wait for the disk.
 */
enum { CHECKPOINT_EVERY_MS = 200, IDLE_LOOKS = 300, TRUNCATE_ABOVE_BYTES = 64 * 1024 * 1024 };

struct checkpoint {
    struct storage *storage;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
    bool failing; /* said once, until it works again */
};

/* The log is cut when nothing was written for a minute, so that an idle database holds no large log. */
static void step(struct checkpoint *checkpoint, int64_t *log_bytes, int *idle_looks)
{
    struct error error;
    int64_t bytes = 0;
    enum status status = storage_checkpoint(checkpoint->storage, false, &bytes, &error);
    *idle_looks = bytes == *log_bytes ? *idle_looks + 1 : 0;
    if (status == STATUS_OK && *idle_looks >= IDLE_LOOKS && bytes > TRUNCATE_ABOVE_BYTES)
        status = storage_checkpoint(checkpoint->storage, true, &bytes, &error);
    if (status != STATUS_OK && status != STATUS_BUSY && !checkpoint->failing)
        log_event(LOG_WARNING, "checkpoint.failed", "%s: %s", error.code, error.message);
    checkpoint->failing = status != STATUS_OK && status != STATUS_BUSY;
    *log_bytes = bytes;
}

static void *run(void *context)
{
    struct checkpoint *checkpoint = context;
    int64_t log_bytes = 0;
    int idle_looks = 0;
    pthread_setname_np(pthread_self(), "checkpoint");
    pthread_mutex_lock(&checkpoint->lock);
    while (!checkpoint->stopping) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += CHECKPOINT_EVERY_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&checkpoint->wake, &checkpoint->lock, &until);
        if (checkpoint->stopping)
            break;
        pthread_mutex_unlock(&checkpoint->lock);
        step(checkpoint, &log_bytes, &idle_looks);
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
