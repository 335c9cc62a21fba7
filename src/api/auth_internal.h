/* auth_internal.h: what the files of the authentication share. */
#ifndef PATRON_API_AUTH_INTERNAL_H
#define PATRON_API_AUTH_INTERNAL_H

#include <stdatomic.h>

#include "api/auth.h"
#include "api/factor_store.h"
#include "api/scope_store.h"

enum { ATTEMPTS_KEPT = 1024, ATTEMPTS_FREE = 5, ATTEMPT_WAIT_MAX_SECONDS = 15 * 60 };

/* How fast a key is used: tokens that fill up at its rate. Kept over reloads. */
struct pace {
    struct pace *next;
    int64_t id;
    int64_t milli_tokens;
    int64_t at;              /* monotonic microseconds; 0: never used */
    _Atomic int64_t used_at; /* by the clock */
    int64_t written_at;      /* used_at as the database has it */
};

struct principal {
    int64_t id;
    struct text actor;
    uint64_t permissions;
    const struct scope *scope; /* lives as long as the snapshot */
    bool alive;
    bool factor_needed;      /* nothing is allowed before the second factor is set up */
    int64_t expires_at;      /* of a session */
    int64_t rate_per_second; /* of a key */
    struct pace *pace;
};

/* Everything as read at one moment; replaced as a whole. */
struct snapshot {
    struct arena *arena;
    int64_t change;
    _Atomic int holders; /* the auth itself, and requests under way */
    struct map *users, *sessions, *keys;
    struct map *scopes;     /* by what is given, with or without "home" */
    struct map *everyone;   /* users and keys by id, revoked ones too: struct scope */
    struct map *actors;     /* by actor; of two keys of one name the scope of nobody's but the whole company's */
    struct factors factors; /* of users */
    int64_t factor_roles;
    struct scope_places tree;
};

/* Failures in a row of one name or address. */
struct attempts {
    uint64_t who; /* hash; 0: free */
    int failures; /* of all processes */
    int unsent;   /* of these, not yet in the database */
    bool shared;  /* in the database */
    bool cleared; /* to be taken from there */
    bool seen;    /* there when it was last read */
    int64_t at;   /* of the last */
};

struct auth {
    struct engine *engine;
    pthread_rwlock_t lock; /* of the snapshot */
    struct snapshot *snapshot;
    pthread_mutex_t pace_lock; /* of paces and attempts */
    struct pace *paces;
    struct attempts attempts[ATTEMPTS_KEPT];
    struct storage_session *session; /* of the thread, for what it writes; NULL until then */
    pthread_t thread;
    pthread_mutex_t wait_lock;
    pthread_cond_t wake;
    _Atomic bool stale; /* places changed: scopes are read again before the next request */
    bool stopping, threadless;
};

/* Counts failures to sign in with those of the other processes. */
void attempts_share(struct auth *auth);

/* Notes that the key is in use now. Cheap: written to the database once a minute. */
void pace_use(struct pace *pace, int64_t now);

struct pace *pace_of(struct auth *auth, int64_t key);
/* False when the key is used faster than `rate_per_second` (0: no limit). */
bool pace_take(struct auth *auth, struct pace *pace, int64_t rate_per_second);

#endif
