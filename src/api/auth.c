/* auth.c: who is asking: keys and sessions, kept in memory and read again when they change. */
#include "api/auth.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/auth_internal.h"
#include "api/auth_store.h"
#include "api/write_store.h"
#include "foundation/encoding.h"
#include "foundation/log.h"
#include "foundation/map.h"

const char session_cookie[] = "patron_session";

enum { SNAPSHOT_BYTES_MAX = 256 * 1024 * 1024, KEY_USED_EVERY_MS = 60 * 1000 };

/* ---- reading ---- */

static bool has_factor(const struct snapshot *snapshot, int64_t user)
{
    for (size_t i = 0; i < snapshot->factors.count; i++)
        if (snapshot->factors.items[i].account == user && snapshot->factors.items[i].confirmed)
            return true;
    return false;
}

/* Principals of the same places share their scope. */
static const struct scope *scope_for(struct snapshot *snapshot, struct text places, bool home_members)
{
    if (places.size == 0)
        return &scope_of_company;
    struct builder key = {.arena = snapshot->arena};
    builder_string(&key, home_members ? "home " : "any ");
    builder_text(&key, places);
    struct scope *known = map_get(snapshot->scopes, builder_done(&key));
    if (known != NULL)
        return known;
    const struct scope *made =
        scope_build(snapshot->arena, places, home_members, snapshot->tree.items, snapshot->tree.count);
    map_put(snapshot->scopes, builder_done(&key), (void *)(uintptr_t)made);
    return made;
}

/* Keys may have one name: then only who sees the whole company sees what they did. */
static void add_actor(struct snapshot *snapshot, int64_t id, struct text actor, const struct scope *scope)
{
    const struct scope *known = map_get(snapshot->actors, actor);
    map_put_id(snapshot->everyone, id, (void *)(uintptr_t)scope);
    map_put(snapshot->actors, actor, (void *)(uintptr_t)(known == NULL || known == scope ? scope : &scope_of_company));
}

static void add_users(struct snapshot *snapshot, const struct stored_users *users)
{
    snapshot->users = map_new(snapshot->arena, users->count + 1);
    for (size_t i = 0; i < users->count; i++) {
        const struct user *user = &users->items[i].user;
        struct principal *principal = arena_alloc(snapshot->arena, sizeof *principal);
        struct builder actor = {.arena = snapshot->arena};
        builder_string(&actor, "user:");
        builder_text(&actor, user->name);
        principal->id = user->id;
        principal->actor = builder_done(&actor);
        principal->alive = !user->disabled;
        principal->scope = scope_for(snapshot, user->places, user->home_members);
        add_actor(snapshot, user->id, principal->actor, principal->scope);
        principal->factor_needed = (user->roles & snapshot->factor_roles) != 0 && !has_factor(snapshot, user->id);
        for (int role = 0; role < ROLE_COUNT && !principal->factor_needed; role++)
            if (user->roles & 1U << role)
                principal->permissions |= role_permissions((enum role)role);
        map_put_id(snapshot->users, user->id, principal);
    }
}

static void add_sessions(struct snapshot *snapshot, const struct stored_sessions *sessions)
{
    for (size_t i = 0; i < sessions->count; i++) {
        const struct stored_session *session = &sessions->items[i];
        const struct principal *user = map_get_id(snapshot->users, session->user);
        if (user == NULL)
            continue;
        struct principal *principal = arena_copy(snapshot->arena, user, sizeof *user);
        principal->expires_at = session->expires_at;
        map_put(snapshot->sessions, (struct text){(const char *)session->digest, DIGEST_SIZE}, principal);
    }
}

static void add_keys(struct auth *auth, struct snapshot *snapshot, const struct stored_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        const struct stored_key *key = &keys->items[i];
        struct principal *principal = arena_alloc(snapshot->arena, sizeof *principal);
        struct builder actor = {.arena = snapshot->arena};
        builder_string(&actor, "key:");
        builder_text(&actor, key->key.name);
        principal->id = key->key.id;
        principal->actor = builder_done(&actor);
        principal->alive = true;
        principal->permissions = key->key.scopes;
        principal->scope = scope_for(snapshot, key->key.places, key->key.home_members);
        add_actor(snapshot, key->key.id, principal->actor, principal->scope);
        if (key->key.revoked_at != 0)
            continue;
        principal->pace = pace_of(auth, key->key.id);
        principal->rate_per_second = key->key.rate_per_second;
        map_put(snapshot->keys, (struct text){(const char *)key->digest, DIGEST_SIZE}, principal);
    }
}

