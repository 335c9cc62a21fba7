/* map.h: a hash map in an arena, from bytes or from an integer to a pointer. It only grows; nothing is removed. */
#ifndef PATRON_FOUNDATION_MAP_H
#define PATRON_FOUNDATION_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "foundation/arena.h"
#include "foundation/text.h"

struct map;

struct map *map_new(struct arena *arena, size_t expected); /* keyed by a secret of the process: no chosen collisions */
size_t map_count(const struct map *map);

/* The value at `key`, or NULL. */
void *map_get(const struct map *map, struct text key);
void *map_get_id(const struct map *map, int64_t key);

/* Sets the value (not NULL) at `key`. The key's bytes are borrowed and live as long as the map. */
void map_put(struct map *map, struct text key, void *value);
void map_put_id(struct map *map, int64_t key, void *value);

/* Visits the entries in the order in which they were first put. */
void *map_value_at(const struct map *map, size_t index);

/* A stable 64-bit hash (SipHash-2-4 with a published key), the same in every process and for ever: buckets use it. */
uint64_t hash_stable(struct text bytes);

#endif
