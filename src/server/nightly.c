/* nightly.c: a thread for what is due once a day: the usual interval and the scores of the base, duplicates, events that are over. */
#include "server/nightly.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "features/contracts/contracts_store.h"
#include "features/coupons/coupons_store.h"
#include "features/duplicates/duplicates_feature.h"
#include "features/entitlements/loyalty_store.h"
#include "features/events/events_feature.h"
#include "features/exchange/approval_task_store.h"
#include "features/finance/finance_feature.h"
#include "features/gift_cards/gift_cards_store.h"
#include "features/insight/insight_feature.h"
#include "features/occasions/occasions_store.h"
#include "features/offers/quotes_store.h"
#include "features/programme/programme.h"
#include "features/redemption/redemption_feature.h"
#include "features/retention/retention_feature.h"
#include "features/retention/retention_store.h"
#include "features/rewards/rewards_store.h"
#include "features/tasks/tasks_store.h"
#include "foundation/log.h"
#include "server/erased.h"
#include "server/heads_file.h"

enum { LOOK_EVERY_SECONDS = 60, DAY_HOURS = 24 };
enum { NIGHTLY_NICE = 10 }; /* customers before scores */

struct nightly {
    struct engine *engine;
    const char *erased_file, *heads;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
};

/* Hours since 1970, as the clocks of the programme's zone show them. */
static int64_t local_hours(struct engine *engine)
{
    struct configuration configuration = engine_configuration(engine);
    int64_t now = clock_now(engine_clock(engine));
    const struct zone *zone = programme_at(configuration.programmes, now)->zone;
    int64_t hours = (now + zone_offset_seconds(zone, now) * INSTANT_SECOND) / INSTANT_HOUR;

    engine_configuration_release(engine, configuration);
    return hours;
}

static void warn(enum status status, const struct error *err)
{
    if (status != STATUS_OK)
        log_event(LOG_WARNING, "nightly.failed", "%s: %s", err->code, err->message);
}

static bool work_of_day(struct engine *engine)
{
    struct error err = {0};
    enum status status = insight_upkeep(engine, &err);

    if (status == STATUS_OK)
        status = events_upkeep(engine, &err);
    if (status == STATUS_OK)
        status = retention_upkeep(engine, &err);
    warn(status, &err);
    return status == STATUS_OK;
}

static bool is_stopping(struct nightly *nightly)
{
    pthread_mutex_lock(&nightly->lock);
    bool stopping = nightly->stopping;
    pthread_mutex_unlock(&nightly->lock);
    return stopping;
}

static enum status measure_tiers(struct engine *engine, int hour, struct error *err)
{
    enum { MEASURE_HOUR = 5 }; /* after the night's scores */
    int64_t measured;

    return hour == MEASURE_HOUR ? tiers_measure(engine, &measured, err) : STATUS_OK;
}

static enum status keep_books(struct engine *engine, int hour, struct error *err)
{
    (void)hour;
    return finance_upkeep(engine, err);
}

static enum status drop_quotes(struct engine *engine, int hour, struct error *err)
{
    int64_t dropped;

    (void)hour;
    return retention_quotes(engine, &dropped, err);
}

/* A server that stops waits for the piece at work, not for those after it. */
static void work_of_hour(struct nightly *nightly, int hour)
{
    static enum status (*const pieces[])(struct engine * engine, int hour, struct error *err) = {
        insight_rescore, insight_segments, measure_tiers,     duplicates_nightly,
        keep_books,      drop_quotes,      redemption_hourly,
    };
    struct error err = {0};

    for (size_t i = 0; i < sizeof pieces / sizeof *pieces && !is_stopping(nightly); i++)
        warn(pieces[i](nightly->engine, hour, &err), &err);
}

/* Every time: what quotes have reserved and nobody bought is free again. */
static void end_quotes(struct engine *engine)
{
    struct error err = {0};

    warn(quotes_lapse(engine, &err), &err);
}

/* Every time: which tasks have risen since, and which approvals are over. */
static void note_tasks(struct engine *engine)
{
    struct error err = {0};

    warn(tasks_note(engine, &err), &err);
    warn(approvals_follow(engine, &err), &err);
    warn(coupons_lapse(engine, &err), &err);
    warn(gift_cards_lapse(engine, &err), &err);
    warn(rewards_lapse(engine, &err), &err);
    warn(contracts_follow(engine, &err), &err);
}

/* Once a programme day, and after a start. */
static void give_occasions(struct engine *engine, int32_t *day)
{
    struct error err = {0};
    int64_t given;

    warn(occasions_give(engine, day, &given, &err), &err);
}

static void save_erased(struct nightly *nightly)
{
    struct error err = {0};

    if (erased_save(nightly->engine, nightly->erased_file, &err) != STATUS_OK)
        log_event(LOG_WARNING, "erased.failed", "%s: %s", err.code, err.message);
}

/* Soon after the start as well: the file of a day is written once. */
static void save_heads(struct nightly *nightly, int64_t hours)
{
    struct error err = {0};

    if (nightly->heads != NULL)
        warn(heads_save_day(engine_storage(nightly->engine), nightly->heads, (int32_t)(hours / DAY_HOURS), &err), &err);
}

static void *run(void *context)
{
    struct nightly *nightly = context;
    int64_t hour = INT64_MIN, day = INT64_MIN; /* of the last work */
    int32_t occasions_day = DAY_NONE;

    pthread_setname_np(pthread_self(), "nightly");
    setpriority(PRIO_PROCESS, (id_t)gettid(), NIGHTLY_NICE);
    save_heads(nightly, local_hours(nightly->engine));
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
        note_tasks(nightly->engine);
        end_quotes(nightly->engine);
        give_occasions(nightly->engine, &occasions_day);
        int64_t now = local_hours(nightly->engine);
        save_heads(nightly, now);
        if (now / DAY_HOURS != day && work_of_day(nightly->engine))
            day = now / DAY_HOURS;
        if (now != hour)
            work_of_hour(nightly, (int)(now % DAY_HOURS));
        hour = now;
        pthread_mutex_lock(&nightly->lock);
    }
    pthread_mutex_unlock(&nightly->lock);
    save_erased(nightly);
    return NULL;
}

enum status nightly_start(const struct nightly_options *options, struct nightly **out, struct error *err)
{
    struct nightly *nightly = calloc(1, sizeof *nightly);

    if (nightly == NULL)
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory for the nightly work");
    nightly->engine = options->engine;
    nightly->erased_file = options->erased_file;
    nightly->heads = options->heads;
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
