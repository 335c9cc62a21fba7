/* user_change.h: changes to users and keys inside a write transaction, with their audit. */
#ifndef PATRON_API_USER_CHANGE_H
#define PATRON_API_USER_CHANGE_H

#include "api/call.h"
#include "api/user.h"
#include "json/shape.h"
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

/* What part of the company a user or key is given, as a body says it. */
struct given_scope {
    const struct json_list *places; /* of struct text */
    int members;                    /* index into member_policies; -1: not said */
    bool said;                      /* the places: otherwise they stay */
};
extern const char *const member_policies[]; /* "company", "home_store"; ends with NULL */
/*
 * Changes `places` and `home_members` accordingly. Nobody gives more than one has; who sees a part and says nothing gives
 * that part. STATUS_INVALID `scope.places`, STATUS_FORBIDDEN `auth.scope`.
 */
enum status scope_given(const struct call *call, const struct given_scope *given, struct text *places,
                        bool *home_members, struct error *err);

/*
 * A key may be that of a partner: its place is "partner:" and the code. It sees and does nothing but what the till of a partner may:
 * STATUS_INVALID `key.partner` for another place beside it or another permission; no user has such a place.
 */
#define SCOPE_PARTNER "partner:"
enum status scope_partner_check(struct text places, uint64_t permissions, struct error *err);

/* Writes "places" and "members". */
void scope_write_json(struct json_writer *writer, struct text places, bool home_members);

/* Write the members of the open object. */
void user_write_json(struct json_writer *writer, const struct user *user);
void key_write_json(struct json_writer *writer, const struct api_key *key);

#endif
