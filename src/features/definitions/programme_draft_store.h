/*
 * programme_draft_store.h: the programme document itself as a definition: it has a draft and reviews like one, and its versions are
 * those of the programme (features/programme).
 */
#ifndef PATRON_FEATURES_DEFINITIONS_PROGRAMME_DRAFT_STORE_H
#define PATRON_FEATURES_DEFINITIONS_PROGRAMME_DRAFT_STORE_H

#include "features/definitions/definitions_store.h"

/* Never in the list of kinds. Its one definition has the code PROGRAMME_DRAFT_CODE. */
extern const struct definition_kind programme_draft_kind;
#define PROGRAMME_DRAFT_CODE TEXT("programme")

/* definition_find; of the programme, what is in force and what comes next are its versions in `set`. */
enum status definition_look(struct storage_session *session, struct arena *arena, const struct programme_set *set,
                            const struct definition_key *key, struct definition_record *out, struct error *err);

/* Publishes release->document at release->from, and sets release->version. As programme_publish. */
enum status programme_draft_publish(struct storage_session *session, struct definition_release *release,
                                    struct error *err);

/* The document of a version of the programme; 0 is the built-in default. STATUS_MISSING `definition.version_unknown`. */
enum status programme_draft_document(struct storage_session *session, struct arena *arena, int64_t version,
                                     struct text *out, struct error *err);

#endif
