/* What one offer takes from the lines of a basket, as they stand when its turn comes. */
#include <string.h>

#include "features/offers/pricing_internal.h"

enum { MILLI = 1000, SETS_MAX = 1000 };

/* ---- pieces ---- */

static int64_t pieces_left(const struct candidates *all, size_t line)
{
    return all->pieces[line] - all->state.taken[line];
}

static int64_t pieces_in(const struct candidates *all, const struct pool *pool)
{
    int64_t sum = 0;

    for (size_t i = 0; i < pool->count; i++)
        sum += pieces_left(all, pool->lines[i]);
    return sum;
}

/* What the next `count` pieces of a line are worth after `before` of it: all of them together are the line. */
static int64_t pieces_worth(const struct candidates *all, size_t line, int64_t before, int64_t count)
{
    int64_t until = 0, from = 0;

    checked_scale(all->state.current[line], before + count, all->pieces[line], ROUNDING_FLOOR, &until);
    checked_scale(all->state.current[line], before, all->pieces[line], ROUNDING_FLOOR, &from);
    return until - from;
}

static int64_t share_of(int64_t amount, int64_t percent, enum rounding rounding)
{
    int64_t share = amount;

    if (percent < PERCENT_SCALE)
        checked_scale(amount, percent, PERCENT_SCALE, rounding, &share);
    return share < amount ? share : amount;
}

/* ---- the whole, spread over its lines ---- */

/* Spreads `total` over the pool by what its lines cost (`weights`), at most what is left of each. */
static void spread(const struct candidates *all, const struct pool *pool, int64_t total, const int64_t *weights)
{
    const struct pricing_state *state = &all->state;
    int64_t sum = 0;

    for (size_t i = 0; i < pool->count; i++)
        sum += weights[i];
    if (sum == 0 || !split_largest_remainder(total, weights, state->shares, (int)pool->count))
        return;
    for (size_t i = 0; i < pool->count; i++) {
        int64_t left = state->current[pool->lines[i]];
        state->cuts[pool->lines[i]] += state->shares[i] < left ? state->shares[i] : left;
    }
}

static int64_t weigh(const struct candidates *all, const struct pool *pool, const int64_t *amounts)
{
    int64_t sum = 0;

    for (size_t i = 0; i < pool->count; i++)
        sum += all->state.weights[i] = amounts[pool->lines[i]];
    return sum;
}

static void percent_of_all(const struct candidates *all, const struct candidate *candidate)
{
    const struct offer *offer = candidate->offer;
    const int64_t *basis = offer->basis == BASIS_INITIAL ? all->initial : all->state.current;
    const struct pool pool = candidate->lines;
    int64_t sum = weigh(all, &pool, basis);

    if (!offer->round_lines) {
        spread(all, &pool, share_of(sum, offer->percent, offer->rounding), all->state.weights);
        return;
    }
    for (size_t i = 0; i < pool.count; i++) {
        int64_t left = all->state.current[pool.lines[i]];
        int64_t cut = share_of(basis[pool.lines[i]], offer->percent, offer->rounding);
        all->state.cuts[pool.lines[i]] += cut < left ? cut : left;
    }
}

static void amount_of_all(const struct candidates *all, const struct candidate *candidate)
{
    const struct offer *offer = candidate->offer;
    const struct pool pool = candidate->lines;
    int64_t sum = weigh(all, &pool, all->state.current);
    int64_t cut = offer->kind == OFFER_PRICE ? sum - offer->money : offer->money;

    if (cut > 0)
        spread(all, &pool, cut < sum ? cut : sum, all->state.weights);
}

/* ---- each piece ---- */

static const struct offer_price *price_of(const struct offer *offer, struct text sku)
{
    size_t from = 0, until = offer->price_count;

    while (from < until) {
        size_t middle = from + (until - from) / 2;
        int order = text_compare(offer->prices[middle].sku, sku);
        if (order == 0)
            return &offer->prices[middle];
        if (order < 0)
            from = middle + 1;
        else
            until = middle;
    }
    return NULL;
}

/* A price is of one: goods by weight cost it by their weight. */
static void each_piece(const struct candidates *all, const struct candidate *candidate)
{
    const struct offer *offer = candidate->offer;

    for (size_t i = 0; i < candidate->lines.count; i++) {
        size_t number = candidate->lines.lines[i];
        const struct purchase_line *line = &all->basket->lines[number];
        const struct offer_price *listed = offer->price_count > 0 ? price_of(offer, line->sku) : NULL;
        int64_t left = all->state.current[number], whole = 0;
        if (!checked_scale(listed != NULL ? listed->price : offer->money, line->quantity_milli, MILLI,
                           offer->kind == OFFER_PRICE ? ROUNDING_HALF_UP : offer->rounding, &whole))
            continue;
        int64_t cut = offer->kind == OFFER_PRICE ? left - whole : whole;
        if (cut > 0)
            all->state.cuts[number] += cut < left ? cut : left;
    }
}

