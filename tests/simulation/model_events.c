/* Purchases, claims of anonymous ones, returns and visits. */
#include <stdlib.h>
#include <string.h>

#include "model.h"

static void count_purchase(struct model_member *member, int64_t at, int64_t amount)
{
    struct model_facts *facts = &member->facts;
    int32_t day = model_day(at);

    facts->purchases++;
    facts->spend += amount;
    if (facts->first_purchase == 0 || at < facts->first_purchase)
        facts->first_purchase = at;
    if (at > facts->last_purchase)
        facts->last_purchase = at;
    if (at > facts->last_event)
        facts->last_event = at;
    for (int i = 0; i < member->day_count; i++)
        if (member->days[i] == day)
            return;
    if (member->day_count == member->day_capacity) {
        member->day_capacity = member->day_capacity * 2 + 16;
        member->days = realloc(member->days, (size_t)member->day_capacity * sizeof *member->days);
    }
    member->days[member->day_count++] = day;
}

static const char *check_payment(const struct model *model, const struct action *action, int member, int64_t total,
                                 int64_t *paid)
{
    int wallet = action->wallet;
    int64_t points = action->pay_points;

    *paid = 0;
    if (action->pay_hold >= 0) {
        const struct model_event *hold = &model->events[action->pay_hold];
        int list[GROUP_MAX], count = member >= 0 ? model_group(model, member, list) : 0, found = 0;
        for (int i = 0; i < count; i++)
            found += list[i] == hold->member;
        if (found == 0)
            return "hold.unknown";
        wallet = hold->wallet;
        points = points != 0 ? points : hold->amount;
    } else if (points == 0) {
        return NULL;
    }
    if (!model->rules->wallets[wallet].spendable || model->rules->wallets[wallet].value_minor == 0)
        return "purchase.wallet_not_payable";
    if (action->pay_hold >= 0) {
        const struct model_event *hold = &model->events[action->pay_hold];
        if (hold->end != HOLD_IS_OPEN)
            return "hold.finished";
        if (points > hold->amount)
            return "hold.amount";
        if (!model_hold_is_whole(model, hold))
            return "points.owner_apart";
    }
    if (action->pay_hold < 0 && (member < 0 || points > model_available(model, member, wallet)))
        return "points.insufficient";
    *paid = points * model->rules->wallets[wallet].value_minor / 100;
    return *paid > total ? "purchase.overpaid" : NULL;
}

static void pay(struct model *model, const struct action *action, int member, int purchase)
{
    if (action->pay_points == 0 && action->pay_hold < 0)
        return;
    struct model_event *payment = model_event_new(model, EVENT_PAYMENT, member, action->at);
    model->events[purchase].payment = (int)(payment - model->events);
    if (action->pay_hold < 0) {
        model_draw(model, member, action->wallet, action->pay_points, false, payment);
        return;
    }
    struct model_event *hold = &model->events[action->pay_hold];
    payment->wallet = hold->wallet;
    model_end_hold(model, hold, action->pay_points != 0 ? action->pay_points : hold->amount, model->now, payment);
}

/* What is there of the lines, and the factor of the tier for it. */
static struct model_base base_of(const struct model *model, const struct model_event *event, int64_t paid,
                                 int64_t limits[RULES][MULTIPLIERS])
{
    struct model_base base = {.paid = paid, .bonus = event->bonus};

    memcpy(base.lines, event->left_amount, sizeof base.lines);
    memcpy(base.quantities, event->left_quantity, sizeof base.quantities);
    model_tier_ratio(model, event, base.lines, paid, limits, &base);
    return base;
}

/* What earning rules give; returns what of it qualifies. */
static int64_t accrue(struct model *model, int purchase, const struct model_base *base)
{
    struct model_event *event = &model->events[purchase];
    const struct ladder_rules *ladder = &model->rules->ladder;
    int64_t activity = model_person_facts(model, event->member).last_event, qualifying = 0;

    model_accrue_rules(model, event, base, event->accrued);
    memcpy(event->accrued_first, event->accrued, sizeof event->accrued_first);
    for (int a = 0; a < ACCRUALS; a++) {
        int wallet = model->rules->accruals[a].wallet;
        event->accrual_lots[a] = -1;
        if (event->accrued[a] == 0)
            continue;
        model_accrual_use(model, event, a, event->accrued[a], 1);
        event->accrual_lots[a] = model_accrue(model,
                                              &(struct lot_of){event->member, purchase, wallet, event->at,
                                                               model_active_at(model, wallet, event->at),
                                                               model_expiry(model, wallet, event->at, activity)},
                                              event->accrued[a]);
        if (ladder->metric == BY_POINTS && wallet == ladder->wallet)
            qualifying += event->accrued[a];
    }
    return qualifying;
}

