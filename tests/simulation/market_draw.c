/* Offers at random, and their documents. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "generate.h"

const char *const skus[SKUS] = {"a", "b", "c"};

static void draw_discount(struct offer_rules *offer, struct dice *dice)
{
    int64_t shape = dice_below(dice, 100);

    offer->shape = shape < 45 ? TAKE_PERCENT : shape < 70 ? TAKE_AMOUNT : TAKE_SETS;
    offer->tenths = 10 + (int)dice_below(dice, 400);
    offer->amount = 50 + dice_below(dice, 3000);
    offer->take = 2 + (int)dice_below(dice, 3);
    offer->pay = 1 + (int)dice_below(dice, offer->take - 1);
    offer->best = dice_chance(dice, 50);
    offer->rounding = (int)dice_below(dice, 4);
    offer->by_line = dice_chance(dice, 30);
    offer->initial = dice_chance(dice, 30);
    offer->most = dice_chance(dice, 20) ? 100 + dice_below(dice, 3000) : 0;
}

static void draw_limits(struct offer_rules *offer, struct dice *dice)
{
    offer->uses = dice_chance(dice, 20) ? 5 + dice_below(dice, 60) : 0;
    offer->budget = dice_chance(dice, 40) ? 2000 + dice_below(dice, 40000) : 0;
    offer->budget_partial = offer->budget > 0 && dice_chance(dice, 50);
    offer->per_member = dice_chance(dice, 30) ? 1 + dice_below(dice, 3) : 0;
}

static void draw_offer(struct offer_rules *offer, int levels, enum offer_group group, struct dice *dice)
{
    int64_t opened = dice_below(dice, 100);

    offer->order = (int)dice_below(dice, 3) * 50;
    draw_discount(offer, dice);
    draw_limits(offer, dice);
    offer->category = dice_chance(dice, 35) ? (int)dice_below(dice, 3) : -1;
    offer->sku = dice_chance(dice, 25) ? (int)dice_below(dice, SKUS) : -1;
    offer->minimum = dice_chance(dice, 40) ? 500 + dice_below(dice, 8000) : 0;
    offer->minimum_of_order = offer->minimum > 0 && dice_chance(dice, 50);
    offer->level = levels > 1 && dice_chance(dice, 20) ? 1 + (int)dice_below(dice, levels - 1) : 0;
    offer->group = dice_chance(dice, 40) ? group : GROUP_NONE;
    offer->exclusive = dice_chance(dice, 12);
    offer->opened = opened < 15 ? OPENED_BY_CODE : opened < 40 ? OPENED_BY_COUPON : OPEN_TO_ALL;
}

void model_draw_offers(struct programme_rules *rules, uint64_t seed)
{
    const char *codes[OFFERS] = {"amber", "birch", "cedar", "dune", "elm", "fern"};
    struct dice dice = {seed};
    enum offer_group group = dice_chance(&dice, 60) ? GROUP_BEST : GROUP_FIRST;
    int count = 4 + (int)dice_below(&dice, OFFERS - 3);

    for (int i = OFFERS - 1; i > 0; i--) {
        int64_t other = dice_below(&dice, i + 1);
        const char *code = codes[i];
        codes[i] = codes[other];
        codes[other] = code;
    }
    memset(rules->offers, 0, sizeof rules->offers);
    for (int i = 0; i < count; i++) {
        struct offer_rules offer = {.code = codes[i]};
        int at = i;
        draw_offer(&offer, rules->ladder.levels, group, &dice);
        for (; at > 0 &&
               (rules->offers[at - 1].order > offer.order ||
                (rules->offers[at - 1].order == offer.order && strcmp(rules->offers[at - 1].code, offer.code) > 0));
             at--)
            rules->offers[at] = rules->offers[at - 1];
        rules->offers[at] = offer;
    }
}

/* ---- documents ---- */

struct writer {
    char *out;
    size_t size, used;
};

__attribute__((format(printf, 2, 3))) static void put(struct writer *writer, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    writer->used += (size_t)vsnprintf(writer->out + writer->used, writer->size - writer->used, format, arguments);
    va_end(arguments);
}

