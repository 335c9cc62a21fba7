/*
 * loader.h: brings members, their groups and past events from the database, with one query for each kind of row.
 *
 * Order of use: loader_resolve (who belongs together), loader_group for each member needed, loader_states, then
 * loader_events and loader_lots for those that need them. Everything lives in the loader's arena.
 */
#ifndef PATRON_ENGINE_LOADER_H
#define PATRON_ENGINE_LOADER_H

#include "engine/decide.h"
#include "foundation/map.h"
#include "storage/storage.h"

/* A member row as found, before its group is made. */
struct found_member {
    int64_t id;
    int64_t leader; /* 0: there is no such member */
    int64_t household, registered_at;
    enum member_status status;
    unsigned char salt[SALT_SIZE];
};

/* The members of a leader with several, or the leaders of a household. */
struct grouping {
    int64_t id;
    int64_t *members;
    size_t count, capacity;
    bool pooled;
};

struct loaded_group {
    struct group live;    /* as of the last command that succeeded */
    struct group scratch; /* what the command being decided changes */
    bool states, lots, progress;
    bool alone;   /* a LOAD_ALONE command of this batch had it */
    bool changed; /* a command of this batch changed it: what a LOAD_ALONE type read of its own may be old */
    bool closed;  /* who belongs to it changed: no further command of this batch */
};

struct id_list {
    int64_t *ids;
    size_t count, capacity;
};
void id_list_add(struct arena *arena, struct id_list *list, int64_t id);

struct loader {
    struct storage_session *session;
    struct arena *arena;
    struct map *found;     /* member id -> struct found_member */
    struct map *groupings; /* grouping id -> struct grouping */
    struct map *groups;    /* member id -> struct loaded_group */
    struct map *members;   /* member id -> struct member in its live group, while loading */
    struct map *events;    /* journal id -> struct past_event */
    struct loaded_group **list;
    size_t list_count, list_capacity;
};

void loader_start(struct loader *loader, struct storage_session *session, struct arena *arena);

/* Finds the members and everyone who belongs with them. Unknown ids are found with leader 0. */
enum status loader_resolve(struct loader *loader, const struct id_list *ids, struct error *err);
const struct found_member *loader_found(const struct loader *loader, int64_t id); /* NULL: never asked, or unknown */

/* The group of a found member, made at the first call; NULL for an unknown one. */
struct loaded_group *loader_group(struct loader *loader, int64_t member);

/* Standings and wallets of all groups made since the last call. Sends; the caller flushes. */
enum status loader_states(struct loader *loader, struct error *err);

struct day_key {
    int64_t member;
    int32_t day;
};
enum status loader_days(struct loader *loader, const struct day_key *keys, size_t count, struct error *err);

/* Open lots and holds of the groups not yet having them. Sends. */
enum status loader_lots(struct loader *loader, struct loaded_group **groups, size_t count, struct error *err);
/* Empty lots and finished holds that the events name, of loaded groups. Sends. */
enum status loader_named(struct loader *loader, struct past_event **events, size_t count, struct error *err);
enum status loader_progress(struct loader *loader, struct loaded_group **groups, size_t count, struct error *err);

/*
 * Journal rows with lines, movements and detail; with `followers` also what followed, to any depth up to four, in the
 * buckets of the member's group (which must be resolved). Flushes. Missing ones are absent from loader->events.
 */
enum status loader_events(struct loader *loader, const struct id_list *ids, bool followers, struct error *err);

/* Decodes the columns of queries journal_load, followers_load and journal_after. */
void journal_row_decode(const struct storage_row *row, struct arena *arena, struct journal_row *out);

/* Values of the standing columns from `first` on, as standings_store and standings_load list them. */
enum { STANDING_COLUMNS = 19 };
/* The same columns of `standing AS s`, for a query that is made while running. */
#define STANDING_COLUMN_LIST                                                                                         \
    "s.purchases, s.purchase_days, s.spend, s.returns, s.visits, s.first_purchase_at, s.last_purchase_at, "          \
    "s.last_visit_at, s.last_event_at, s.won_back_at, s.tier_since, s.tier_until, s.qualifying, s.qualifying_from, " \
    "s.tier, s.tier_grace, s.recent, s.due_at, s.held"
void standing_encode(struct arena *arena, const struct standing *standing, struct storage_value *values);
enum status standing_decode(const struct storage_row *row, int first, struct arena *arena, struct standing *out,
                            struct error *err);

/* The parts of a hold, twenty-four bytes each, big-endian. */
struct text hold_parts_encode(struct arena *arena, const struct hold *hold);
void hold_parts_decode(struct text bytes, struct arena *arena, struct hold *hold);

#endif