static enum status read_snapshot(struct auth *auth, struct storage_session *session, struct snapshot *snapshot,
                                 struct error *err)
{
    struct stored_users users = {.items = NULL};
    struct stored_keys keys = {.items = NULL};
    struct stored_sessions sessions = {.items = NULL};
    enum status status = change_read(session, &snapshot->change, err);
    if (status == STATUS_OK)
        status = users_read(session, snapshot->arena, &users, err);
    if (status == STATUS_OK)
        status = keys_read(session, snapshot->arena, &keys, err);
    if (status == STATUS_OK)
        status = sessions_read(session, snapshot->arena, clock_now(engine_clock(auth->engine)), &sessions, err);
    if (status == STATUS_OK)
        status = scope_places_read(session, snapshot->arena, &snapshot->tree, err);
    if (status == STATUS_OK)
        status = factors_read(session, snapshot->arena, 0, &snapshot->factors, err);
    if (status == STATUS_OK)
        status = factor_roles_read(session, &snapshot->factor_roles, err);
    if (status != STATUS_OK)
        return status;
    snapshot->scopes = map_new(snapshot->arena, 64);
    snapshot->everyone = map_new(snapshot->arena, users.count + keys.count + 1);
    snapshot->actors = map_new(snapshot->arena, users.count + keys.count + 1);
    snapshot->keys = map_new(snapshot->arena, keys.count + 1);
    snapshot->sessions = map_new(snapshot->arena, sessions.count + 1);
    add_users(snapshot, &users);
    add_sessions(snapshot, &sessions);
    add_keys(auth, snapshot, &keys);
    return STATUS_OK;
}

static void snapshot_release(struct snapshot *snapshot)
{
    if (snapshot != NULL && atomic_fetch_sub(&snapshot->holders, 1) == 1)
        arena_free(snapshot->arena);
}

void auth_leave(struct request *request)
{
    snapshot_release(request->snapshot);
    request->snapshot = NULL;
    request->call.scope = &scope_of_nobody;
}

void auth_stale(struct auth *auth)
{
    atomic_store(&auth->stale, true);
}

const struct scope *auth_scope_of(const struct request *request, int64_t id)
{
    return request->snapshot == NULL ? NULL : map_get_id(request->snapshot->everyone, id);
}

const struct scope *auth_scope_of_actor(const struct request *request, struct text actor)
{
    return request->snapshot == NULL ? NULL : map_get(request->snapshot->actors, actor);
}

enum status auth_reload(struct auth *auth, struct error *err)
{
    struct storage_session *session;
    enum status status = engine_read_begin(auth->engine, &session, err);
    if (status != STATUS_OK)
        return status;
    struct arena *arena = arena_new(SNAPSHOT_BYTES_MAX);
    if (arena == NULL) {
        engine_read_end(auth->engine, session);
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory for the keys");
    }
    struct snapshot *snapshot = arena_alloc(arena, sizeof *snapshot);
    snapshot->arena = arena;
    atomic_init(&snapshot->holders, 1);
    status = read_snapshot(auth, session, snapshot, err);
    engine_read_end(auth->engine, session);
    if (status != STATUS_OK) {
        arena_free(arena);
        return status;
    }
    pthread_rwlock_wrlock(&auth->lock);
    struct snapshot *old = auth->snapshot;
    bool newer = old == NULL || snapshot->change >= old->change;
    if (newer)
        auth->snapshot = snapshot;
    pthread_rwlock_unlock(&auth->lock);
    snapshot_release(newer ? old : snapshot);
    return STATUS_OK;
}

static bool changed_since(struct auth *auth)
{
    struct storage_session *session;
    struct error error;
    if (engine_read_begin(auth->engine, &session, &error) != STATUS_OK)
        return false;
    int64_t change = 0;
    bool known = change_read(session, &change, &error) == STATUS_OK;
    engine_read_end(auth->engine, session);
    pthread_rwlock_rdlock(&auth->lock);
    bool changed = known && change != auth->snapshot->change;
    pthread_rwlock_unlock(&auth->lock);
    return changed;
}

