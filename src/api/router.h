/* router.h: finds the route of a method and a path. */
#ifndef PATRON_API_ROUTER_H
#define PATRON_API_ROUTER_H

#include "api/call.h"
#include "api/feature.h"

struct router;

/* The routes of the features, and of `own` first. Asserts what a table must keep to: see route_check. */
const struct router *router_new(struct arena *arena, const struct feature *const *features, size_t count);
size_t router_count(const struct router *router);
const struct route *router_at(const struct router *router, size_t index);

struct match {
    const struct route *route;
    size_t index;
    struct text segments[CALL_PARAMETERS_MAX]; /* of the parameters, as sent */
    char allow[64];                            /* the methods of the path, when none fits */
};

/* False: `out->allow` is empty when the path is unknown, otherwise lists its methods. HEAD finds GET. */
bool router_find(const struct router *router, enum http_method method, struct text path, struct match *out);

/* NULL, or what is wrong with the table entry. */
const char *route_check(const struct route *route);

#endif
