/* user.c: users and API keys as the command line and the server manage them. */
#include "api/user.h"

#include <assert.h>
#include <string.h>

#include "api/audit.h"
#include "api/auth_store.h"
#include "api/user_change.h"
#include "foundation/clock.h"

static bool is_name_character(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' || c == '@';
}

enum status user_check_name(struct text name, struct error *err)
{
    bool fine = name.size > 0 && name.size <= USER_NAME_MAX;
    for (size_t i = 0; fine && i < name.size; i++)
        fine = is_name_character((unsigned char)name.bytes[i]);
    if (!fine)
        return error_set(err, STATUS_INVALID, "user.name", "name",
                         "a name has 1 to %d of the characters a-z 0-9 . _ - @", USER_NAME_MAX);
    return STATUS_OK;
}

enum status user_hash_password(struct text password, char out[PASSWORD_HASH_SIZE], struct error *err)
{
    if (password.size < USER_PASSWORD_MIN || password.size > USER_PASSWORD_MAX)
        return error_set(err, STATUS_INVALID, "user.password", "password", "a password has %d to %d bytes",
                         USER_PASSWORD_MIN, USER_PASSWORD_MAX);
    return password_hash(password, out, err);
}

/* Letters and digits that are not mistaken for each other, in groups of five. */
void password_make(char out[PASSWORD_TEXT_SIZE])
{
    static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789";
    enum { GROUPS = 5, GROUP_SIZE = 5, LETTERS = sizeof letters - 1 };
    size_t used = 0;
    for (int i = 0; i < GROUPS * GROUP_SIZE; i++) {
        unsigned char byte;
        do
            secret_random(&byte, 1);
        while (byte >= 256 / LETTERS * LETTERS);
        if (i > 0 && i % GROUP_SIZE == 0)
            out[used++] = '-';
        out[used++] = letters[byte % LETTERS];
    }
    out[used] = '\0';
    assert(used < PASSWORD_TEXT_SIZE);
}

/* ---- changes inside a transaction ---- */

static struct text user_json(struct arena *arena, const struct user *user)
{
    struct json_writer writer;
    writer_start(&writer, arena);
    writer_object(&writer, NULL);
    user_write_json(&writer, user);
    writer_end(&writer);
    return writer_done(&writer);
}

void user_write_json(struct json_writer *writer, const struct user *user)
{
    writer_id(writer, "id", "usr", user->id);
    writer_text(writer, "name", user->name);
    writer_text(writer, "display_name", user->display_name);
    writer_list(writer, "roles");
    for (int role = 0; role < ROLE_COUNT; role++)
        if (user->roles & 1U << role)
            writer_string(writer, NULL, role_names[role]);
    writer_end(writer);
    writer_boolean(writer, "disabled", user->disabled);
    scope_write_json(writer, user->places, user->home_members);
    writer_instant(writer, "created_at", user->created_at);
}

static enum status audit_user(const struct change *change, const char *what, int64_t subject, const struct user *before,
                              const struct user *after, struct error *err)
{
    struct audit_entry entry = {.at = change->now, .actor = change->actor, .what = text_from(what), .subject = subject};
    if (before != NULL)
        entry.before = user_json(change->arena, before);
    if (after != NULL)
        entry.after = user_json(change->arena, after);
    return audit_write(change->session, &entry, err);
}

enum status user_change_add(const struct change *change, const struct user *user, struct text password, int64_t *id,
                            struct error *err)
{
    char hash[PASSWORD_HASH_SIZE];
    struct stored_user made = {.user = *user};
    enum status status = user_check_name(user->name, err);
    if (status == STATUS_OK)
        status = scope_partner_check(user->places, UINT64_MAX, err);
    if (status == STATUS_OK)
        status = user_hash_password(password, hash, err);
    if (status != STATUS_OK)
        return status;
    made.user.id = random_id();
    made.user.created_at = change->now;
    made.password = text_from(hash);
    if (made.user.display_name.size == 0)
        made.user.display_name = user->name;
    status = user_write_new(change->session, &made, err);
    if (status == STATUS_OK)
        status = audit_user(change, "user.added", made.user.id, NULL, &made.user, err);
    if (status == STATUS_OK)
        *id = made.user.id;
    return status;
}

