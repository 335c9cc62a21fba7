/* member_reference_api.h: the person of a request: {"id": "mbr_..."}, {"phone": "..."}, {"card": "..."} and so on. */
#ifndef PATRON_FEATURES_CUSTOMERS_MEMBER_REFERENCE_API_H
#define PATRON_FEATURES_CUSTOMERS_MEMBER_REFERENCE_API_H

#include "api/call.h"
#include "json/shape.h"

/* Read by member_reference_shape (FIELD_OBJECT): an id, or one or more identifiers. */
struct member_reference {
    int64_t id;
    struct text phone, email, card, openid, external;
};
extern const struct shape member_reference_shape; /* "MemberReference" */

/*
 * Makes the person the next subject of `command`: normalises the identifiers, adds them as claims and, for the first
 * subject, sets command->bucket. `field` is the name of the field in errors. STATUS_INVALID `member.reference` when the
 * reference names nothing, or both an id and identifiers; `identifier.*`.
 */
enum status member_reference_apply(struct call *call, struct command *command, const struct member_reference *reference,
                                   const char *field, struct error *err);

/* The member on a read session. STATUS_MISSING `member.unknown`, STATUS_CONFLICT `identifier.conflict`. */
enum status member_reference_find(const struct call *call, struct storage_session *session,
                                  const struct member_reference *reference, int64_t *member, struct error *err);

#endif
