/* profile.h: the profile of a member: checking and applying changes, search keys. Pure. */
#ifndef PATRON_FEATURES_CUSTOMERS_PROFILE_H
#define PATRON_FEATURES_CUSTOMERS_PROFILE_H

#include "features/customers/commands.h"

/*
 * Puts the given fields over `profile` and checks the whole: `profile.birthday` ("1990-05-01", or "--05-01" without a year;
 * of the lunar calendar a month has up to 30 days), `profile.gender`. `profile` is untouched on an error.
 */
enum status profile_apply(struct arena *arena, struct profile *profile, const struct profile_patch *patch,
                          struct error *err);

/* The given fields of `patch` as `profile` has them, as a JSON object for the audit. */
struct text profile_audit(struct arena *arena, const struct profile *profile, const struct profile_patch *patch);

/* Writes {"name":"value"} for one field of an audit. */
struct text audit_field(struct arena *arena, const char *name, struct text value);

/* The profile of a person: the leader's, with what it lacks from the others in order. */
void profile_fill(struct profile *profile, const struct profile *other);

#endif
