#include "features/offers/offer_benefits.h"

#include <stdlib.h>
#include <string.h>

#include "features/entitlements/membership.h"

unsigned offer_benefit_parts(const struct programme_set *programmes)
{
    const struct offer_index *index = offer_index_of(programmes);

    return offer_index_asks_benefits(index) ? benefit_parts(programmes, 0) : benefit_prices(programmes).parts;
}

static struct benefit_asker asker_of(struct condition_world *world, int64_t at)
{
    return (struct benefit_asker){world->programmes, world->person, world, at};
}

/* ---- offers that nobody wrote ---- */

static int compare_texts(const void *left, const void *right)
{
    const struct text *a = left, *b = right;

    return text_compare(*a, *b);
}

static struct text_list list_of(struct arena *arena, const struct text *texts, size_t count)
{
    if (count == 0)
        return (struct text_list){NULL, 0};
    struct text *sorted = arena_copy(arena, texts, count * sizeof *sorted);

    qsort(sorted, count, sizeof *sorted, compare_texts);
    return (struct text_list){sorted, count};
}

/* A member's price is that of each line, as on its tag: the share is rounded there, half up. */
static const struct offer *offer_of(struct arena *arena, const struct definition *definition)
{
    const struct benefit *benefit = definition->parsed;
    const struct benefit_price *price = &benefit->price;
    struct offer *offer = arena_alloc(arena, sizeof *offer);
    struct text *code = arena_copy(arena, &definition->code, sizeof *code);
    bool shipping = benefit->effect == EFFECT_FREE_SHIPPING;

    *offer = (struct offer){.code = definition->code,
                            .name = benefit->name,
                            .about = benefit->about,
                            .benefit = true,
                            .kind = OFFER_PERCENTAGE,
                            .target = shipping ? ON_SHIPPING : ON_ORDER,
                            .percent = shipping ? PERCENT_SCALE : benefit->share * (PERCENT_SCALE / FACTOR_SCALE),
                            .most = INT64_MAX,
                            .rounding = ROUNDING_HALF_UP,
                            .round_lines = true,
                            .minimum_spend = price->minimum_spend,
                            .minimum_of_order = true,
                            .audience = {.members = true, .benefits = {code, 1}},
                            .schedule = {.starts_at = INT64_MIN, .ends_at = INSTANT_NEVER},
                            .stores = list_of(arena, benefit->stores, benefit->store_count),
                            .order = price->order,
                            .group = price->group.size > 0 ? price->group
                                     : shipping            ? TEXT("benefit:free_shipping")
                                                           : TEXT("benefit:member_price"),
                            .apply = APPLY_BEST,
                            .limits = {INT64_MAX, INT64_MAX, false, INT64_MAX, INT64_MAX, INT64_MAX}};
    offer->items.categories = list_of(arena, price->categories, price->category_count);
    offer->items.except_categories = list_of(arena, price->except_categories, price->except_count);
    offer->items.not_discounted = price->not_discounted;
    return offer;
}

static const struct definition *definition_of(struct arena *arena, const struct definition *definition)
{
    struct definition *made = arena_copy(arena, definition, sizeof *made);

    made->parsed = offer_of(arena, definition);
    return made;
}

const struct definition *offer_of_benefit(struct arena *arena, const struct programme_set *programmes, struct text code,
                                          int64_t at)
{
    const struct benefit_prices prices = benefit_prices(programmes);

    for (size_t i = 0; i < prices.count; i++) {
        const struct benefit *benefit = prices.items[i]->parsed;
        if (benefit->effect != EFFECT_PRIORITY && text_equal(prices.items[i]->code, code) &&
            definition_in_force(prices.items[i], at))
            return definition_of(arena, prices.items[i]);
    }
    return NULL;
}