static void earn(struct model *model, int purchase)
{
    struct model_event *event = &model->events[purchase];
    const struct ladder_rules *ladder = &model->rules->ladder;
    int64_t limits[RULES][MULTIPLIERS], qualifying = ladder->metric == BY_SPEND ? event->total : 0;
    int64_t activity = model_person_facts(model, event->member).last_event;

    model_limits_find(model, event, limits);
    struct model_base base = base_of(model, event, event->paid, limits);
    model_earn(model, event, event->line_amount, event->paid, limits, event->earned, event->bonus);
    memcpy(base.points, event->earned, sizeof base.points);
    for (int r = 0; r < RULES; r++) {
        int wallet = model->rules->rules[r].wallet;
        if (event->earned[r] == 0)
            continue;
        for (int i = 0; i < MULTIPLIERS; i++)
            model_limits_use(model, event, r, i, event->bonus[r][i]);
        event->lots[r] = model_accrue(model,
                                      &(struct lot_of){event->member, purchase, wallet, event->at,
                                                       model_active_at(model, wallet, event->at),
                                                       model_expiry(model, wallet, event->at, activity)},
                                      event->earned[r]);
        if (ladder->metric == BY_POINTS && wallet == ladder->wallet)
            qualifying += event->earned[r];
    }
    qualifying += accrue(model, purchase, &base);
    model_qualify(model, event->member, qualifying);
}

static const struct model_event_id *event_id_find(const struct model *model, int number)
{
    static const struct model_event_id none = {-1, 0};

    return number >= 0 && number < model->event_id_capacity ? &model->event_ids[number] : &none;
}

static void event_id_take(struct model *model, int number, int event, int content)
{
    if (number >= model->event_id_capacity) {
        int capacity = number * 2 + 1024;
        model->event_ids = realloc(model->event_ids, (size_t)capacity * sizeof *model->event_ids);
        for (int i = model->event_id_capacity; i < capacity; i++)
            model->event_ids[i].event = -1;
        model->event_id_capacity = capacity;
    }
    model->event_ids[number] = (struct model_event_id){event, content};
}

static bool receipt_known(const struct model *model, int number)
{
    return number < model->receipt_capacity && model->receipts[number];
}

static void receipt_take(struct model *model, int number)
{
    if (number >= model->receipt_capacity) {
        int capacity = number * 2 + 1024;
        model->receipts = realloc(model->receipts, (size_t)capacity);
        memset(model->receipts + model->receipt_capacity, 0, (size_t)(capacity - model->receipt_capacity));
        model->receipt_capacity = capacity;
    }
    model->receipts[number] = 1;
}

/* Whether it may be recorded; `*total` and what points pay of it. */
static const char *check_purchase(const struct model *model, const struct action *action, int member, int64_t *total,
                                  int64_t *paid)
{
    *total = *paid = 0;
    for (int i = 0; i < action->line_count; i++)
        *total += action->line_amount[i];
    if (receipt_known(model, action->receipt))
        return "receipt.known";
    if (action->at > model->now + AHEAD_MAX)
        return "event.in_future";
    if (action->anonymous && action->pay_points > 0)
        return "purchase.anonymous";
    if (action->anonymous)
        return action->quote >= 0 ? market_check(model, action->quote, -1, action->at) : NULL;
    if (member < 0 && !action->register_unknown)
        return "member.unknown";
    if (member >= 0 && model->members[member].erased)
        return "member.erased";
    const char *over = action->quote >= 0 ? market_check(model, action->quote, member, action->at) : NULL;
    if (over != NULL)
        return over;
    return check_payment(model, action, member, *total, paid);
}

static void fill_purchase(struct model_event *event, const struct action *action, int64_t total, int64_t paid)
{
    event->version = action->at >= SECOND_VERSION_AT;
    event->line_count = action->line_count;
    for (int i = 0; i < action->line_count; i++) {
        event->line_amount[i] = event->left_amount[i] = action->line_amount[i];
        event->line_quantity[i] = event->left_quantity[i] = action->line_quantity[i];
        event->line_category[i] = action->line_category[i];
    }
    event->channel = action->channel;
    event->total = total;
    event->paid = paid;
    event->level = -1;
}

