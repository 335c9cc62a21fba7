/* The offers that can apply to a basket, and why the others cannot. */
#include "features/offers/pricing_internal.h"

enum { MILLI = 1000 };

void refuse_offer(struct candidates *all, const struct refused_offer *refused)
{
    if (all->refused_count == REFUSED_MAX)
        return;
    all->refused =
        arena_grow(all->arena, all->refused, &all->refused_capacity, all->refused_count + 1, sizeof *all->refused);
    all->refused[all->refused_count++] = *refused;
}

/* ---- goods ---- */

struct finding {
    const struct pricing_world *world;
    const struct basket *basket;
    const struct phantom *phantom;
    struct candidates *all;
    int64_t *unit_prices; /* of each line, rounded down */
};

static bool is_shipping(const struct basket *basket, size_t line)
{
    return basket->shipping != NULL && basket->shipping[line];
}

static bool category_in(const struct text_list *list, const struct purchase_line *line)
{
    if (list->count == 0)
        return false;
    if (line->category.size > 0 && text_list_has(list, line->category))
        return true;
    for (const struct text *above = line->above; above != NULL && above->size > 0; above++)
        if (text_list_has(list, *above))
            return true;
    return false;
}

static bool filter_has(const struct finding *finding, const struct offer *offer, const struct offer_filter *filter,
                       size_t number)
{
    const struct purchase_line *line = &finding->basket->lines[number];

    if (is_shipping(finding->basket, number))
        return false;
    if (finding->phantom != NULL && finding->phantom->line == (int)number)
        return finding->phantom->offer == offer || offer_filter_is_open(filter);
    if ((filter->skus.count > 0 || filter->categories.count > 0) && !text_list_has(&filter->skus, line->sku) &&
        !category_in(&filter->categories, line))
        return false;
    if (text_list_has(&filter->except_skus, line->sku) || category_in(&filter->except_categories, line))
        return false;
    if (filter->not_discounted && line->discount > 0)
        return false;
    if (filter->when.program == NULL)
        return true;
    condition_line(finding->world->conditions, line);
    return condition_holds(finding->world->conditions, &filter->when);
}

static bool has_price(const struct offer *offer, struct text sku)
{
    for (size_t i = 0; i < offer->price_count; i++)
        if (text_equal(offer->prices[i].sku, sku))
            return true;
    return offer->price_count == 0;
}

enum goods { GOODS_OF_OFFER, GOODS_GOT, GOODS_OF_PART };

static bool is_good(const struct finding *finding, const struct offer *offer, enum goods goods, size_t part,
                    size_t line)
{
    switch (goods) {
    case GOODS_OF_OFFER:
        if (offer->target == ON_SHIPPING)
            return is_shipping(finding->basket, line);
        return has_price(offer, finding->basket->lines[line].sku) && filter_has(finding, offer, &offer->items, line);
    case GOODS_GOT:
        if (offer->kind == OFFER_GIFT)
            return text_equal(offer->gift, finding->basket->lines[line].sku);
        return !filter_has(finding, offer, &offer->items, line) && filter_has(finding, offer, &offer->of, line);
    case GOODS_OF_PART:
        return filter_has(finding, offer, &offer->parts[part].items, line);
    }
    return false;
}

static void by_price(const struct finding *finding, uint16_t *lines, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        uint16_t line = lines[i];
        size_t at = i;
        for (; at > 0 && finding->unit_prices[lines[at - 1]] > finding->unit_prices[line]; at--)
            lines[at] = lines[at - 1];
        lines[at] = line;
    }
}

static struct pool find_pool(const struct finding *finding, const struct offer *offer, enum goods goods, size_t part,
                             bool sorted)
{
    size_t count = finding->basket->line_count;
    uint16_t *lines = arena_array(finding->world->arena, count + 1, sizeof *lines);
    struct pool pool = {lines, 0};

    for (size_t i = 0; i < count; i++)
        if (is_good(finding, offer, goods, part, i))
            lines[pool.count++] = (uint16_t)i;
    if (sorted)
        by_price(finding, lines, pool.count);
    return pool;
}

static bool takes_pieces(const struct offer *offer)
{
    return offer->kind == OFFER_BUY_GET || offer->kind == OFFER_SET_PRICE || offer->kind == OFFER_BUNDLE ||
           offer->kind == OFFER_GIFT || offer->target == ON_CHEAPEST || offer->target == ON_DEAREST;
}

