/* analysis_store.h: results of analyses in the database. */
#ifndef PATRON_FEATURES_INSIGHT_ANALYSIS_STORE_H
#define PATRON_FEATURES_INSIGHT_ANALYSIS_STORE_H

#include "engine/engine.h"

enum { ANALYSIS_KEPT_DAYS = 400 };

struct kept_analysis {
    int64_t id; /* of the job */
    struct text model, options, actor;
    int64_t started_at, ended_at;
    struct text result; /* empty in a list */
};
struct kept_analyses {
    struct kept_analysis *items;
    size_t count, capacity;
};

/* Keeps it, in a transaction of its own, and drops those that are too old. */
enum status analysis_keep(struct engine *engine, const struct kept_analysis *analysis, struct error *err);
/* STATUS_MISSING `analysis.unknown`. */
enum status analysis_read(struct storage_session *session, struct arena *arena, int64_t id, struct kept_analysis *out,
                          struct error *err);
/* Those that ended before (`ended_at`, `id`), newest first. */
enum status analyses_read(struct storage_session *session, struct arena *arena, const int64_t before[2], int64_t limit,
                          struct kept_analyses *out, struct error *err);

#endif
