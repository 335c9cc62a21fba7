/* member_alert_store.h: members whose risk has passed the threshold: raised once, until it falls again. */
#ifndef PATRON_FEATURES_INSIGHT_MEMBER_ALERT_STORE_H
#define PATRON_FEATURES_INSIGHT_MEMBER_ALERT_STORE_H

#include "features/insight/live_store.h"

/* Risks in millionths. */
struct member_alert {
    int64_t member, raised_at;
    int64_t before, risk, threshold;
    int64_t ended_at, acknowledged_at; /* 0: not */
    struct text acknowledged_by;
};

/*
 * Compares the risks of the persons of some buckets, by bucket and id, with those kept of them before: raises an alert where
 * the threshold was passed since, ends it where the risk is below again. Before the new ones are kept; in a transaction of its
 * own. A person who was never scored has no risk that could rise. `*raised` is added to.
 */
struct alert_check {
    int first, end; /* buckets */
    const struct kept_score *scores;
    size_t count;
    int64_t threshold, threshold_before; /* now, and of the risks kept */
    int64_t rise;                        /* at least so much */
};
enum status member_alerts_raise(struct storage_session *reads, struct storage_session *writes,
                                const struct alert_check *check, int64_t now, int64_t *raised, struct error *err);

enum alert_state { ALERT_OPEN, ALERT_ACKNOWLEDGED, ALERT_ENDED, ALERT_ALL };

struct alert_page {
    enum alert_state state; /* open: neither acknowledged nor ended */
    int64_t member;         /* 0: all */
    bool given;             /* a place to go on from: newest first */
    int64_t after, after_member;
    int64_t limit;
};
struct member_alerts {
    struct member_alert *items;
    size_t count, capacity;
};
enum status member_alerts_read(struct storage_session *session, struct arena *arena, const struct alert_page *page,
                               struct member_alerts *out, struct error *err);

/* The alerts of a member that nobody has acknowledged, in the transaction under way; `*count` of them. */
enum status member_alerts_acknowledge(struct storage_session *session, int64_t member, int64_t now, struct text actor,
                                      int64_t *count, struct error *err);

#endif