static void find_goods(const struct finding *finding, struct candidate *candidate)
{
    const struct offer *offer = candidate->offer;
    struct arena *arena = finding->world->arena;

    candidate->pieces = takes_pieces(offer);
    candidate->lines = find_pool(finding, offer, GOODS_OF_OFFER, 0, false);
    if (!candidate->pieces)
        return;
    uint16_t *sorted = arena_copy(arena, candidate->lines.lines, candidate->lines.count * sizeof *sorted);
    by_price(finding, sorted, candidate->lines.count);
    candidate->pool = (struct pool){sorted, candidate->lines.count};
    if (offer->other || offer->kind == OFFER_GIFT)
        candidate->other = find_pool(finding, offer, GOODS_GOT, 0, true);
    candidate->parts = arena_array(arena, offer->part_count + 1, sizeof *candidate->parts);
    for (size_t i = 0; i < offer->part_count; i++)
        candidate->parts[i] = find_pool(finding, offer, GOODS_OF_PART, i, true);
}

static int64_t pieces_of(const struct finding *finding, const struct pool *pool)
{
    int64_t pieces = 0;

    for (size_t i = 0; i < pool->count; i++)
        pieces += finding->all->pieces[pool->lines[i]];
    return pieces;
}

/* How many pieces are missing for the first set. */
static int64_t pieces_missing(const struct finding *finding, const struct candidate *candidate)
{
    const struct offer *offer = candidate->offer;
    int64_t needed = 0, missing = 0;

    for (size_t i = 0; i < offer->part_count; i++) {
        int64_t pieces = pieces_of(finding, &candidate->parts[i]);
        missing += pieces < offer->parts[i].count ? offer->parts[i].count - pieces : 0;
    }
    if (offer->part_count > 0)
        return missing;
    if (offer->kind == OFFER_SET_PRICE)
        needed = offer->count;
    if (offer->kind == OFFER_BUY_GET)
        needed = offer->other ? offer->buy : offer->buy + offer->get;
    int64_t pieces = pieces_of(finding, &candidate->pool);
    return pieces < needed ? needed - pieces : 0;
}

/* ---- whether it can apply ---- */

static const struct basket_code *code_for(const struct basket *basket, const struct offer *offer)
{
    for (size_t i = 0; i < basket->code_count; i++) {
        const struct basket_code *code = &basket->codes[i];
        if (code->series.size > 0 && text_equal(code->series, offer->coupon) &&
            (code->opens.size == 0 || text_equal(code->opens, offer->code)))
            return code;
        if (code->series.size == 0 && code->refused_by == NULL && text_list_has(&offer->codes, code->folded))
            return code;
    }
    return NULL;
}

static bool is_honoured(const struct basket *basket, const struct definition *definition)
{
    for (size_t i = 0; i < basket->honour_count; i++)
        if (basket->honours[i].definition == definition)
            return true;
    return false;
}

static const char *check_place(const struct basket *basket, const struct offer *offer)
{
    if (offer->stores.count > 0 && !text_list_has(&offer->stores, basket->store))
        return "offer.store";
    if (offer->channels.count > 0 && !text_list_has(&offer->channels, basket->channel))
        return "offer.channel";
    return NULL;
}

static const char *check_time_and_place(const struct finding *finding, const struct definition *definition,
                                        struct refused_offer *refused)
{
    const struct offer *offer = definition->parsed;
    const struct basket *basket = finding->basket;
    int64_t starts = offer->schedule.starts_at;

    if (is_honoured(basket, definition))
        return check_place(basket, offer);
    if (basket->at < starts && starts - offer->schedule.priority <= basket->at &&
        offer_priority_held(finding->world->conditions, basket->at))
        starts = basket->at;
    starts = definition->from > starts ? definition->from : starts;
    if (basket->at < starts) {
        refused->from = starts;
        return "offer.not_started";
    }
    if (basket->at >= definition->until || basket->at >= offer->schedule.ends_at) {
        refused->until = definition->until < offer->schedule.ends_at ? definition->until : offer->schedule.ends_at;
        return "offer.ended";
    }
    if (!offer_time_holds(&offer->schedule, basket->zone, basket->at))
        return "offer.not_now";
    return check_place(basket, offer);
}

/* The first of the segments that the person is in; empty: none. */
static struct text segment_of(const struct condition_person *known, const struct text_list *segments)
{
    for (size_t i = 0; known != NULL && i < known->segment_count; i++)
        if (text_list_has(segments, known->segments[i]))
            return known->segments[i];
    return (struct text){NULL, 0};
}

