/* nightly.c: a thread for what is due once a day: the usual interval of the base, events that are over. */
#include "server/nightly.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "features/events/events_feature.h"
#include "features/insight/insight_feature.h"
#include "features/programme/programme.h"
#include "foundation/log.h"
#include "server/erased.h"

enum { LOOK_EVERY_SECONDS = 60 };

struct nightly {
    struct engine *engine;
    const char *erased_file;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
};

static int32_t today(struct engine *engine)
{
    struct configuration configuration = engine_configuration(engine);
    int64_t now = clock_now(engine_clock(engine));
    int32_t day = zone_day(programme_at(configuration.programmes, now)->zone, now);

    engine_configuration_release(engine, configuration);
    return day;
}

static bool work(struct engine *engine)
{
    struct error err = {0};
    enum status status = insight_upkeep(engine, &err);

    if (status == STATUS_OK)
        status = events_upkeep(engine, &err);
    if (status != STATUS_OK)
        log_event(LOG_WARNING, "nightly.failed", "%s: %s", err.code, err.message);
    return status == STATUS_OK;
}

static void save_erased(struct nightly *nightly)
{
    struct error err = {0};

    if (erased_save(nightly->engine, nightly->erased_file, &err) != STATUS_OK)
        log_event(LOG_WARNING, "erased.failed", "%s: %s", err.code, err.message);
}

static void *run(void *context)
{
    struct nightly *nightly = context;
    int32_t done = DAY_NONE;

    pthread_setname_np(pthread_self(), "nightly");
    pthread_mutex_lock(&nightly->lock);
    while (!nightly->stopping) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += LOOK_EVERY_SECONDS;
        pthread_cond_timedwait(&nightly->wake, &nightly->lock, &until);
        if (nightly->stopping)
            break;
        pthread_mutex_unlock(&nightly->lock);
        save_erased(nightly);
        int32_t day = today(nightly->engine);
        if (day != done && work(nightly->engine))
            done = day;
        pthread_mutex_lock(&nightly->lock);
    }
    pthread_mutex_unlock(&nightly->lock);
    save_erased(nightly);
    return NULL;
}

enum status nightly_start(struct engine *engine, const char *erased_file, struct nightly **out, struct error *err)
{
    struct nightly *nightly = calloc(1, sizeof *nightly);

    if (nightly == NULL)
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory for the nightly work");
    nightly->engine = engine;
    nightly->erased_file = erased_file;
    pthread_mutex_init(&nightly->lock, NULL);
    pthread_cond_init(&nightly->wake, NULL);
    if (pthread_create(&nightly->thread, NULL, run, nightly) != 0) {
        free(nightly);
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "the thread of the nightly work cannot start");
    }
    *out = nightly;
    return STATUS_OK;
}

void nightly_stop(struct nightly *nightly)
{
    if (nightly == NULL)
        return;
    pthread_mutex_lock(&nightly->lock);
    nightly->stopping = true;
    pthread_cond_signal(&nightly->wake);
    pthread_mutex_unlock(&nightly->lock);
    pthread_join(nightly->thread, NULL);
    pthread_mutex_destroy(&nightly->lock);
    pthread_cond_destroy(&nightly->wake);
    free(nightly);
}