static void put_money(struct writer *writer, const char *name, int64_t minor)
{
    put(writer, "\"%s\":\"%lld.%02lld\"", name, (long long)(minor / 100), (long long)(minor % 100));
}

static void put_discount(struct writer *writer, const struct offer_rules *offer)
{
    put(writer, ",\"discount\":{");
    if (offer->shape == TAKE_PERCENT)
        put(writer, "\"kind\":\"percentage\",\"percent\":\"%d.%d\"", offer->tenths / 10, offer->tenths % 10);
    else if (offer->shape == TAKE_AMOUNT)
        put(writer, "\"kind\":\"amount\",");
    else
        put(writer, "\"kind\":\"n_for_m\",\"take\":%d,\"pay\":%d,\"which\":\"%s\"", offer->take, offer->pay,
            offer->best ? "best" : "cheapest");
    if (offer->shape == TAKE_AMOUNT)
        put_money(writer, "amount", offer->amount);
    if (offer->most > 0) {
        put(writer, ",");
        put_money(writer, "most", offer->most);
    }
    put(writer, "}");
}

static void put_goods(struct writer *writer, const struct offer_rules *offer)
{
    if (offer->category >= 0 || offer->sku >= 0)
        put(writer, ",\"items\":{");
    if (offer->category >= 0)
        put(writer, "\"categories\":[\"%s\"]", categories[offer->category]);
    if (offer->sku >= 0)
        put(writer, "%s\"skus\":[\"%s\"]", offer->category >= 0 ? "," : "", skus[offer->sku]);
    if (offer->category >= 0 || offer->sku >= 0)
        put(writer, "}");
    if (offer->minimum > 0) {
        put(writer, ",\"minimum\":{");
        put_money(writer, "spend", offer->minimum);
        put(writer, ",\"of\":\"%s\"}", offer->minimum_of_order ? "order" : "items");
    }
}

static void put_limits(struct writer *writer, const struct offer_rules *offer)
{
    const char *comma = "";

    put(writer, ",\"limits\":{");
    if (offer->uses > 0)
        put(writer, "\"uses\":%lld", (long long)offer->uses);
    comma = offer->uses > 0 ? "," : "";
    if (offer->budget > 0) {
        put(writer, "%s", comma);
        put_money(writer, "budget", offer->budget);
        put(writer, ",\"budget_partial\":%s", offer->budget_partial ? "true" : "false");
        comma = ",";
    }
    if (offer->per_member > 0)
        put(writer, "%s\"per_member\":%lld", comma, (long long)offer->per_member);
    put(writer, "}");
}

void offer_document(const struct programme_rules *rules, int index, char *out, size_t size)
{
    static const char *const roundings[] = {"floor", "half_up", "half_even", "ceil"};
    const struct offer_rules *offer = &rules->offers[index];
    struct writer writer = {out, size, 0};

    put(&writer, "{\"name\":\"Drawn\",\"order\":%d", offer->order);
    put_discount(&writer, offer);
    put_goods(&writer, offer);
    put_limits(&writer, offer);
    if (offer->level > 0) {
        put(&writer, ",\"audience\":{\"tiers\":[");
        for (int i = offer->level; i < rules->ladder.levels; i++)
            put(&writer, "%s\"%s\"", i > offer->level ? "," : "", level_codes[i]);
        put(&writer, "]}");
    }
    if (offer->group != GROUP_NONE)
        put(&writer, ",\"group\":\"g\",\"apply\":\"%s\"", offer->group == GROUP_BEST ? "best" : "first");
    if (offer->opened == OPENED_BY_CODE)
        put(&writer, ",\"codes\":[\"SALE\"]");
    if (offer->opened == OPENED_BY_COUPON)
        put(&writer, ",\"coupon\":\"drawn\"");
    put(&writer, ",\"exclusive\":%s,\"basis\":\"%s\",\"rounding\":\"%s\",\"round\":\"%s\"}",
        offer->exclusive ? "true" : "false", offer->initial ? "initial" : "cascading", roundings[offer->rounding],
        offer->by_line ? "line" : "order");
}
