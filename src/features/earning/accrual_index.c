/* Which rules can match an event: by trigger, then by the narrowest thing that a rule plainly asks for. */
#include <stdlib.h>

#include "features/earning/accrual.h"

enum key_kind { KEY_ANY, KEY_CHANNEL, KEY_STORE, KEY_CATEGORY, KEY_SKU };

/* A rule filed under one of its keys. */
struct entry {
    struct text trigger;
    enum key_kind kind;
    struct text key;
    const struct definition *item;
    size_t rank; /* in the order of asking */
};

struct trigger_needs {
    struct text trigger;
    struct accrual_needs needs;
};

struct accrual_index {
    const struct entry *entries; /* ascending by (trigger, kind, key, rank) */
    size_t entry_count;
    const struct definition *const *ranked;
    size_t count;
    struct trigger_needs *needs; /* an entry for each trigger that there is */
    size_t needs_count, needs_capacity;
    const struct definition **budgeted;
    size_t budgeted_count, budgeted_capacity;
};

static const struct accrual_rule *rule_of(const struct definition *item)
{
    return item->parsed;
}

static int compare_rank(const void *left, const void *right)
{
    const struct definition *a = *(const struct definition *const *)left, *b = *(const struct definition *const *)right;
    int first = rule_of(a)->priority, second = rule_of(b)->priority;

    if (first != second)
        return first > second ? -1 : 1;
    int code = text_compare(a->code, b->code);
    return code != 0 ? code : (a->version > b->version) - (a->version < b->version);
}

static int compare_place(const struct entry *a, const struct entry *b)
{
    int trigger = text_compare(a->trigger, b->trigger);

    if (trigger != 0)
        return trigger;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    return text_compare(a->key, b->key);
}

static int compare_entry(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    int place = compare_place(a, b);

    return place != 0 ? place : (a->rank > b->rank) - (a->rank < b->rank);
}

static struct accrual_codes narrowest(const struct accrual_keys *keys, enum key_kind *kind)
{
    const struct accrual_codes *lists[] = {
        [KEY_SKU] = &keys->skus,
        [KEY_CATEGORY] = &keys->categories,
        [KEY_STORE] = &keys->stores,
        [KEY_CHANNEL] = &keys->channels,
    };

    for (*kind = KEY_SKU; *kind > KEY_ANY; *kind = (enum key_kind)(*kind - 1))
        if (lists[*kind]->count > 0)
            return *lists[*kind];
    return (struct accrual_codes){0};
}

static void add_needs(struct arena *arena, struct accrual_index *index, const struct accrual_rule *rule)
{
    size_t i = 0;

    while (i < index->needs_count && !text_equal(index->needs[i].trigger, rule->trigger))
        i++;
    if (i == index->needs_count) {
        index->needs = arena_grow(arena, index->needs, &index->needs_capacity, i + 1, sizeof *index->needs);
        index->needs[index->needs_count++] = (struct trigger_needs){.trigger = rule->trigger};
    }
    struct accrual_needs *needs = &index->needs[i].needs;
    needs->any = true;
    needs->limits_members = needs->limits_members || rule->cap_count > 0;
    needs->parts |= rule->parts;
}

enum status accrual_index_build(struct arena *arena, const struct definition *items, size_t count, const void **out,
                                struct error *err)
{
    struct accrual_index *index = arena_alloc(arena, sizeof *index);
    const struct definition **ranked = arena_array(arena, count + 1, sizeof(const struct definition *));
    struct entry *entries = NULL;
    size_t capacity = 0;

