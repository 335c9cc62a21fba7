/* credential_store.h: the credentials of members in the database. */
#ifndef PATRON_FEATURES_REDEMPTION_CREDENTIAL_STORE_H
#define PATRON_FEATURES_REDEMPTION_CREDENTIAL_STORE_H

#include "engine/engine.h"
#include "features/redemption/proof.h"

/* The leader of the member's person. STATUS_MISSING `member.unknown`, `member.erased`. */
enum status credential_owner(struct storage_session *session, int64_t member, int64_t *owner, struct error *err);

/* out->known is false when there is no row; the texts live in `arena`. */
enum status credentials_read(struct storage_session *session, struct arena *arena, int64_t owner,
                             struct credentials *out, struct error *err);

/* ---- in a write transaction of their own, so that tries count whatever becomes of the command ---- */

/* Counts a try at the PIN. `*taken` is false when it is locked. */
enum status pin_attempt(struct storage_session *session, int64_t owner, int64_t now, bool *taken, struct error *err);
/* It was the right PIN: the tries are forgotten. */
enum status pin_right(struct storage_session *session, int64_t owner, int64_t version, struct error *err);
/* Counts a try at the one-time code. `*taken` is false when there were too many. */
enum status code_attempt(struct storage_session *session, int64_t owner, int64_t number, bool *taken,
                         struct error *err);

/*
 * A new one-time code; the one before is void. STATUS_LIMIT `code.rate` says when the next may be had; STATUS_BUSY
 * `engine.again` when another was issued at the same moment.
 */
enum status code_issue(struct storage_session *session, struct arena *arena, int64_t owner, int64_t now,
                       int64_t *number, struct error *err);

/* Another secret of rotating codes: those of before are void. */
enum status generation_next(struct storage_session *session, int64_t owner, int64_t *generation, struct error *err);

#endif
