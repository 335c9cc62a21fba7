/* permission.h: permissions, and the roles that carry them, from one list (permissions.def). */
#ifndef PATRON_API_PERMISSION_H
#define PATRON_API_PERMISSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "foundation/text.h"

enum permission {
    PERMISSION_UNSET,     /* a route that says nothing fails the tests */
    PERMISSION_PUBLIC,    /* anyone */
    PERMISSION_SIGNED_IN, /* any user or key */
#define PERMISSION(NAME, text, roles, about) PERMISSION_##NAME,
#include "api/permissions.def"
#undef PERMISSION
    PERMISSION_COUNT
};

/* Sets of permissions are a uint64_t: bit 1 << permission. */

enum role { ROLE_ADMINISTRATOR, ROLE_MARKETER, ROLE_DESK, ROLE_AGENT, ROLE_ANALYST, ROLE_FINANCE, ROLE_COUNT };

extern const char *const role_names[ROLE_COUNT + 1]; /* ends with NULL */
bool role_find(struct text name, enum role *out);

const char *permission_name(enum permission permission); /* "members.read" */
const char *permission_about(enum permission permission);
bool permission_find(struct text name, enum permission *out);
uint64_t role_permissions(enum role role);

static inline uint64_t permission_bit(enum permission permission)
{
    return UINT64_C(1) << permission;
}

#endif
