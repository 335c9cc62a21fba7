/* honours_store.h: honours in the database. */
#ifndef PATRON_FEATURES_PROMISES_HONOURS_STORE_H
#define PATRON_FEATURES_PROMISES_HONOURS_STORE_H

#include "engine/engine.h"
#include "features/promises/honour.h"

/* STATUS_MISSING `honour.unknown`. */
enum status honour_read(struct storage_session *session, struct arena *arena, int64_t id, struct traceless *out,
                        struct error *err);
/* The one that the task was opened for; id 0: none. */
enum status honour_of_task(struct storage_session *session, struct arena *arena, int64_t task, struct traceless *out,
                           struct error *err);

/* Newest first. */
struct honour_page {
    const struct person *person;  /* NULL: of anybody */
    struct text store;            /* empty: any */
    int state;                    /* 0: any */
    int32_t first, last;          /* days on which they were asked for */
    int64_t before_at, before_id; /* after: where the page before ended; INT64_MAX: the first page */
    size_t limit;
};
enum status honour_list(struct storage_session *session, struct arena *arena, const struct honour_page *page,
                        struct traceless **out, size_t *count, struct error *err);

/* Completes the command of a decision: its keys. */
void decide_honour_name(struct command *command, struct arena *arena, const struct programme_set *programmes,
                        const struct traceless *honour, int64_t now);

#endif
