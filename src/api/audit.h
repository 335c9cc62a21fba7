/* audit.h: the trail of changes: who, what, before and after. */
#ifndef PATRON_API_AUDIT_H
#define PATRON_API_AUDIT_H

#include "foundation/arena.h"
#include "foundation/error.h"
#include "foundation/text.h"

struct storage_session;

struct audit_entry {
    int64_t at;
    int bucket;
    int64_t id;
    struct text actor, what;
    int64_t subject;
    struct text before, after; /* JSON; empty: none */
};

/* Writes `entry` with a new random id, in the session's transaction. */
enum status audit_write(struct storage_session *session, const struct audit_entry *entry, struct error *err);

/* A positive random id of 62 bits. */
int64_t random_id(void);

#endif
