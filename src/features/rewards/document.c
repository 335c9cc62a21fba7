/* The document of a reward. */
#include "features/conditions/condition_read.h"
#include "features/definitions/advertised_read.h"
#include "features/definitions/definition_read.h"
#include "features/gift_cards/gift_cards.h"
#include "features/rewards/rewards.h"
#include "rules/rules.h"

#include <stdio.h>
#include <stdlib.h>

#define REWARD_COST_MAX INT64_C(10000000000000) /* in ten-thousandths */

/* ---- prices ---- */

static enum status read_amounts(const struct object *object, struct reward_price *price)
{
    TRY(object_integer(object, "points", false, (struct range){0, REWARD_POINTS_MAX}, &price->points));
    return object_money(object, "money", false, 0, &price->minor);
}

static enum status read_price(const struct object *object, struct reward *reward, struct reward_price *price)
{
    static const char *const names[] = {"points", "money", "wallet", NULL};
    struct object inner = object_nested(object, "price");

    if (inner.json == NULL)
        return object_missing(object, "price");
    TRY(object_check(&inner, names));
    TRY(object_code(&inner, "wallet", false, &reward->wallet));
    TRY(object_integer(&inner, "points", true, (struct range){0, REWARD_POINTS_MAX}, &price->points));
    return read_amounts(&inner, price);
}

static enum status read_prices(const struct object *object, struct reward *reward)
{
    static const char *const names[] = {"tier", "points", "money", NULL};
    struct reward_price *prices = arena_array(object->arena, REWARD_PRICES_MAX + 1, sizeof *prices);
    size_t count;

    TRY(read_price(object, reward, &prices[0]));
    TRY(object_list(object, "tier_prices", (struct range){0, REWARD_PRICES_MAX}, &count));
    for (size_t i = 0; i < count; i++) {
        struct object one = object_element(object, "tier_prices", i);
        struct reward_price *price = &prices[i + 1];
        *price = prices[0];
        TRY(object_check(&one, names));
        TRY(object_code(&one, "tier", true, &price->tier));
        TRY(read_amounts(&one, price));
    }
    reward->prices = prices;
    reward->price_count = count + 1;
    return STATUS_OK;
}

/* ---- times ---- */

static int compare_slots(const void *a, const void *b)
{
    const struct reward_slot *left = a, *right = b;

    return (left->from > right->from) - (left->from < right->from);
}

static enum status read_slots(const struct object *object, struct reward *reward)
{
    static const char *const names[] = {"from", "until", "capacity", NULL};
    size_t count;

    TRY(object_list(object, "slots", (struct range){0, REWARD_SLOTS_MAX}, &count));
    struct reward_slot *slots = arena_array(object->arena, count + 1, sizeof *slots);
    for (size_t i = 0; i < count; i++) {
        struct object one = object_element(object, "slots", i);
        TRY(object_check(&one, names));
        if (json_object_get(one.json, "from") == NULL)
            return object_missing(&one, "from");
        if (json_object_get(one.json, "until") == NULL)
            return object_missing(&one, "until");
        TRY(object_instant(&one, "from", &slots[i].from));
        TRY(object_instant(&one, "until", &slots[i].until));
        TRY(object_integer(&one, "capacity", true, (struct range){1, REWARD_COUNT_MAX}, &slots[i].capacity));
        if (slots[i].until <= slots[i].from)
            return object_refuse(&one, "until", "the end lies after the beginning");
    }
    qsort(slots, count, sizeof *slots, compare_slots);
    for (size_t i = 1; i < count; i++)
        if (slots[i].from == slots[i - 1].from)
            return object_refuse(object, "slots", "two slots begin at the same time");
    reward->slots = slots;
    reward->slot_count = count;
    return STATUS_OK;
}

static enum status read_valid(const struct object *object, struct reward *reward)
{
    static const char *const names[] = {"from", "until", NULL};
    struct object valid = object_nested(object, "valid");

    reward->from = INT64_MIN;
    reward->until = INSTANT_NEVER;
    if (valid.json == NULL)
        return STATUS_OK;
    TRY(object_check(&valid, names));
    TRY(object_instant(&valid, "from", &reward->from));
    TRY(object_instant(&valid, "until", &reward->until));
    return reward->until > reward->from ? STATUS_OK
                                        : object_refuse(&valid, "until", "the end lies after the beginning");
}

