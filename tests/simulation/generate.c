#include "generate.h"

uint64_t dice_next(struct dice *dice)
{
    uint64_t z = dice->state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

int64_t dice_below(struct dice *dice, int64_t limit)
{
    return limit <= 0 ? 0 : (int64_t)(dice_next(dice) % (uint64_t)limit);
}

bool dice_chance(struct dice *dice, int percent)
{
    return dice_below(dice, 100) < percent;
}

int64_t generate_step(struct generator *generator)
{
    struct dice *dice = &generator->dice;
    int64_t kind = dice_below(dice, 100);

    if (kind < 50)
        return 1 + dice_below(dice, 600 * SECOND);
    if (kind < 85)
        return 1 + dice_below(dice, DAY);
    if (kind < 98)
        return 1 + dice_below(dice, 7 * DAY);
    return 1 + dice_below(dice, 100 * DAY);
}

/* A time that no other event has: the microseconds count up. */
static int64_t moment(struct generator *generator, const struct model *model)
{
    struct dice *dice = &generator->dice;
    int64_t at = model->now / SECOND - 1;

    if (dice_chance(dice, 10))
        at -= dice_below(dice, 400 * 86400);
    else if (dice_chance(dice, 2))
        at += 2 + dice_below(dice, 500);
    return at * SECOND + generator->moment++ % SECOND;
}

static int any_member(struct generator *generator, const struct model *model)
{
    /* Some come more often; those who were erased seldom. */
    int64_t limit = dice_chance(&generator->dice, 50) ? model->member_count : model->member_count / 8 + 1;
    int member = (int)dice_below(&generator->dice, limit);

    for (int tries = 0; tries < 4 && model->members[member].erased; tries++)
        member = (int)dice_below(&generator->dice, limit);
    return member;
}

static int any_wallet(struct generator *generator, const struct model *model)
{
    return model->rules->wallets[1].code != NULL && dice_chance(&generator->dice, 25) ? 1 : 0;
}

/* A recent event of that kind, -1: none found. */
static int any_event(struct generator *generator, const struct model *model, enum model_kind kind)
{
    for (int tries = 0; tries < 60; tries++) {
        int64_t reach = dice_chance(&generator->dice, 80) ? 2000 : 50000;
        int64_t back = dice_below(&generator->dice, reach < model->event_count ? reach : model->event_count);
        int index = model->event_count - 1 - (int)back;
        if (index >= 0 && model->events[index].kind == kind)
            return index;
    }
    return -1;
}

/* Between one point and a little more than there is. */
static int64_t some_points(struct generator *generator, int64_t available)
{
    if (dice_chance(&generator->dice, 10))
        return available > 0 ? available : 1;
    if (dice_chance(&generator->dice, 10))
        return available + 1 + dice_below(&generator->dice, 50);
    return 1 + dice_below(&generator->dice, available / (dice_chance(&generator->dice, 50) ? 1 : 4) + 1);
}

/* A number below `count`, more often one of the last. */
static int recent(struct dice *dice, int count)
{
    return count - 1 - (int)dice_below(dice, dice_chance(dice, 70) && count > 20 ? 20 : count);
}

/* Returns what it costs. */
static int64_t fill_basket(struct generator *generator, struct action *action)
{
    struct dice *dice = &generator->dice;
    int64_t total = 0;

    action->line_count = 1 + (int)dice_below(dice, LINES);
    for (int i = 0; i < action->line_count; i++) {
        action->line_amount[i] = 1 + dice_below(dice, dice_chance(dice, 10) ? 100000 : 10000);
        action->line_quantity[i] = 1000 * (1 + dice_below(dice, 4));
        action->line_category[i] = (int)dice_below(dice, 3);
        action->line_sku[i] = (int)dice_below(dice, SKUS);
        total += action->line_amount[i];
    }
    return total;
}

/* One of the last quotes, most often one that can be settled, by the member whose it is. False: there is none. */
static bool settle_quote(struct generator *generator, const struct model *model, struct action *action)
{
    struct dice *dice = &generator->dice;
    int count = model->market.quote_count;
    bool any = dice_chance(dice, 10);

    if (count == 0)
        return false;
    for (int tries = 0; tries < 8; tries++) {
        int reach = dice_chance(dice, 70) ? 3 : 12;
        int index = count - 1 - (int)dice_below(dice, count < reach ? count : reach);
        const struct model_quote *quote = &model->market.quotes[index];
        if (!any && (quote->state != QUOTE_IS_OPEN || quote->due <= model->now))
            continue;
        action->quote = index;
        if (quote->member >= 0 && !dice_chance(dice, 5)) {
            action->member = quote->member;
            action->identifier_count = 0;
            action->anonymous = false;
        } else if (quote->member < 0 && dice_chance(dice, 60)) {
            action->anonymous = true;
            action->member = -1;
            action->identifier_count = 0;
        }
        return true;
    }
    return false;
}

static void purchase(struct generator *generator, const struct model *model, struct action *action)
{
    struct dice *dice = &generator->dice;
    int64_t total = 0;

    action->anonymous = dice_chance(dice, 8);
    if (action->anonymous)
        ;
    else if (dice_chance(dice, 70) && model->member_count > 0)
        action->member = any_member(generator, model);
    else
        action->identifiers[action->identifier_count++] = (int)dice_below(dice, IDENTIFIERS);
    action->register_unknown = dice_chance(dice, 60);
    action->channel = dice_chance(dice, 30);
    if (dice_chance(dice, 30) && settle_quote(generator, model, action))
        total = model->market.quotes[action->quote].price.total;
    else
        total = fill_basket(generator, action);
    bool again = generator->receipts > 0 && dice_chance(dice, 5);
    action->receipt = again ? (int)dice_below(dice, generator->receipts) : generator->receipts++;
    if (dice_chance(dice, 20)) {
        again = generator->event_ids > 0 && dice_chance(dice, 20);
        action->event_id = again ? recent(dice, generator->event_ids) : generator->event_ids++;
        action->content = dice_chance(dice, 20);
    }
    if (model->market.card_count > 0 && dice_chance(dice, 8)) {
        action->card = recent(dice, model->market.card_count);
        int64_t balance = model->market.cards[action->card].balance;
        action->card_minor = 1 + dice_below(dice, dice_chance(dice, 85) && balance < total ? balance + 1 : total);
        action->card_partial = dice_chance(dice, 50);
    }
    if (action->anonymous && dice_chance(dice, 2))
        action->pay_points = 1;
    if (action->member < 0 || !dice_chance(dice, 15))
        return;
    if (dice_chance(dice, 30)) {
        int hold = any_event(generator, model, EVENT_HOLD);
        if (hold >= 0 && model->events[hold].end == HOLD_IS_OPEN) {
            action->pay_hold = hold;
            if (dice_chance(dice, 80))
                action->member = model->events[hold].member;
            action->pay_points = dice_chance(dice, 50) ? 0 : 1 + dice_below(dice, model->events[hold].amount + 1);
        }
        return;
    }
    action->wallet = any_wallet(generator, model);
    int64_t value = model->rules->wallets[action->wallet].value_minor;
    int64_t most = value > 0 ? total * 100 / value : 10;
    int64_t available = model_available(model, action->member, action->wallet);
    action->pay_points = some_points(generator, dice_chance(dice, 90) && most < available ? most : available);
}

/* A purchase that settled one of the last quotes; of nobody known, when `anonymous`. -1: none found. */
static int any_sale(struct generator *generator, const struct model *model, bool anonymous)
{
    int count = model->market.quote_count;

    for (int tries = 0; tries < 60 && count > 0; tries++) {
        const struct model_quote *quote =
            &model->market.quotes[count - 1 - (int)dice_below(&generator->dice, count < 60 ? count : 60)];
        if (quote->state == QUOTE_IS_SETTLED && (!anonymous || model->events[quote->event].member < 0))
            return quote->event;
    }
    return -1;
}

static bool give_back_goods(struct generator *generator, const struct model *model, struct action *action)
{
    struct dice *dice = &generator->dice;

    bool anonymous = dice_chance(dice, 20);
    action->event = anonymous || dice_chance(dice, 40) ? any_sale(generator, model, anonymous)
                                                       : any_event(generator, model, EVENT_PURCHASE);
    if (action->event < 0)
        return false;
    const struct model_event *event = &model->events[action->event];
    if (dice_chance(dice, 30))
        return true;
    action->return_line_count = anonymous ? 1 : 1 + (int)dice_below(dice, event->line_count);
    int first = (int)dice_below(dice, event->line_count);
    for (int i = 0; i < action->return_line_count; i++) {
        int line = action->return_lines[i] = (first + i) % event->line_count;
        action->return_mode[i] = anonymous ? PART_ALL : (enum part_mode)dice_below(dice, 3);
        if (action->return_mode[i] == PART_AMOUNT)
            action->return_value[i] = 1 + dice_below(dice, event->left_amount[line] + 1);
        if (action->return_mode[i] == PART_QUANTITY)
            action->return_value[i] = 500 * (1 + dice_below(dice, event->left_quantity[line] / 500 + 1));
    }
    return true;
}

static bool about_event(struct generator *generator, const struct model *model, struct action *action)
{
    struct dice *dice = &generator->dice;

    action->event = any_event(generator, model, action->kind == ACT_REVERSE ? EVENT_DRAW : EVENT_HOLD);
    if (action->event < 0)
        return false;
    const struct model_event *event = &model->events[action->event];
    if (event->kind == EVENT_HOLD && event->end != HOLD_IS_OPEN && dice_chance(dice, 80))
        return false;
    int64_t most = action->kind == ACT_REVERSE ? model_given_left(event) : event->amount;
    if (action->kind != ACT_RELEASE && dice_chance(dice, 60))
        action->points = 1 + dice_below(dice, most + 1);
    action->wallet = event->wallet;
    return true;
}

static bool about_points(struct generator *generator, const struct model *model, struct action *action)
{
    struct dice *dice = &generator->dice;

    action->member = any_member(generator, model);
    action->wallet = any_wallet(generator, model);
    int64_t available = model_available(model, action->member, action->wallet);
    if (available == 0 && dice_chance(dice, 70))
        return false;
    action->points = some_points(generator, available);
    if (action->kind == ACT_HOLD)
        action->seconds = 1 + dice_below(dice, dice_chance(dice, 50) ? 3600 : 40 * 86400);
    if (action->kind == ACT_TRANSFER)
        action->other = any_member(generator, model);
    if (action->kind == ACT_ADJUST)
        action->points = dice_chance(dice, 60)
                             ? 1 + dice_below(dice, 200)
                             : -(1 + dice_below(dice, model_balance(model, action->member, action->wallet) / 2 + 50));
    return true;
}

/* An anonymous purchase, now and then another. */
static bool about_claim(struct generator *generator, const struct model *model, struct action *action)
{
    bool any = dice_chance(&generator->dice, 3);

    action->member = any_member(generator, model);
    if (!any && dice_chance(&generator->dice, 40)) {
        action->event = any_sale(generator, model, true);
        return action->event >= 0;
    }
    for (int tries = 0; tries < 8; tries++) {
        action->event = any_event(generator, model, EVENT_PURCHASE);
        if (action->event < 0 || any || model->events[action->event].member < 0)
            return action->event >= 0;
    }
    return false;
}

/* Identifiers that are free again register somebody new: there must be room. */
static bool may_erase(const struct model *model, int member)
{
    int free = 0;

    for (int i = 0; i < IDENTIFIERS; i++)
        free += model->identifier_owner[i] < 0 || model_same_person(model, model->identifier_owner[i], member);
    return model->member_count + free <= MEMBERS_MAX;
}

static bool about_people(struct generator *generator, const struct model *model, struct action *action)
{
    struct dice *dice = &generator->dice;

    action->member = any_member(generator, model);
    if (action->kind == ACT_UNMERGE)
        for (int tries = 0; tries < 20 && model->members[action->member].link_count == 0; tries++)
            action->member = any_member(generator, model);
    if (action->kind == ACT_MERGE || action->kind == ACT_JOIN)
        action->other = any_member(generator, model);
    if (action->kind == ACT_JOIN || action->kind == ACT_LEAVE || action->kind == ACT_POOL) {
        for (int tries = 0; tries < 20 && model->members[model->members[action->member].leader].household == 0; tries++)
            action->member = any_member(generator, model);
        action->household = model->members[model->members[action->member].leader].household;
        if (action->household == 0)
            return false;
    }
    action->pooled = dice_chance(dice, 60);
    return true;
}

static void about_quote(struct generator *generator, const struct model *model, struct action *action)
{
    struct dice *dice = &generator->dice;
    int coupons = model->market.coupon_count;

    if (!dice_chance(dice, 25))
        action->member = any_member(generator, model);
    action->reserve = dice_chance(dice, 45);
    action->shows_code = dice_chance(dice, 40);
    action->channel = dice_chance(dice, 30);
    if (coupons > 0 && dice_chance(dice, 60))
        action->coupon = dice_chance(dice, 60) && coupons > 8 ? coupons - 1 - (int)dice_below(dice, 8)
                                                              : (int)dice_below(dice, coupons);
    if (action->coupon >= 0 && dice_chance(dice, 90))
        action->member = model->market.coupons[action->coupon].owner;
    fill_basket(generator, action);
}

/* Of a quote that is open, now and then of another. */
static bool about_drop(struct generator *generator, const struct model *model, struct action *action)
{
    int count = model->market.quote_count;

    if (count == 0)
        return false;
    action->quote = count - 1 - (int)dice_below(&generator->dice, count < 20 ? count : 20);
    const struct model_quote *quote = &model->market.quotes[action->quote];
    action->member = quote->member;
    return quote->state == QUOTE_IS_OPEN || dice_chance(&generator->dice, 10);
}

static enum action_kind any_kind(struct dice *dice)
{
    static const int weights[ACT_KINDS] = {
        [ACT_REGISTER] = 4, [ACT_PURCHASE] = 32, [ACT_RETURN] = 8,  [ACT_VISIT] = 4,   [ACT_REDEEM] = 9,
        [ACT_REVERSE] = 6,  [ACT_HOLD] = 6,      [ACT_CAPTURE] = 4, [ACT_RELEASE] = 3, [ACT_ADJUST] = 6,
        [ACT_TRANSFER] = 5, [ACT_MERGE] = 3,     [ACT_UNMERGE] = 4, [ACT_FOUND] = 1,   [ACT_JOIN] = 2,
        [ACT_LEAVE] = 1,    [ACT_POOL] = 1,      [ACT_CLAIM] = 3,   [ACT_QUOTE] = 9,   [ACT_DROP] = 1,
        [ACT_ISSUE] = 2,    [ACT_SELL] = 1};
    int64_t sum = 0, drawn;
    int kind = 0;

    for (int i = 0; i < ACT_KINDS; i++)
        sum += weights[i];
    if (dice_below(dice, 300) == 0)
        return ACT_ERASE;
    for (drawn = dice_below(dice, sum); drawn >= weights[kind]; kind++)
        drawn -= weights[kind];
    return (enum action_kind)kind;
}

bool generate(struct generator *generator, const struct model *model, struct action *action)
{
    struct dice *dice = &generator->dice;

    *action = (struct action){.kind = any_kind(dice),
                              .member = -1,
                              .other = -1,
                              .event = -1,
                              .pay_hold = -1,
                              .event_id = -1,
                              .quote = -1,
                              .coupon = -1,
                              .card = -1};
    if (model->member_count < 8 && action->kind != ACT_PURCHASE)
        action->kind = ACT_REGISTER;
    action->at = moment(generator, model);
    switch (action->kind) {
    case ACT_REGISTER:
        action->identifier_count = 1 + dice_chance(dice, 40);
        for (int i = 0; i < action->identifier_count; i++)
            action->identifiers[i] = (int)dice_below(dice, IDENTIFIERS);
        return action->identifier_count == 1 || action->identifiers[0] != action->identifiers[1];
    case ACT_PURCHASE:
        purchase(generator, model, action);
        return true;
    case ACT_RETURN:
        action->at = model->now / SECOND * SECOND - generator->moment++ % SECOND;
        return give_back_goods(generator, model, action);
    case ACT_VISIT:
        action->member = any_member(generator, model);
        return true;
    case ACT_REVERSE:
    case ACT_CAPTURE:
    case ACT_RELEASE:
        if (action->at > model->now)
            return false;
        return about_event(generator, model, action);
    case ACT_REDEEM:
    case ACT_HOLD:
    case ACT_ADJUST:
    case ACT_TRANSFER:
        if (action->at > model->now)
            return false;
        return about_points(generator, model, action);
    case ACT_CLAIM:
        return about_claim(generator, model, action);
    case ACT_QUOTE:
        about_quote(generator, model, action);
        return true;
    case ACT_DROP:
        return about_drop(generator, model, action);
    case ACT_ISSUE:
        action->member = any_member(generator, model);
        action->coupon = model->market.coupon_count;
        return true;
    case ACT_SELL:
        action->card = model->market.card_count;
        action->card_minor = 1 + dice_below(dice, 20000);
        return true;
    case ACT_ERASE:
        action->member = any_member(generator, model);
        return may_erase(model, action->member);
    case ACT_MERGE:
    case ACT_UNMERGE:
    case ACT_FOUND:
    case ACT_JOIN:
    case ACT_LEAVE:
    case ACT_POOL:
    case ACT_KINDS:
        return about_people(generator, model, action);
    }
    return false;
}