static const char *check_audience(const struct finding *finding, const struct offer *offer,
                                  struct benefit_holding *holding, struct refused_offer *refused)
{
    const struct pricing_world *world = finding->world;
    const struct offer_audience *audience = &offer->audience;
    bool of_members = offer->limits.per_member != INT64_MAX || offer->limits.per_member_day != INT64_MAX;

    if ((audience->members || of_members) && !world->known)
        return "offer.member_needed";
    if (audience->segments.count > 0) {
        *holding = (struct benefit_holding){.by = "segment",
                                            .code = segment_of(world->conditions->known, &audience->segments)};
        if (holding->code.size == 0)
            return "offer.audience";
    }
    if (audience->tiers.count > 0) {
        *holding = (struct benefit_holding){.by = "tier", .code = world->tier};
        refused->need = NEED_TIER;
        if (!text_list_has(&audience->tiers, world->tier))
            return "offer.audience";
    }
    if (audience->benefits.count > 0) {
        refused->need = NEED_BENEFIT;
        if (!offer_benefit_held(world->conditions, &audience->benefits, finding->basket->at, holding))
            return "offer.audience";
    }
    refused->need = NEED_NOTHING;
    return condition_holds(world->conditions, &audience->when) ? NULL : "offer.audience";
}

static const char *check_left(const struct offer_left *left)
{
    if (left->uses <= 0)
        return "offer.exhausted";
    if (left->budget <= 0)
        return "offer.budget";
    if (left->member <= 0)
        return "offer.member_limit";
    return left->member_day <= 0 ? "offer.member_day_limit" : NULL;
}

static bool is_filled(const struct finding *finding, const struct offer *offer)
{
    return finding->phantom != NULL && finding->phantom->offer == offer;
}

/* Its goods are there, and enough of them. */
static const char *check_goods(const struct finding *finding, const struct candidate *candidate,
                               struct refused_offer *refused)
{
    const struct offer *offer = candidate->offer;
    bool of_order = offer->minimum_of_order || offer->target == ON_SHIPPING || offer->part_count > 0;
    int64_t spend = 0, milli = 0;

    for (size_t i = 0; of_order && i < finding->basket->line_count; i++) {
        bool goods = !is_shipping(finding->basket, i);
        spend += goods ? finding->all->initial[i] : 0;
        milli += goods ? finding->basket->lines[i].quantity_milli : 0;
    }
    for (size_t i = 0; !of_order && i < candidate->lines.count; i++) {
        spend += finding->all->initial[candidate->lines.lines[i]];
        milli += finding->basket->lines[candidate->lines.lines[i]].quantity_milli;
    }
    if (offer->target == ON_SHIPPING && candidate->lines.count == 0)
        return "offer.no_shipping";
    if (candidate->lines.count == 0 && offer->part_count == 0)
        return "offer.items";
    if (spend < offer->minimum_spend && !is_filled(finding, offer)) {
        refused->missing_minor = offer->minimum_spend - spend;
        return "offer.minimum_spend";
    }
    if (milli < offer->minimum_milli) {
        refused->missing_milli = offer->minimum_milli - milli;
        return "offer.minimum_quantity";
    }
    int64_t missing = pieces_missing(finding, candidate);
    refused->missing_milli = missing * MILLI;
    if (missing > 0)
        return "offer.minimum_quantity";
    return offer->other && pieces_of(finding, &candidate->other) == 0 ? "offer.items" : NULL;
}

static const struct offer_left all_left = {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX};

static bool check(const struct finding *finding, struct candidate *candidate)
{
    const struct pricing_world *world = finding->world;
    const struct offer *offer = candidate->offer;
    struct refused_offer refused = {.definition = candidate->definition, .offer = offer};

    refused.why = check_time_and_place(finding, candidate->definition, &refused);
    candidate->code = code_for(finding->basket, offer);
    if (candidate->code != NULL)
        refused.code = candidate->code->code;
    if (refused.why == NULL && offer_needs_code(offer) && candidate->code == NULL)
        refused.why = "offer.code_needed";
    if (refused.why == NULL)
        refused.why = check_audience(finding, offer, &candidate->holding, &refused);
    if (refused.why == NULL) {
        find_goods(finding, candidate);
        refused.why = check_goods(finding, candidate, &refused);
    }
    candidate->left = world->left != NULL ? world->left(world->context, offer) : all_left;
    if (refused.why == NULL)
        refused.why = check_left(&candidate->left);
    if (refused.why == NULL && finding->all->count == CANDIDATES_MAX)
        refused.why = "offer.too_many";
    if (refused.why == NULL)
        return true;
    refuse_offer(finding->all, &refused);
    return false;
}

