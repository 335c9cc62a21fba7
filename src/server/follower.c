#include "server/follower.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "foundation/log.h"

struct follower {
    struct follower_work work;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
    bool failing;
};

static void note(struct follower *follower, enum status status, const struct error *error)
{
    if (status != STATUS_OK && !follower->failing)
        log_event(LOG_WARNING, follower->work.event, "%s: %s", error->code, error->message);
    follower->failing = status != STATUS_OK;
}

static void *run(void *context)
{
    struct follower *follower = context;
    struct error error = {0};

    pthread_setname_np(pthread_self(), follower->work.thread);
    pthread_mutex_lock(&follower->lock);
    while (!follower->stopping) {
        bool behind = false;
        pthread_mutex_unlock(&follower->lock);
        enum status status = follower->work.pass(follower->work.context, &behind, &error);
        note(follower, status, &error);
        pthread_mutex_lock(&follower->lock);
        if (follower->stopping || (behind && status == STATUS_OK))
            continue;
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += follower->work.every_ms * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&follower->wake, &follower->lock, &until);
    }
    pthread_mutex_unlock(&follower->lock);
    return NULL;
}

enum status follower_start(const struct follower_work *work, struct follower **out, struct error *err)
{
    struct follower *follower = calloc(1, sizeof *follower);

    if (follower == NULL)
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory for the thread '%s'",
                         work->thread);
    follower->work = *work;
    pthread_mutex_init(&follower->lock, NULL);
    pthread_cond_init(&follower->wake, NULL);
    if (pthread_create(&follower->thread, NULL, run, follower) != 0) {
        free(follower);
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "the thread '%s' cannot start", work->thread);
    }
    *out = follower;
    return STATUS_OK;
}

void follower_stop(struct follower *follower)
{
    if (follower == NULL)
        return;
    pthread_mutex_lock(&follower->lock);
    follower->stopping = true;
    pthread_cond_signal(&follower->wake);
    pthread_mutex_unlock(&follower->lock);
    pthread_join(follower->thread, NULL);
    pthread_mutex_destroy(&follower->lock);
    pthread_cond_destroy(&follower->wake);
    free(follower);
}
