/* reactions.c: the list of reactions, and their thread. A new reaction is two lines here. */
#include "server/reactions.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "features/challenges/challenges_store.h"
#include "features/reactions/reactions_store.h"
#include "features/referrals/referrals_store.h"
#include "foundation/log.h"

static const struct reaction *const list[] = {&challenges_reaction, &referrals_reaction, NULL};
enum { COUNT = sizeof list / sizeof list[0] - 1, LOOK_EVERY_MS = 150 };

struct reactor {
    struct reactions *reactions;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
    bool failing; /* said once, until it works again */
};

static void note(struct reactor *reactor, enum status status, const struct error *error)
{
    if (status != STATUS_OK && !reactor->failing)
        log_event(LOG_WARNING, "reaction.failed", "%s: %s", error->code, error->message);
    reactor->failing = status != STATUS_OK;
}

static void *run(void *context)
{
    struct reactor *reactor = context;
    struct error error = {0};

    pthread_setname_np(pthread_self(), "reactions");
    pthread_mutex_lock(&reactor->lock);
    while (!reactor->stopping) {
        bool behind;
        pthread_mutex_unlock(&reactor->lock);
        enum status status = reactions_pass(reactor->reactions, &behind, &error);
        note(reactor, status, &error);
        pthread_mutex_lock(&reactor->lock);
        if (reactor->stopping || (behind && status == STATUS_OK))
            continue;
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += LOOK_EVERY_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&reactor->wake, &reactor->lock, &until);
    }
    pthread_mutex_unlock(&reactor->lock);
    return NULL;
}

enum status reactor_start(struct engine *engine, struct reactor **out, struct error *err)
{
    struct reactor *reactor = calloc(1, sizeof *reactor);

    if (reactor == NULL)
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory for reactions");
    enum status status = reactions_new(engine, list, COUNT, &reactor->reactions, err);
    if (status != STATUS_OK) {
        free(reactor);
        return status;
    }
    pthread_mutex_init(&reactor->lock, NULL);
    pthread_cond_init(&reactor->wake, NULL);
    if (pthread_create(&reactor->thread, NULL, run, reactor) != 0) {
        reactions_free(reactor->reactions);
        free(reactor);
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "the thread of reactions cannot start");
    }
    *out = reactor;
    return STATUS_OK;
}

void reactor_stop(struct reactor *reactor)
{
    if (reactor == NULL)
        return;
    pthread_mutex_lock(&reactor->lock);
    reactor->stopping = true;
    pthread_cond_signal(&reactor->wake);
    pthread_mutex_unlock(&reactor->lock);
    pthread_join(reactor->thread, NULL);
    reactions_free(reactor->reactions);
    pthread_mutex_destroy(&reactor->lock);
    pthread_cond_destroy(&reactor->wake);
    free(reactor);
}

enum status reactions_catch_up(struct engine *engine, struct error *err)
{
    return reactions_drain(engine, list, COUNT, err);
}