/* What a purchase or claim does to its member. */
static void reward(struct model *model, int index, struct outcome *outcome)
{
    struct model_event *event = &model->events[index];
    const struct model_tier *tier = &model->members[model->members[event->member].leader].tier;

    event->level = tier->level;
    event->qualifying = tier->level >= 0 ? tier->qualifying : 0;
    earn(model, index);
    count_purchase(&model->members[event->member], event->at, event->total);
    for (int r = 0; r < RULES; r++)
        outcome->earned += event->earned[r];
    for (int a = 0; a < ACCRUALS; a++)
        outcome->earned += event->accrued[a];
    outcome->level = tier->level;
    outcome->event = index;
}

static void purchase(struct model *model, const struct action *asked, struct outcome *outcome)
{
    struct action settled = *asked;
    const struct action *action = &settled;
    const struct model_event_id *before = event_id_find(model, action->event_id);
    int member = action->anonymous     ? -1
                 : action->member >= 0 ? action->member
                                       : model->identifier_owner[action->identifiers[0]];
    int64_t total, paid, charged = 0;

    if (before->event >= 0) {
        outcome->code = before->content != action->content ? "event.conflict" : NULL;
        outcome->known = before->event;
        return;
    }
    if (action->quote >= 0)
        market_take(model, &settled);
    outcome->code = check_purchase(model, action, member, &total, &paid);
    if (outcome->code == NULL && action->card >= 0)
        outcome->code = market_card(model, action, total - paid, &charged);
    if (outcome->code != NULL)
        return;
    if (member < 0 && !action->anonymous)
        outcome->member = member = model_register(model, action->identifiers, 1, action->at);
    if (member >= 0)
        model_settle(model, member);
    int index = (int)(model_event_new(model, EVENT_PURCHASE, member, action->at) - model->events);
    if (member >= 0)
        pay(model, action, member, index);
    fill_purchase(&model->events[index], action, total, paid);
    if (action->quote >= 0)
        market_settle(model, action->quote, index);
    if (action->card >= 0)
        market_charge(model, &model->events[index], action->card, charged);
    outcome->money = total;
    receipt_take(model, action->receipt);
    if (action->event_id >= 0)
        event_id_take(model, action->event_id, index, action->content);
    outcome->event = index;
    outcome->payment = model->events[index].payment;
    if (member >= 0)
        reward(model, index, outcome);
}

/* ---- claims ---- */

static bool line_is_gone(const struct model_event *event, int line)
{
    return event->left_amount[line] == 0 && event->left_quantity[line] == 0;
}

static void claim(struct model *model, const struct action *action, struct outcome *outcome)
{
    struct model_event *purchase = &model->events[action->event];
    int gone = 0;

    for (int i = 0; i < purchase->line_count; i++)
        gone += line_is_gone(purchase, i);
    if (purchase->member >= 0 || purchase->claim >= 0)
        outcome->code = "purchase.has_member";
    else if (model->now - purchase->at > CLAIM_DAYS * DAY)
        outcome->code = "purchase.claim_late";
    else if (model->members[action->member].erased)
        outcome->code = "member.erased";
    else if (gone == purchase->line_count)
        outcome->code = "return.nothing_left";
    if (outcome->code != NULL)
        return;
    int index = (int)(model_event_new(model, EVENT_CLAIM, action->member, purchase->at) - model->events);
    struct model_event *event = &model->events[index];
    purchase = &model->events[action->event];
    purchase->claim = index;
    event->version = purchase->version;
    event->line_count = purchase->line_count;
    event->channel = purchase->channel;
    for (int i = 0; i < event->line_count; i++) {
        event->line_amount[i] = event->left_amount[i] = purchase->left_amount[i];
        event->line_quantity[i] = event->left_quantity[i] = purchase->left_quantity[i];
        event->line_category[i] = purchase->line_category[i];
        event->total += event->line_amount[i];
    }
    market_claim(purchase, event);
    outcome->money = event->total;
    reward(model, index, outcome);
}

/* ---- returns ---- */

