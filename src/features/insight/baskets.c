#include "features/insight/baskets.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "foundation/map.h"

static const double NORMAL_95 = 1.6448536269514722;

/* The baskets that hold an item or a set, ascending. */
struct holders {
    uint32_t *baskets;
    size_t count;
};

/* A frequent set: its items ascending by number. */
struct set {
    uint32_t items[BASKET_ITEMS_MAX];
    size_t size, count;
};

struct mining {
    struct arena *arena;
    const struct basket_question *question;
    struct holders *singles; /* of each item */
    uint32_t *frequent;      /* items, the rarest first */
    size_t frequent_count;
    struct set *sets; /* of two and more items */
    size_t set_count, set_capacity;
    struct map *known;                       /* the bytes of a set's items to the set, for the counts of its parts */
    struct holders levels[BASKET_ITEMS_MAX]; /* scratch of each depth */
};

static int compare_lines(const void *a, const void *b)
{
    const struct basket_line *left = a, *right = b;

    if (left->item != right->item)
        return left->item < right->item ? -1 : 1;
    return (left->basket > right->basket) - (left->basket < right->basket);
}

static void gather(struct mining *mining)
{
    const struct basket_question *question = mining->question;
    struct basket_line *lines = arena_array(mining->arena, question->line_count + 1, sizeof *lines);
    uint32_t *baskets = arena_array(mining->arena, question->line_count + 1, sizeof *baskets);
    size_t kept = 0;

    memcpy(lines, question->lines, question->line_count * sizeof *lines);
    qsort(lines, question->line_count, sizeof *lines, compare_lines);
    mining->singles = arena_array(mining->arena, question->item_count + 1, sizeof *mining->singles);
    for (size_t i = 0; i < question->line_count; i++) {
        struct holders *holders = &mining->singles[lines[i].item];

        if (i > 0 && compare_lines(&lines[i], &lines[i - 1]) == 0)
            continue;
        if (holders->count == 0)
            holders->baskets = baskets + kept;
        baskets[kept++] = lines[i].basket;
        holders->count++;
    }
}

/* The rarest item first: its sets die soonest. Insertion by sorting keys of count and number. */
static int compare_keys(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

    return (left > right) - (left < right);
}

static void order_items(struct mining *mining)
{
    size_t items = mining->question->item_count;
    uint64_t *keys = arena_array(mining->arena, items + 1, sizeof *keys);

    mining->frequent = arena_array(mining->arena, items + 1, sizeof *mining->frequent);
    for (size_t i = 0; i < items; i++)
        if (mining->singles[i].count >= mining->question->count_min)
            keys[mining->frequent_count++] = (uint64_t)mining->singles[i].count << 32 | i;
    qsort(keys, mining->frequent_count, sizeof *keys, compare_keys);
    for (size_t i = 0; i < mining->frequent_count; i++)
        mining->frequent[i] = (uint32_t)keys[i];
}

static size_t intersect(const struct holders *a, const struct holders *b, uint32_t *out)
{
    size_t count = 0;

    for (size_t i = 0, j = 0; i < a->count && j < b->count;) {
        if (a->baskets[i] == b->baskets[j]) {
            out[count++] = a->baskets[i];
            i++;
            j++;
        } else if (a->baskets[i] < b->baskets[j]) {
            i++;
        } else {
            j++;
        }
    }
    return count;
}

static int compare_items(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return (left > right) - (left < right);
}

static enum status keep(struct mining *mining, const struct set *set, struct error *err)
{
    if (mining->set_count == BASKET_SETS_MAX)
        return error_set(err, STATUS_LIMIT, "baskets.sets", "support",
                         "more than %d sets are bought so often: ask for a higher support", BASKET_SETS_MAX);
    mining->sets =
        arena_grow(mining->arena, mining->sets, &mining->set_capacity, mining->set_count + 1, sizeof *mining->sets);
    struct set *kept = &mining->sets[mining->set_count++];

    *kept = *set;
    qsort(kept->items, kept->size, sizeof *kept->items, compare_items);
    return STATUS_OK;
}

/* Adds to the set each item after `from`; `holders` are the baskets of the set. */
static enum status grow(struct mining *mining, const struct set *set, const struct holders *holders, size_t from,
                        struct error *err)
{
    enum status status = STATUS_OK;