/* What the offer takes from `count` pieces of a line, worth `worth` together. */
static int64_t cut_pieces(const struct offer *offer, int64_t count, int64_t worth)
{
    int64_t money = 0;

    if (offer->kind == OFFER_PERCENTAGE || offer->kind == OFFER_BUY_GET)
        return share_of(worth, offer->percent, offer->rounding);
    if (!checked_multiply(offer->money, count, &money))
        return 0;
    int64_t cut = offer->kind == OFFER_PRICE ? worth - money : money;
    return cut < 0 ? 0 : cut < worth ? cut : worth;
}

/* The first pieces of a walk over the pool, from its cheapest or its dearest end. */
static void some_pieces(struct candidates *all, const struct candidate *candidate, const struct pool *pool,
                        bool dearest, int64_t count)
{
    for (size_t i = 0; i < pool->count && count > 0; i++) {
        size_t line = pool->lines[dearest ? pool->count - 1 - i : i];
        int64_t left = pieces_left(all, line);
        int64_t take = left < count ? left : count;
        if (take <= 0)
            continue;
        int64_t worth = pieces_worth(all, line, all->state.taken[line], take);
        int64_t cut = cut_pieces(candidate->offer, take, worth);
        int64_t rest = all->state.current[line] - all->state.cuts[line];
        all->state.cuts[line] += cut < rest ? cut : rest;
        all->state.taken[line] += take;
        count -= take;
    }
}

/* Those that are paid are in the sets too. */
static void use_pieces(const struct candidates *all, const struct pool *pool, int64_t count)
{
    for (size_t i = 0; i < pool->count && count > 0; i++) {
        int64_t left = pieces_left(all, pool->lines[i]);
        int64_t take = left < count ? left : count;
        all->state.taken[pool->lines[i]] += take;
        count -= take;
    }
}

/* ---- sets ---- */

static int64_t sets_of(const struct offer *offer, int64_t possible)
{
    return possible < offer->limits.per_order ? possible : offer->limits.per_order;
}

/* Of the first `position` pieces, dearest first, so many are got: the last `get` of each set. */
static int64_t got_before(const struct offer *offer, int64_t position)
{
    int64_t size = offer->buy + offer->get, in_set = position % size - offer->buy;

    return position / size * offer->get + (in_set > 0 ? in_set : 0);
}

/* Each set of the dearest pieces by itself: the cheapest of it are got. */
static void best_sets(const struct candidates *all, const struct candidate *candidate, int64_t sets)
{
    const struct pool *pool = &candidate->pool;
    int64_t position = 0, wanted = sets * (candidate->offer->buy + candidate->offer->get);

    for (size_t i = pool->count; i > 0 && position < wanted; i--) {
        size_t line = pool->lines[i - 1];
        int64_t left = pieces_left(all, line);
        int64_t take = left < wanted - position ? left : wanted - position;
        int64_t got = got_before(candidate->offer, position + take) - got_before(candidate->offer, position);
        if (got > 0)
            all->state.cuts[line] +=
                cut_pieces(candidate->offer, got, pieces_worth(all, line, all->state.taken[line], got));
        all->state.taken[line] += take;
        position += take;
    }
}

static void buy_get(struct candidates *all, const struct candidate *candidate)
{
    const struct offer *offer = candidate->offer;
    int64_t bought = pieces_in(all, &candidate->pool);

    if (!offer->other) {
        int64_t sets = sets_of(offer, bought / (offer->buy + offer->get));
        all->state.sets = sets;
        if (offer->best) {
            best_sets(all, candidate, sets);
            return;
        }
        some_pieces(all, candidate, &candidate->pool, false, sets * offer->get);
        use_pieces(all, &candidate->pool, sets * offer->buy);
        return;
    }
    int64_t got = pieces_in(all, &candidate->other);
    int64_t wanted = (got + offer->get - 1) / offer->get; /* the last set may be short of what is got */
    int64_t sets = sets_of(offer, bought / offer->buy < wanted ? bought / offer->buy : wanted);
    all->state.sets = sets;
    some_pieces(all, candidate, &candidate->other, offer->best, sets * offer->get);
    if (sets > 0)
        use_pieces(all, &candidate->pool, sets * offer->buy);
}

/* Takes `count` pieces of the pool, dearest first, into the set that is being made; what they are worth, -1: too few. */
static int64_t pick(struct candidates *all, const struct pool *pool, int64_t count)
{
    int64_t worth = 0;

    for (size_t i = pool->count; i > 0 && count > 0; i--) {
        size_t line = pool->lines[i - 1];
        int64_t before = all->state.taken[line] + all->state.picked[line];
        int64_t left = all->pieces[line] - before, take = left < count ? left : count;
        if (take <= 0)
            continue;
        int64_t piece = pieces_worth(all, line, before, take);
        all->state.picked[line] += take;
        all->state.set_worth[line] += piece;
        worth += piece;
        count -= take;
    }
    return count == 0 ? worth : -1;
}

