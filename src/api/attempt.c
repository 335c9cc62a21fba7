/* attempt.c: how often signing in fails: counted here at once, and with the other processes within a second. */
#include <stdlib.h>

#include "api/attempt_store.h"
#include "api/auth_internal.h"
#include "api/write_store.h"
#include "foundation/log.h"
#include "foundation/map.h"

/* A first failure stays here, so that guessing many names once fills no table. */
enum { SHARED_FROM_FAILURES = 2 };

static int64_t now_of(const struct auth *auth)
{
    return clock_now(engine_clock(auth->engine));
}

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
    int64_t over = entry->at + wait * INSTANT_SECOND - now;
    if (over > wait * INSTANT_SECOND) /* the clock went back */
        over = wait * INSTANT_SECOND;
    return over <= 0 ? 0 : over / INSTANT_SECOND + 1;
}

/* An address may stand for many people, so it gets more attempts than a name. */
enum status attempt_begin(struct auth *auth, struct text name, struct text address, int64_t *wait_seconds,
                          struct error *err)
{
    int64_t now = now_of(auth);
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
    if (succeeded) {
        entry->cleared |= entry->shared;
        entry->failures = entry->unsent = 0;
    } else {
        entry->failures++;
        entry->unsent++;
    }
    entry->at = now_of(auth);
}

void attempt_end(struct auth *auth, struct text name, struct text address, bool succeeded)
{
    pthread_mutex_lock(&auth->pace_lock);
    count_attempt(auth, hash_of('n', name), succeeded);
    count_attempt(auth, hash_of('a', address), succeeded);
    pthread_mutex_unlock(&auth->pace_lock);
}

/* ---- with the other processes ---- */

static size_t take_unsent(struct auth *auth, struct shared_attempt *out)
{
    size_t count = 0;
    pthread_mutex_lock(&auth->pace_lock);
    for (size_t i = 0; i < ATTEMPTS_KEPT; i++) {
        struct attempts *entry = &auth->attempts[i];
        bool failed = entry->unsent > 0 && entry->failures >= SHARED_FROM_FAILURES;
        if (!entry->cleared && !failed)
            continue;
        out[count++] = (struct shared_attempt){
            .who = (int64_t)entry->who, .failures = entry->unsent, .at = entry->at, .cleared = entry->cleared};
        entry->shared = entry->unsent > 0;
        entry->cleared = false;
        entry->unsent = 0;
    }
    pthread_mutex_unlock(&auth->pace_lock);
    return count;
}

static enum status send(struct auth *auth, const struct shared_attempt *attempts, size_t count, struct error *err)
{
    enum status status = auth->session == NULL ? write_open(auth->engine, &auth->session, err) : STATUS_OK;
    if (status == STATUS_OK)
        status = write_begin(auth->session, err);
    if (status == STATUS_OK)
        status = write_end(auth->session, attempts_write(auth->session, attempts, count, err), err);
    return status;
}

static void take_shared(struct auth *auth, const struct shared_attempt *attempt)
{
    struct attempts *entry = attempts_of(auth, (uint64_t)attempt->who, true);
    entry->failures = (attempt->failures > 1000 ? 1000 : (int)attempt->failures) + entry->unsent;
    entry->at = attempt->at > entry->at ? attempt->at : entry->at;
    entry->shared = entry->seen = true;
}

/* What somebody signed in with elsewhere is in the table no more. */
static void forget_unseen(struct auth *auth)
{
    for (size_t i = 0; i < ATTEMPTS_KEPT; i++) {
        struct attempts *entry = &auth->attempts[i];
        if (entry->shared && !entry->seen && entry->unsent == 0) {
            entry->failures = 0;
            entry->shared = false;
        }
        entry->seen = false;
    }
}

void attempts_share(struct auth *auth)
{
    struct shared_attempt attempts[ATTEMPTS_KEPT];
    struct storage_session *session;
    struct error error;
    size_t count = take_unsent(auth, attempts);
    enum status status = count > 0 ? send(auth, attempts, count, &error) : STATUS_OK;
    if (status == STATUS_OK)
        status = engine_read_begin(auth->engine, &session, &error);
    if (status == STATUS_OK) {
        status = attempts_read(session, attempts, ATTEMPTS_KEPT, &count, &error);
        engine_read_end(auth->engine, session);
    }
    if (status != STATUS_OK) {
        log_event(LOG_WARNING, "auth.attempts", "%s: %s", error.code, error.message);
        return;
    }
    pthread_mutex_lock(&auth->pace_lock);
    for (size_t i = 0; i < count; i++)
        take_shared(auth, &attempts[i]);
    forget_unseen(auth);
    pthread_mutex_unlock(&auth->pace_lock);
}
