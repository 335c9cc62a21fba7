/* user_store.c: the functions of user.h, each in a transaction of its own. */
#include "api/auth_store.h"
#include "api/user_change.h"
#include "foundation/clock.h"
#include "storage/storage.h"

enum { CHANGE_BYTES_MAX = 16 * 1024 * 1024 };

static enum status change_begin(struct engine *engine, struct text actor, struct change *change, struct error *err)
{
    *change = (struct change){.actor = actor, .now = clock_now(engine_clock(engine))};
    enum status status = storage_session_new(engine_storage(engine), false, &change->session, err);
    if (status != STATUS_OK)
        return status;
    status = storage_begin(change->session, err);
    if (status != STATUS_OK) {
        storage_session_free(change->session);
        return status;
    }
    change->arena = arena_new(CHANGE_BYTES_MAX);
    return STATUS_OK;
}

static enum status change_end(struct change *change, enum status status, struct error *err)
{
    if (status == STATUS_OK)
        status = storage_commit(change->session, err);
    if (status != STATUS_OK)
        storage_rollback(change->session);
    storage_session_free(change->session);
    arena_free(change->arena);
    return status;
}

enum status user_first(struct engine *engine, char password[PASSWORD_TEXT_SIZE], bool *made, struct error *err)
{
    struct change change;
    struct stored_users users = {.items = NULL};
    enum status status = change_begin(engine, TEXT("system"), &change, err);
    if (status != STATUS_OK)
        return status;
    *made = false;
    status = users_read(change.session, change.arena, &users, err);
    if (status == STATUS_OK && users.count == 0) {
        int64_t id;
        struct user first = {
            .name = TEXT("admin"), .display_name = TEXT("Administrator"), .roles = 1U << ROLE_ADMINISTRATOR};
        password_make(password);
        status = user_change_add(&change, &first, text_from(password), &id, err);
        *made = status == STATUS_OK;
    }
    return change_end(&change, status, err);
}

enum status user_add(struct engine *engine, struct text actor, const struct user *user, struct text password,
                     int64_t *id, struct error *err)
{
    struct change change;
    enum status status = change_begin(engine, actor, &change, err);
    if (status != STATUS_OK)
        return status;
    return change_end(&change, user_change_add(&change, user, password, id, err), err);
}

enum status user_set_password(struct engine *engine, struct text actor, struct text name, struct text password,
                              struct error *err)
{
    struct change change;
    struct stored_user user;
    enum status status = change_begin(engine, actor, &change, err);
    if (status != STATUS_OK)
        return status;
    status = user_read_named(change.session, change.arena, name, &user, err);
    if (status == STATUS_OK)
        status = user_change_password(&change, user.user.id, password, err);
    return change_end(&change, status, err);
}

enum status user_set_disabled(struct engine *engine, struct text actor, struct text name, bool disabled,
                              struct error *err)
{
    struct change change;
    struct stored_user user;
    enum status status = change_begin(engine, actor, &change, err);
    if (status != STATUS_OK)
        return status;
    status = user_read_named(change.session, change.arena, name, &user, err);
    if (status == STATUS_OK) {
        struct user after = user.user;
        after.disabled = disabled;
        status = user_change_update(&change, &user.user, &after, err);
    }
    return change_end(&change, status, err);
}

enum status user_set_places(struct engine *engine, struct text actor, struct text name, struct text places,
                            bool home_members, struct error *err)
{
    struct change change;
    struct stored_user user;
    enum status status = change_begin(engine, actor, &change, err);
    if (status != STATUS_OK)
        return status;
    status = user_read_named(change.session, change.arena, name, &user, err);
    if (status == STATUS_OK) {
        struct user after = user.user;
        after.places = places;
        after.home_members = home_members;
        status = user_change_update(&change, &user.user, &after, err);
    }
    return change_end(&change, status, err);
}

enum status user_list(struct engine *engine, struct arena *arena, struct user **out, size_t *count, struct error *err)
{
    struct storage_session *session;
    struct stored_users users = {.items = NULL};
    enum status status = engine_read_begin(engine, &session, err);
    if (status != STATUS_OK)
        return status;
    status = users_read(session, arena, &users, err);
    engine_read_end(engine, session);
    if (status != STATUS_OK)
        return status;
    struct user *list = arena_array(arena, users.count + 1, sizeof *list);
    for (size_t i = 0; i < users.count; i++)
        list[i] = users.items[i].user;
    *out = list;
    *count = users.count;
    return STATUS_OK;
}

enum status key_add(struct engine *engine, struct text actor, const struct api_key *key, char token[TOKEN_TEXT_SIZE],
                    int64_t *id, struct error *err)
{
    struct change change;
    enum status status = change_begin(engine, actor, &change, err);
    if (status != STATUS_OK)
        return status;
    return change_end(&change, key_change_add(&change, key, token, id, err), err);
}

enum status key_revoke(struct engine *engine, struct text actor, int64_t id, struct error *err)
{
    struct change change;
    enum status status = change_begin(engine, actor, &change, err);
    if (status != STATUS_OK)
        return status;
    return change_end(&change, key_change_revoke(&change, id, err), err);
}

enum status key_list(struct engine *engine, struct arena *arena, struct api_key **out, size_t *count, struct error *err)
{
    struct storage_session *session;
    struct stored_keys keys = {.items = NULL};
    enum status status = engine_read_begin(engine, &session, err);
    if (status != STATUS_OK)
        return status;
    status = keys_read(session, arena, &keys, err);
    engine_read_end(engine, session);
    if (status != STATUS_OK)
        return status;
    struct api_key *list = arena_array(arena, keys.count + 1, sizeof *list);
    for (size_t i = 0; i < keys.count; i++)
        list[i] = keys.items[i].key;
    *out = list;
    *count = keys.count;
    return STATUS_OK;
}
