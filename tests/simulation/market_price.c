/* What a basket costs: every choice that the offers leave is tried, each by hand. */
#include <string.h>

#include "model.h"

enum { PIECE = 1000 };

struct pricing {
    const struct offer_rules *offers;
    const struct market_basket *basket;
    bool goods[OFFERS][LINES];
    bool eligible[OFFERS], contested[OFFERS];
};

/* The basket while offers apply. */
struct till {
    int64_t left[LINES];
    int64_t in_sets[LINES]; /* pieces */
    bool first_taken;       /* one of the group of which the first applies */
};

/* ---- which can apply ---- */

static bool is_for(const struct pricing *pricing, int o)
{
    const struct offer_rules *offer = &pricing->offers[o];
    const struct market_basket *basket = pricing->basket;
    int64_t order = 0, goods = 0, pieces = 0;

    for (int i = 0; i < basket->line_count; i++) {
        order += basket->amount[i];
        goods += pricing->goods[o][i] ? basket->amount[i] : 0;
        pieces += pricing->goods[o][i] ? basket->quantity[i] / PIECE : 0;
    }
    if ((offer->opened == OPENED_BY_CODE && !basket->code) || (offer->opened == OPENED_BY_COUPON && !basket->coupon))
        return false;
    if ((offer->per_member > 0 && !basket->known) || (offer->level > 0 && basket->level < offer->level))
        return false;
    bool any = false;
    for (int i = 0; i < basket->line_count; i++)
        any = any || pricing->goods[o][i];
    if (!any || (offer->minimum_of_order ? order : goods) < offer->minimum)
        return false;
    if (offer->shape == TAKE_SETS && pieces < offer->take)
        return false;
    return basket->uses_left[o] > 0 && basket->budget_left[o] > 0 && basket->member_left[o] > 0;
}

static bool wants_the_same(const struct pricing *pricing, int a, int b)
{
    for (int i = 0; i < pricing->basket->line_count; i++)
        if (pricing->goods[a][i] && pricing->goods[b][i])
            return true;
    return false;
}

static bool makes_sets(const struct pricing *pricing, int o)
{
    return pricing->eligible[o] && !pricing->offers[o].exclusive && pricing->offers[o].shape == TAKE_SETS;
}

static void look(struct pricing *pricing)
{
    const struct market_basket *basket = pricing->basket;

    for (int o = 0; o < OFFERS && pricing->offers[o].code != NULL; o++) {
        const struct offer_rules *offer = &pricing->offers[o];
        for (int i = 0; i < basket->line_count; i++)
            pricing->goods[o][i] = (offer->category < 0 && offer->sku < 0) || offer->category == basket->category[i] ||
                                   offer->sku == basket->sku[i];
        pricing->eligible[o] = is_for(pricing, o);
    }
    for (int a = 0; a < OFFERS; a++)
        for (int b = 0; b < OFFERS; b++)
            if (a != b && makes_sets(pricing, a) && makes_sets(pricing, b) && wants_the_same(pricing, a, b))
                pricing->contested[a] = true;
}

/* ---- what one takes ---- */

/* Spreads `total` by `weights`; of no line more than is left of it. */
static void spread(const struct till *till, int64_t total, const int64_t weights[LINES], int64_t cut[LINES])
{
    __int128_t shares_of[LINES];
    int64_t shares[LINES] = {0}, sum = 0;

    for (int i = 0; i < LINES; i++) {
        shares_of[i] = weights[i];
        sum += weights[i];
    }
    if (sum == 0)
        return;
    split(total, shares_of, shares, LINES);
    for (int i = 0; i < LINES; i++)
        cut[i] = shares[i] < till->left[i] ? shares[i] : till->left[i];
}

static void take_percent(const struct pricing *pricing, int o, const struct till *till, int64_t cut[LINES])
{
    const struct offer_rules *offer = &pricing->offers[o];
    int64_t basis[LINES] = {0}, sum = 0;

    for (int i = 0; i < pricing->basket->line_count; i++)
        if (pricing->goods[o][i])
            sum += basis[i] = offer->initial ? pricing->basket->amount[i] : till->left[i];
    if (!offer->by_line) {
        spread(till, round_ratio((__int128_t)sum * offer->tenths, 1000, (enum rounds)offer->rounding), basis, cut);
        return;
    }
    for (int i = 0; i < LINES; i++) {
        cut[i] = round_ratio((__int128_t)basis[i] * offer->tenths, 1000, (enum rounds)offer->rounding);
        cut[i] = cut[i] < till->left[i] ? cut[i] : till->left[i];
    }
}

static void take_amount(const struct pricing *pricing, int o, const struct till *till, int64_t cut[LINES])
{
    int64_t weights[LINES] = {0}, sum = 0;

    for (int i = 0; i < pricing->basket->line_count; i++)
        if (pricing->goods[o][i])
            sum += weights[i] = till->left[i];
    spread(till, pricing->offers[o].amount < sum ? pricing->offers[o].amount : sum, weights, cut);
}

/* Pieces of the offer that are in no set yet, the cheapest by their public price first. */
static int list_pieces(const struct pricing *pricing, int o, const struct till *till, int pieces[])
{
    const struct market_basket *basket = pricing->basket;
    int lines[LINES], count = 0, listed = 0;

    for (int i = 0; i < basket->line_count; i++) {
        int at = count;
        if (!pricing->goods[o][i])
            continue;
        for (; at > 0 && basket->amount[lines[at - 1]] * PIECE / basket->quantity[lines[at - 1]] >
                             basket->amount[i] * PIECE / basket->quantity[i];
             at--)
            lines[at] = lines[at - 1];
        lines[at] = i;
        count++;
    }
    for (int i = 0; i < count; i++)
        for (int64_t piece = till->in_sets[lines[i]]; piece < basket->quantity[lines[i]] / PIECE; piece++)
            pieces[listed++] = lines[i];
    return listed;
}

