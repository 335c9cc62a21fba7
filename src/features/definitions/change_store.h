/*
 * change_store.h: changes of a definition: checked against the state of its draft and the policy of the programme, and written.
 * The API and the command line change by nothing else.
 */
#ifndef PATRON_FEATURES_DEFINITIONS_CHANGE_STORE_H
#define PATRON_FEATURES_DEFINITIONS_CHANGE_STORE_H

#include "features/definitions/definitions_store.h"

enum definition_action {
    DEFINITION_SAVE,
    DEFINITION_DROP, /* the draft; and the definition when it was never published */
    DEFINITION_SUBMIT,
    DEFINITION_APPROVE,
    DEFINITION_REFUSE,
    DEFINITION_PUBLISH,
    DEFINITION_WITHDRAW,
    DEFINITION_ROLL_BACK, /* an old version becomes the draft */
};

/* The action in the audit trail: "definition.saved". */
const char *definition_action_name(enum definition_action action);

struct definition_change {
    enum definition_action action;
    const struct definition_kind *kind;
    struct text code;
    int64_t revision; /* the one expected; 0: any */
    int64_t now;
    struct text actor, note;
    struct text document; /* DEFINITION_SAVE */
    bool publish;         /* DEFINITION_SAVE, DEFINITION_ROLL_BACK: publish it at once */
    bool without_review;  /* publishes whatever the policy says: for who has the database itself */
    int64_t at;           /* of a publication or withdrawal; 0: as soon as every process can have it */
    int64_t until;        /* of a publication; 0: open */
    int64_t version;      /* DEFINITION_ROLL_BACK; DEFINITION_WITHDRAW, 0: all that are in force then or later */
    bool anyway;          /* DEFINITION_WITHDRAW: although others name it */
    bool names_later;     /* of a publication: the caller asks whether what it names is there (references_store.h) */
    const struct programme_set *programmes;
    struct arena *arena; /* for what is read and parsed */
};

struct definition_changed {
    struct definition_record before, after; /* as of change->now; `after` has revision 0 when it is gone */
    int64_t version;                        /* that was published; 0: none */
    struct definition candidate;            /* what was saved or published, parsed; without a code: nothing was */
};

/* When it takes effect. */
int64_t definition_change_at(const struct definition_change *change);

/*
 * Checks the document as it would be saved or published, with the programme that is in force at `at` (0: now). STATUS_INVALID
 * with the field below the document, STATUS_LIMIT `definition.size`, STATUS_INVALID `definition.code`.
 */
enum status definition_check(const struct definition_change *change, const void **parsed, struct error *err);

/* The document of `change`, as a version that is not published yet. */
struct definition definition_candidate(const struct definition_change *change, const void *parsed);

/*
 * In the session's write transaction. STATUS_MISSING `definition.unknown`, `definition.version_unknown`, STATUS_STALE
 * `definition.stale`, STATUS_INVALID `definition.too_soon`, `definition.range`, STATUS_LIMIT `definition.versions`, `definition.count`; errors of
 * definition_check, draft_next and references_check; of a withdrawal STATUS_CONFLICT `definition.named`. What was published is in force after the next reload.
 */
enum status definition_apply(struct storage_session *session, const struct definition_change *change,
                             struct definition_changed *out, struct error *err);

#endif
