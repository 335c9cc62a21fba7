/* attempt_store.h: failures to sign in, in the database, so that all server processes count them together. */
#ifndef PATRON_API_ATTEMPT_STORE_H
#define PATRON_API_ATTEMPT_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "foundation/error.h"

struct storage_session;

enum { ATTEMPTS_SHARED_MAX = 4096 }; /* rows that the table keeps: the latest */

struct shared_attempt {
    int64_t who;      /* hash */
    int64_t failures; /* to add; when read: in all */
    int64_t at;       /* of the last */
    bool cleared;     /* somebody signed in: forgotten before `failures` are added */
};

/* In the caller's transaction. */
enum status attempts_write(struct storage_session *session, const struct shared_attempt *attempts, size_t count,
                           struct error *err);

/* The latest, at most `room`, into `out`. */
enum status attempts_read(struct storage_session *session, struct shared_attempt *out, size_t room, size_t *count,
                          struct error *err);

#endif
