/* retention_store.h: the policy, and carrying it out. */
#ifndef PATRON_FEATURES_RETENTION_RETENTION_STORE_H
#define PATRON_FEATURES_RETENTION_RETENTION_STORE_H

#include "engine/engine.h"
#include "features/retention/retention.h"

struct storage_session;

enum status retention_policy_read(struct storage_session *session, struct retention_policy *out, struct error *err);
enum status retention_policy_put(struct storage_session *session, const struct retention_policy *policy,
                                 struct error *err);

/* How many details are older than the policy allows at `now`. */
enum status retention_count(struct storage_session *session, const struct retention_policy *policy, int64_t now,
                            int64_t *count, struct error *err);

struct retention_watch {
    bool (*go_on)(void *context, int done, int total); /* buckets; may be NULL */
    void *context;
};

/*
 * Drops what is older than the policy allows, a bucket at a time, each into the archive of events first when the policy says so;
 * `*dropped`: how many details. STATUS_CONFLICT `retention.no_archive`: texts are to be archived, and there is no directory.
 */
enum status retention_run(struct engine *engine, struct text actor, const struct retention_watch *watch,
                          int64_t *dropped, struct error *err);

/* Deletes quotes that ended so long ago; `*dropped`: how many. */
enum status retention_quotes(struct engine *engine, int64_t *dropped, struct error *err);

#endif
