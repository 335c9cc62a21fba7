/* definitions_store.h: definitions with their drafts and versions in the database, and in the configuration. */
#ifndef PATRON_FEATURES_DEFINITIONS_DEFINITIONS_STORE_H
#define PATRON_FEATURES_DEFINITIONS_DEFINITIONS_STORE_H

#include "features/definitions/definition.h"
#include "features/definitions/lifecycle.h"
#include "storage/storage.h"

/* What definitions_configure reads: the kinds of the server, as of `now`. */
struct definitions_reading {
    const struct definition_kind *const *kinds;
    size_t kind_count;
    int64_t now;
};

/*
 * The last step of the engine's configure hook: the definitions into set->definitions, parsed with all else that the set holds,
 * then indexed. A version that cannot be read any more is left out and logged, because no server could start otherwise.
 */
enum status definitions_configure(struct storage_session *session, struct arena *arena,
                                  const struct definitions_reading *reading, struct programme_set *set,
                                  struct error *err);

/* ---- a definition ---- */

struct definition_draft {
    enum draft_state state;
    struct text name, document, author, note;
    struct text reviewer, review_note;
    int64_t saved_at, reviewed_at; /* reviewed_at 0: not yet */
};

struct definition_period {
    int64_t version; /* 0: none */
    int64_t from, until;
};

struct definition_record {
    struct text code;
    struct text name; /* of the version published last */
    int64_t revision; /* raised by every change; 0: unknown */
    int64_t versions; /* the number of the last one */
    bool withdrawn;   /* the last thing that became of it */
    struct definition_draft draft;
    struct definition_period current, next; /* in force now; the next one after now */
    struct text document;                   /* of the current one, by definition_find */
};

enum definition_state definition_record_state(const struct definition_record *record);

struct definition_key {
    const struct definition_kind *kind;
    struct text code;
    int64_t now;
};

/* A definition as of key->now; revision 0 when there is none. */
enum status definition_find(struct storage_session *session, struct arena *arena, const struct definition_key *key,
                            struct definition_record *out, struct error *err);
/* STATUS_MISSING `definition.unknown`. */
enum status definition_unknown(const struct definition_key *key, struct error *err);

/* As the query counts them. */
enum definition_filter {
    FILTER_ALL,
    FILTER_DRAFT,
    FILTER_REVIEW,
    FILTER_SCHEDULED,
    FILTER_IN_FORCE,
    FILTER_ENDED,
    FILTER_WITHDRAWN,
};

struct definition_page {
    struct definition_key after; /* codes after it */
    enum definition_filter filter;
    size_t limit;
};

/* Without documents, by code. */
enum status definition_list(struct storage_session *session, struct arena *arena, const struct definition_page *page,
                            struct definition_record **out, size_t *count, struct error *err);

/* ---- versions ---- */

struct definition_release {
    int64_t version;
    int64_t from, ends_at, until;
    int64_t published_at;
    struct text publisher, author, reviewer, note;
    int64_t withdrawn_at; /* 0: not */
    struct text withdrawn_by, withdrawal_note;
    struct text document;
};

struct release_page {
    const struct definition_key *key;
    int64_t before; /* versions below it; INT64_MAX: all */
    size_t limit;
};

/* Newest first. */
enum status definition_releases(struct storage_session *session, struct arena *arena, const struct release_page *page,
                                struct definition_release **out, size_t *count, struct error *err);

/* ---- writing, in the session's transaction, after definition_turn (change_store.h does it all) ---- */

/* Makes changes wait for each other, over all processes. */
enum status definition_turn(struct storage_session *session, struct error *err);
enum status definition_put(struct storage_session *session, const struct definition_key *key,
                           const struct definition_record *record, struct error *err);
enum status definition_drop(struct storage_session *session, const struct definition_key *key, struct error *err);

/*
 * Adds a version, ends the one before it where it begins, and raises the epoch.
 */
enum status definition_release_add(struct storage_session *session, struct arena *arena,
                                   const struct definition_key *key, const struct definition_release *release,
                                   struct error *err);

struct definition_end {
    int64_t version; /* 0: all that are in force then or later */
    int64_t at;
    struct text actor, note;
};

/* Ends versions and raises the epoch; `*left`: something is still in force after it. STATUS_CONFLICT `definition.state`. */
enum status definition_release_end(struct storage_session *session, struct arena *arena,
                                   const struct definition_key *key, const struct definition_end *end, bool *left,
                                   struct error *err);

#endif
