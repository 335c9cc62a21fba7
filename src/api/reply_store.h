/* reply_store.h: replies of writes beside the engine, kept for their Idempotency-Key as the engine keeps those of commands. */
#ifndef PATRON_API_REPLY_STORE_H
#define PATRON_API_REPLY_STORE_H

#include <stdbool.h>

#include "foundation/arena.h"
#include "foundation/error.h"
#include "foundation/secret.h"
#include "foundation/text.h"

struct storage_session;

/* Which request it is: the same scope and key with another digest is another request. */
struct request_identity {
    struct text scope, key;
    unsigned char digest[DIGEST_SIZE];
};

struct stored_reply {
    bool found;
    int status; /* 0: the usual one of the route */
    struct text body;
};

/* STATUS_INVALID `idempotency.mismatch` when the key was used for another request. */
enum status reply_find(struct storage_session *session, struct arena *arena, const struct request_identity *identity,
                       struct stored_reply *out, struct error *err);

/* In the transaction of the write. STATUS_BUSY `engine.again` when the same request was faster elsewhere. */
enum status reply_keep(struct storage_session *session, const struct request_identity *identity,
                       const struct stored_reply *reply, int64_t now, struct error *err);

#endif
