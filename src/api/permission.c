/* permission.c: permissions, and the roles that carry them. */
#include "api/permission.h"

enum { /* the columns of the matrix in permissions.def */
       A = 1 << ROLE_ADMINISTRATOR,
       M = 1 << ROLE_MARKETER,
       D = 1 << ROLE_DESK,
       G = 1 << ROLE_AGENT,
       N = 1 << ROLE_ANALYST,
       F = 1 << ROLE_FINANCE,
};

static const struct {
    const char *name;
    unsigned roles;
    const char *about;
} permissions[PERMISSION_COUNT] = {
    [PERMISSION_PUBLIC] = {"public", 0, "anyone"},
    [PERMISSION_SIGNED_IN] = {"signed_in", A | M | D | G | N | F, "any user or key"},
#define PERMISSION(NAME, text, who, what) [PERMISSION_##NAME] = {text, who, what},
#include "api/permissions.def"
#undef PERMISSION
};

const char *const role_names[ROLE_COUNT + 1] = {
    [ROLE_ADMINISTRATOR] = "administrator",
    [ROLE_MARKETER] = "marketer",
    [ROLE_DESK] = "desk",
    [ROLE_AGENT] = "agent",
    [ROLE_ANALYST] = "analyst",
    [ROLE_FINANCE] = "finance",
    [ROLE_COUNT] = NULL,
};

bool role_find(struct text name, enum role *out)
{
    for (int i = 0; i < ROLE_COUNT; i++) {
        if (text_equals(name, role_names[i])) {
            *out = (enum role)i;
            return true;
        }
    }
    return false;
}

const char *permission_name(enum permission permission)
{
    return permissions[permission].name;
}

const char *permission_about(enum permission permission)
{
    return permissions[permission].about;
}

bool permission_find(struct text name, enum permission *out)
{
    for (int i = PERMISSION_SIGNED_IN + 1; i < PERMISSION_COUNT; i++) {
        if (text_equals(name, permissions[i].name)) {
            *out = (enum permission)i;
            return true;
        }
    }
    return false;
}

uint64_t role_permissions(enum role role)
{
    uint64_t set = 0;
    for (int i = PERMISSION_SIGNED_IN; i < PERMISSION_COUNT; i++)
        if (permissions[i].roles & 1U << role)
            set |= permission_bit((enum permission)i);
    return set;
}
