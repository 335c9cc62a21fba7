/* queue_store.h: the queue of pairs in the database. */
#ifndef PATRON_FEATURES_DUPLICATES_QUEUE_STORE_H
#define PATRON_FEATURES_DUPLICATES_QUEUE_STORE_H

#include "features/duplicates/queue.h"

struct storage_session;

struct queue_model {
    bool known; /* a scan has run */
    bool nightly;
    int64_t learned_at;
    struct linkage_model model;
};
enum status queue_model_get(struct storage_session *session, struct queue_model *out, struct error *err);

/* In a write transaction of the caller's. */
enum status queue_nightly_put(struct storage_session *session, bool nightly, struct error *err);

/* STATUS_MISSING `duplicate.unknown`: there is none, or one of the two was erased. */
enum status queue_pair_get(struct storage_session *session, int64_t id, struct queue_pair *out, struct error *err);

struct queue_list {
    struct arena *arena;
    struct queue_pair *pairs;
    size_t count, capacity;
};
struct queue_page {
    int state; /* enum duplicate_state */
    bool given;
    int64_t score, id; /* of the last pair of the page before */
    int64_t limit;
};
/* The best first. */
enum status queue_pairs_list(struct storage_session *session, struct arena *arena, const struct queue_page *page,
                             struct queue_list *out, struct error *err);

/* In a write transaction of the caller's. */
enum status queue_pair_decide(struct storage_session *session, int64_t id, enum duplicate_state state, int64_t now,
                              struct error *err);

/* Persons by their leaders, and what is filled in: the members of each, the leader first. */
struct queue_persons {
    const int64_t *leaders;
    size_t count;
    int64_t (*members)[GROUP_MEMBERS_MAX];
    size_t *counts;
};
enum status queue_persons_read(struct storage_session *session, struct arena *arena,
                               const struct queue_persons *persons, struct error *err);

#endif
