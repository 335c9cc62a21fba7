/* references_store.h: whether what a document names is published, in the session's transaction: with all that it published itself. */
#ifndef PATRON_FEATURES_DEFINITIONS_REFERENCES_STORE_H
#define PATRON_FEATURES_DEFINITIONS_REFERENCES_STORE_H

#include "features/definitions/references.h"
#include "storage/storage.h"

/* Something named by what is in force from `from` until before `until`. */
struct reference_asked {
    struct definition_reference reference;
    int64_t from, until;
    int line;   /* of a file; the caller's own */
    bool found; /* a version of it is in force at some moment of these */
};

enum status references_resolve(struct storage_session *session, struct arena *arena, struct reference_asked *asked,
                               size_t count, struct error *err);

/* What is missing, in a sentence with the nearest name that is published. */
enum status reference_sentence(struct storage_session *session, struct arena *arena,
                               const struct reference_asked *asked, struct text *out, struct error *err);

/*
 * Resolves them; the first that is neither found nor loose is refused: STATUS_INVALID `definition.reference` with its field below
 * the document.
 */
enum status references_check(struct storage_session *session, struct arena *arena, struct reference_asked *asked,
                             size_t count, struct error *err);

/* What a candidate names, as it would be asked for. */
struct reference_asked *references_asked(struct arena *arena, const struct definition_kind *kind,
                                         const struct definition *candidate, size_t *count);

#endif
