#include "features/duplicates/groups.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct duplicate_pair duplicate_pair_weigh(const struct duplicate_base *base, const struct linkage_model *model,
                                           uint32_t a, uint32_t b)
{
    struct duplicate_comparison comparison;
    struct duplicate_pair pair = {.a = a, .b = b};

    duplicate_compare(base, duplicate_record_at(base, a), duplicate_record_at(base, b), &comparison);
    pair.code = comparison.code;
    pair.rarity = duplicate_rarity(base, model, &comparison);
    pair.weight = linkage_weight(model, comparison.code) + pair.rarity;
    pair.probability = linkage_probability(model, pair.weight);
    return pair;
}

static int compare_pairs(const void *x, const void *y)
{
    const struct duplicate_pair *a = x, *b = y;

    if (a->weight != b->weight)
        return a->weight > b->weight ? -1 : 1;
    if (a->a != b->a)
        return a->a < b->a ? -1 : 1;
    return (a->b > b->b) - (a->b < b->b);
}

void duplicate_pairs_sort(struct duplicate_pair *pairs, size_t count)
{
    if (count > 1)
        qsort(pairs, count, sizeof *pairs, compare_pairs);
}

/* ---- joining ---- */

/* The records of a group as a ring: `next` leads around, `groups` to the first. */
struct rings {
    uint32_t *groups, *next;
};

static size_t list_ring(const struct rings *rings, uint32_t start, uint32_t records[GROUP_RECORDS_MAX])
{
    size_t count = 0;
    uint32_t at = start;

    do {
        records[count++] = at;
        at = rings->next[at];
    } while (at != start && count < GROUP_RECORDS_MAX);
    return count;
}

static void join(const struct duplicate_base *base, const struct linkage_model *model, struct rings *rings, uint32_t a,
                 uint32_t b)
{
    uint32_t left[GROUP_RECORDS_MAX], right[GROUP_RECORDS_MAX];
    size_t left_count = list_ring(rings, a, left), right_count = list_ring(rings, b, right);
    double sum = 0, prior = log2(model->share / (1 - model->share));

    if (left_count + right_count > GROUP_RECORDS_MAX)
        return;
    for (size_t i = 0; i < left_count && left_count + right_count > 2; i++)
        for (size_t j = 0; j < right_count; j++)
            sum += duplicate_pair_weigh(base, model, left[i], right[j]).weight + prior;
    if (sum < 0)
        return;
    uint32_t first = rings->groups[a] < rings->groups[b] ? rings->groups[a] : rings->groups[b];
    for (size_t i = 0; i < left_count; i++)
        rings->groups[left[i]] = first;
    for (size_t j = 0; j < right_count; j++)
        rings->groups[right[j]] = first;
    uint32_t after = rings->next[a];
    rings->next[a] = rings->next[b];
    rings->next[b] = after;
}

void duplicate_groups_find(struct arena *arena, const struct duplicate_base *base, struct duplicate_result *result)
{
    size_t count = duplicate_base_count(base);
    struct rings rings = {arena_array(arena, count + 1, sizeof(uint32_t)),
                          arena_array(arena, count + 1, sizeof(uint32_t))};

    for (size_t i = 0; i < count; i++)
        rings.groups[i] = rings.next[i] = (uint32_t)i;
    for (size_t i = 0; i < result->pair_count; i++) {
        uint32_t a = result->pairs[i].a, b = result->pairs[i].b;
        if (rings.groups[a] != rings.groups[b])
            join(base, &result->model, &rings, a, b);
    }
    result->groups = rings.groups;
}

/* ---- all pairs within groups ---- */

struct member_of {
    uint32_t group, record;
};

static int compare_members(const void *x, const void *y)
{
    const struct member_of *a = x, *b = y;

    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    return (a->record > b->record) - (a->record < b->record);
}

static int compare_by_records(const void *x, const void *y)
{
    const struct duplicate_pair *a = x, *b = y;

    if (a->a != b->a)
        return a->a < b->a ? -1 : 1;
    return (a->b > b->b) - (a->b < b->b);
}

void duplicate_groups_pairs(struct arena *arena, const struct duplicate_base *base, struct duplicate_result *result)
{
    size_t count = duplicate_base_count(base), size = 0, capacity = 0;
    struct member_of *members = arena_array(arena, count + 1, sizeof *members);
    struct duplicate_pair *found = result->pairs, *pairs = NULL;

    for (size_t i = 0; i < count; i++)
        members[i] = (struct member_of){result->groups[i], (uint32_t)i};
    if (count > 1)
        qsort(members, count, sizeof *members, compare_members);
    if (result->pair_count > 1)
        qsort(found, result->pair_count, sizeof *found, compare_by_records);
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count && members[j].group == members[i].group; j++) {
            struct duplicate_pair pair =
                duplicate_pair_weigh(base, &result->model, members[i].record, members[j].record);
            pair.implied = bsearch(&pair, found, result->pair_count, sizeof *found, compare_by_records) == NULL;
            pairs = arena_grow(arena, pairs, &capacity, size + 1, sizeof *pairs);
            pairs[size++] = pair;
        }
    result->pairs = pairs;
    result->pair_count = size;
    duplicate_pairs_sort(pairs, size);
}