/* ---- the rest ---- */

static enum status read_pictures(const struct object *object, struct reward *reward)
{
    size_t count;

    TRY(object_list(object, "pictures", (struct range){0, REWARD_PICTURES_MAX}, &count));
    struct text *pictures = arena_array(object->arena, count + 1, sizeof *pictures);
    for (size_t i = 0; i < count; i++) {
        const json_t *one = json_array_get(json_object_get(object->json, "pictures"), i);
        struct text address = {json_string_value(one), json_string_length(one)};
        if (!json_is_string(one) || address.size > REWARD_PICTURE_SIZE_MAX ||
            !(text_starts_with(address, TEXT("https://")) || text_starts_with(address, TEXT("http://"))))
            return object_refuse(object, arena_format(object->arena, "pictures[%zu]", i),
                                 "an address that begins with https:// is expected");
        pictures[i] = text_copy(object->arena, address);
    }
    reward->pictures = pictures;
    reward->picture_count = count;
    return STATUS_OK;
}

static enum status read_gives(const struct object *object, struct reward *reward)
{
    static const char *const names[] = {"coupon", "gift_card", "benefit", "days", "points", "wallet", NULL};
    struct object gives = object_nested(object, "gives");

    if (gives.json == NULL)
        return STATUS_OK;
    TRY(object_check(&gives, names));
    TRY(object_code(&gives, "coupon", false, &reward->gives));
    TRY(object_money(&gives, "gift_card", false, 1, &reward->gives_minor));
    TRY(object_grant(&gives, false, &reward->grants));
    TRY(object_integer(&gives, "points", false, (struct range){1, REWARD_POINTS_MAX}, &reward->gives_points));
    TRY(object_code(&gives, "wallet", reward->gives_points > 0, &reward->gives_wallet));
    if (reward->gives_wallet.size > 0 && reward->gives_points == 0)
        return object_missing(&gives, "points");
    int things = (reward->gives.size > 0) + (reward->gives_minor > 0) + (reward->grants.benefit.size > 0) +
                 (reward->gives_points > 0);
    if (things > 1)
        return object_refuse(object, "gives", "a reward gives one thing");
    if (things == 0)
        return object_missing(&gives, "coupon");
    if (reward->gives_minor > GIFT_MINOR_MAX)
        return object_refuse(&gives, "gift_card", "a gift card has less");
    reward->gift = reward->grants.benefit.size > 0 ? REWARD_BENEFIT
                   : reward->gives_points > 0      ? REWARD_AWARD
                   : reward->gives_minor > 0       ? REWARD_CARD
                                                   : REWARD_COUPON;
    return STATUS_OK;
}

/* Who pays for the goods, and what part of it the partner bears. */
static enum status read_fulfilment(const struct object *object, struct reward *reward)
{
    static const char *const names[] = {"paid_by", "cost", "partner_percent", NULL};
    static const char *const payers[] = {"partner", "programme", NULL};
    struct object inner = object_nested(object, "fulfilment"), ten_thousandths = inner;
    struct programme currency = *object->programme;
    int64_t cost = 0, percent = 0;
    int payer = 0;

    if (inner.json == NULL)
        return STATUS_OK;
    if (reward->partner.size == 0)
        return object_missing(object, "partner");
    currency.exponent = REWARD_SHARE_DECIMALS;
    ten_thousandths.programme = &currency;
    TRY(object_check(&inner, names));
    TRY(object_word(&inner, "paid_by", true, payers, &payer));
    TRY(object_money(&ten_thousandths, "cost", true, 1, &cost));
    TRY(object_integer(&inner, "partner_percent", true, (struct range){0, 100}, &percent));
    if (cost > REWARD_COST_MAX)
        return object_refuse(&inner, "cost", "the cost of one is at most a thousand million");
    reward->partner_owes = payer == 0 ? -cost * (100 - percent) / 100 : cost * percent / 100;
    return STATUS_OK;
}

static enum status read_limits(const struct object *object, struct reward *reward)
{
    const struct range range = {0, REWARD_COUNT_MAX};