static int64_t share(int64_t whole, int64_t part, int64_t total)
{
    return part >= total ? whole : round_ratio((__int128_t)whole * part, total, ROUND_HALF_EVEN);
}

struct returning {
    int64_t amount[LINES], quantity[LINES], left_amount[LINES], left_quantity[LINES], sum;
    int count;
};

static const char *find_lines(const struct model_event *event, const struct action *action, struct returning *returning)
{
    memcpy(returning->left_amount, event->left_amount, sizeof event->left_amount);
    memcpy(returning->left_quantity, event->left_quantity, sizeof event->left_quantity);
    for (int i = 0; i < (action->return_line_count > 0 ? action->return_line_count : event->line_count); i++) {
        int line = action->return_line_count > 0 ? action->return_lines[i] : i;
        enum part_mode mode = action->return_line_count > 0 ? action->return_mode[i] : PART_ALL;
        int64_t *amount_left = &returning->left_amount[line], *quantity_left = &returning->left_quantity[line];
        int64_t quantity = 0, amount = *amount_left, bought = event->line_quantity[line];
        bool empty = *amount_left == 0 && *quantity_left == 0;
        if (empty && action->return_line_count == 0)
            continue;
        if (event->kind == EVENT_CLAIM && bought == 0 && event->line_amount[line] == 0)
            return "return.line_unknown"; /* it had come back before the claim */
        if (mode == PART_ALL)
            quantity = *quantity_left;
        if (mode == PART_AMOUNT)
            amount = action->return_value[i];
        if (mode == PART_QUANTITY)
            quantity = action->return_value[i];
        if (empty || quantity > *quantity_left || amount > *amount_left)
            return "return.more_than_bought";
        if (mode == PART_QUANTITY && quantity < *quantity_left) {
            amount = share(event->line_amount[line], bought - *quantity_left + quantity, bought) -
                     (event->line_amount[line] - *amount_left);
            amount = amount < 0 ? 0 : amount > *amount_left ? *amount_left : amount;
        }
        *amount_left -= amount;
        *quantity_left -= quantity;
        returning->sum += amount;
        returning->count++;
    }
    return returning->count == 0 ? "return.nothing_left" : NULL;
}

/* What earning rules gave for what is gone, by account. */
static void accrue_less(struct model *model, struct model_event *event, int64_t paid_left,
                        int64_t limits[RULES][MULTIPLIERS], const int64_t points[RULES],
                        int64_t bonus[RULES][MULTIPLIERS], int64_t gone[WALLETS])
{
    int64_t left[ACCRUALS] = {0};

    if (event->returned < event->total) {
        struct model_base base = base_of(model, event, paid_left, limits);
        base.bonus = (const int64_t(*)[MULTIPLIERS])bonus;
        memcpy(base.points, points, sizeof base.points);
        model_accrue_again(model, event, &base, event->accrued_first, left);
    }
    for (int a = 0; a < ACCRUALS; a++) {
        int64_t after = left[a] < event->accrued[a] ? left[a] : event->accrued[a], less = event->accrued[a] - after;
        if (less == 0)
            continue;
        model_accrual_use(model, event, a, -less, after == 0 ? -1 : 0);
        event->accrued[a] = after;
        gone[model->rules->accruals[a].wallet] += less;
    }
}

static int own_lots(const struct model *model, const struct model_event *event, int wallet, int lots[RULES + ACCRUALS])
{
    int count = 0;

    for (int r = 0; r < RULES; r++)
        if (model->rules->rules[r].code != NULL && model->rules->rules[r].wallet == wallet && event->lots[r] >= 0)
            lots[count++] = event->lots[r];
    for (int a = 0; a < ACCRUALS; a++)
        if (model->rules->accruals[a].code != NULL && model->rules->accruals[a].wallet == wallet &&
            event->accrual_lots[a] >= 0)
            lots[count++] = event->accrual_lots[a];
    return count;
}

static void earn_less(struct model *model, struct model_event *event, int64_t paid_left, int64_t sum,
                      struct outcome *outcome)
{
    const struct ladder_rules *ladder = &model->rules->ladder;
    int64_t limits[RULES][MULTIPLIERS], points[RULES] = {0}, bonus[RULES][MULTIPLIERS] = {{0}};
    int64_t unqualified = ladder->metric == BY_SPEND ? sum : 0;
    int member = event->member;

