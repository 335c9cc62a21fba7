/*
 * scope.h: which part of the company a user or key sees and acts in: places of the tree and all below them.
 *
 * Every route says in its table how it is scoped (enum route_scope). What follows from that for the path, the query and
 * the body of a request is checked in one place before the route is called: scope_enter. Lists leave out what the caller
 * does not see, by the functions of call.h.
 */
#ifndef PATRON_API_SCOPE_H
#define PATRON_API_SCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "foundation/arena.h"
#include "foundation/error.h"
#include "foundation/text.h"

struct map;
struct request;
struct storage_session;

enum { SCOPE_PLACES_MAX = 100, SCOPE_DEPTH_MAX = 16 };

struct scope {
    bool whole;                /* the whole company */
    bool home_members;         /* members only who were at a place of it; otherwise any member who is named exactly */
    struct text given;         /* as stored: codes with commas between */
    const struct text *places; /* every place of it, ascending */
    size_t place_count;
    struct text only_store; /* when there is exactly one store in it; else empty */
};

extern const struct scope scope_of_company; /* whole */
extern const struct scope scope_of_nobody;  /* sees nothing */

/* Whether the scope holds the place; without a code only the whole company does. */
bool scope_sees(const struct scope *scope, struct text place);

/* Whether everything of `inner` is in `outer`. */
bool scope_covers(const struct scope *outer, const struct scope *inner);

/* One place of the tree. */
struct scope_place {
    struct text code, parent;
    bool store;
};

/* The scope of the places `given` (codes with commas between; empty: the whole company); `tree` ascends by code. */
const struct scope *scope_build(struct arena *arena, struct text given, bool home_members,
                                const struct scope_place *tree, size_t count);

/* Splits codes with commas between; at most SCOPE_PLACES_MAX. */
size_t scope_split(struct text given, struct text out[SCOPE_PLACES_MAX]);

/* Members, and of each whether the scope holds it. */
struct scope_people {
    const int64_t *members;
    size_t count;
    bool *inside;
};

/* A copy that lives in `arena`. */
const struct scope *scope_copy(struct arena *arena, const struct scope *scope);

/*
 * Checks the request against the scope of who asks: STATUS_FORBIDDEN `auth.scope`; first what its route is and its path
 * names, then, once they are read, what query and bodies name. An item of an array is refused alone. A body of a
 * single-store caller that names no store gets that store; of another `scope.store_required`.
 */
enum status scope_enter(struct request *request, struct error *err);
enum status scope_enter_fields(struct request *request, struct error *err);

#endif
