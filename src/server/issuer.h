/* issuer.h: an issuer of OpenID Connect by which people sign in: its settings, from a file, and requests to it. */
#ifndef PATRON_SERVER_ISSUER_H
#define PATRON_SERVER_ISSUER_H

#include "api/identity.h"

struct issuer;

/*
 * Reads the settings at `path` (docs/sign-in.md). STATUS_INVALID `oidc.settings`, or of the field; STATUS_IO when the file cannot be
 * read. A file with a secret that others may read is refused.
 */
enum status issuer_new(const char *path, struct issuer **out, struct error *err);
/* Several files with commas between: `*out` is the first, the others follow it. Each has a code and an address of its own. */
enum status issuers_new(const char *paths, struct issuer **out, struct error *err);
void issuer_free(struct issuer *issuer); /* and those that follow it; accepts NULL */
struct identity *issuer_identity(struct issuer *issuer);

/* Whether an address (struct sockaddr) is one of this machine or of a private network. */
struct sockaddr;
bool issuer_is_internal(const struct sockaddr *address);

#endif