    for (int r = 0; r < RULES; r++)
        for (int i = 0; i < MULTIPLIERS; i++) {
            const struct multiplier_rules *multiplier = &model->rules->rules[r].multipliers[i];
            bool limited = multiplier->budget > 0 || multiplier->member_limit > 0;
            limits[r][i] = limited ? event->bonus[r][i] : NEVER;
        }
    int64_t gone_of[WALLETS] = {0};
    if (event->returned < event->total)
        model_earn(model, event, event->left_amount, paid_left, limits, points, bonus);
    accrue_less(model, event, paid_left, limits, points, bonus, gone_of);
    for (int r = 0; r < RULES; r++) {
        int wallet = model->rules->rules[r].wallet;
        int64_t after = points[r] < event->earned[r] ? points[r] : event->earned[r], gone = event->earned[r] - after;
        for (int i = 0; i < MULTIPLIERS; i++) {
            int64_t left = bonus[r][i] < event->bonus[r][i] ? bonus[r][i] : event->bonus[r][i];
            model_limits_use(model, event, r, i, left - event->bonus[r][i]);
            event->bonus[r][i] = left;
        }
        event->earned[r] = after;
        gone_of[wallet] += gone;
    }
    for (int w = 0; w < WALLETS; w++) {
        int lots[RULES + ACCRUALS], count = own_lots(model, event, w, lots);
        if (gone_of[w] > 0)
            outcome->written_off += model_claw_back(model, member, lots, count, w, gone_of[w]);
        if (ladder->metric == BY_POINTS && w == ladder->wallet)
            unqualified += gone_of[w];
    }
    model_qualify(model, member, -unqualified);
}

static void give_goods_back(struct model *model, const struct action *action, struct outcome *outcome)
{
    int claim = model->events[action->event].claim;
    struct model_event *event = &model->events[claim >= 0 ? claim : action->event];
    struct returning returning = {{0}, {0}, {0}, {0}, 0, 0};
    struct model_event *payment = event->payment >= 0 ? &model->events[event->payment] : NULL;

    model_settle_owners(model, action->event);
    outcome->code = find_lines(event, action, &returning);
    if (outcome->code != NULL)
        return;
    int64_t before = event->returned, after = before + returning.sum, points = 0, drawn = 0;
    for (int i = 0; payment != NULL && i < payment->part_count; i++)
        drawn += payment->parts[i].points;
    if (payment != NULL)
        points = share(drawn, after, event->total) - share(drawn, before, event->total);
    const struct model_event before_it = *event;
    memcpy(event->left_amount, returning.left_amount, sizeof event->left_amount);
    memcpy(event->left_quantity, returning.left_quantity, sizeof event->left_quantity);
    market_return(model, event, before_it.left_amount, before_it.left_quantity);
    event->returned = after;
    int64_t paid_after = share(event->paid, after, event->total),
            paid_before = share(event->paid, before, event->total);
    outcome->money = returning.sum - (paid_after - paid_before);
    outcome->to_card = market_card_back(model, event, outcome->money);
    outcome->money -= outcome->to_card;
    if (event->member < 0)
        return;
    if (points > 0)
        model_give_back(model, payment, points);
    earn_less(model, event, event->paid - paid_after, returning.sum, outcome);
    model->members[event->member].facts.spend -= returning.sum;
    model->members[event->member].facts.returns += returning.sum;
}

void model_apply_event(struct model *model, const struct action *action, struct outcome *outcome)
{
    if (action->kind == ACT_PURCHASE) {
        if (action->member < 0 && !action->anonymous && model->identifier_owner[action->identifiers[0]] >= 0)
            model_settle(model, model->identifier_owner[action->identifiers[0]]);
        purchase(model, action, outcome);
    } else if (action->kind == ACT_RETURN) {
        give_goods_back(model, action, outcome);
    } else if (action->kind == ACT_CLAIM) {
        claim(model, action, outcome);
    } else if (action->at > model->now + AHEAD_MAX) {
        outcome->code = "event.in_future";
    } else if (model->members[action->member].erased) {
        outcome->code = "member.erased";
    } else {
        struct model_facts *facts = &model->members[action->member].facts;
        facts->visits++;
        if (action->at > facts->last_visit)
            facts->last_visit = action->at;
        if (action->at > facts->last_event)
            facts->last_event = action->at;
        if (model->rules->ladder.metric == BY_VISITS)
            model_qualify(model, action->member, 1);
    }
}
