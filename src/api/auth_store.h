/* auth_store.h: users, keys and sessions in the database. */
#ifndef PATRON_API_AUTH_STORE_H
#define PATRON_API_AUTH_STORE_H

#include "api/user.h"
#include "foundation/secret.h"

struct storage_session;

struct stored_user {
    struct user user;
    struct text password; /* hash */
};

struct stored_key {
    struct api_key key;
    unsigned char digest[DIGEST_SIZE];
};

struct stored_session {
    unsigned char digest[DIGEST_SIZE];
    int64_t user;
    int64_t expires_at;
};

struct stored_users {
    struct stored_user *items;
    size_t count, capacity;
};
struct stored_keys {
    struct stored_key *items;
    size_t count, capacity;
};
struct stored_sessions {
    struct stored_session *items;
    size_t count, capacity;
};

enum status users_read(struct storage_session *session, struct arena *arena, struct stored_users *out,
                       struct error *err);
enum status keys_read(struct storage_session *session, struct arena *arena, struct stored_keys *out, struct error *err);
enum status sessions_read(struct storage_session *session, struct arena *arena, int64_t now,
                          struct stored_sessions *out, struct error *err);

/* STATUS_MISSING `user.unknown`. */
enum status user_read(struct storage_session *session, struct arena *arena, int64_t id, struct stored_user *out,
                      struct error *err);
enum status user_read_named(struct storage_session *session, struct arena *arena, struct text name,
                            struct stored_user *out, struct error *err);

/* In the caller's transaction; each counts as a change. `user.known` when the name is taken. */
enum status user_write_new(struct storage_session *session, const struct stored_user *user, struct error *err);
enum status user_write(struct storage_session *session, const struct user *user, struct error *err);
enum status user_write_password(struct storage_session *session, int64_t id, struct text hash, struct error *err);
enum status user_remove(struct storage_session *session, int64_t id, struct error *err);
enum status key_write_new(struct storage_session *session, const struct stored_key *key, struct error *err);
/* STATUS_MISSING `key.unknown` when there is none alive. */
enum status key_write_revoked(struct storage_session *session, int64_t id, int64_t at, struct error *err);
enum status key_write_used(struct storage_session *session, int64_t id, int64_t at, struct error *err);
enum status session_write_new(struct storage_session *session, const struct stored_session *made, int64_t now,
                              struct error *err);
enum status session_remove(struct storage_session *session, const unsigned char *digest, struct error *err);
enum status sessions_end(struct storage_session *session, int64_t user, struct error *err);

/* The count of changes so far. */
enum status change_read(struct storage_session *session, int64_t *out, struct error *err);

struct text scopes_text(struct arena *arena, uint64_t scopes);
uint64_t scopes_from(struct text names);

#endif
