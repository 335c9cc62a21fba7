#include "features/offers/offer_index.h"

#include <stdlib.h>

/* Each offer lies under one property only, the one that fewest baskets have. */
enum key {
    KEY_CODE,
    KEY_COUPON,
    KEY_SKU,
    KEY_SEGMENT,
    KEY_CATEGORY,
    KEY_STORE,
    KEY_TIER,
    KEY_CHANNEL,
    KEY_COUNT,
};

struct posting_list {
    const struct definition **items; /* ascending by `from` */
    size_t count, capacity;
};

struct offer_index {
    struct map *keys[KEY_COUNT]; /* -> struct posting_list */
    struct posting_list rest;    /* that any basket may have */
    size_t count;
    unsigned parts;
    bool limits_members, asks_benefits;
};

static void post(struct arena *arena, struct posting_list *list, const struct definition *definition)
{
    list->items = arena_grow(arena, list->items, &list->capacity, list->count + 1, sizeof *list->items);
    list->items[list->count++] = definition;
}

static void post_all(struct arena *arena, struct offer_index *index, enum key key, const struct text_list *texts,
                     const struct definition *definition)
{
    for (size_t i = 0; i < texts->count; i++) {
        struct posting_list *list = map_get(index->keys[key], texts->items[i]);
        if (list == NULL) {
            list = arena_alloc(arena, sizeof *list);
            map_put(index->keys[key], texts->items[i], list);
        }
        post(arena, list, definition);
    }
}

/* A set, a bundle or a price list needs its goods; what is on shipping is for any basket. */
static const struct text_list *goods_of(struct arena *arena, const struct offer *offer, enum key *key)
{
    const struct offer_filter *items = offer->part_count > 0 ? &offer->parts[0].items : &offer->items;

    if (offer->price_count > 0) {
        struct text *skus = arena_array(arena, offer->price_count, sizeof *skus);
        struct text_list *list = arena_alloc(arena, sizeof *list);
        for (size_t i = 0; i < offer->price_count; i++)
            skus[i] = offer->prices[i].sku;
        *list = (struct text_list){skus, offer->price_count};
        *key = KEY_SKU;
        return list;
    }
    /* Lines by sku or by category: either may match, so both lists would be needed. */
    if (offer->target == ON_SHIPPING || (items->skus.count > 0) == (items->categories.count > 0))
        return NULL;
    *key = items->skus.count > 0 ? KEY_SKU : KEY_CATEGORY;
    return items->skus.count > 0 ? &items->skus : &items->categories;
}

static void add(struct arena *arena, struct offer_index *index, const struct definition *definition)
{
    const struct offer *offer = definition->parsed;
    enum key goods_key = KEY_COUNT;
    const struct text_list *goods = goods_of(arena, offer, &goods_key);

    index->count++;
    index->parts |= offer_parts(offer);
    index->limits_members |= offer->limits.per_member != INT64_MAX || offer->limits.per_member_day != INT64_MAX;
    index->asks_benefits |= offer->audience.benefits.count > 0;
    if (offer_needs_code(offer)) {
        const struct text_list coupon = {&offer->coupon, 1};
        post_all(arena, index, KEY_CODE, &offer->codes, definition);
        if (offer->coupon.size > 0)
            post_all(arena, index, KEY_COUPON, &coupon, definition);
    } else if (goods_key == KEY_SKU)
        post_all(arena, index, KEY_SKU, goods, definition);
    else if (offer->audience.segments.count > 0)
        post_all(arena, index, KEY_SEGMENT, &offer->audience.segments, definition);
    else if (goods_key == KEY_CATEGORY)
        post_all(arena, index, KEY_CATEGORY, goods, definition);
    else if (offer->stores.count > 0)
        post_all(arena, index, KEY_STORE, &offer->stores, definition);
    else if (offer->audience.tiers.count > 0)
        post_all(arena, index, KEY_TIER, &offer->audience.tiers, definition);
    else if (offer->channels.count > 0)
        post_all(arena, index, KEY_CHANNEL, &offer->channels, definition);
    else
        post(arena, &index->rest, definition);
}

enum status offer_index_build(struct arena *arena, const struct definition *items, size_t count, const void **out,
                              struct error *err)
{
    struct offer_index *index = arena_alloc(arena, sizeof *index);

