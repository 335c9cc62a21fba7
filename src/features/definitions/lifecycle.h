/*
 * lifecycle.h: what may be done with a draft in each of its states and by whom, and from when until when each published version
 * is in force. Pure.
 */
#ifndef PATRON_FEATURES_DEFINITIONS_LIFECYCLE_H
#define PATRON_FEATURES_DEFINITIONS_LIFECYCLE_H

#include "features/programme/programme.h"

/* ---- drafts ---- */

enum draft_state {
    DRAFT_NONE,
    DRAFT_OPEN,
    DRAFT_REVIEW,   /* handed in */
    DRAFT_APPROVED, /* by somebody else than its author */
    DRAFT_REFUSED,
};
extern const char *const draft_state_names[]; /* "none", "draft", "review" ...; ends with NULL */

enum draft_action { DRAFT_SAVE, DRAFT_DROP, DRAFT_SUBMIT, DRAFT_APPROVE, DRAFT_REFUSE, DRAFT_PUBLISH };

struct draft_step {
    enum draft_state state;
    enum draft_action action;
    struct text author; /* who saved the draft last */
    struct text actor;
    enum review_policy review;
};

/*
 * The state after the step. STATUS_CONFLICT `definition.state` when a draft in this state does not have the action,
 * `definition.review` when the policy wants an approved one, STATUS_FORBIDDEN `definition.own` when authors review their own.
 */
enum status draft_next(const struct draft_step *step, enum draft_state *out, struct error *err);

/* ---- versions ---- */

/* When a version is in force. `ends_at` was planned, or is that of its withdrawal; INSTANT_NEVER: open. */
struct definition_span {
    int64_t version;
    int64_t from, ends_at;
    int64_t until; /* the first instant at which it is not in force; `from`: it never is */
};

/*
 * Sets `until` of all versions of a definition, ascending by (from, version): each ends with itself, or when the next one begins
 * that was not withdrawn before its time.
 */
void definition_spans(struct definition_span *spans, size_t count);

/* Ends what is in force at `at` or later; with `version` above 0 that version alone. True when anything changed. */
bool definition_spans_end(struct definition_span *spans, size_t count, int64_t version, int64_t at);

enum definition_state {
    DEFINITION_DRAFT, /* never published */
    DEFINITION_SCHEDULED,
    DEFINITION_IN_FORCE,
    DEFINITION_ENDED,
    DEFINITION_WITHDRAWN,
};
extern const char *const definition_state_names[]; /* "draft", "scheduled" ...; ends with NULL */

#endif
