/* Quotes, the limits of offers, coupons, and what returns give back of them. */
#include <stdlib.h>
#include <string.h>

#include "model.h"

void market_free(struct model_market *market)
{
    free(market->quotes);
    free(market->coupons);
    free(market->cards);
}

/* ---- limits ---- */

int64_t market_member_used(const struct model *model, int member, int offer)
{
    int64_t used = 0;

    for (int m = 0; member >= 0 && m < model->member_count; m++)
        used += model_same_person(model, m, member) ? model->members[m].offer_used[offer] : 0;
    return used;
}

static int64_t left_of(int64_t limit, int64_t used)
{
    return limit == 0 ? NEVER : limit > used ? limit - used : 0;
}

static void find_left(const struct model *model, int member, struct market_basket *basket)
{
    for (int o = 0; o < OFFERS; o++) {
        const struct offer_rules *offer = &model->rules->offers[o];
        basket->uses_left[o] = left_of(offer->uses, model->market.uses[o]);
        basket->budget_left[o] = left_of(offer->budget, model->market.budget[o]);
        basket->member_left[o] =
            offer->per_member == 0 ? NEVER : left_of(offer->per_member, market_member_used(model, member, o));
    }
}

static void count(struct model *model, const struct model_quote *quote, int member)
{
    for (int o = 0; o < OFFERS; o++) {
        if (quote->price.taken[o] == 0)
            continue;
        model->market.uses[o]++;
        model->market.budget[o] += quote->price.taken[o];
        if (member >= 0 && model->rules->offers[o].per_member > 0)
            model->members[member].offer_used[o]++;
    }
}

/* What the member itself used comes back before what others of its person did. */
static void free_use(struct model *model, int member, int offer)
{
    if (member < 0 || model->rules->offers[offer].per_member == 0)
        return;
    if (model->members[member].offer_used[offer] > 0) {
        model->members[member].offer_used[offer]--;
        return;
    }
    for (int m = 0; m < model->member_count; m++) {
        if (!model_same_person(model, m, member) || model->members[m].offer_used[offer] == 0)
            continue;
        model->members[m].offer_used[offer]--;
        return;
    }
}

/* ---- quotes ---- */

static bool opens_with_coupon(const struct model *model, const struct market_price *price)
{
    for (int o = 0; o < OFFERS; o++)
        if (price->taken[o] > 0 && model->rules->offers[o].opened == OPENED_BY_COUPON)
            return true;
    return false;
}

/* A code that was given to a member is of use to its person only. */
static const char *check_coupon(const struct model *model, int coupon, int member)
{
    if (model->market.coupons[coupon].used)
        return "coupon.used";
    return member < 0                                                               ? "coupon.member_needed"
           : !model_same_person(model, member, model->market.coupons[coupon].owner) ? "coupon.other_member"
                                                                                    : NULL;
}

static struct model_quote *quote_new(struct model_market *market)
{
    if (market->quote_count == market->quote_capacity) {
        market->quote_capacity = market->quote_capacity * 2 + 256;
        market->quotes = realloc(market->quotes, (size_t)market->quote_capacity * sizeof *market->quotes);
    }
    struct model_quote *quote = &market->quotes[market->quote_count++];
    *quote = (struct model_quote){.real = 0};
    return quote;
}

void market_quote(struct model *model, const struct action *action, struct outcome *outcome)
{
    if (action->member >= 0) {
        model_settle(model, action->member);
        if (model->members[action->member].erased) {
            outcome->code = "member.erased";
            return;
        }
    }
    struct model_quote *quote = quote_new(&model->market);
    struct market_basket *basket = &quote->basket;
    basket->line_count = action->line_count;
    memcpy(basket->amount, action->line_amount, sizeof basket->amount);
    memcpy(basket->quantity, action->line_quantity, sizeof basket->quantity);
    memcpy(basket->category, action->line_category, sizeof basket->category);
    memcpy(basket->sku, action->line_sku, sizeof basket->sku);
    basket->known = action->member >= 0;
    basket->level = action->member >= 0 ? model->members[model->members[action->member].leader].tier.level : -1;
    basket->code = action->shows_code;
    basket->coupon = action->coupon >= 0 && check_coupon(model, action->coupon, action->member) == NULL;
    find_left(model, action->member, basket);
    market_price(model->rules, basket, &quote->price);
    quote->member = action->member;
    quote->due = model->now + QUOTE_LIFE * SECOND;
    quote->reserved = action->reserve;
    quote->coupon = opens_with_coupon(model, &quote->price) ? action->coupon : -1;
    if (action->reserve) {
        count(model, quote, action->member);
        if (quote->coupon >= 0)
            model->market.coupons[quote->coupon].used = true;
    }
    outcome->quote = model->market.quote_count - 1;
    outcome->money = quote->price.total;
}