/* ---- what they have to do with each other ---- */

static void number_groups(struct candidates *all)
{
    for (size_t i = 0; i < all->count; i++) {
        struct candidate *one = &all->items[i];
        one->group = -1;
        if (one->offer->group.size == 0 || one->offer->apply == APPLY_ALL)
            continue;
        for (size_t j = 0; j < i && one->group < 0; j++)
            if (all->items[j].group >= 0 && text_equal(all->items[j].offer->group, one->offer->group))
                one->group = all->items[j].group;
        if (one->group < 0)
            one->group = (int)all->group_count++;
    }
}

static void count_pool(int *wanted, const struct pool *pool, int by)
{
    for (size_t i = 0; i < pool->count; i++)
        wanted[pool->lines[i]] += by;
}

static void count_pools(int *wanted, const struct candidate *candidate, int by)
{
    if (!candidate->pieces || candidate->offer->exclusive)
        return;
    if (candidate->offer->kind != OFFER_GIFT && candidate->offer->part_count == 0)
        count_pool(wanted, &candidate->pool, by);
    count_pool(wanted, &candidate->other, by);
    for (size_t i = 0; i < candidate->offer->part_count; i++)
        count_pool(wanted, &candidate->parts[i], by);
}

static bool is_contested(const int *others, const struct candidates *all)
{
    for (size_t i = 0; i < all->basket->line_count; i++)
        if (others[i] > 0)
            return true;
    return false;
}

/* A candidate that takes pieces which another wants too. */
static void find_contests(struct candidates *all)
{
    size_t lines = all->basket->line_count;
    int *wanted = arena_array(all->arena, lines + 1, sizeof *wanted);
    int *both = arena_array(all->arena, lines + 1, sizeof *both);

    for (size_t i = 0; i < all->count; i++)
        count_pools(wanted, &all->items[i], 1);
    for (size_t i = 0; i < all->count; i++) {
        if (!all->items[i].pieces || all->items[i].offer->exclusive)
            continue;
        for (size_t l = 0; l < lines; l++)
            both[l] = 0;
        count_pools(both, &all->items[i], 1);
        for (size_t l = 0; l < lines; l++)
            both[l] = both[l] > 0 ? wanted[l] - both[l] : 0;
        all->items[i].optional = is_contested(both, all);
    }
}

/* ---- all of them ---- */

static enum status open_lines(struct finding *finding, struct error *err)
{
    const struct basket *basket = finding->basket;
    struct candidates *all = finding->all;
    struct pricing_state *state = &all->state;
    size_t size = basket->line_count + 1;
    uint16_t *every = arena_array(all->arena, size, sizeof *every);
    int64_t *numbers = arena_array(all->arena, 10 * size, sizeof *numbers);
    int64_t **const places[] = {&all->pieces,    &all->initial,        &state->current, &state->taken,
                                &state->cuts,    &state->taken_before, &state->picked,  &state->set_worth,
                                &state->weights, &state->shares};
    int64_t total = 0;

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        *places[i] = numbers + i * size;
    finding->unit_prices = arena_array(all->arena, size, sizeof *finding->unit_prices);
    for (size_t i = 0; i < basket->line_count; i++) {
        const struct purchase_line *line = &basket->lines[i];
        if (line->amount < 0 || line->quantity_milli < 0 || !checked_add(total, line->amount, &total))
            return error_set(err, STATUS_LIMIT, "quote.range", "lines", "the amounts are too large");
        every[i] = (uint16_t)i;
        all->initial[i] = line->amount;
        finding->unit_prices[i] = line->amount;
        if (line->quantity_milli > 0)
            checked_scale(line->amount, MILLI, line->quantity_milli, ROUNDING_FLOOR, &finding->unit_prices[i]);
        bool whole = line->quantity_milli % MILLI == 0 && line->quantity_milli / MILLI <= OFFER_PIECES_MAX;
        all->pieces[i] = whole && !is_shipping(basket, i) ? line->quantity_milli / MILLI : 0;
    }
    all->every = (struct pool){every, basket->line_count};
    return STATUS_OK;
}

/* The version of now gives way to the one that is honoured. */
static bool is_replaced(const struct basket *basket, const struct definition *definition)
{
    for (size_t i = 0; i < basket->honour_count; i++)
        if (text_equal(basket->honours[i].definition->code, definition->code))
            return true;
    return false;
}