    for (size_t i = from; status == STATUS_OK && i < mining->frequent_count; i++) {
        uint32_t item = mining->frequent[i];
        struct holders *next = &mining->levels[set->size];
        struct set grown = *set;

        next->count = intersect(holders, &mining->singles[item], next->baskets);
        if (next->count < mining->question->count_min)
            continue;
        grown.items[grown.size++] = item;
        grown.count = next->count;
        status = keep(mining, &grown, err);
        if (status == STATUS_OK && grown.size < mining->question->size_max)
            status = grow(mining, &grown, next, i + 1, err);
    }
    return status;
}

static struct text key_of(const uint32_t *items, size_t size)
{
    return (struct text){(const char *)items, size * sizeof *items};
}

static size_t count_of(const struct mining *mining, const uint32_t *items, size_t size)
{
    if (size == 1)
        return mining->singles[items[0]].count;
    const struct set *set = map_get(mining->known, key_of(items, size));

    assert(set != NULL); /* a part of a frequent set is frequent */
    return set->count;
}

/* The rule that leaves item `right` of the set for the right side. */
static struct basket_rule make_rule(const struct mining *mining, const struct set *set, size_t right)
{
    struct basket_rule rule = {.size = set->size, .count = set->count};
    double all = (double)mining->question->basket_count, count = (double)set->count;
    size_t size = 0;

    for (size_t i = 0; i < set->size; i++)
        if (i != right)
            rule.items[size++] = set->items[i];
    rule.items[size] = set->items[right];
    double left = (double)count_of(mining, rule.items, size);
    double alone = (double)mining->singles[set->items[right]].count;

    rule.support = count / all;
    rule.confidence = count / left;
    rule.lift = rule.confidence * all / alone;
    /* The delta method for the logarithm of a ratio of three shares of the same baskets. */
    double reach = NORMAL_95 * sqrt(fmax(0, 1 / count - 1 / left - 1 / alone + (2 * rule.lift - 1) / all));

    rule.lift_low = rule.lift * exp(-reach);
    rule.lift_high = rule.lift * exp(reach);
    return rule;
}

static int compare_rules(const void *a, const void *b)
{
    const struct basket_rule *left = a, *right = b;

    if (left->lift_low != right->lift_low)
        return left->lift_low > right->lift_low ? -1 : 1;
    if (left->confidence != right->confidence)
        return left->confidence > right->confidence ? -1 : 1;
    return memcmp(left->items, right->items, sizeof left->items);
}

enum status baskets_mine(struct arena *arena, const struct basket_question *question, struct basket_rules *out,
                         struct error *err)
{
    struct mining mining = {.arena = arena, .question = question};
    struct basket_rules found = {0};
    size_t capacity = 0;
    enum status status = STATUS_OK;

    assert(question->size_max >= 2 && question->size_max <= BASKET_ITEMS_MAX && question->count_min > 0);
    gather(&mining);
    order_items(&mining);
    for (size_t i = 0; i < BASKET_ITEMS_MAX; i++)
        mining.levels[i].baskets = arena_array(arena, question->basket_count + 1, sizeof(uint32_t));
    for (size_t i = 0; status == STATUS_OK && i < mining.frequent_count; i++) {
        struct set set = {.items = {mining.frequent[i]}, .size = 1};

        status = grow(&mining, &set, &mining.singles[mining.frequent[i]], i + 1, err);
    }
    if (status != STATUS_OK)
        return status;
    mining.known = map_new(arena, mining.set_count + 1);
    for (size_t i = 0; i < mining.set_count; i++)
        map_put(mining.known, key_of(mining.sets[i].items, mining.sets[i].size), &mining.sets[i]);
    for (size_t i = 0; i < mining.set_count; i++)
        for (size_t right = 0; right < mining.sets[i].size; right++) {
            struct basket_rule rule = make_rule(&mining, &mining.sets[i], right);

            if (rule.confidence < question->confidence_min)
                continue;
            found.rules = arena_grow(arena, found.rules, &capacity, found.count + 1, sizeof *found.rules);
            found.rules[found.count++] = rule;
        }
    if (found.count > 0)
        qsort(found.rules, found.count, sizeof *found.rules, compare_rules);
    found.set_count = mining.set_count;
    *out = found;
    return STATUS_OK;
}
