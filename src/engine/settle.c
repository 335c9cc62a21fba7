#include "engine/settle.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/lane.h"
#include "foundation/log.h"

enum { UNANSWERED_MAX = 4 * ENGINE_BATCH_MAX, BATCHES_MAX = 64 };
enum { SETTLE_TRIES = 20, SETTLE_PAUSE_MS = 250 }; /* about five seconds */

struct unanswered {
    struct queued queued[UNANSWERED_MAX];
    size_t count;
    int64_t committed_at[BATCHES_MAX];
    size_t batches;
};

/* While the disk takes what is in one of the two, lanes fill the other: the next flush is for all of that. */
struct settler {
    struct storage *storage;
    struct latency *commits;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t arrived, room;
    struct unanswered both[2];
    int filling;
    bool working, stopping;
};

static enum status settle(struct settler *settler, struct error *err)
{
    enum status status = storage_settle(settler->storage, err);

    for (int try = 1; status != STATUS_OK && try < SETTLE_TRIES; try++) {
        if (try == 1)
            log_event(LOG_ERROR, "engine.flush", "%s (%s)", err->message, err->code);
        nanosleep(&(struct timespec){.tv_nsec = SETTLE_PAUSE_MS * 1000000L}, NULL);
        status = storage_settle(settler->storage, err);
    }
    return status;
}

static void fail_all(struct unanswered *unanswered, const struct error *err)
{
    for (size_t i = 0; i < unanswered->count; i++) {
        struct command *command = unanswered->queued[i].command;
        if (command->status == STATUS_OK)
            command->status = error_set(&command->error, STATUS_IO, "storage.commit_unknown", "",
                                        "the disk did not confirm that this was kept: %s", err->message);
    }
}

static void answer(struct settler *settler, struct unanswered *unanswered)
{
    struct error err;

    if (settle(settler, &err) != STATUS_OK)
        fail_all(unanswered, &err);
    for (size_t i = 0; i < unanswered->batches; i++)
        if (unanswered->committed_at[i] > 0)
            latency_add(settler->commits, latency_now() - unanswered->committed_at[i]);
    for (size_t i = 0; i < unanswered->count; i++)
        queued_finish(&unanswered->queued[i]);
    unanswered->count = unanswered->batches = 0;
}

static void *run(void *context)
{
    struct settler *settler = context;

    pthread_setname_np(pthread_self(), "settler");
    pthread_mutex_lock(&settler->lock);
    for (;;) {
        struct unanswered *unanswered = &settler->both[settler->filling];
        if (unanswered->batches == 0 && settler->stopping)
            break;
        if (unanswered->batches == 0) {
            pthread_cond_wait(&settler->arrived, &settler->lock);
            continue;
        }
        settler->filling = 1 - settler->filling;
        settler->working = true;
        pthread_cond_signal(&settler->room);
        pthread_mutex_unlock(&settler->lock);
        answer(settler, unanswered);
        pthread_mutex_lock(&settler->lock);
        settler->working = false;
    }
    pthread_mutex_unlock(&settler->lock);
    return NULL;
}

enum status settler_start(struct storage *storage, struct latency *commits, struct settler **out, struct error *err)
{
    struct settler *settler = calloc(1, sizeof *settler);

    if (settler == NULL)
        return error_set(err, STATUS_LIMIT, "engine.memory", "", "there is no memory for the engine");
    settler->storage = storage;
    settler->commits = commits;
    pthread_mutex_init(&settler->lock, NULL);
    pthread_cond_init(&settler->arrived, NULL);
    pthread_cond_init(&settler->room, NULL);
    if (pthread_create(&settler->thread, NULL, run, settler) != 0) {
        free(settler);
        return error_set(err, STATUS_LIMIT, "engine.thread", "", "the engine cannot start a thread");
    }
    *out = settler;
    return STATUS_OK;
}

void settler_stop(struct settler *settler)
{
    if (settler == NULL)
        return;
    pthread_mutex_lock(&settler->lock);
    settler->stopping = true;
    pthread_cond_signal(&settler->arrived);
    pthread_mutex_unlock(&settler->lock);
    pthread_join(settler->thread, NULL);
    free(settler);
}

void settler_put(struct settler *settler, const struct queued *queued, size_t count, int64_t committed_at)
{
    assert(count <= ENGINE_BATCH_MAX);
    pthread_mutex_lock(&settler->lock);
    struct unanswered *unanswered = &settler->both[settler->filling];
    while (unanswered->count + count > UNANSWERED_MAX || unanswered->batches == BATCHES_MAX) {
        pthread_cond_wait(&settler->room, &settler->lock);
        unanswered = &settler->both[settler->filling];
    }
    memcpy(unanswered->queued + unanswered->count, queued, count * sizeof *queued);
    unanswered->count += count;
    unanswered->committed_at[unanswered->batches++] = committed_at;
    pthread_cond_signal(&settler->arrived);
    pthread_mutex_unlock(&settler->lock);
}

bool settler_is_idle(struct settler *settler)
{
    pthread_mutex_lock(&settler->lock);
    bool idle = !settler->working && settler->both[settler->filling].batches == 0;
    pthread_mutex_unlock(&settler->lock);
    return idle;
}
