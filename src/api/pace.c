/* pace.c: how fast keys are used, and when they last were. */
#include <stdlib.h>
#include <time.h>

#include "api/auth_internal.h"

static int64_t monotonic(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

struct pace *pace_of(struct auth *auth, int64_t key)
{
    pthread_mutex_lock(&auth->pace_lock);
    struct pace *pace = auth->paces;
    while (pace != NULL && pace->id != key)
        pace = pace->next;
    if (pace == NULL && (pace = calloc(1, sizeof *pace)) != NULL) {
        pace->id = key;
        pace->next = auth->paces;
        auth->paces = pace;
    }
    pthread_mutex_unlock(&auth->pace_lock);
    return pace;
}

void pace_use(struct pace *pace, int64_t now)
{
    if (pace != NULL)
        atomic_store_explicit(&pace->used_at, now, memory_order_relaxed);
}

bool pace_take(struct auth *auth, struct pace *pace, int64_t rate_per_second)
{
    if (rate_per_second <= 0 || pace == NULL)
        return true;
    pthread_mutex_lock(&auth->pace_lock);
    int64_t now = monotonic();
    int64_t full = rate_per_second * 1000;
    int64_t elapsed = pace->at == 0 ? 1000000 : now - pace->at;
    if (elapsed > 1000000)
        elapsed = 1000000;
    pace->at = now;
    pace->milli_tokens += elapsed * rate_per_second / 1000;
    if (pace->milli_tokens > full)
        pace->milli_tokens = full;
    bool free = pace->milli_tokens >= 1000;
    if (free)
        pace->milli_tokens -= 1000;
    pthread_mutex_unlock(&auth->pace_lock);
    return free;
}