static const struct definition **find_offers(const struct finding *finding, size_t *count)
{
    const struct pricing_world *world = finding->world;
    const struct basket *basket = finding->basket;
    const struct condition_person *known = world->conditions->known;
    struct text *codes = arena_array(world->arena, basket->code_count + 1, sizeof *codes);
    struct text *series = arena_array(world->arena, basket->code_count + 1, sizeof *series);

    for (size_t i = 0; i < basket->code_count; i++) {
        if (basket->codes[i].refused_by == NULL && basket->codes[i].series.size == 0)
            codes[i] = basket->codes[i].folded;
        series[i] = basket->codes[i].series;
    }
    const struct offer_query query = {.at = basket->at,
                                      .lines = basket->lines,
                                      .line_count = basket->line_count,
                                      .codes = codes,
                                      .code_count = basket->code_count,
                                      .series = series,
                                      .series_count = basket->code_count,
                                      .store = basket->store,
                                      .channel = basket->channel,
                                      .tier = world->tier,
                                      .segments = known != NULL ? known->segments : NULL,
                                      .segment_count = known != NULL ? known->segment_count : 0};
    const struct definition **found = offer_index_find(world->index, world->arena, &query, count);
    size_t held_count;
    const struct definition **held = offer_benefits(world->conditions, basket->at, &held_count);

    if (held_count + basket->honour_count == 0)
        return found;
    const struct definition **all =
        arena_array(world->arena, *count + held_count + basket->honour_count, sizeof(const struct definition *));
    size_t all_count = 0;
    for (size_t i = 0; i < *count; i++)
        if (!is_replaced(basket, found[i]))
            all[all_count++] = found[i];
    for (size_t i = 0; i < held_count; i++)
        all[all_count++] = held[i];
    for (size_t i = 0; i < basket->honour_count; i++)
        all[all_count++] = basket->honours[i].definition;
    *count = all_count;
    offers_sort(all, all_count);
    return all;
}

static void try_offer(const struct finding *finding, const struct definition *definition)
{
    struct candidate candidate = {.definition = definition, .offer = definition->parsed};

    if (check(finding, &candidate))
        finding->all->items[finding->all->count++] = candidate;
}

/* A code that opened nothing is answered for, whatever it is. */
static void refuse_codes(const struct finding *finding, const struct definition **offers, size_t count)
{
    const struct basket *basket = finding->basket;

    for (size_t c = 0; c < basket->code_count; c++) {
        bool known = false;
        for (size_t i = 0; i < count && !known; i++)
            known = code_for(basket, offers[i]->parsed) == &basket->codes[c];
        const char *why = basket->codes[c].refused_by != NULL ? basket->codes[c].refused_by : "offer.code_unknown";
        if (!known)
            refuse_offer(finding->all, &(struct refused_offer){.code = basket->codes[c].code, .why = why});
    }
}

/* A benefit is made an offer anew each time. */
static bool is_same(const struct definition *found, const struct definition *asked)
{
    const struct offer *one = found->parsed, *other = asked->parsed;

    return found == asked || (one->benefit && other->benefit && text_equal(found->code, asked->code));
}

enum status candidates_find(const struct pricing_world *world, const struct basket *basket,
                            const struct phantom *phantom, struct candidates **out, struct error *err)
{
    struct candidates *all = arena_alloc(world->arena, sizeof *all);
    struct finding finding = {.world = world, .basket = basket, .phantom = phantom, .all = all};
    size_t count;

    *all = (struct candidates){.arena = world->arena, .basket = basket};
    enum status status = open_lines(&finding, err);
    if (status != STATUS_OK)
        return status;
    const struct definition **offers = find_offers(&finding, &count);
    all->items = arena_array(world->arena, (count < CANDIDATES_MAX ? count : CANDIDATES_MAX) + 1, sizeof *all->items);
    refuse_codes(&finding, offers, count);
    for (size_t i = 0; i < basket->explain_count; i++) {
        size_t found = 0;
        while (found < count && !is_same(offers[found], basket->explain[i]))
            found++;
        struct candidate asked = {.definition = basket->explain[i], .offer = basket->explain[i]->parsed};
        if (found == count && check(&finding, &asked))
            refuse_offer(all, &(struct refused_offer){asked.definition, asked.offer, .why = "offer.items"});
    }
    for (size_t i = 0; i < count; i++)
        try_offer(&finding, offers[i]);
    number_groups(all);
    find_contests(all);
    *out = all;
    return STATUS_OK;
}
