/* tombstones_store.h: who was erased, as keyed hashes: of each identifier, and of the member's salt. */
#ifndef PATRON_FEATURES_CUSTOMERS_TOMBSTONES_STORE_H
#define PATRON_FEATURES_CUSTOMERS_TOMBSTONES_STORE_H

#include "foundation/arena.h"
#include "foundation/error.h"
#include "foundation/map.h"
#include "foundation/secret.h"

struct storage_session;

struct tombstone {
    unsigned char hash[DIGEST_SIZE];
    int64_t at;
};

/* A set of them, in the arena; each once. */
struct tombstones {
    struct arena *arena;
    struct map *by_hash;
};
struct tombstones tombstones_new(struct arena *arena);
/* False when it is there already. */
bool tombstones_add(struct tombstones *tombstones, const struct tombstone *tombstone);
bool tombstones_have(const struct tombstones *tombstones, const unsigned char hash[DIGEST_SIZE]);

/* Adds all that the database has. */
enum status tombstones_read(struct storage_session *session, struct tombstones *out, struct error *err);

/* Writes tombstone `index` and those after it, at most 1,000, in the caller's transaction; `*next`: the first not written. */
enum status tombstones_write(struct storage_session *session, const struct tombstones *tombstones, size_t *next,
                             struct error *err);

/* Members of a bucket, not erased, who are among the tombstones; in the arena of these. */
struct member_ids {
    int64_t *items;
    size_t count, capacity;
};
enum status tombstones_find_members(struct storage_session *session, const struct tombstones *tombstones,
                                    const unsigned char *key, int bucket, struct member_ids *out, struct error *err);

#endif
