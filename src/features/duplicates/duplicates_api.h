/* duplicates_api.h: the routes of the queue of duplicates. */
#ifndef PATRON_FEATURES_DUPLICATES_DUPLICATES_API_H
#define PATRON_FEATURES_DUPLICATES_DUPLICATES_API_H

#include "api/audit.h"
#include "api/call.h"
#include "api/job.h"
#include "features/duplicates/queue.h"

extern const struct job_kind duplicates_job;
extern const struct shape duplicates_scan_shape;
enum status duplicates_scan_handle(struct call *call, struct item *item, struct error *err);

extern const struct shape duplicates_query_shape, duplicate_shape;
enum status duplicates_list_handle(struct call *call, struct item *item, struct error *err);
enum status duplicate_get_handle(struct call *call, struct item *item, struct error *err);

/*
 * Keeps that a pair is two persons, or put off, with the audit, in the session's write transaction. STATUS_CONFLICT
 * `duplicate.merged` when the two are one person.
 */
enum status duplicate_decide_write(struct storage_session *session, struct arena *arena, const struct queue_pair *pair,
                                   enum duplicate_state state, const struct audit_entry *by, struct error *err);

extern const struct shape duplicate_decision_shape, duplicate_decided_shape;
enum status duplicate_decide_handle(struct call *call, struct item *item, struct error *err);
void duplicate_decide_finish(struct item *item, struct json_writer *writer);

#endif
