/*
 * segments_store.h: segments evaluated: for who was touched by events, for who time may have changed, for the whole base.
 */
#ifndef PATRON_FEATURES_SEGMENTS_SEGMENTS_STORE_H
#define PATRON_FEATURES_SEGMENTS_SEGMENTS_STORE_H

#include "engine/engine.h"
#include "features/segments/membership_store.h"
#include "features/segments/segment.h"
#include "features/segments/segment_people_store.h"

/* A segment in force, and what its memberships rest on. */
struct live_rule {
    struct text code;
    const struct condition *when;
    struct text basis;
};
struct live_rules {
    const struct live_rule *items;
    size_t count;
    struct segment_needs needs; /* of all */
    struct segment_time time;
};
/* Of the configuration, which stays the caller's; `scored_at`: of the last scoring. */
void live_rules_of(struct arena *arena, const struct programme_set *programmes, int64_t now, int64_t scored_at,
                   struct live_rules *out);
struct segment_needs segment_needs_of(const struct condition *when);

/* ---- persons by name ---- */

/*
 * What follows for the persons of the members `ids`, in the snapshot of the session. `exact`: when they are due again is set
 * anew; otherwise only brought forward, for to look at somebody too often does no harm.
 */
struct segment_work {
    struct arena *arena;
    struct storage_session *session;
    const struct live_rules *rules;
    struct membership_changes *changes;
};
enum status segments_follow_people(const struct segment_work *work, const struct id_list *ids, bool exact,
                                   struct error *err);

/* ---- buckets ---- */

/* Whoever is in a segment. */
struct segment_finding {
    void (*found)(void *context, size_t rule, int64_t leader);
    void (*due)(void *context, int64_t leader, int64_t until);
    bool (*go_on)(void *context); /* asked now and then; NULL: always */
    void *context;
};
struct segment_scan {
    struct storage_session *session;
    struct arena *arena; /* of what is being read: reset again and again */
    const struct live_rules *rules;
    int first, last; /* buckets */
    bool lasting;    /* whoever may come in by time alone is told `due`; else only who is in now */
};
/* STATUS_BUSY `segments.stopped` when go_on says no. */
enum status segments_scan(const struct segment_scan *scan, const struct segment_finding *finding, struct error *err);

/* Evaluates `rules` for all persons of a bucket, in a snapshot of its own, and writes what changed. STATUS_BUSY `segments.moved`. */
enum status segments_base(struct engine *engine, struct storage_session *writes, const struct live_rules *rules,
                          int bucket, struct error *err);

#endif
