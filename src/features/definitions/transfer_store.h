/*
 * transfer_store.h: the whole programme as one file, from one server to another. JSON Lines:
 *
 *     {"kind": "programme", "document": {...}}
 *     {"kind": "offer", "code": "summer", "document": {...}, "note": "...", "effective_at": "...", "until": "..."}
 *     {"kind": "offer", "code": "autumn", "document": {...}, "draft": true}
 */
#ifndef PATRON_FEATURES_DEFINITIONS_TRANSFER_STORE_H
#define PATRON_FEATURES_DEFINITIONS_TRANSFER_STORE_H

#include "features/definitions/change_store.h"

enum { TRANSFER_LINES_MAX = 10000, TRANSFER_BYTES_MAX = 24 * 1024 * 1024 };

/* The programme in force, what is in force or to come of all kinds of `set` at `now`, and the drafts. STATUS_LIMIT `definition.lines`. */
enum status definitions_export(struct storage_session *session, struct arena *arena, const struct programme_set *set,
                               int64_t now, struct text *out, struct error *err);

struct definition_transfer {
    struct text lines;
    const struct programme_set *set;
    int64_t now;
    struct text actor, note; /* a note of a line comes before `note` */
    bool drafts;             /* everything becomes a draft, and nothing is published */
    bool without_review;     /* as in struct definition_change */
    bool check;              /* only check the documents */
    /* Called for each change, within the transaction: for the audit trail. May be NULL. */
    enum status (*changed)(void *context, const struct definition_change *change,
                           const struct definition_changed *changed, struct error *err);
    void *context;
};

struct definition_transferred {
    int64_t published, drafts, unchanged;
    int64_t at; /* when what was published takes effect, unless its line says later */
};

/*
 * Brings all lines in, in the session's write transaction, or none. Documents are checked against the programme of the file when it
 * has one.  What a line names may stand in another line. What is in force as the line has it, stays. STATUS_INVALID `definition.line`; errors of definition_apply, each with
 * the number of its line.
 */
enum status definitions_import(struct storage_session *session, const struct definition_transfer *transfer,
                               struct definition_transferred *out, struct error *err);

#endif
