/* identity_store.h: sign-ins by an issuer under way, and which user a person of an issuer is. */
#ifndef PATRON_API_IDENTITY_STORE_H
#define PATRON_API_IDENTITY_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "foundation/arena.h"
#include "foundation/error.h"
#include "foundation/secret.h"
#include "foundation/text.h"

struct storage_session;

enum { IDENTITY_ATTEMPTS_MAX = 10000, IDENTITY_ATTEMPT_MINUTES = 10 };

struct identity_attempt {
    unsigned char digest[DIGEST_SIZE]; /* of the secret in the cookie */
    int64_t created_at;
    struct text return_to;
};

/* All in the caller's transaction. STATUS_BUSY `oidc.busy` while too many are under way. */
enum status identity_attempt_write(struct storage_session *session, const struct identity_attempt *attempt,
                                   struct error *err);
/* Uses it up: `*found` is false when there is none, it was used, or it is too old at `now`. */
enum status identity_attempt_take(struct storage_session *session, struct arena *arena, int64_t now,
                                  struct identity_attempt *attempt, bool *found, struct error *err);

/* The user's id; 0: nobody yet. */
enum status identity_link_read(struct storage_session *session, struct text issuer, struct text subject, int64_t *user,
                               struct error *err);
enum status identity_is_linked(struct storage_session *session, int64_t user, bool *out, struct error *err);

struct identity_link {
    struct text issuer, subject;
    int64_t user, at;
};
enum status identity_link_write(struct storage_session *session, const struct identity_link *link, struct error *err);

#endif
