/* view_api.h: definitions and versions as replies; which definition a request names. */
#ifndef PATRON_FEATURES_DEFINITIONS_VIEW_API_H
#define PATRON_FEATURES_DEFINITIONS_VIEW_API_H

#include "api/call.h"
#include "features/definitions/definitions_store.h"

enum { PROGRAMME_DOCUMENT_MAX = 262144, DEFINITION_NOTE_MAX = 1000 };
#define PLAN_ARENA_BYTES ((size_t)1 << 30) /* address space: what is not needed is not taken */

/* The kind by the route's path, the code by its first parameter; /v1/programme/draft is the programme's own. */
struct definition_key definition_call_key(const struct call *call);

void definition_write(struct json_writer *writer, const struct definition_record *record, bool documents);
void definition_release_write(struct json_writer *writer, const struct definition_release *release, int64_t now);

/*
 * "conflicts" and "warnings" of what was saved, checked or published: what contradicts `candidate`, and what the programme's
 * document leaves open.
 */
enum status definition_write_findings(struct call *call, struct storage_session *session, struct json_writer *writer,
                                      const struct definition_kind *kind, const struct definition *candidate,
                                      struct error *err);

/* "named_by": what is in force at key->now or later and names it. */
void definition_write_namers(struct call *call, struct json_writer *writer, const struct definition_key *key);

/* As a document of its own, for the audit trail; empty without a record. */
struct text definition_text(struct arena *arena, const struct definition_key *key,
                            const struct definition_record *record);

#endif
