/*
 * segment_follow_store.h: keeps segments as they are by now: follows the journal, looks again at who is due, evaluates the whole
 * base when a segment or what it rests on has changed, and drops what is withdrawn.
 */
#ifndef PATRON_FEATURES_SEGMENTS_SEGMENT_FOLLOW_STORE_H
#define PATRON_FEATURES_SEGMENTS_SEGMENT_FOLLOW_STORE_H

#include "engine/engine.h"

struct segment_follower;

enum status segment_follower_new(struct engine *engine, struct segment_follower **out, struct error *err);
void segment_follower_free(struct segment_follower *follower); /* accepts NULL */

/*
 * One pass: some rows of the journal, some who are due, and a bucket of the whole base. `*behind`: there is more to do at once.
 * When somebody else has written meanwhile, it is done again by the next pass.
 */
enum status segment_follower_pass(struct segment_follower *follower, bool *behind, struct error *err);

/* Passes until nothing is left, for the command line and for tests; `anew`: the whole base is evaluated in any case. */
enum status segments_catch_up(struct engine *engine, bool anew, struct error *err);

/*
 * Evaluates one segment for the whole base now. `go_on` is told how many of BUCKET_COUNT buckets are done, and may be NULL.
 * STATUS_MISSING `segment.not_in_force`.
 */
struct segment_evaluation {
    struct text code;
    bool (*go_on)(void *context, int done);
    void *context;
};
enum status segment_evaluate_base(struct engine *engine, const struct segment_evaluation *what, struct error *err);

/* What `code` is at: evaluated for the whole base, on what it rests on now. */
struct segment_progress {
    bool in_force, complete;
    int64_t evaluated_at; /* 0: never */
};
enum status segment_progress_read(struct engine *engine, struct storage_session *session, struct arena *arena,
                                  struct text code, struct segment_progress *out, struct error *err);

#endif
