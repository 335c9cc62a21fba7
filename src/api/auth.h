/* auth.h: who is asking: keys and sessions, kept in memory and read again when they change. */
#ifndef PATRON_API_AUTH_H
#define PATRON_API_AUTH_H

#include "api/internal.h"
#include "api/user.h"

enum { SESSION_HOURS = 12, AUTH_REFRESH_MS = 500 };

enum status auth_new(struct engine *engine, struct auth **out, struct error *err);
void auth_free(struct auth *auth); /* accepts NULL */

/* Reads keys, users and sessions again now. */
enum status auth_reload(struct auth *auth, struct error *err);

/*
 * Fills actor and permissions of the call, and checks that it may use its route: `auth.required`, `auth.token`,
 * `auth.csrf`, `auth.forbidden`, `auth.rate`.
 */
enum status auth_enter(struct auth *auth, struct request *request, struct error *err);

/* Lets go of what auth_enter holds for the request; its scope is gone. */
void auth_leave(struct request *request);

/* Scopes are built anew before the next request is let in. */
void auth_stale(struct auth *auth);

/* The scope of a user or key by id, or by the name that the audit trail has; NULL: unknown. Borrowed from the request. */
const struct scope *auth_scope_of(const struct request *request, int64_t id);
const struct scope *auth_scope_of_actor(const struct request *request, struct text actor);

/* Whether a role of the user needs a second factor, and there is none. */
bool auth_factor_needed(struct auth *auth, int64_t user);

/* The token of a session's cookie that a write must repeat in X-CSRF-Token. */
struct text csrf_token(struct arena *arena, struct text session_token);

extern const char session_cookie[];

/*
 * Signing in: whether `name` from `address` may try now. After 5 failures in a row it waits 30 s, then twice as long each
 * time, at most 15 minutes: STATUS_LIMIT `auth.locked`, with the seconds to wait in `*wait_seconds`.
 */
enum status attempt_begin(struct auth *auth, struct text name, struct text address, int64_t *wait_seconds,
                          struct error *err);
void attempt_end(struct auth *auth, struct text name, struct text address, bool succeeded);

#endif
