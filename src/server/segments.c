#include "server/segments.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "features/segments/segment_follow_store.h"
#include "foundation/log.h"

enum { LOOK_EVERY_MS = 200 };

struct segment_keeper {
    struct segment_follower *follower;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
    bool failing; /* said once, until it works again */
};

static void note(struct segment_keeper *keeper, enum status status, const struct error *error)
{
    if (status != STATUS_OK && !keeper->failing)
        log_event(LOG_WARNING, "segments.failed", "%s: %s", error->code, error->message);
    keeper->failing = status != STATUS_OK;
}

static void *run(void *context)
{
    struct segment_keeper *keeper = context;
    struct error error = {0};

    pthread_setname_np(pthread_self(), "segments");
    pthread_mutex_lock(&keeper->lock);
    while (!keeper->stopping) {
        bool behind;
        pthread_mutex_unlock(&keeper->lock);
        enum status status = segment_follower_pass(keeper->follower, &behind, &error);
        note(keeper, status, &error);
        pthread_mutex_lock(&keeper->lock);
        if (keeper->stopping || (behind && status == STATUS_OK))
            continue;
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += LOOK_EVERY_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&keeper->wake, &keeper->lock, &until);
    }
    pthread_mutex_unlock(&keeper->lock);
    return NULL;
}

enum status segment_keeper_start(struct engine *engine, struct segment_keeper **out, struct error *err)
{
    struct segment_keeper *keeper = calloc(1, sizeof *keeper);

    if (keeper == NULL)
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory for segments");
    enum status status = segment_follower_new(engine, &keeper->follower, err);
    if (status != STATUS_OK) {
        free(keeper);
        return status;
    }
    pthread_mutex_init(&keeper->lock, NULL);
    pthread_cond_init(&keeper->wake, NULL);
    if (pthread_create(&keeper->thread, NULL, run, keeper) != 0) {
        segment_follower_free(keeper->follower);
        free(keeper);
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "the thread of segments cannot start");
    }
    *out = keeper;
    return STATUS_OK;
}

void segment_keeper_stop(struct segment_keeper *keeper)
{
    if (keeper == NULL)
        return;
    pthread_mutex_lock(&keeper->lock);
    keeper->stopping = true;
    pthread_cond_signal(&keeper->wake);
    pthread_mutex_unlock(&keeper->lock);
    pthread_join(keeper->thread, NULL);
    segment_follower_free(keeper->follower);
    pthread_mutex_destroy(&keeper->lock);
    pthread_cond_destroy(&keeper->wake);
    free(keeper);
}