static int64_t pick_set(struct candidates *all, const struct candidate *candidate)
{
    const struct offer *offer = candidate->offer;
    int64_t worth = 0;

    memset(all->state.picked, 0, all->basket->line_count * sizeof *all->state.picked);
    memset(all->state.set_worth, 0, all->basket->line_count * sizeof *all->state.set_worth);
    if (offer->kind == OFFER_SET_PRICE)
        return pick(all, &candidate->pool, offer->count);
    for (size_t i = 0; i < offer->part_count; i++) {
        int64_t part = pick(all, &candidate->parts[i], offer->parts[i].count);
        if (part < 0)
            return -1;
        worth += part;
    }
    return worth;
}

/* Sets of the dearest pieces, as long as a set costs more than its price; what is saved goes over their lines. */
static void priced_sets(struct candidates *all, const struct candidate *candidate)
{
    const struct offer *offer = candidate->offer;
    struct pricing_state *state = &all->state;
    size_t lines = all->basket->line_count;
    int64_t sets = sets_of(offer, SETS_MAX), total = 0;

    memset(state->weights, 0, lines * sizeof *state->weights);
    while (state->sets < sets) {
        int64_t worth = pick_set(all, candidate);
        if (worth <= offer->money)
            break;
        total += worth - offer->money;
        state->sets++;
        for (size_t i = 0; i < lines; i++) {
            state->taken[i] += state->picked[i];
            state->weights[i] += state->set_worth[i];
        }
    }
    if (total > 0)
        spread(all, &all->every, total, state->weights);
}

/* ---- gifts ---- */

/* One that is in the basket costs nothing; otherwise it is added. */
static void gift(struct candidates *all, const struct candidate *candidate)
{
    int64_t left = candidate->offer->count;

    for (size_t i = 0; i < candidate->other.count && left > 0; i++) {
        size_t line = candidate->other.lines[i];
        int64_t pieces = pieces_left(all, line), take = pieces < left ? pieces : left;
        if (take <= 0)
            continue;
        all->state.cuts[line] += pieces_worth(all, line, all->state.taken[line], take);
        all->state.taken[line] += take;
        left -= take;
    }
    all->state.gifts = left;
}

/* ---- the offer ---- */

static void take_by_kind(struct candidates *all, const struct candidate *candidate)
{
    const struct offer *offer = candidate->offer;

    switch (offer->kind) {
    case OFFER_PERCENTAGE:
    case OFFER_AMOUNT:
    case OFFER_PRICE:
        if (offer->target == ON_CHEAPEST || offer->target == ON_DEAREST)
            some_pieces(all, candidate, &candidate->pool, offer->target == ON_DEAREST, offer->count);
        else if (offer->kind == OFFER_PERCENTAGE)
            percent_of_all(all, candidate);
        else if (offer->target == ON_ITEM)
            each_piece(all, candidate);
        else
            amount_of_all(all, candidate);
        return;
    case OFFER_BUY_GET:
        buy_get(all, candidate);
        return;
    case OFFER_SET_PRICE:
    case OFFER_BUNDLE:
        priced_sets(all, candidate);
        return;
    case OFFER_GIFT:
        gift(all, candidate);
        return;
    }
}

/* No more than it may: what is cut is cut in proportion. */
static int64_t cap(struct candidates *all, int64_t total, int64_t most)
{
    if (total <= most)
        return total;
    split_largest_remainder(most, all->state.cuts, all->state.shares, (int)all->basket->line_count);
    memcpy(all->state.cuts, all->state.shares, all->basket->line_count * sizeof *all->state.cuts);
    return most;
}

static int64_t sum_cuts(const struct candidates *all)
{
    int64_t total = 0;

    for (size_t i = 0; i < all->basket->line_count; i++)
        total += all->state.cuts[i];
    return total;
}

int64_t discount_apply(struct candidates *all, const struct candidate *candidate)
{
    const struct offer *offer = candidate->offer;
    struct pricing_state *state = &all->state;
    size_t lines = all->basket->line_count;

    memset(state->cuts, 0, lines * sizeof *state->cuts);
    if (candidate->pieces)
        memcpy(state->taken_before, state->taken, lines * sizeof *state->taken);
    state->sets = 0;
    state->gifts = 0;
    take_by_kind(all, candidate);
    int64_t total = cap(all, sum_cuts(all), offer->most);
    if (total > candidate->left.budget && offer->limits.budget_partial)
        total = cap(all, total, candidate->left.budget);
    if (total > candidate->left.budget || (total == 0 && state->gifts == 0)) {
        memset(state->cuts, 0, lines * sizeof *state->cuts);
        if (candidate->pieces)
            memcpy(state->taken, state->taken_before, lines * sizeof *state->taken);
        state->gifts = 0;
        return 0;
    }
    for (size_t i = 0; i < lines; i++)
        state->current[i] -= state->cuts[i];
    return total;
}
