#include "features/duplicates/blocks.h"

#include <stdlib.h>
#include <string.h>

enum { VARIANT_LETTERS_MAX = 16, BIRTH_WINDOW = 8, USUAL_WINDOW = 24 };

struct entry {
    uint64_t key;
    uint32_t order, record;
};

struct key_list {
    const struct duplicate_base *base;
    uint64_t keys[BLOCK_KEYS_MAX];
    size_t count;
};

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 29;
}

static uint64_t hash_text(struct text text)
{
    uint64_t hash = text.size;

    for (size_t i = 0; i < text.size; i++)
        hash = (hash ^ (unsigned char)text.bytes[i]) * 1099511628211u;
    return mix(hash, 1);
}

static void add(struct key_list *list, uint64_t key)
{
    if (list->count < BLOCK_KEYS_MAX)
        list->keys[list->count++] = key;
}

/* The text itself and all that one letter less makes of it: two texts one slip apart have one of these in common. */
static void add_variants(struct key_list *list, struct text text)
{
    char left[VARIANT_LETTERS_MAX];

    add(list, hash_text(text));
    if (text.size > VARIANT_LETTERS_MAX)
        return;
    for (size_t i = 0; i < text.size; i++) {
        if (i > 0 && text.bytes[i] == text.bytes[i - 1])
            continue;
        memcpy(left, text.bytes, i);
        memcpy(left + i, text.bytes + i + 1, text.size - i - 1);
        add(list, hash_text((struct text){left, text.size - 1}));
    }
}

static struct text value_text(const struct key_list *list, uint32_t number)
{
    return duplicate_value_text(duplicate_value_at(list->base, number));
}

/* The number of a name's reading: the same for family and given names. 0: none. */
static uint32_t reading(const struct key_list *list, uint32_t name)
{
    return name == 0 ? 0 : duplicate_value_at(list->base, name)->reading;
}

static void phone_keys(struct key_list *list, const struct duplicate_record *record)
{
    for (size_t i = 0; i < PERSON_PHONES_MAX && record->phones[i] != 0; i++)
        add_variants(list, value_text(list, record->phones[i]));
}

static void email_keys(struct key_list *list, const struct duplicate_record *record)
{
    for (size_t i = 0; i < PERSON_EMAILS_MAX && record->emails[i] != 0; i++) {
        struct text email = value_text(list, record->emails[i]);
        const char *at = memchr(email.bytes, '@', email.size);
        struct text local = {email.bytes, at == NULL ? email.size : (size_t)(at - email.bytes)};
        add(list, hash_text(email));
        if (local.size >= 5)
            add_variants(list, local);
    }
}

static void code_keys(struct key_list *list, const struct duplicate_record *record)
{
    if (record->code != 0)
        add_variants(list, value_text(list, record->code));
}

/* Birthday and first letter of either name, so that swapped names meet. */
static void birthday_keys(struct key_list *list, const struct duplicate_record *record)
{
    uint32_t names[] = {reading(list, record->family), reading(list, record->given)};

    for (size_t i = 0; record->birthday != 0 && i < 2; i++)
        if (names[i] != 0)
            add(list, mix((uint64_t)(int64_t)record->birthday, (unsigned char)value_text(list, names[i]).bytes[0]));
}

static void day_keys(struct key_list *list, const struct duplicate_record *record)
{
    if (record->birthday != 0)
        add(list, (uint64_t)(int64_t)record->birthday);
}

static void name_keys_of(struct key_list *list, const struct duplicate_record *record)
{
    uint32_t family = reading(list, record->family), given = reading(list, record->given);

    if (family != 0 && given != 0)
        add(list, mix(0, family) + mix(0, given));
}

static void name_place_keys(struct key_list *list, const struct duplicate_record *record)
{
    uint32_t names[] = {reading(list, record->family), reading(list, record->given)};
    uint32_t places[] = {record->postcode, record->city};

    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < 2; j++)
            if (names[i] != 0 && places[j] != 0)
                add(list, mix(mix(0, names[i]), places[j]));
}

static void address_keys(struct key_list *list, const struct duplicate_record *record)
{
    if (record->address == 0)
        return;
    const struct duplicate_value *address = duplicate_value_at(list->base, record->address);
    add(list, mix(1, record->address));
    if (address->reading != 0) {
        if (record->postcode != 0)
            add(list, mix(mix(2, address->reading), record->postcode));
        if (record->city != 0)
            add(list, mix(mix(2, address->reading), record->city));
    }
}

/* Those of a key are put in order by what they should share beside it. */
static uint32_t order_by_day(const struct key_list *list, const struct duplicate_record *record)
{
    (void)list;
    return (uint32_t)record->birthday;
}

static uint32_t order_by_name(const struct key_list *list, const struct duplicate_record *record)
{
    return reading(list, record->given);
}

static uint32_t order_by_place(const struct key_list *list, const struct duplicate_record *record)
{
    (void)list;
    return record->postcode != 0 ? record->postcode : record->city;
}

static const struct {
    void (*keys)(struct key_list *list, const struct duplicate_record *record);
    uint32_t (*order)(const struct key_list *list, const struct duplicate_record *record);
    size_t window;
} passes[BLOCK_PASSES] = {
    {phone_keys, order_by_name, USUAL_WINDOW},     {email_keys, order_by_name, USUAL_WINDOW},
    {code_keys, order_by_name, USUAL_WINDOW},      {birthday_keys, order_by_name, USUAL_WINDOW},
    {day_keys, order_by_place, BIRTH_WINDOW},      {name_keys_of, order_by_day, USUAL_WINDOW},
    {name_place_keys, order_by_day, USUAL_WINDOW}, {address_keys, order_by_name, USUAL_WINDOW},
};

static int compare_entries(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;

    if (left->key != right->key)
        return left->key < right->key ? -1 : 1;
    if (left->order != right->order)
        return left->order < right->order ? -1 : 1;
    return (left->record > right->record) - (left->record < right->record);
}

static struct entry *collect(const struct duplicate_base *base, size_t pass, size_t part, struct arena *arena,
                             size_t *count)
{
    struct entry *entries = NULL;
    size_t capacity = 0, size = 0, records = duplicate_base_count(base);
    struct key_list list = {.base = base};

    for (size_t i = 0; i < records; i++) {
        const struct duplicate_record *record = duplicate_record_at(base, i);
        list.count = 0;
        passes[pass].keys(&list, record);
        for (size_t k = 0; k < list.count; k++) {
            if ((list.keys[k] >> 32) % BLOCK_PARTS != part)
                continue;
            entries = arena_grow(arena, entries, &capacity, size + 1, sizeof *entries);
            entries[size++] = (struct entry){list.keys[k], passes[pass].order(&list, record), (uint32_t)i};
        }
    }
    *count = size;
    return entries;
}

void block_part(const struct duplicate_base *base, size_t pass, size_t part, const struct block_receiver *receiver)
{
    struct arena *arena = arena_new(SIZE_MAX / 4);
    size_t count;

    if (arena == NULL)
        abort();
    struct entry *entries = collect(base, pass, part, arena, &count);
    if (count > 1)
        qsort(entries, count, sizeof *entries, compare_entries);
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count && j <= i + passes[pass].window && entries[j].key == entries[i].key; j++) {
            uint32_t a = entries[i].record, b = entries[j].record;
            if (a != b)
                receiver->pair(receiver->context, a < b ? a : b, a < b ? b : a);
        }
    arena_free(arena);
}
