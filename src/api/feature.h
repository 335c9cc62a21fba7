/* feature.h: how a feature plugs in: x_feature.c exports one `const struct feature`, src/server/features.def lists them. */
#ifndef PATRON_API_FEATURE_H
#define PATRON_API_FEATURE_H

#include <stddef.h>

#include "api/route.h"

struct command_type; /* engine/decide.h */
struct job_kind;     /* api/job.h */

struct feature {
    const char *name; /* "customers" */
    const struct route *routes;
    size_t route_count;
    const struct command_type *const *commands;
    size_t command_count;
    const struct job_kind *const *jobs;
    size_t job_count;
};

#endif
