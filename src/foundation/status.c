#include "foundation/status.h"

#include <assert.h>
#include <stddef.h>

static const char *const names[] = {
    [STATUS_OK] = "ok",
    [STATUS_INVALID] = "invalid",
    [STATUS_UNAUTHORISED] = "unauthorised",
    [STATUS_FORBIDDEN] = "forbidden",
    [STATUS_MISSING] = "missing",
    [STATUS_CONFLICT] = "conflict",
    [STATUS_STALE] = "stale",
    [STATUS_LIMIT] = "limit",
    [STATUS_BUSY] = "busy",
    [STATUS_IO] = "io",
    [STATUS_DEFECT] = "defect",
};

const char *status_name(enum status status)
{
    assert((size_t)status < sizeof names / sizeof names[0]);

    return names[status];
}
