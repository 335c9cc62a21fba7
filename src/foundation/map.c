#include "foundation/map.h"

#include <assert.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>

enum { KEY_SIZE = crypto_shorthash_KEYBYTES };

_Static_assert(crypto_shorthash_BYTES == sizeof(uint64_t), "a hash is 64 bits");

struct entry {
    struct text key; /* bytes NULL and size ID_KEY: the key is `id` */
    int64_t id;
    uint64_t hash;
    void *value;
};

#define ID_KEY SIZE_MAX

struct map {
    struct arena *arena;
    struct entry *entries; /* in the order in which they came */
    size_t count;
    size_t capacity;
    uint32_t *slots; /* 1 + position in `entries`; 0 is free */
    size_t slot_count;
    unsigned char key[KEY_SIZE];
};

static uint64_t hash_bytes(const unsigned char key[KEY_SIZE], const void *bytes, size_t size)
{
    unsigned char hash[crypto_shorthash_BYTES];
    crypto_shorthash(hash, size == 0 ? (const unsigned char *)"" : bytes, size, key);
    uint64_t value = 0;
    for (size_t i = 0; i < sizeof hash; i++)
        value |= (uint64_t)hash[i] << (8 * i);
    return value;
}

uint64_t hash_stable(struct text bytes)
{
    /* Published and fixed for ever: members would change their bucket with it. */
    static const char key[KEY_SIZE + 1] = "patron-bucket-v1";
    return hash_bytes((const unsigned char *)key, bytes.bytes, bytes.size);
}

struct map *map_new(struct arena *arena, size_t expected)
{
    struct map *map = arena_alloc(arena, sizeof *map);
    map->arena = arena;
    ssize_t got = getrandom(map->key, sizeof map->key, 0);
    assert(got == (ssize_t)sizeof map->key);
    (void)got;

    map->slot_count = 16;
    while (map->slot_count < expected + expected / 2)
        map->slot_count *= 2;
    map->slots = arena_array(arena, map->slot_count, sizeof *map->slots);
    map->entries = arena_grow(arena, NULL, &map->capacity, expected == 0 ? 1 : expected, sizeof *map->entries);
    return map;
}

size_t map_count(const struct map *map)
{
    return map->count;
}

static uint64_t entry_hash(const struct map *map, const struct entry *wanted)
{
    if (wanted->key.size == ID_KEY)
        return hash_bytes(map->key, &wanted->id, sizeof wanted->id);
    return hash_bytes(map->key, wanted->key.bytes, wanted->key.size);
}

static bool same_key(const struct entry *a, const struct entry *b)
{
    if (a->hash != b->hash)
        return false;
    if (a->key.size == ID_KEY || b->key.size == ID_KEY)
        return a->key.size == b->key.size && a->id == b->id;
    return text_equal(a->key, b->key);
}

/* The slot that holds the key of `wanted`, or the free one where it belongs. There always is a free slot. */
static size_t slot_find(const struct map *map, const struct entry *wanted)
{
    size_t mask = map->slot_count - 1;
    size_t slot = (size_t)wanted->hash & mask;
    while (map->slots[slot] != 0 && !same_key(&map->entries[map->slots[slot] - 1], wanted))
        slot = (slot + 1) & mask;
    return slot;
}

static void slots_double(struct map *map)
{
    map->slot_count *= 2;
    map->slots = arena_array(map->arena, map->slot_count, sizeof *map->slots);
    for (size_t i = 0; i < map->count; i++)
        map->slots[slot_find(map, &map->entries[i])] = (uint32_t)(i + 1);
}

static void *entry_get(const struct map *map, struct entry wanted)
{
    wanted.hash = entry_hash(map, &wanted);
    uint32_t position = map->slots[slot_find(map, &wanted)];
    return position == 0 ? NULL : map->entries[position - 1].value;
}

static void entry_put(struct map *map, struct entry wanted)
{
    assert(wanted.value != NULL);
    assert(map->count < UINT32_MAX - 1);

    wanted.hash = entry_hash(map, &wanted);
    size_t slot = slot_find(map, &wanted);
    if (map->slots[slot] != 0) {
        map->entries[map->slots[slot] - 1].value = wanted.value;
        return;
    }
    if ((map->count + 1) * 4 > map->slot_count * 3) {
        slots_double(map);
        slot = slot_find(map, &wanted);
    }
    map->entries = arena_lengthen(map->arena, map->entries, &map->capacity, map->count + 1, sizeof *map->entries);
    map->entries[map->count++] = wanted;
    map->slots[slot] = (uint32_t)map->count;
}

void *map_get(const struct map *map, struct text key)
{
    return entry_get(map, (struct entry){.key = key});
}

void *map_get_id(const struct map *map, int64_t key)
{
    return entry_get(map, (struct entry){.key = {NULL, ID_KEY}, .id = key});
}

void map_put(struct map *map, struct text key, void *value)
{
    entry_put(map, (struct entry){.key = key, .value = value});
}

void map_put_id(struct map *map, int64_t key, void *value)
{
    entry_put(map, (struct entry){.key = {NULL, ID_KEY}, .id = key, .value = value});
}

void *map_value_at(const struct map *map, size_t index)
{
    assert(index < map->count);

    return map->entries[index].value;
}
