/* member_view_api.h: a member as replies show it: the person behind the id, with everything a desk wants to see. */
#ifndef PATRON_FEATURES_CUSTOMERS_MEMBER_VIEW_API_H
#define PATRON_FEATURES_CUSTOMERS_MEMBER_VIEW_API_H

#include "api/call.h"
#include "features/customers/commands.h"
#include "json/writer.h"

extern const struct shape member_shape; /* "Member" */

/* Reads the person behind `member` and writes the members of its object. STATUS_MISSING `member.unknown`,
 * `member.erased`. `*version` is the profile's. */
enum status member_view_write(struct call *call, struct storage_session *session, int64_t member,
                              struct json_writer *writer, int64_t *version, struct error *err);

/* The fields of one consent. */
void consent_write(struct json_writer *writer, const struct consent *consent);
extern const struct field consent_reply_fields[];
enum { CONSENT_REPLY_FIELDS = 7 };

#endif
