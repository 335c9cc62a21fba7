/* user_change.h: changes to users and keys inside a write transaction, with their audit. */
#ifndef PATRON_API_USER_CHANGE_H
#define PATRON_API_USER_CHANGE_H

#include "api/user.h"
#include "json/writer.h"

struct storage_session;

struct change {
    struct storage_session *session;
    struct arena *arena;
    struct text actor;
    int64_t now;
};

enum status user_check_name(struct text name, struct error *err);
enum status user_hash_password(struct text password, char out[PASSWORD_HASH_SIZE], struct error *err);

enum status user_change_add(const struct change *change, const struct user *user, struct text password, int64_t *id,
                            struct error *err);
enum status user_change_update(const struct change *change, const struct user *before, const struct user *after,
                               struct error *err);
enum status user_change_password(const struct change *change, int64_t id, struct text password, struct error *err);
enum status user_change_remove(const struct change *change, const struct user *user, struct error *err);
enum status key_change_add(const struct change *change, const struct api_key *key, char token[TOKEN_TEXT_SIZE],
                           int64_t *id, struct error *err);
enum status key_change_revoke(const struct change *change, int64_t id, struct error *err);

/* Write the members of the open object. */
void user_write_json(struct json_writer *writer, const struct user *user);
void key_write_json(struct json_writer *writer, const struct api_key *key);

#endif