const struct definition **offer_benefits(struct condition_world *world, int64_t at, size_t *count)
{
    const struct benefit_prices prices = benefit_prices(world->programmes);
    const struct benefit_asker asker = asker_of(world, at);

    *count = 0;
    if (prices.count == 0 || world->person == NULL || world->person->leader == NULL)
        return NULL;
    const struct definition **list = arena_array(world->arena, prices.count, sizeof(const struct definition *));
    for (size_t i = 0; i < prices.count; i++) {
        const struct definition *definition = prices.items[i];
        const struct benefit *benefit = definition->parsed;
        if (benefit->effect == EFFECT_PRIORITY || !definition_in_force(definition, at) ||
            !benefit_holds(&asker, definition, NULL))
            continue;
        list[(*count)++] = definition_of(world->arena, definition);
    }
    return list;
}

/* ---- offers for holders ---- */

bool offer_benefit_held(struct condition_world *world, const struct text_list *codes, int64_t at,
                        struct benefit_holding *holding)
{
    const struct benefit_asker asker = asker_of(world, at);

    for (size_t i = 0; i < codes->count; i++)
        if (benefit_held(&asker, codes->items[i], holding))
            return true;
    return false;
}

bool offer_priority_held(struct condition_world *world, int64_t at)
{
    const struct benefit_prices prices = benefit_prices(world->programmes);
    const struct benefit_asker asker = asker_of(world, at);

    for (size_t i = 0; i < prices.count; i++) {
        const struct benefit *benefit = prices.items[i]->parsed;
        if (benefit->effect == EFFECT_PRIORITY && definition_in_force(prices.items[i], at) &&
            benefit_holds(&asker, prices.items[i], NULL))
            return true;
    }
    return false;
}

/* ---- what is missing ---- */

static void add_once(struct arena *arena, struct text **list, size_t *count, struct text code)
{
    for (size_t i = 0; i < *count; i++)
        if (text_equal((*list)[i], code))
            return;
    struct text *longer = arena_array(arena, *count + 1, sizeof *longer);

    for (size_t i = 0; i < *count; i++)
        longer[i] = (*list)[i];
    longer[(*count)++] = text_copy(arena, code);
    *list = longer;
}

static void add_grounds(struct arena *arena, const struct programme_set *programmes, struct text code, int64_t at,
                        struct offer_needs *needs)
{
    const struct definition *definition = definition_at(programmes, &benefit_kind, code, at);
    const struct definition_list *plans = definitions_of(programmes, &membership_kind);
    const struct benefit *benefit = definition != NULL ? definition->parsed : NULL;

    for (size_t i = 0; benefit != NULL && i < benefit->tier_count; i++)
        add_once(arena, &needs->tiers, &needs->tier_count, benefit->tiers[i].tier);
    for (size_t i = 0; i < plans->count; i++)
        if (definition_in_force(&plans->items[i], at) && membership_grants(programmes, plans->items[i].code, at, code))
            add_once(arena, &needs->memberships, &needs->membership_count, plans->items[i].code);
}

struct offer_needs offer_needs(struct arena *arena, const struct programme_set *programmes, const struct offer *offer,
                               enum offer_need need, int64_t at)
{
    struct offer_needs needs = {0};

    for (size_t i = 0; need == NEED_TIER && i < offer->audience.tiers.count; i++)
        add_once(arena, &needs.tiers, &needs.tier_count, offer->audience.tiers.items[i]);
    for (size_t i = 0; need == NEED_BENEFIT && i < offer->audience.benefits.count; i++)
        add_grounds(arena, programmes, offer->audience.benefits.items[i], at, &needs);
    return needs;
}

struct text offer_holding_name(const struct programme_set *programmes, const struct benefit_holding *holding,
                               int64_t at)
{
    const struct programme *programme = programme_at(programmes, at);

    if (holding->by != NULL && strcmp(holding->by, "membership") == 0) {
        const struct definition *plan = definition_at(programmes, &membership_kind, holding->code, at);
        return plan != NULL ? ((const struct membership_plan *)plan->parsed)->name : (struct text){NULL, 0};
    }
    for (size_t i = 0; holding->code.size > 0 && i < programme_ladder_count(programme); i++) {
        const struct tier_level *level = ladder_find(programme_ladder(programme, i), holding->code);
        if (level != NULL)
            return level->name;
    }
    return (struct text){NULL, 0};
}
