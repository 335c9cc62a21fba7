/* auth_store.c: users, keys and sessions in the database. */
#include "api/auth_store.h"

#include <string.h>

#include "queries.h"
#include "storage/storage.h"

/* ---- scopes ---- */

struct text scopes_text(struct arena *arena, uint64_t scopes)
{
    struct builder out = {.arena = arena};
    for (int i = PERMISSION_SIGNED_IN + 1; i < PERMISSION_COUNT; i++) {
        if (!(scopes & permission_bit((enum permission)i)))
            continue;
        if (out.size > 0)
            builder_char(&out, ',');
        builder_string(&out, permission_name((enum permission)i));
    }
    return builder_done(&out);
}

/* A name that this release does not know allows nothing. */
uint64_t scopes_from(struct text names)
{
    uint64_t scopes = permission_bit(PERMISSION_SIGNED_IN);
    size_t start = 0;
    for (size_t i = 0; i <= names.size; i++) {
        if (i < names.size && names.bytes[i] != ',')
            continue;
        enum permission permission;
        if (permission_find((struct text){names.bytes + start, i - start}, &permission))
            scopes |= permission_bit(permission);
        start = i + 1;
    }
    return scopes;
}

/* ---- reading ---- */

struct reading {
    struct arena *arena;
    void *out;
};

static void user_from_row(const struct storage_row *row, struct arena *arena, struct stored_user *out)
{
    *out = (struct stored_user){
        .user = {.id = row_integer(row, 0),
                 .name = row_text_copy(row, 1, arena),
                 .display_name = row_text_copy(row, 2, arena),
                 .roles = (uint32_t)row_integer(row, 3),
                 .disabled = row_integer(row, 4) != 0,
                 .created_at = row_integer(row, 5),
                 .version = row_integer(row, 6),
                 .places = row_text_copy(row, 8, arena),
                 .home_members = row_integer(row, 9) != 0},
        .password = row_text_copy(row, 7, arena),
    };
}

static enum status add_user(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    const struct reading *reading = context;
    struct stored_users *users = reading->out;
    users->items = arena_grow(reading->arena, users->items, &users->capacity, users->count + 1, sizeof *users->items);
    user_from_row(row, reading->arena, &users->items[users->count++]);
    return STATUS_OK;
}

static enum status add_key(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;
    struct stored_keys *keys = reading->out;
    struct text digest = row_text(row, 8);
    if (digest.size != DIGEST_SIZE)
        return error_set(err, STATUS_DEFECT, "internal.defect", "", "the digest of a key has %zu bytes", digest.size);
    keys->items = arena_grow(reading->arena, keys->items, &keys->capacity, keys->count + 1, sizeof *keys->items);
    struct stored_key *key = &keys->items[keys->count++];
    *key = (struct stored_key){.key = {.id = row_integer(row, 0),
                                       .name = row_text_copy(row, 1, reading->arena),
                                       .scopes = scopes_from(row_text(row, 2)),
                                       .rate_per_second = row_integer(row, 3),
                                       .created_at = row_integer(row, 4),
                                       .revoked_at = row_integer(row, 5),
                                       .last_used_at = row_integer(row, 6),
                                       .actor = row_text_copy(row, 7, reading->arena),
                                       .places = row_text_copy(row, 9, reading->arena),
                                       .home_members = row_integer(row, 10) != 0}};
    memcpy(key->digest, digest.bytes, DIGEST_SIZE);
    return STATUS_OK;
}

static enum status add_session(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;
    struct stored_sessions *sessions = reading->out;
    struct text digest = row_text(row, 0);
    if (digest.size != DIGEST_SIZE)
        return error_set(err, STATUS_DEFECT, "internal.defect", "", "the digest of a session has %zu bytes",
                         digest.size);
    sessions->items =
        arena_grow(reading->arena, sessions->items, &sessions->capacity, sessions->count + 1, sizeof *sessions->items);
    struct stored_session *session = &sessions->items[sessions->count++];
    *session = (struct stored_session){.user = row_integer(row, 1), .expires_at = row_integer(row, 2)};
    memcpy(session->digest, digest.bytes, DIGEST_SIZE);
    return STATUS_OK;
}

enum status users_read(struct storage_session *session, struct arena *arena, struct stored_users *out,
                       struct error *err)
{
    struct reading reading = {arena, out};
    struct storage_receiver receiver = {.row = add_user, .context = &reading};
    return storage_run(session, &query_api_user_list, NULL, 1, &receiver, err);
}

enum status keys_read(struct storage_session *session, struct arena *arena, struct stored_keys *out, struct error *err)
{
    struct reading reading = {arena, out};
    struct storage_receiver receiver = {.row = add_key, .context = &reading};
    return storage_run(session, &query_api_key_list, NULL, 1, &receiver, err);
}

enum status sessions_read(struct storage_session *session, struct arena *arena, int64_t now,
                          struct stored_sessions *out, struct error *err)
{
    struct reading reading = {arena, out};
    struct storage_receiver receiver = {.row = add_session, .context = &reading};
    const struct storage_value values[] = {value_integer(now)};
    return storage_run(session, &query_api_session_list, values, 1, &receiver, err);
}

static enum status read_one_user(struct storage_session *session, const struct storage_query *query,
                                 struct storage_value value, const struct reading *reading, struct error *err)
{
    struct stored_users found = {.items = NULL};
    struct reading list = {reading->arena, &found};
    struct storage_receiver receiver = {.row = add_user, .context = &list};
    enum status status = storage_run(session, query, &value, 1, &receiver, err);
    if (status != STATUS_OK)
        return status;
    if (found.count == 0)
        return error_set(err, STATUS_MISSING, "user.unknown", "", "there is no such user");
    *(struct stored_user *)reading->out = found.items[0];
    return STATUS_OK;
}

