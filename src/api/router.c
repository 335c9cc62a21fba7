/* router.c: finds the route of a method and a path. */
#include "api/router.h"

#include <assert.h>
#include <string.h>

#include "foundation/log.h"

enum { SEGMENTS_MAX = 8 };

struct entry {
    const struct route *route;
    struct text segments[SEGMENTS_MAX];
    size_t segment_count;
    size_t parameter_count;
};

struct router {
    struct entry *entries;
    size_t count;
};

/* The parts between slashes; more than fit give SEGMENTS_MAX + 1. */
static size_t split(struct text path, struct text segments[SEGMENTS_MAX])
{
    size_t count = 0;
    if (path.size == 0 || path.bytes[0] != '/')
        return SEGMENTS_MAX + 1;
    const char *at = path.bytes + 1;
    const char *end = path.bytes + path.size;
    while (at < end) {
        const char *slash = memchr(at, '/', (size_t)(end - at));
        const char *stop = slash == NULL ? end : slash;
        if (count == SEGMENTS_MAX)
            return SEGMENTS_MAX + 1;
        segments[count++] = (struct text){at, (size_t)(stop - at)};
        at = stop + 1;
    }
    return count;
}

static bool is_parameter(struct text segment)
{
    return segment.size > 2 && segment.bytes[0] == '{';
}

static const char *check_body(const struct route *route)
{
    if (route->items_max > ROUTE_ITEMS_MAX)
        return "takes too many items";
    if (route->items_max > 0 && route->body == NULL)
        return "takes items without a body";
    if (route->items_max == 0 || route->reply == NULL)
        return NULL;
    for (size_t i = 0; i < route->reply->field_count; i++)
        if (strcmp(route->reply->fields[i].name, "status") == 0)
            return "has a reply field 'status', which the replies to arrays need";
    return NULL;
}

const char *route_scope_name(enum route_scope scope)
{
    static const char *const names[] = {
        [SCOPE_UNSET] = "unset", [SCOPE_OWN] = "own",       [SCOPE_COMPANY] = "company", [SCOPE_WHOLE] = "whole",
        [SCOPE_STORE] = "store", [SCOPE_MEMBER] = "member", [SCOPE_INSIDER] = "insider", [SCOPE_ACTOR] = "actor",
    };
    return names[scope];
}

const char *route_check(const struct route *route)
{
    struct text segments[SEGMENTS_MAX];
    size_t count = split(text_from(route->path), segments);
    if (count > SEGMENTS_MAX)
        return "has too many segments";
    size_t parameters = 0;
    for (size_t i = 0; i < count; i++)
        parameters += is_parameter(segments[i]);
    if (parameters > CALL_PARAMETERS_MAX)
        return "has too many parameters";
    if (route->permission == PERMISSION_UNSET)
        return "has no permission";
    if (route->scope == SCOPE_UNSET)
        return "does not say how it is scoped (enum route_scope)";
    if (route->operation == NULL || route->summary == NULL || route->handle == NULL)
        return "lacks operation, summary or handle";
    bool object = route->kind == REPLY_OBJECT || route->kind == REPLY_PAGE;
    if (object != (route->reply != NULL))
        return "has a reply that does not go with its kind";
    return check_body(route);
}

static void add_route(struct router *router, const struct route *route)
{
    const char *problem = route_check(route);
    if (problem != NULL)
        log_event(LOG_ERROR, "route.wrong", "%s %s", route->path, problem);
    assert(problem == NULL);
    struct entry *entry = &router->entries[router->count++];
    entry->route = route;
    entry->segment_count = split(text_from(route->path), entry->segments);
    for (size_t i = 0; i < entry->segment_count; i++)
        entry->parameter_count += is_parameter(entry->segments[i]);
}

const struct router *router_new(struct arena *arena, const struct feature *const *features, size_t count)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += features[i]->route_count;
    struct router *router = arena_alloc(arena, sizeof *router);
    router->entries = arena_array(arena, total, sizeof *router->entries);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < features[i]->route_count; j++)
            add_route(router, &features[i]->routes[j]);
    return router;
}

size_t router_count(const struct router *router)
{
    return router->count;
}

const struct route *router_at(const struct router *router, size_t index)
{
    return router->entries[index].route;
}

static bool fits(const struct entry *entry, const struct text *segments, size_t count)
{
    if (entry->segment_count != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        bool same =
            is_parameter(entry->segments[i]) ? segments[i].size > 0 : text_equal(entry->segments[i], segments[i]);
        if (!same)
            return false;
    }
    return true;
}

static void allow(struct match *match, enum http_method method)
{
    const char *name = http_method_name(method);
    if (strstr(match->allow, name) != NULL)
        return;
    size_t used = strlen(match->allow);
    size_t size = strlen(name);
    assert(used + size + 8 < sizeof match->allow);
    if (used > 0) {
        memcpy(match->allow + used, ", ", 2);
        used += 2;
    }
    memcpy(match->allow + used, name, size + 1);
    if (method == HTTP_GET)
        memcpy(match->allow + used + size, ", HEAD", 7);
}

/* Of several routes that fit, the one with the fewest parameters. */
bool router_find(const struct router *router, enum http_method method, struct text path, struct match *out)
{
    struct text segments[SEGMENTS_MAX];
    size_t count = split(path, segments);
    *out = (struct match){.route = NULL};
    if (count > SEGMENTS_MAX)
        return false;
    enum http_method wanted = method == HTTP_HEAD ? HTTP_GET : method;
    const struct entry *best = NULL;
    for (size_t i = 0; i < router->count; i++) {
        const struct entry *entry = &router->entries[i];
        if (!fits(entry, segments, count))
            continue;
        allow(out, entry->route->method);
        if (entry->route->method == wanted && (best == NULL || entry->parameter_count < best->parameter_count)) {
            best = entry;
            out->index = i;
        }
    }
    if (best == NULL)
        return false;
    out->route = best->route;
    size_t parameters = 0;
    for (size_t i = 0; i < count; i++)
        if (is_parameter(best->segments[i]))
            out->segments[parameters++] = segments[i];
    return true;
}