    (void)err;
    for (size_t i = 0; i < count; i++)
        ranked[i] = &items[i];
    qsort(ranked, count, sizeof(const struct definition *), compare_rank);
    for (size_t rank = 0; rank < count; rank++) {
        const struct accrual_rule *rule = rule_of(ranked[rank]);
        enum key_kind kind;
        struct accrual_codes keys = narrowest(&rule->keys, &kind);
        size_t i = 0;
        add_needs(arena, index, rule);
        if (rule->budget_points != INT64_MAX || rule->budget_times != INT64_MAX) {
            index->budgeted = arena_grow(arena, index->budgeted, &index->budgeted_capacity, index->budgeted_count + 1,
                                         sizeof(const struct definition *));
            index->budgeted[index->budgeted_count++] = ranked[rank];
        }
        do {
            entries = arena_grow(arena, entries, &capacity, index->entry_count + 1, sizeof *entries);
            entries[index->entry_count++] = (struct entry){
                rule->trigger, kind, keys.count > 0 ? keys.codes[i] : (struct text){NULL, 0}, ranked[rank], rank};
        } while (++i < keys.count);
    }
    if (index->entry_count > 0)
        qsort(entries, index->entry_count, sizeof *entries, compare_entry);
    index->entries = entries;
    index->ranked = ranked;
    index->count = count;
    *out = index;
    return STATUS_OK;
}

/* ---- looking up ---- */

struct found {
    struct arena *arena;
    int64_t at;
    bool all;
    size_t *ranks;
    size_t count, capacity;
};

static void add(struct found *found, const struct entry *entry)
{
    /* Everything is what is not over for good. */
    if (found->all ? entry->item->until <= found->at : !definition_in_force(entry->item, found->at))
        return;
    found->ranks = arena_grow(found->arena, found->ranks, &found->capacity, found->count + 1, sizeof *found->ranks);
    found->ranks[found->count++] = entry->rank;
}

