/* Two offers that contradict each other while both are in force. */
#include "features/offers/offer_index.h"

static bool share(const struct text_list *a, const struct text_list *b)
{
    for (size_t i = 0, j = 0; i < a->count && j < b->count;) {
        int order = text_compare(a->items[i], b->items[j]);
        if (order == 0)
            return true;
        i += order < 0;
        j += order > 0;
    }
    return false;
}

/* Whether something may be in both: an empty list is anything. */
static bool meet(const struct text_list *a, const struct text_list *b)
{
    return a->count == 0 || b->count == 0 || share(a, b);
}

static bool same_scope(const struct offer *a, const struct offer *b)
{
    return a->schedule.starts_at < b->schedule.ends_at && b->schedule.starts_at < a->schedule.ends_at &&
           meet(&a->stores, &b->stores) && meet(&a->channels, &b->channels) &&
           meet(&a->audience.tiers, &b->audience.tiers) && meet(&a->audience.segments, &b->audience.segments);
}

static bool say(struct arena *arena, struct text *sentence, const char *words)
{
    *sentence = text_from(arena_format(arena, "%s", words));
    return true;
}

/* A sku that has another price in each, where nothing says which holds. */
static const struct offer_price *two_prices(const struct offer *a, const struct offer *b)
{
    for (size_t i = 0, j = 0; i < a->price_count && j < b->price_count;) {
        int order = text_compare(a->prices[i].sku, b->prices[j].sku);
        if (order == 0 && a->prices[i].price != b->prices[j].price)
            return &a->prices[i];
        i += order <= 0;
        j += order >= 0;
    }
    return NULL;
}

bool offer_conflicts(struct arena *arena, const struct definition *first, const struct definition *second,
                     struct text *sentence)
{
    const struct offer *a = first->parsed, *b = second->parsed;
    bool one_group = a->group.size > 0 && text_equal(a->group, b->group);

    if (one_group && a->apply != b->apply)
        return say(arena, sentence, "they are of one group, and say differently which of it apply");
    if (share(&a->codes, &b->codes) && !text_equal(a->code, b->code) && !one_group && (a->exclusive || b->exclusive))
        return say(arena, sentence, "one code opens both, and one of them is exclusive");
    if (!same_scope(a, b))
        return false;
    if (a->exclusive && b->exclusive && a->order == b->order && !offer_needs_code(a) && !offer_needs_code(b))
        return say(arena, sentence, "both are exclusive and of the same order");
    if (one_group && a->apply == APPLY_FIRST && a->order == b->order)
        return say(arena, sentence, "the first of their group applies, and they are of the same order");
    const struct offer_price *price = !one_group ? two_prices(a, b) : NULL;
    if (price == NULL)
        return false;
    *sentence = text_from(
        arena_format(arena, "both have a price for '%.*s', and not the same", (int)price->sku.size, price->sku.bytes));
    return true;
}