static void take_sets(const struct pricing *pricing, int o, struct till *till, int64_t cut[LINES])
{
    const struct offer_rules *offer = &pricing->offers[o];
    int pieces[LINES * 16], count = list_pieces(pricing, o, till, pieces), sets = count / offer->take;
    int64_t freed[LINES] = {0}, used[LINES] = {0};

    for (int n = 0; n < sets * offer->take; n++) {
        /* In the customer's favour sets are of the dearest pieces, and the cheapest of each is free. */
        int line = pieces[offer->best ? count - 1 - n : n];
        bool free = offer->best ? n % offer->take >= offer->pay : n < sets * (offer->take - offer->pay);
        freed[line] += free;
        used[line]++;
    }
    for (int i = 0; i < pricing->basket->line_count; i++) {
        int64_t all = pricing->basket->quantity[i] / PIECE, from = till->in_sets[i];
        cut[i] = till->left[i] * (from + freed[i]) / all - till->left[i] * from / all;
        till->in_sets[i] += used[i];
    }
}

/* No more than `most`: less in proportion. */
static int64_t at_most(int64_t cut[LINES], int64_t total, int64_t most)
{
    __int128_t weights[LINES];

    if (total <= most)
        return total;
    for (int i = 0; i < LINES; i++)
        weights[i] = cut[i];
    split(most, weights, cut, LINES);
    return most;
}

static int64_t apply(const struct pricing *pricing, int o, struct till *till, int64_t cut[LINES])
{
    const struct offer_rules *offer = &pricing->offers[o];
    const struct till before = *till;
    int64_t total = 0, budget = pricing->basket->budget_left[o];

    memset(cut, 0, LINES * sizeof *cut);
    if (offer->shape == TAKE_PERCENT)
        take_percent(pricing, o, till, cut);
    else if (offer->shape == TAKE_AMOUNT)
        take_amount(pricing, o, till, cut);
    else
        take_sets(pricing, o, till, cut);
    for (int i = 0; i < LINES; i++)
        total += cut[i];
    total = at_most(cut, total, offer->most > 0 ? offer->most : NEVER);
    if (offer->budget_partial)
        total = at_most(cut, total, budget);
    if (total == 0 || total > budget) {
        *till = before;
        memset(cut, 0, LINES * sizeof *cut);
        return 0;
    }
    for (int i = 0; i < LINES; i++)
        till->left[i] -= cut[i];
    return total;
}

/* ---- which do ---- */

static int64_t try_choice(const struct pricing *pricing, unsigned choice, struct market_price *out)
{
    struct till till = {{0}, {0}, false};
    int64_t sum = 0;

    memset(out, 0, sizeof *out);
    memcpy(till.left, pricing->basket->amount, sizeof till.left);
    for (int o = 0; o < OFFERS; o++) {
        bool first = pricing->offers[o].group == GROUP_FIRST;
        int64_t cut[LINES];
        if ((choice >> o & 1) == 0 || (first && till.first_taken))
            continue;
        sum += out->taken[o] = apply(pricing, o, &till, cut);
        till.first_taken = till.first_taken || (first && out->taken[o] > 0);
        for (int i = 0; i < LINES; i++)
            out->cut[i][o] = cut[i];
    }
    for (int i = 0; i < pricing->basket->line_count; i++)
        out->total += till.left[i];
    return sum;
}

/* All that can apply do; but one of the group of which the best does, and sets that want the same pieces may give way. */
static bool is_allowed(const struct pricing *pricing, unsigned choice)
{
    int of_group = 0;
    bool needed = false, may_miss = false;

    for (int o = 0; o < OFFERS; o++) {
        bool chosen = choice >> o & 1;
        if (!pricing->eligible[o] || pricing->offers[o].exclusive) {
            if (chosen)
                return false;
            continue;
        }
        if (pricing->offers[o].group == GROUP_BEST) {
            of_group += chosen;
            needed = true;
            may_miss = may_miss || pricing->contested[o];
        } else if (!chosen && !pricing->contested[o]) {
            return false;
        }
    }
    return of_group == 1 || (of_group == 0 && (!needed || may_miss));
}

/* Of equal choices the one with the earlier offers, an exclusive one last. */
static bool is_earlier(unsigned choice, unsigned than)
{
    for (int o = 0; o < OFFERS; o++)
        if ((choice >> o & 1) != (than >> o & 1))
            return choice >> o & 1;
    return false;
}

void market_price(const struct programme_rules *rules, const struct market_basket *basket, struct market_price *out)
{
    struct pricing pricing = {.offers = rules->offers, .basket = basket};
    struct market_price tried;
    unsigned best_choice = 0;
    int64_t best = -1;

    look(&pricing);
    for (unsigned choice = 0; choice < 1U << OFFERS; choice++) {
        if (!is_allowed(&pricing, choice))
            continue;
        int64_t taken = try_choice(&pricing, choice, &tried);
        if (taken < best || (taken == best && !is_earlier(choice, best_choice)))
            continue;
        best = taken;
        best_choice = choice;
        *out = tried;
    }
    for (int o = 0; o < OFFERS; o++) {
        if (!pricing.eligible[o] || !pricing.offers[o].exclusive)
            continue;
        int64_t taken = try_choice(&pricing, 1U << o, &tried);
        if (taken <= best)
            continue;
        best = taken;
        *out = tried;
    }
}
