/* fraud_store.h: alerts of unusual earning in the database, and the search for them. */
#ifndef PATRON_FEATURES_REDEMPTION_FRAUD_STORE_H
#define PATRON_FEATURES_REDEMPTION_FRAUD_STORE_H

#include "engine/engine.h"
#include "features/programme/programme.h"

enum { FRAUD_EVENTS_MAX = 200, FRAUD_REASON_MAX = 2000 };

enum fraud_kind { FRAUD_EMPLOYEE = 1, FRAUD_TILL = 2, FRAUD_MEMBER = 3 };
enum fraud_metric { FRAUD_PURCHASES = 1, FRAUD_POINTS = 2 };
enum fraud_state { FRAUD_OPEN = 1, FRAUD_CONFIRMED = 2, FRAUD_DISMISSED = 3 };
extern const char *const fraud_kinds[];   /* "employee", "till", "member"; ends with NULL */
extern const char *const fraud_metrics[]; /* "purchases", "points" */
extern const char *const fraud_states[];  /* "open", "confirmed", "dismissed" */

#define FRAUD_PROBABILITY_SCALE 9 /* decimals of a probability */

struct fraud_alert {
    int64_t id;
    enum fraud_kind kind;
    struct text subject; /* code of the employee; "soho/3" of a till; empty of a member */
    int64_t member;      /* 0: of no member */
    struct text store;
    int32_t day;
    enum fraud_metric metric;
    int64_t value;       /* of the day */
    int64_t usual;       /* median of the days before, thousandths */
    int64_t probability; /* of so much or more on an honest day, 10^-9 */
    int64_t tests;       /* how many of its kind were judged that day */
    int64_t history;     /* days of employees, tills or members it was judged by */
    enum fraud_state state;
    int64_t raised_at, decided_at;
    struct text decided_by, reason;
};

/* ---- the search ---- */

struct fraud_found {
    int64_t judged, raised;
    int64_t short_history; /* employees and tills of stores whose history is too short to judge by */
};

/*
 * Counts what went through each employee and till on `day` and on the days before that are not yet counted, judges the
 * day, and raises alerts; what was raised before stays as it is.
 */
enum status fraud_search(struct engine *engine, int32_t day, struct fraud_found *out, struct error *err);

/* The last day that was searched; DAY_NONE: none. */
enum status fraud_last_day(struct storage_session *session, int32_t *out, struct error *err);

/* ---- alerts ---- */

struct fraud_page {
    int state; /* enum fraud_state; 0: any */
    bool given;
    int32_t before_day;
    int64_t before_id;
    size_t limit;
};
/* Newest day first. */
enum status fraud_list(struct storage_session *session, struct arena *arena, const struct fraud_page *page,
                       struct fraud_alert **out, size_t *count, struct error *err);
/* STATUS_MISSING `fraud.unknown`. */
enum status fraud_read(struct storage_session *session, struct arena *arena, int64_t id, struct fraud_alert *out,
                       struct error *err);
/* The purchases behind it, at most FRAUD_EVENTS_MAX; `zone` decides the day of a member. */
struct fraud_evidence {
    const struct zone *zone;
    int64_t events[FRAUD_EVENTS_MAX];
    size_t count;
};
enum status fraud_events(struct storage_session *session, struct arena *arena, const struct fraud_alert *alert,
                         struct fraud_evidence *out, struct error *err);

/* In a write transaction. Sets state, decided_at, decided_by and reason. STATUS_MISSING `fraud.unknown`. */
enum status fraud_decide(struct storage_session *session, const struct fraud_alert *alert, struct error *err);

#endif
