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

/* The points of these members together, as list "wallets". */
void member_wallets_write(struct json_writer *writer, const struct group *group, const int64_t *members, size_t count);
extern const struct shape member_wallet_shape;

/* The tier as object "tier"; null without. */
void member_tier_write(struct json_writer *writer, const struct standing *standing);
extern const struct shape member_tier_shape;

/* The fields of one consent. */
void consent_write(struct json_writer *writer, const struct consent *consent);
extern const struct field consent_reply_fields[];
enum { CONSENT_REPLY_FIELDS = 7 };

#endif