/* Someone must stay who can manage all users. */
static enum status check_last_administrator(const struct change *change, const struct user *after, struct error *err)
{
    struct stored_users users = {.items = NULL};
    enum status status = users_read(change->session, change->arena, &users, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < users.count; i++) {
        const struct user *user = &users.items[i].user;
        if (user->id == after->id)
            user = after;
        if (!user->disabled && user->places.size == 0 && (user->roles & 1U << ROLE_ADMINISTRATOR))
            return STATUS_OK;
    }
    return error_set(err, STATUS_CONFLICT, "user.last_administrator", "", "one enabled administrator must stay");
}

enum status user_change_update(const struct change *change, const struct user *before, const struct user *after,
                               struct error *err)
{
    enum status status = check_last_administrator(change, after, err);
    if (status == STATUS_OK)
        status = scope_partner_check(after->places, UINT64_MAX, err);
    if (status == STATUS_OK)
        status = user_write(change->session, after, err);
    if (status == STATUS_OK && after->disabled)
        status = sessions_end(change->session, after->id, err);
    if (status == STATUS_OK)
        status = audit_user(change, "user.updated", after->id, before, after, err);
    return status;
}

enum status user_change_password(const struct change *change, int64_t id, struct text password, struct error *err)
{
    char hash[PASSWORD_HASH_SIZE];
    enum status status = user_hash_password(password, hash, err);
    if (status == STATUS_OK)
        status = user_write_password(change->session, id, text_from(hash), err);
    if (status == STATUS_OK)
        status = sessions_end(change->session, id, err);
    if (status == STATUS_OK)
        status = audit_user(change, "user.password", id, NULL, NULL, err);
    return status;
}

enum status user_change_remove(const struct change *change, const struct user *user, struct error *err)
{
    struct user gone = *user;
    gone.disabled = true;
    enum status status = check_last_administrator(change, &gone, err);
    if (status == STATUS_OK)
        status = user_remove(change->session, user->id, err);
    if (status == STATUS_OK)
        status = audit_user(change, "user.removed", user->id, user, NULL, err);
    return status;
}

void key_write_json(struct json_writer *writer, const struct api_key *key)
{
    writer_id(writer, "id", "key", key->id);
    writer_text(writer, "name", key->name);
    writer_list(writer, "scopes");
    for (int i = PERMISSION_SIGNED_IN + 1; i < PERMISSION_COUNT; i++)
        if (key->scopes & permission_bit((enum permission)i))
            writer_string(writer, NULL, permission_name((enum permission)i));
    writer_end(writer);
    scope_write_json(writer, key->places, key->home_members);
    writer_integer(writer, "rate_per_second", key->rate_per_second);
    writer_instant(writer, "created_at", key->created_at);
    writer_instant(writer, "revoked_at", key->revoked_at);
    writer_instant(writer, "last_used_at", key->last_used_at);
    writer_text(writer, "created_by", key->actor);
}

enum status key_change_add(const struct change *change, const struct api_key *key, char token[TOKEN_TEXT_SIZE],
                           int64_t *id, struct error *err)
{
    struct stored_key made = {.key = *key};
    if (key->name.size == 0 || key->name.size > KEY_NAME_MAX)
        return error_set(err, STATUS_INVALID, "user.name", "name", "the name of a key has 1 to %d bytes", KEY_NAME_MAX);
    if ((key->scopes & ~permission_bit(PERMISSION_SIGNED_IN)) == 0)
        return error_set(err, STATUS_INVALID, "key.scopes", "scopes", "a key needs at least one scope");
    enum status status = scope_partner_check(key->places, key->scopes, err);
    if (status != STATUS_OK)
        return status;
    token_make("ptk", token);
    digest_compute(token, strlen(token), made.digest);
    made.key.id = random_id();
    made.key.created_at = change->now;
    made.key.actor = change->actor;
    status = key_write_new(change->session, &made, err);
    if (status != STATUS_OK)
        return status;
    struct json_writer writer;
    writer_start(&writer, change->arena);
    writer_object(&writer, NULL);
    key_write_json(&writer, &made.key);
    writer_end(&writer);
    struct audit_entry entry = {.at = change->now,
                                .actor = change->actor,
                                .what = TEXT("key.added"),
                                .subject = made.key.id,
                                .after = writer_done(&writer)};
    status = audit_write(change->session, &entry, err);
    if (status == STATUS_OK)
        *id = made.key.id;
    return status;
}

enum status key_change_revoke(const struct change *change, int64_t id, struct error *err)
{
    struct audit_entry entry = {.at = change->now, .actor = change->actor, .what = TEXT("key.revoked"), .subject = id};
    enum status status = key_write_revoked(change->session, id, change->now, err);
    return status != STATUS_OK ? status : audit_write(change->session, &entry, err);
}
