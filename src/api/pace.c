/* pace.c: how fast keys are used, and how often signing in fails. */
#include <stdlib.h>
#include <time.h>

#include "api/auth_internal.h"
#include "foundation/map.h"

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

/* ---- signing in ---- */

static uint64_t hash_of(char kind, struct text who)
{
    uint64_t hash = hash_stable(who) * 31 + (unsigned char)kind;
    return hash == 0 ? 1 : hash;
}

/* The entry of `who`; when it has none and `make`, the one that was longest at rest. */
static struct attempts *attempts_of(struct auth *auth, uint64_t who, bool make)
{
    struct attempts *oldest = &auth->attempts[0];
    for (size_t i = 0; i < ATTEMPTS_KEPT; i++) {
        struct attempts *entry = &auth->attempts[i];
        if (entry->who == who)
            return entry;
        if (entry->at < oldest->at)
            oldest = entry;
    }
    if (!make)
        return NULL;
    *oldest = (struct attempts){.who = who};
    return oldest;
}

static int64_t seconds_to_wait(const struct attempts *entry, int allowed, int64_t now)
{
    if (entry == NULL || entry->failures < allowed)
        return 0;
    int64_t wait = 30;
    for (int i = allowed; i < entry->failures && wait < ATTEMPT_WAIT_MAX_SECONDS; i++)
        wait *= 2;
    if (wait > ATTEMPT_WAIT_MAX_SECONDS)
        wait = ATTEMPT_WAIT_MAX_SECONDS;
    int64_t over = entry->at + wait * 1000000 - now;
    return over <= 0 ? 0 : over / 1000000 + 1;
}

/* An address may stand for many people, so it gets more attempts than a name. */
enum status attempt_begin(struct auth *auth, struct text name, struct text address, int64_t *wait_seconds,
                          struct error *err)
{
    int64_t now = monotonic();
    pthread_mutex_lock(&auth->pace_lock);
    int64_t of_name = seconds_to_wait(attempts_of(auth, hash_of('n', name), false), ATTEMPTS_FREE, now);
    int64_t of_address = seconds_to_wait(attempts_of(auth, hash_of('a', address), false), ATTEMPTS_FREE * 10, now);
    pthread_mutex_unlock(&auth->pace_lock);
    *wait_seconds = of_name > of_address ? of_name : of_address;
    if (*wait_seconds > 0)
        return error_set(err, STATUS_LIMIT, "auth.locked", "", "too many attempts failed; wait %lld seconds",
                         (long long)*wait_seconds);
    return STATUS_OK;
}

static void count_attempt(struct auth *auth, uint64_t who, bool succeeded)
{
    struct attempts *entry = attempts_of(auth, who, !succeeded);
    if (entry == NULL)
        return;
    entry->failures = succeeded ? 0 : entry->failures + 1;
    entry->at = monotonic();
}

void attempt_end(struct auth *auth, struct text name, struct text address, bool succeeded)
{
    pthread_mutex_lock(&auth->pace_lock);
    count_attempt(auth, hash_of('n', name), succeeded);
    count_attempt(auth, hash_of('a', address), succeeded);
    pthread_mutex_unlock(&auth->pace_lock);
}
