/* scope_store.h: the tree of places as scopes need it, and which members were where. */
#ifndef PATRON_API_SCOPE_STORE_H
#define PATRON_API_SCOPE_STORE_H

#include "api/scope.h"

struct scope_places {
    struct scope_place *items;
    size_t count, capacity;
};
enum status scope_places_read(struct storage_session *session, struct arena *arena, struct scope_places *out,
                              struct error *err);

/*
 * Sets for each person, named by the leader's id, whether it has an event at a place of the scope: was registered, bought
 * or visited there.
 */
enum status scope_members(struct storage_session *session, struct arena *arena, const struct scope *scope,
                          const struct scope_people *people, struct error *err);

/* The ids of all members of such persons, as keys of a map. Reads the whole journal. */
enum status scope_members_all(struct storage_session *session, struct arena *arena, const struct scope *scope,
                              struct map **out, struct error *err);

#endif