enum status user_read(struct storage_session *session, struct arena *arena, int64_t id, struct stored_user *out,
                      struct error *err)
{
    return read_one_user(session, &query_api_user_get, value_integer(id), &(struct reading){arena, out}, err);
}

enum status user_read_named(struct storage_session *session, struct arena *arena, struct text name,
                            struct stored_user *out, struct error *err)
{
    return read_one_user(session, &query_api_user_find, value_text(name), &(struct reading){arena, out}, err);
}

static enum status take_integer(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    *(int64_t *)context = row_integer(row, 0);
    return STATUS_OK;
}

enum status change_read(struct storage_session *session, int64_t *out, struct error *err)
{
    *out = 0;
    struct storage_receiver receiver = {.row = take_integer, .context = out};
    return storage_run(session, &query_api_change_read, NULL, 1, &receiver, err);
}

/* ---- writing ---- */

static enum status take_changes(void *context, int64_t changes, struct error *err)
{
    (void)err;
    *(int64_t *)context = changes;
    return STATUS_OK;
}

/* Runs a write and counts it as a change; `*changes` (may be NULL) is how many rows it wrote. */
static enum status run_write(struct storage_session *session, const struct storage_query *query,
                             const struct storage_value *values, int64_t *changes, struct error *err)
{
    int64_t ignored = 0;
    struct storage_receiver receiver = {.done = take_changes, .context = changes == NULL ? &ignored : changes};
    enum status status = storage_run(session, query, values, 1, &receiver, err);
    if (status != STATUS_OK)
        return status;
    return storage_run(session, &query_api_change_bump, NULL, 1, NULL, err);
}

enum status user_write_new(struct storage_session *session, const struct stored_user *user, struct error *err)
{
    const struct user *made = &user->user;
    const struct storage_value values[] = {value_integer(made->id),        value_text(made->name),
                                           value_text(made->display_name), value_integer(made->roles),
                                           value_text(user->password),     value_integer(made->created_at),
                                           value_text(made->places),       value_integer(made->home_members)};
    int64_t changes = 0;
    enum status status = run_write(session, &query_api_user_insert, values, &changes, err);
    if (status == STATUS_OK && changes == 0)
        return error_set(err, STATUS_CONFLICT, "user.known", "name", "there is a user of this name");
    return status;
}

enum status user_write(struct storage_session *session, const struct user *user, struct error *err)
{
    const struct storage_value values[] = {value_integer(user->id),    value_text(user->display_name),
                                           value_integer(user->roles), value_integer(user->disabled),
                                           value_text(user->places),   value_integer(user->home_members)};
    return run_write(session, &query_api_user_update, values, NULL, err);
}

enum status user_write_password(struct storage_session *session, int64_t id, struct text hash, struct error *err)
{
    const struct storage_value values[] = {value_integer(id), value_text(hash)};
    return run_write(session, &query_api_user_password, values, NULL, err);
}

enum status user_remove(struct storage_session *session, int64_t id, struct error *err)
{
    const struct storage_value values[] = {value_integer(id)};
    enum status status = run_write(session, &query_api_session_end, values, NULL, err);
    if (status == STATUS_OK)
        status = run_write(session, &query_api_identity_link_drop, values, NULL, err);
    return status != STATUS_OK ? status : run_write(session, &query_api_user_delete, values, NULL, err);
}

enum status key_write_new(struct storage_session *session, const struct stored_key *key, struct error *err)
{
    struct arena *arena = arena_new(64 * 1024);
    const struct storage_value values[] = {value_integer(key->key.id),
                                           value_text(key->key.name),
                                           value_blob(key->digest, DIGEST_SIZE),
                                           value_text(scopes_text(arena, key->key.scopes)),
                                           value_integer(key->key.rate_per_second),
                                           value_integer(key->key.created_at),
                                           value_text(key->key.actor),
                                           value_text(key->key.places),
                                           value_integer(key->key.home_members)};
    enum status status = run_write(session, &query_api_key_insert, values, NULL, err);
    arena_free(arena);
    return status;
}

enum status key_write_revoked(struct storage_session *session, int64_t id, int64_t at, struct error *err)
{
    const struct storage_value values[] = {value_integer(id), value_integer(at)};
    int64_t changes = 0;
    enum status status = run_write(session, &query_api_key_revoke, values, &changes, err);
    if (status == STATUS_OK && changes == 0)
        return error_set(err, STATUS_MISSING, "key.unknown", "", "there is no such key, or it is revoked already");
    return status;
}

enum status key_write_used(struct storage_session *session, int64_t id, int64_t at, struct error *err)
{
    const struct storage_value values[] = {value_integer(id), value_integer(at)};
    return storage_run(session, &query_api_key_used, values, 1, NULL, err);
}

enum status session_write_new(struct storage_session *session, const struct stored_session *made, int64_t now,
                              struct error *err)
{
    const struct storage_value expired[] = {value_integer(now)};
    const struct storage_value values[] = {value_blob(made->digest, DIGEST_SIZE), value_integer(made->user),
                                           value_integer(now), value_integer(made->expires_at)};
    enum status status = storage_run(session, &query_api_session_expire, expired, 1, NULL, err);
    return status != STATUS_OK ? status : run_write(session, &query_api_session_insert, values, NULL, err);
}

enum status session_remove(struct storage_session *session, const unsigned char *digest, struct error *err)
{
    const struct storage_value values[] = {value_blob(digest, DIGEST_SIZE)};
    return run_write(session, &query_api_session_delete, values, NULL, err);
}

enum status sessions_end(struct storage_session *session, int64_t user, struct error *err)
{
    const struct storage_value values[] = {value_integer(user)};
    return run_write(session, &query_api_session_end, values, NULL, err);
}