/* When the keys were last used; only this thread changes `written_at`, and paces are never removed. */
static void write_used(struct auth *auth)
{
    struct error error = {.status = STATUS_OK};
    enum status status = STATUS_OK;
    pthread_mutex_lock(&auth->pace_lock);
    struct pace *first = auth->paces;
    pthread_mutex_unlock(&auth->pace_lock);
    for (struct pace *pace = first; pace != NULL && status == STATUS_OK; pace = pace->next) {
        int64_t used_at = atomic_load_explicit(&pace->used_at, memory_order_relaxed);
        if (used_at == pace->written_at)
            continue;
        if (auth->session == NULL)
            status = write_open(auth->engine, &auth->session, &error);
        if (status == STATUS_OK)
            status = key_write_used(auth->session, pace->id, used_at, &error);
        if (status == STATUS_OK)
            pace->written_at = used_at;
    }
    if (status != STATUS_OK)
        log_event(LOG_WARNING, "auth.used", "%s: %s", error.code, error.message);
}

static void *refresh(void *context)
{
    struct auth *auth = context;
    int64_t turn = 0;
    pthread_setname_np(pthread_self(), "auth-refresh");
    pthread_mutex_lock(&auth->wait_lock);
    while (!auth->stopping) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += AUTH_REFRESH_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        pthread_cond_timedwait(&auth->wake, &auth->wait_lock, &until);
        if (auth->stopping)
            break;
        pthread_mutex_unlock(&auth->wait_lock);
        struct error error;
        if (changed_since(auth) && auth_reload(auth, &error) != STATUS_OK)
            log_event(LOG_WARNING, "auth.refresh", "%s: %s", error.code, error.message);
        attempts_share(auth);
        if (++turn % (KEY_USED_EVERY_MS / AUTH_REFRESH_MS) == 0)
            write_used(auth);
        pthread_mutex_lock(&auth->wait_lock);
    }
    pthread_mutex_unlock(&auth->wait_lock);
    write_used(auth);
    return NULL;
}

enum status auth_new(struct engine *engine, struct auth **out, struct error *err)
{
    struct auth *auth = calloc(1, sizeof *auth);
    if (auth == NULL)
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory for the keys");
    auth->engine = engine;
    pthread_rwlock_init(&auth->lock, NULL);
    pthread_mutex_init(&auth->wait_lock, NULL);
    pthread_mutex_init(&auth->pace_lock, NULL);
    pthread_cond_init(&auth->wake, NULL);
    enum status status = auth_reload(auth, err);
    if (status == STATUS_OK && pthread_create(&auth->thread, NULL, refresh, auth) != 0)
        status = error_set(err, STATUS_LIMIT, "internal.defect", "", "the watch over keys cannot start");
    if (status != STATUS_OK) {
        auth->stopping = true;
        auth->threadless = true;
        auth_free(auth);
        return status;
    }
    *out = auth;
    return STATUS_OK;
}

void auth_free(struct auth *auth)
{
    if (auth == NULL)
        return;
    pthread_mutex_lock(&auth->wait_lock);
    auth->stopping = true;
    pthread_cond_signal(&auth->wake);
    pthread_mutex_unlock(&auth->wait_lock);
    if (!auth->threadless)
        pthread_join(auth->thread, NULL);
    write_close(auth->session);
    snapshot_release(auth->snapshot);
    while (auth->paces != NULL) {
        struct pace *pace = auth->paces;
        auth->paces = pace->next;
        free(pace);
    }
    free(auth);
}

/* ---- asking ---- */

/* The request holds the snapshot until it is answered. */
static bool take_principal(struct auth *auth, const struct map *(*choose)(const struct snapshot *), struct text token,
                           struct request *request, struct principal *out)
{
    unsigned char digest[DIGEST_SIZE];
    digest_compute(token.bytes, token.size, digest);
    pthread_rwlock_rdlock(&auth->lock);
    const struct principal *found = map_get(choose(auth->snapshot), (struct text){(const char *)digest, DIGEST_SIZE});
    if (found != NULL) {
        *out = *found;
        out->actor = text_copy(request->call.arena, found->actor);
        request->snapshot = auth->snapshot;
        atomic_fetch_add(&auth->snapshot->holders, 1);
    }
    pthread_rwlock_unlock(&auth->lock);
    return found != NULL;
}

static const struct map *choose_keys(const struct snapshot *snapshot)
{
    return snapshot->keys;
}

static const struct map *choose_sessions(const struct snapshot *snapshot)
{
    return snapshot->sessions;
}