static void add_under(const struct accrual_index *index, struct entry wanted, struct found *found)
{
    size_t low = 0, high = index->entry_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_place(&index->entries[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < index->entry_count && compare_place(&index->entries[low], &wanted) == 0; low++)
        add(found, &index->entries[low]);
}

static void add_lines(const struct accrual_index *index, struct text trigger, const struct earning_input *input,
                      struct found *found)
{
    for (size_t i = 0; i < input->line_count; i++) {
        const struct purchase_line *line = &input->lines[i];
        if (line->sku.size > 0)
            add_under(index, (struct entry){.trigger = trigger, .kind = KEY_SKU, .key = line->sku}, found);
        if (line->category.size > 0)
            add_under(index, (struct entry){.trigger = trigger, .kind = KEY_CATEGORY, .key = line->category}, found);
        for (const struct text *above = line->above; above != NULL && above->size > 0; above++)
            add_under(index, (struct entry){.trigger = trigger, .kind = KEY_CATEGORY, .key = *above}, found);
    }
}

static int compare_size(const void *left, const void *right)
{
    size_t a = *(const size_t *)left, b = *(const size_t *)right;

    return (a > b) - (a < b);
}

static void add_everything(const struct accrual_index *index, struct text trigger, struct found *found)
{
    for (size_t i = 0; i < index->entry_count; i++)
        if (text_equal(index->entries[i].trigger, trigger))
            add(found, &index->entries[i]);
}

size_t accrual_candidates(const struct accrual_event *event, bool all, struct arena *arena,
                          const struct definition ***out)
{
    const struct accrual_index *index = definitions_of(event->programmes, &earning_rule_kind)->index;
    struct found found = {.arena = arena, .at = event->at, .all = all};
    size_t count = 0;

    *out = NULL;
    if (index == NULL || index->entry_count == 0)
        return 0;
    for (size_t t = 0; t < event->trigger_count; t++) {
        const struct entry any = {.trigger = event->triggers[t]};
        if (all) {
            add_everything(index, event->triggers[t], &found);
            continue;
        }
        add_under(index, any, &found);
        if (event->channel.size > 0)
            add_under(index, (struct entry){.trigger = any.trigger, .kind = KEY_CHANNEL, .key = event->channel},
                      &found);
        if (event->store.size > 0)
            add_under(index, (struct entry){.trigger = any.trigger, .kind = KEY_STORE, .key = event->store}, &found);
        if (event->input != NULL)
            add_lines(index, any.trigger, event->input, &found);
    }
    if (found.count == 0)
        return 0;
    qsort(found.ranks, found.count, sizeof *found.ranks, compare_size);
    const struct definition **items = arena_array(arena, found.count, sizeof(const struct definition *));
    for (size_t i = 0; i < found.count; i++)
        if (i == 0 || found.ranks[i] != found.ranks[i - 1])
            items[count++] = index->ranked[found.ranks[i]];
    *out = items;
    return count;
}

size_t accrual_budgeted(const struct accrual_event *event, struct arena *arena, const struct definition ***out)
{
    const struct accrual_index *index = definitions_of(event->programmes, &earning_rule_kind)->index;
    size_t count = 0;

    *out = NULL;
    if (index == NULL || index->budgeted_count == 0)
        return 0;
    *out = arena_array(arena, index->budgeted_count, sizeof(const struct definition *));
    for (size_t i = 0; i < index->budgeted_count; i++) {
        const struct definition *item = index->budgeted[i];
        bool wanted = false;
        for (size_t t = 0; t < event->trigger_count; t++)
            wanted = wanted || text_equal(rule_of(item)->trigger, event->triggers[t]);
        if (wanted && definition_in_force(item, event->at))
            (*out)[count++] = item;
    }
    return count;
}

struct accrual_needs accrual_needs(const struct programme_set *set, struct text trigger)
{
    const struct accrual_index *index = definitions_of(set, &earning_rule_kind)->index;

    for (size_t i = 0; index != NULL && i < index->needs_count; i++)
        if (text_equal(index->needs[i].trigger, trigger))
            return index->needs[i].needs;
    return (struct accrual_needs){0};
}

/* ---- contradictions ---- */

static bool codes_meet(struct accrual_codes a, struct accrual_codes b)
{
    if (a.count == 0 || b.count == 0)
        return true;
    for (size_t i = 0; i < a.count; i++)
        for (size_t j = 0; j < b.count; j++)
            if (text_equal(a.codes[i], b.codes[j]))
                return true;
    return false;
}

bool accrual_conflicts(struct arena *arena, const struct definition *a, const struct definition *b,
                       struct text *sentence)
{
    static const char *const takes[] = {"all", "first", "best"};
    const struct accrual_rule *one = rule_of(a), *other = rule_of(b);
    bool same_group = one->group.size > 0 && text_equal(one->group, other->group);

    if (text_equal(a->code, b->code) || !text_equal(one->trigger, other->trigger) ||
        one->schedule.starts_at >= other->schedule.ends_at || other->schedule.starts_at >= one->schedule.ends_at)
        return false;
    if (same_group && one->take != other->take) {
        *sentence = text_from(arena_format(arena, "in group '%.*s' one takes %s, the other %s", (int)one->group.size,
                                           one->group.bytes, takes[one->take], takes[other->take]));
        return true;
    }
    if (one->priority != other->priority || !codes_meet(one->keys.stores, other->keys.stores) ||
        !codes_meet(one->keys.channels, other->keys.channels) ||
        !codes_meet(one->keys.categories, other->keys.categories) || !codes_meet(one->keys.skus, other->keys.skus) ||
        !codes_meet(one->tiers, other->tiers) || !codes_meet(one->segments, other->segments))
        return false;
    if (one->exclusive && other->exclusive) {
        *sentence = text_from(arena_format(arena, "both are exclusive with priority %d: '%.*s' always wins",
                                           one->priority, (int)(text_compare(a->code, b->code) < 0 ? a : b)->code.size,
                                           (text_compare(a->code, b->code) < 0 ? a : b)->code.bytes));
        return true;
    }
    if (same_group && one->take == ACCRUAL_FIRST) {
        *sentence = text_from(arena_format(arena, "both stand first in group '%.*s' with priority %d",
                                           (int)one->group.size, one->group.bytes, one->priority));
        return true;
    }
    return false;
}
