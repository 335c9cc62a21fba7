/* audit_store.h: pages of the audit trail. */
#ifndef PATRON_API_AUDIT_STORE_H
#define PATRON_API_AUDIT_STORE_H

#include "api/audit.h"
#include "api/page.h"

struct audit_filter {
    int64_t from, to;        /* instants: from <= at < to */
    struct text actor, what; /* empty: any */
    int64_t subject;         /* 0: any */
    int64_t limit;
    struct cursor before; /* at, bucket, id of the last row of the page before */
};

struct audit_rows {
    struct audit_entry *items;
    size_t count, capacity;
};

/* Newest first. */
enum status audit_read(struct storage_session *session, struct arena *arena, const struct audit_filter *filter,
                       struct audit_rows *out, struct error *err);

#endif