static void end(struct model *model, struct model_quote *quote, enum quote_course how)
{
    quote->state = how;
    for (int o = 0; quote->reserved && o < OFFERS; o++) {
        if (quote->price.taken[o] == 0)
            continue;
        model->market.uses[o]--;
        model->market.budget[o] -= quote->price.taken[o];
        free_use(model, quote->member, o);
    }
    if (quote->reserved && quote->coupon >= 0)
        model->market.coupons[quote->coupon].used = false;
}

void market_release(struct model *model, int index)
{
    struct model_quote *quote = &model->market.quotes[index];

    if (quote->member >= 0)
        model_settle(model, quote->member);
    if (quote->state == QUOTE_IS_OPEN)
        end(model, quote, QUOTE_IS_RELEASED);
}

void market_lapse(struct model *model)
{
    for (int q = 0; q < model->market.quote_count; q++) {
        struct model_quote *quote = &model->market.quotes[q];
        if (quote->state == QUOTE_IS_OPEN && quote->due <= model->now)
            end(model, quote, QUOTE_IS_LAPSED);
    }
}

static bool of_group(const struct model *model, int member, int other)
{
    int list[GROUP_MAX], members = member >= 0 ? model_group(model, member, list) : 0;

    for (int i = 0; i < members; i++)
        if (list[i] == other)
            return true;
    return false;
}

const char *market_check(const struct model *model, int index, int member, int64_t at)
{
    const struct model_quote *quote = &model->market.quotes[index];
    struct market_basket now = quote->basket;

    if (quote->state == QUOTE_IS_SETTLED)
        return "quote.settled";
    if (quote->state == QUOTE_IS_RELEASED || at >= quote->due)
        return "quote.over";
    if (quote->member >= 0 && !of_group(model, member, quote->member))
        return "quote.other_member";
    if (quote->reserved && quote->state == QUOTE_IS_OPEN)
        return NULL;
    find_left(model, member, &now);
    for (int o = 0; o < OFFERS; o++) {
        if (quote->price.taken[o] == 0)
            continue;
        if (now.uses_left[o] == 0)
            return "offer.exhausted";
        if (now.budget_left[o] < quote->price.taken[o])
            return "offer.budget";
        if (now.member_left[o] == 0)
            return "offer.member_limit";
    }
    return quote->coupon >= 0 ? check_coupon(model, quote->coupon, member) : NULL;
}

void market_take(const struct model *model, struct action *action)
{
    const struct model_quote *quote = &model->market.quotes[action->quote];

    action->line_count = quote->basket.line_count;
    for (int i = 0; i < action->line_count; i++) {
        action->line_amount[i] = quote->basket.amount[i];
        for (int o = 0; o < OFFERS; o++)
            action->line_amount[i] -= quote->price.cut[i][o];
        action->line_quantity[i] = quote->basket.quantity[i];
        action->line_category[i] = quote->basket.category[i];
    }
}

void market_settle(struct model *model, int index, int event)
{
    struct model_quote *quote = &model->market.quotes[index];
    struct model_event *purchase = &model->events[event];

    if (!quote->reserved || quote->state != QUOTE_IS_OPEN)
        count(model, quote, purchase->member);
    if (quote->coupon >= 0)
        model->market.coupons[quote->coupon].used = true;
    quote->state = QUOTE_IS_SETTLED;
    quote->event = event;
    purchase->sale.quote = index;
    purchase->sale.coupon = quote->coupon;
    memcpy(purchase->sale.cut, quote->price.cut, sizeof purchase->sale.cut);
    for (int i = 0; i < LINES; i++)
        for (int o = 0; o < OFFERS; o++)
            purchase->sale.goods[i][o] = quote->price.cut[i][o] > 0;
}

/* ---- goods that come back ---- */

/* The part of what was taken off a line that has come back when so much of the line is left. */
static int64_t part_back(const struct model_event *event, int line, int64_t taken, int64_t amount, int64_t quantity)
{
    int64_t all = event->line_amount[line] > 0 ? event->line_amount[line] : event->line_quantity[line];
    int64_t left = event->line_amount[line] > 0 ? amount : quantity;

    return left == 0 ? taken : round_ratio((__int128_t)taken * (all - left), all, ROUND_HALF_EVEN);
}