    (void)err;
    for (size_t key = 0; key < KEY_COUNT; key++)
        index->keys[key] = map_new(arena, 16);
    for (size_t i = 0; i < count; i++)
        add(arena, index, &items[i]);
    *out = index;
    return STATUS_OK;
}

const struct offer_index *offer_index_of(const struct programme_set *set)
{
    const struct definition_list *list = definitions_of(set, &offer_kind);

    return list->count > 0 ? list->index : NULL;
}

unsigned offer_index_parts(const struct offer_index *index)
{
    return index != NULL ? index->parts : 0;
}

bool offer_index_limits_members(const struct offer_index *index)
{
    return index != NULL && index->limits_members;
}

bool offer_index_asks_benefits(const struct offer_index *index)
{
    return index != NULL && index->asks_benefits;
}

bool offer_index_has_code(const struct offer_index *index, struct text folded)
{
    return index != NULL && folded.size > 0 && map_get(index->keys[KEY_CODE], folded) != NULL;
}

/* ---- finding ---- */

struct found {
    struct arena *arena;
    const struct definition **items;
    size_t count, capacity;
    int64_t at;
};

static bool lives(const struct definition *definition, int64_t at)
{
    const struct offer *offer = definition->parsed;

    return definition->from <= at && at < definition->until && at < offer->schedule.ends_at &&
           (offer->schedule.starts_at <= at || offer->schedule.starts_at - offer->schedule.priority <= at);
}

static void take(struct found *found, const struct posting_list *list)
{
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        if (!lives(list->items[i], found->at))
            continue;
        found->items = arena_grow(found->arena, found->items, &found->capacity, found->count + 1, sizeof *found->items);
        found->items[found->count++] = list->items[i];
    }
}

static void take_texts(struct found *found, struct map *map, const struct text *texts, size_t count)
{
    for (size_t i = 0; map_count(map) > 0 && i < count; i++)
        if (texts[i].size > 0)
            take(found, map_get(map, texts[i]));
}

static int by_order(const void *left, const void *right)
{
    const struct definition *const *a = left, *const *b = right;
    const struct offer *first = (*a)->parsed, *second = (*b)->parsed;

    if (first->order != second->order)
        return first->order < second->order ? -1 : 1;
    int codes = text_compare(first->code, second->code);
    return codes != 0 ? codes : (second->benefit > first->benefit) - (second->benefit < first->benefit);
}

void offers_sort(const struct definition **offers, size_t count)
{
    if (count > 1)
        qsort(offers, count, sizeof(const struct definition *), by_order);
}

const struct definition **offer_index_find(const struct offer_index *index, struct arena *arena,
                                           const struct offer_query *query, size_t *count)
{
    struct found found = {.arena = arena, .at = query->at};

    *count = 0;
    if (index == NULL)
        return NULL;
    take(&found, &index->rest);
    take_texts(&found, index->keys[KEY_CODE], query->codes, query->code_count);
    take_texts(&found, index->keys[KEY_COUPON], query->series, query->series_count);
    take_texts(&found, index->keys[KEY_SEGMENT], query->segments, query->segment_count);
    take_texts(&found, index->keys[KEY_STORE], &query->store, 1);
    take_texts(&found, index->keys[KEY_TIER], &query->tier, 1);
    take_texts(&found, index->keys[KEY_CHANNEL], &query->channel, 1);
    for (size_t i = 0; i < query->line_count; i++) {
        take_texts(&found, index->keys[KEY_SKU], &query->lines[i].sku, 1);
        take_texts(&found, index->keys[KEY_CATEGORY], &query->lines[i].category, 1);
        for (const struct text *above = query->lines[i].above; above != NULL && above->size > 0; above++)
            take_texts(&found, index->keys[KEY_CATEGORY], above, 1);
    }
    offers_sort(found.items, found.count);
    for (size_t i = 0; i < found.count; i++)
        if (i == 0 || found.items[i] != found.items[*count - 1])
            found.items[(*count)++] = found.items[i];
    return found.items;
}

struct text offer_code_fold(struct arena *arena, struct text code)
{
    struct text trimmed = text_trim(code);
    char *bytes = arena_copy(arena, trimmed.bytes != NULL ? trimmed.bytes : "", trimmed.size);

    for (size_t i = 0; i < trimmed.size; i++)
        if (bytes[i] >= 'a' && bytes[i] <= 'z')
            bytes[i] = (char)(bytes[i] - 'a' + 'A');
    return (struct text){bytes, trimmed.size};
}
