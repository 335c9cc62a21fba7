#include "features/customers/tombstones_store.h"

#include <string.h>

#include "engine/decide.h"
#include "features/customers/rows.h"
#include "queries.h"
#include "storage/storage.h"

enum { WRITE_ROWS = 1000 };

static struct text hash_text(const unsigned char *hash)
{
    return (struct text){(const char *)hash, DIGEST_SIZE};
}

struct tombstones tombstones_new(struct arena *arena)
{
    return (struct tombstones){arena, map_new(arena, 64)};
}

bool tombstones_have(const struct tombstones *tombstones, const unsigned char hash[DIGEST_SIZE])
{
    return map_get(tombstones->by_hash, hash_text(hash)) != NULL;
}

bool tombstones_add(struct tombstones *tombstones, const struct tombstone *tombstone)
{
    if (tombstones_have(tombstones, tombstone->hash))
        return false;
    struct tombstone *kept = arena_copy(tombstones->arena, tombstone, sizeof *tombstone);
    map_put(tombstones->by_hash, hash_text(kept->hash), kept);
    return true;
}

static enum status receive(void *context, const struct storage_row *row, struct error *err)
{
    struct tombstone tombstone = {.at = row_integer(row, 1)};
    struct text hash = row_text(row, 0);

    if (hash.size != DIGEST_SIZE)
        return error_set(err, STATUS_DEFECT, "internal.defect", "", "a tombstone has %zu bytes", hash.size);
    memcpy(tombstone.hash, hash.bytes, DIGEST_SIZE);
    tombstones_add(context, &tombstone);
    return STATUS_OK;
}

enum status tombstones_read(struct storage_session *session, struct tombstones *out, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive, .context = out};

    return storage_stream(session, &query_customers_tombstones_all, NULL, &receiver, err);
}

enum status tombstones_write(struct storage_session *session, const struct tombstones *tombstones, size_t *next,
                             struct error *err)
{
    struct storage_value values[WRITE_ROWS * 3];
    size_t count = 0;

    while (count < WRITE_ROWS && *next + count < map_count(tombstones->by_hash)) {
        const struct tombstone *tombstone = map_value_at(tombstones->by_hash, *next + count);
        values[count * 3] = value_integer(tombstone->hash[0] % BUCKET_COUNT);
        values[count * 3 + 1] = value_blob(tombstone->hash, DIGEST_SIZE);
        values[count * 3 + 2] = value_integer(tombstone->at);
        count++;
    }
    *next += count;
    return storage_run(session, &query_customers_tombstone_put, values, count, NULL, err);
}

struct search {
    const struct tombstones *tombstones;
    const unsigned char *key;
    struct member_ids *out;
};

static enum status receive_member(void *context, const struct storage_row *row, struct error *err)
{
    const struct search *search = context;
    struct member_ids *out = search->out;
    int64_t member = row_integer(row, 0);
    struct text salt = row_text(row, 1);
    unsigned char hash[DIGEST_SIZE];

    if (salt.size != SALT_SIZE)
        return error_set(err, STATUS_DEFECT, "internal.defect", "", "the salt of a member has %zu bytes", salt.size);
    tombstone_hash_member(search->key, (const unsigned char *)salt.bytes, hash);
    if (!tombstones_have(search->tombstones, hash))
        return STATUS_OK;
    out->items = arena_grow(search->tombstones->arena, out->items, &out->capacity, out->count + 1, sizeof *out->items);
    out->items[out->count++] = member;
    return STATUS_OK;
}

enum status tombstones_find_members(struct storage_session *session, const struct tombstones *tombstones,
                                    const unsigned char *key, int bucket, struct member_ids *out, struct error *err)
{
    struct search search = {tombstones, key, out};
    const struct storage_receiver receiver = {.row = receive_member, .context = &search};
    const struct storage_value values[] = {value_integer(bucket), value_integer(MEMBER_ERASED)};

    return storage_stream(session, &query_customers_members_living, values, &receiver, err);
}
