/* case_store.h: fraud cases in the database, and giving back what they held when they are closed. */
#ifndef PATRON_FEATURES_REDEMPTION_CASE_STORE_H
#define PATRON_FEATURES_REDEMPTION_CASE_STORE_H

#include "engine/engine.h"
#include "features/redemption/freeze.h"

enum { CASE_TEXT_MAX = 2000 };

enum case_state { CASE_OPEN = 1, CASE_RELEASED = 2, CASE_CONFIRMED = 3 };
extern const char *const case_states[]; /* "open", "released", "confirmed"; ends with NULL */

struct fraud_case {
    int64_t id;
    int64_t member;       /* 0: of an employee */
    struct text wallet;   /* of a member; empty: all accounts */
    struct text employee; /* of an employee */
    struct text store;    /* of the employee, when it was opened */
    enum case_state state;
    struct text reason; /* why it was opened */
    int64_t opened_at;
    struct text opened_by;
    struct text outcome; /* why it was closed so */
    int64_t closed_at;   /* 0: it is open */
    struct text closed_by;
    int64_t alert; /* that led to it; 0: none */
};

/* Reads the freezes of open cases into `set`; part of the engine's configure hook. */
enum status redemption_configure(struct storage_session *session, struct arena *arena, struct programme_set *set,
                                 struct error *err);

/* ---- in a write transaction; every server has the change within a second ---- */

/*
 * Opens `fraud`: sets its id. STATUS_INVALID `case.subject`, `case.reason`, STATUS_MISSING `member.unknown`,
 * `member.erased`, STATUS_CONFLICT `case.known`.
 */
enum status case_open(struct storage_session *session, struct fraud_case *fraud, struct error *err);

/* STATUS_MISSING `case.unknown`, STATUS_CONFLICT `case.closed`, STATUS_INVALID `case.reason`. */
struct case_closing {
    int64_t id;
    enum case_state state;
    struct text outcome;
    int64_t at;
    struct text by;
};
enum status case_close(struct storage_session *session, const struct case_closing *closing, struct error *err);

/* ---- reading ---- */

enum status case_read(struct storage_session *session, struct arena *arena, int64_t id, struct fraud_case *out,
                      struct error *err);

struct case_page {
    int state; /* enum case_state; 0: any */
    bool given;
    int64_t before_at, before_id;
    size_t limit;
};
/* Newest first. */
enum status case_list(struct storage_session *session, struct arena *arena, const struct case_page *page,
                      struct fraud_case **out, size_t *count, struct error *err);

/* The store of a declared employee; empty: not declared. */
enum status case_employee_store(struct storage_session *session, struct arena *arena, struct text employee,
                                struct text *store, struct error *err);

/* ---- giving back ---- */

/* Points that no open case holds any more get their own time again. Also what was left of one that was interrupted. */
enum status cases_thaw(struct engine *engine, int64_t *members, int64_t *points, struct error *err);

#endif