bool auth_factor_needed(struct auth *auth, int64_t user)
{
    pthread_rwlock_rdlock(&auth->lock);
    const struct principal *found = map_get_id(auth->snapshot->users, user);
    bool needed = found != NULL && found->factor_needed;
    pthread_rwlock_unlock(&auth->lock);
    return needed;
}

struct text csrf_token(struct arena *arena, struct text session_token)
{
    static const char purpose[] = "patron csrf token";
    unsigned char digest[DIGEST_SIZE];
    char *out = arena_alloc(arena, DIGEST_SIZE * 2 + 1);
    digest_keyed(purpose, sizeof purpose - 1, session_token.bytes, session_token.size, digest);
    return text_from(hex_encode(digest, DIGEST_SIZE, out));
}

static bool writes(enum http_method method)
{
    return method != HTTP_GET && method != HTTP_HEAD && method != HTTP_OPTIONS;
}

static enum status enter_session(struct auth *auth, struct request *request, struct text token, struct principal *who,
                                 struct error *err)
{
    if (!take_principal(auth, choose_sessions, token, request, who) || who->expires_at <= request->call.now)
        return error_set(err, STATUS_UNAUTHORISED, "auth.required", "", "the session is over; sign in again");
    if (!who->alive)
        return error_set(err, STATUS_UNAUTHORISED, "auth.disabled", "", "the user is disabled");
    struct text given = http_header(request->exchange, "X-CSRF-Token");
    struct text wanted = csrf_token(request->call.arena, token);
    if (writes(request->exchange->method) &&
        (given.size != wanted.size || !secret_equal(given.bytes, wanted.bytes, wanted.size)))
        return error_set(err, STATUS_FORBIDDEN, "auth.csrf", "X-CSRF-Token",
                         "a write with a session needs the csrf_token of its sign-in in X-CSRF-Token");
    return STATUS_OK;
}

/* A key that another process made a moment ago is looked for before it is called unknown. */
static bool take_key(struct auth *auth, struct request *request, struct text token, struct principal *who)
{
    struct error error;
    return take_principal(auth, choose_keys, token, request, who) ||
           (changed_since(auth) && auth_reload(auth, &error) == STATUS_OK &&
            take_principal(auth, choose_keys, token, request, who));
}

static enum status enter_key(struct auth *auth, struct request *request, struct text token, struct principal *who,
                             struct error *err)
{
    if (!take_key(auth, request, token, who))
        return error_set(err, STATUS_UNAUTHORISED, "auth.token", "", "the key is unknown or revoked");
    if (!pace_take(auth, who->pace, who->rate_per_second))
        return error_set(err, STATUS_LIMIT, "auth.rate", "", "this key may make %lld requests a second",
                         (long long)who->rate_per_second);
    pace_use(who->pace, request->call.now);
    return STATUS_OK;
}

enum status auth_enter(struct auth *auth, struct request *request, struct error *err)
{
    static const char bearer[] = "Bearer ";
    struct call *call = &request->call;
    enum permission wanted = call->route->permission;
    if (wanted == PERMISSION_PUBLIC)
        return STATUS_OK;
    struct principal who = {.id = 0};
    struct error ignored;
    if (atomic_exchange(&auth->stale, false))
        (void)auth_reload(auth, &ignored);
    struct text header = http_header(request->exchange, "Authorization");
    struct text cookie = http_cookie(request->exchange, session_cookie);
    enum status status;
    if (header.size > sizeof bearer - 1 && strncasecmp(header.bytes, bearer, sizeof bearer - 1) == 0) {
        struct text token = {header.bytes + sizeof bearer - 1, header.size - (sizeof bearer - 1)};
        status = enter_key(auth, request, token, &who, err);
    } else if (cookie.size > 0) {
        status = enter_session(auth, request, cookie, &who, err);
        if (status != STATUS_OK && call->route->key_optional)
            return STATUS_OK;
    } else if (call->route->key_optional) {
        return STATUS_OK;
    } else {
        status = error_set(err, STATUS_UNAUTHORISED, "auth.required", "",
                           "send an API key as 'Authorization: Bearer ptk_...', or sign in");
    }
    if (status != STATUS_OK)
        return status;
    call->actor = who.actor;
    call->actor_id = who.id;
    call->scope = who.scope;
    call->permissions = who.permissions | permission_bit(PERMISSION_SIGNED_IN);
    if (!call_may(call, wanted))
        return error_set(err, STATUS_FORBIDDEN, "auth.forbidden", "", "this needs the permission '%s'",
                         permission_name(wanted));
    return STATUS_OK;
}