    reward->stock = reward->member_limit = INT64_MAX;
    reward->kept_days = REWARD_DAYS_USUAL;
    TRY(object_integer(object, "stock", false, range, &reward->stock));
    TRY(object_integer(object, "per_member", false, (struct range){1, REWARD_COUNT_MAX}, &reward->member_limit));
    TRY(object_int(object, "kept_days", false, (struct range){1, REWARD_DAYS_MAX}, &reward->kept_days));
    TRY(object_code(object, "partner", false, &reward->partner));
    return object_codes(object, "stores", &reward->stores, &reward->store_count);
}

static enum status read_reward(const struct object *object, void *out)
{
    static const char *const names[] = {"name",       "about",  "pictures",   "price",      "tier_prices", "stock",
                                        "per_member", "slots",  "when",       "valid",      "kept_days",   "gives",
                                        "partner",    "stores", "advertised", "fulfilment", NULL};
    struct reward *reward = out;

    TRY(object_check(object, names));
    TRY(object_text(object, "name", true, COUPON_NAME_MAX, &reward->name));
    TRY(object_text(object, "about", false, REWARD_TEXT_MAX, &reward->about));
    TRY(read_pictures(object, reward));
    TRY(read_prices(object, reward));
    TRY(read_limits(object, reward));
    TRY(read_fulfilment(object, reward));
    TRY(read_slots(object, reward));
    TRY(read_valid(object, reward));
    TRY(read_gives(object, reward));
    TRY(object_condition(object, "when", CONDITION_MEMBER, &reward->when));
    const struct advertised_terms terms = {
        .from = reward->from, .until = reward->until, .points = reward->prices[0].points, .members = true};
    return object_advertised(object, terms, &reward->advertised);
}

static enum status refuse(const char *field, const char *sentence, struct error *err)
{
    return error_set(err, STATUS_INVALID, "programme.invalid", field, "%s", sentence);
}

static enum status check_given_points(const struct definition_input *input, const struct reward *reward,
                                      struct error *err)
{
    if (reward->gives_points == 0)
        return STATUS_OK;
    if (programme_wallet(input->programme, reward->gives_wallet) == NULL)
        return refuse("gives.wallet", programme_no_wallet(input->arena, input->programme, reward->gives_wallet), err);
    if (programme_is_principal(input->programme, reward->gives_wallet))
        return refuse("gives.wallet", "the principal of a stored value is paid in, not given", err);
    if (text_equal(reward->gives_wallet, reward->wallet))
        return refuse("gives.wallet", "the account that pays does not get the points", err);
    return STATUS_OK;
}

/* What it refers to is there when it is saved; of what was published long ago it may be gone. */
static enum status check_references(const struct definition_input *input, const struct reward *reward,
                                    struct error *err)
{
    const struct wallet_policy *policy = programme_wallet(input->programme, reward->wallet);

    if (policy == NULL)
        return refuse("price.wallet", programme_no_wallet(input->arena, input->programme, reward->wallet), err);
    if (!policy->spendable)
        return refuse("price.wallet", "points of this account cannot be spent", err);
    for (size_t i = 1; i < reward->price_count; i++)
        if (programme_tier(input->programme, reward->prices[i].tier) == NULL)
            return error_set(err, STATUS_INVALID, "programme.invalid",
                             arena_format(input->arena, "tier_prices[%zu].tier", i - 1), "there is no such tier");
    return check_given_points(input, reward, err);
}

static enum status parse(const struct definition_input *input, const void **out, struct error *err)
{
    struct reward *reward = arena_alloc(input->arena, sizeof *reward);
    enum status status = definition_read(input, read_reward, reward, err);

    reward->code = input->code;
    for (size_t i = 0; reward->wallet.size == 0 && i < input->programme->wallet_count; i++)
        if (input->programme->wallets[i].spendable)
            reward->wallet = input->programme->wallets[i].code;
    if (status == STATUS_OK && input->saving)
        status = check_references(input, reward, err);
    *out = reward;
    return status;
}

static const struct advertised *advertised_of(const void *parsed)
{
    return ((const struct reward *)parsed)->advertised;
}

static void references_of(const void *parsed, struct definition_references *out)
{
    const struct reward *reward = parsed;

    reference_add(out, coupon_series_kind.name, reward->gives, "gives.coupon");
    grant_reference(&reward->grants, "gives", out);
    reference_add_loose(out, "partner", reward->partner, "partner"); /* it may be one without tills of its own */
}

const struct definition_kind reward_kind = {
    .name = "reward", .plural = "rewards", .parse = parse, .references = references_of, .advertised = advertised_of};
