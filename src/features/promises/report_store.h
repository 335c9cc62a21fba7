/* report_store.h: the report of promises, read from the database. */
#ifndef PATRON_FEATURES_PROMISES_REPORT_STORE_H
#define PATRON_FEATURES_PROMISES_REPORT_STORE_H

#include "features/promises/report.h"
#include "storage/storage.h"

struct report_question {
    int32_t first, last;
    struct text store;                                    /* empty: all that `sees` allows */
    bool (*sees)(const void *context, struct text store); /* NULL: all */
    const void *context;
};
/* STATUS_INVALID `promise.period`. */
enum status report_read(struct storage_session *session, struct arena *arena, const struct programme_set *set,
                        const struct report_question *question, struct promise_report *out, struct error *err);

#endif
