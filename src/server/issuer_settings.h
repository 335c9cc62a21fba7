/* issuer_settings.h: the file that says by which issuer people sign in, and what its groups may here. */
#ifndef PATRON_SERVER_ISSUER_SETTINGS_H
#define PATRON_SERVER_ISSUER_SETTINGS_H

#include "api/identity.h"

/* `internal`: the issuer may have an internal address, and http. Errors as of issuer_new. */
enum status issuer_settings_read(struct arena *arena, const char *path, struct identity_settings *out, bool *internal,
                                 struct error *err);

#endif
