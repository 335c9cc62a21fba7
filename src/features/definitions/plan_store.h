/* plan_store.h: what is in force, published for later or drafted of a kind, to see what contradicts what. */
#ifndef PATRON_FEATURES_DEFINITIONS_PLAN_STORE_H
#define PATRON_FEATURES_DEFINITIONS_PLAN_STORE_H

#include "features/definitions/conflicts.h"
#include "storage/storage.h"

enum { PLAN_DRAFTS_MAX = 1000 }; /* of one kind that are looked at */

struct definition_plan {
    struct arena *arena;
    const struct programme_set *set;
    const struct definition_kind *kind;
    int64_t now;
    struct definition
        *items; /* in force at `now` or later; then the drafts, version 0, as if they were published now */
    size_t count, capacity;
};

/* Fills in the items; none of a kind that knows no contradictions. Drafts that cannot be read any more are left out. */
enum status definition_plan_read(struct storage_session *session, struct definition_plan *plan, struct error *err);

#endif
