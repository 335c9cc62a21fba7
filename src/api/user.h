/* user.h: users and API keys as the command line and the server manage them. */
#ifndef PATRON_API_USER_H
#define PATRON_API_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "api/permission.h"
#include "engine/engine.h"
#include "foundation/arena.h"
#include "foundation/error.h"
#include "foundation/secret.h"
#include "foundation/text.h"

enum {
    USER_NAME_MAX = 64,
    USER_PASSWORD_MIN = 10,
    USER_PASSWORD_MAX = 256,
    KEY_NAME_MAX = 64,
    PASSWORD_TEXT_SIZE = 32
};

struct user {
    int64_t id;       /* prefix "usr" */
    struct text name; /* unique, lower case: what one signs in with */
    struct text display_name;
    uint32_t roles; /* bit 1 << enum role */
    bool disabled;
    struct text places; /* what part of the company it sees: codes with commas between; empty: all */
    bool home_members;  /* of members only those who were there */
    int64_t created_at;
    int64_t version;
};

struct api_key {
    int64_t id; /* prefix "key" */
    struct text name;
    uint64_t scopes;         /* permissions */
    int64_t rate_per_second; /* 0: no limit */
    int64_t created_at;
    int64_t revoked_at; /* 0: alive */
    int64_t last_used_at;
    struct text actor;  /* who made it */
    struct text places; /* as of a user */
    bool home_members;
};

/* A readable random password of PASSWORD_TEXT_SIZE bytes. */
void password_make(char out[PASSWORD_TEXT_SIZE]);

/* When no user exists: makes the administrator "admin" with a random password. `*made` tells whether it did. */
enum status user_first(struct engine *engine, char password[PASSWORD_TEXT_SIZE], bool *made, struct error *err);

/* Errors: `user.name`, `user.password`, `user.known` (the name is taken). `actor` goes into the audit trail. */
enum status user_add(struct engine *engine, struct text actor, const struct user *user, struct text password,
                     int64_t *id, struct error *err);
/* Sets the password and ends the user's sessions. STATUS_MISSING `user.unknown`. */
enum status user_set_password(struct engine *engine, struct text actor, struct text name, struct text password,
                              struct error *err);
enum status user_set_disabled(struct engine *engine, struct text actor, struct text name, bool disabled,
                              struct error *err);
/* What part of the company the user sees: codes with commas between; empty: the whole. `scope.places` when it is no list. */
enum status user_set_places(struct engine *engine, struct text actor, struct text name, struct text places,
                            bool home_members, struct error *err);
enum status user_list(struct engine *engine, struct arena *arena, struct user **out, size_t *count, struct error *err);

/* Makes a key; `token` is shown once and never stored. */
enum status key_add(struct engine *engine, struct text actor, const struct api_key *key, char token[TOKEN_TEXT_SIZE],
                    int64_t *id, struct error *err);
enum status key_revoke(struct engine *engine, struct text actor, int64_t id, struct error *err);
enum status key_list(struct engine *engine, struct arena *arena, struct api_key **out, size_t *count,
                     struct error *err);

#endif