void market_claim(const struct model_event *purchase, struct model_event *claim)
{
    claim->sale = purchase->sale;
    for (int i = 0; purchase->sale.quote >= 0 && i < purchase->line_count; i++)
        for (int o = 0; o < OFFERS; o++) {
            claim->sale.cut[i][o] -=
                part_back(purchase, i, purchase->sale.cut[i][o], purchase->left_amount[i], purchase->left_quantity[i]);
            if (purchase->left_amount[i] == 0 && purchase->left_quantity[i] == 0)
                claim->sale.goods[i][o] = false;
        }
}

/* One offer's goods: its part of the budget; true when the last of them have come back now. */
static bool give_back(struct model *model, const struct model_event *event, int offer, const int64_t *amount_before,
                      const int64_t *quantity_before, bool *left)
{
    bool before = false;

    for (int i = 0; i < event->line_count; i++) {
        int64_t cut = event->sale.cut[i][offer], amount = event->left_amount[i], quantity = event->left_quantity[i];
        if (!event->sale.goods[i][offer])
            continue;
        before = before || amount_before[i] > 0 || quantity_before[i] > 0;
        *left = *left || amount > 0 || quantity > 0;
        model->market.budget[offer] -=
            part_back(event, i, cut, amount, quantity) - part_back(event, i, cut, amount_before[i], quantity_before[i]);
    }
    return before && !*left;
}

void market_return(struct model *model, struct model_event *event, const int64_t *amount_before,
                   const int64_t *quantity_before)
{
    bool opened_left = false, opened_gone = false;

    if (event->sale.quote < 0)
        return;
    for (int o = 0; o < OFFERS; o++) {
        bool left = false;
        if (give_back(model, event, o, amount_before, quantity_before, &left)) {
            model->market.uses[o]--;
            free_use(model, event->member, o);
            opened_gone = opened_gone || model->rules->offers[o].opened == OPENED_BY_COUPON;
        }
        opened_left = opened_left || (left && model->rules->offers[o].opened == OPENED_BY_COUPON);
    }
    if (event->sale.coupon >= 0 && opened_gone && !opened_left) {
        model->market.coupons[event->sale.coupon].used = false;
        event->sale.coupon = -1;
    }
}

/* ---- gift cards ---- */

void market_sell(struct model *model, const struct action *action)
{
    struct model_market *market = &model->market;

    if (market->card_count == market->card_capacity) {
        market->card_capacity = market->card_capacity * 2 + 256;
        market->cards = realloc(market->cards, (size_t)market->card_capacity * sizeof *market->cards);
    }
    market->cards[market->card_count++] = (struct model_card){0, action->card_minor, action->card_minor};
}

const char *market_card(const struct model *model, const struct action *action, int64_t most, int64_t *minor)
{
    int64_t balance = model->market.cards[action->card].balance;

    *minor = action->card_minor;
    if (action->card_partial && balance < *minor)
        *minor = balance;
    if (*minor > balance || *minor == 0)
        return "gift_card.insufficient";
    return *minor > most ? "purchase.overpaid" : NULL;
}

void market_charge(struct model *model, struct model_event *event, int card, int64_t minor)
{
    model->market.cards[card].balance -= minor;
    event->sale.card = card;
    event->sale.card_left = minor;
}

int64_t market_card_back(struct model *model, struct model_event *event, int64_t money)
{
    int64_t back = event->sale.card_left < money ? event->sale.card_left : money;

    if (event->sale.card < 0)
        return 0;
    model->market.cards[event->sale.card].balance += back;
    event->sale.card_left -= back;
    return back;
}

/* ---- coupons ---- */

void market_issue(struct model *model, const struct action *action, struct outcome *outcome)
{
    struct model_market *market = &model->market;

    if (model->members[action->member].erased) {
        outcome->code = "member.erased";
        return;
    }
    if (market->coupon_count == market->coupon_capacity) {
        market->coupon_capacity = market->coupon_capacity * 2 + 256;
        market->coupons = realloc(market->coupons, (size_t)market->coupon_capacity * sizeof *market->coupons);
    }
    market->coupons[market->coupon_count++] = (struct model_coupon){action->member, false};
}
