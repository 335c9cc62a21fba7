#include "features/rewards/reward_orders.h"

#include <string.h>

#include "features/coupons/coupons_rows.h"
#include "features/customers/customers.h"
#include "features/customers/standing.h"
#include "features/finance/partner_place.h"
#include "features/points/context.h"
#include "features/points/ledger.h"
#include "features/redemption/spending.h"
#include "features/rewards/reward_card.h"
#include "features/rewards/reward_points.h"

const char *const reward_states[] = {"", "ordered", "ready", "shipped", "handed_over", "cancelled", "expired", NULL};

static const struct text none = {NULL, 0};

enum reward_state reward_state_at(const struct reward_order *order, int64_t now)
{
    bool waits = order->state == REWARD_ORDERED || order->state == REWARD_READY;

    return waits && order->until <= now ? REWARD_EXPIRED : (enum reward_state)order->state;
}

void reward_order_copy(struct arena *arena, const struct reward_order *order, struct reward_order *out)
{
    *out = *order;
    struct text *texts[] = {&out->reward,  &out->wallet, &out->store, &out->channel,
                            &out->partner, &out->coupon, &out->gift};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        *texts[i] = text_copy(arena, *texts[i]);
}

/* ---- counters ---- */

static int add_counter(struct command *command, const char *id)
{
    if (command->counter_count == COMMAND_COUNTERS_MAX)
        return -1;
    command->counters[command->counter_count] = id;
    return (int)command->counter_count++;
}

bool order_reward_name(struct command *command, struct arena *arena)
{
    struct order_reward *body = command->body;
    const struct reward_slot slot = {.from = body->slot_from};
    bool room = body->coupon.key.size == 0 || coupons_name(command, arena, &body->coupon, 1);

    room = room && (body->gift.key.size == 0 || coupons_name(command, arena, &body->gift, 1));
    body->card_counter = -1;
    if (body->card.key.size > 0) {
        body->card_counter = add_counter(command, gift_counter(arena, body->card.key));
        room = room && body->card_counter >= 0;
    }
    body->stock_counter = add_counter(command, reward_counter(arena, body->reward));
    body->slot_counter =
        body->slot_from != 0 ? add_counter(command, reward_slot_counter(arena, body->reward, &slot)) : -1;
    return room && body->stock_counter >= 0 && (body->slot_from == 0 || body->slot_counter >= 0);
}

void change_reward_order_name(struct command *command, struct arena *arena, const struct reward_order *order)
{
    struct change_reward_order *body = command->body;
    const struct reward_slot slot = {.from = order->slot_from};

    body->coupon = (struct coupon_use){.key = order->coupon, .counter = -1};
    bool card = reward_card_key(order->gift).size > 0;

    body->gift = (struct coupon_use){.key = card ? none : order->gift, .counter = -1};
    body->card_counter = card ? add_counter(command, text_string(arena, order->gift)) : -1;
    if (order->coupon.size > 0)
        coupons_name(command, arena, &body->coupon, 1);
    if (body->gift.key.size > 0)
        coupons_name(command, arena, &body->gift, 1);
    body->stock_counter = add_counter(command, reward_counter(arena, order->reward));
    body->slot_counter =
        order->slot_from != 0 ? add_counter(command, reward_slot_counter(arena, order->reward, &slot)) : -1;
    command->events[0] = (struct event_reference){.id = order->id, .claim = -1};
    command->event_count = 1;
    if (order->spent_by != 0 && order->spent_by != order->id)
        command->events[command->event_count++] = (struct event_reference){.id = order->spent_by, .claim = -1};
}

static void count(struct decision *decision, int index, int64_t change)
{
    if (index < 0)
        return;
    struct counter *counter = decision->counters[index];
    counter->used = counter->used + change > 0 ? counter->used + change : 0;
    counter->changed = true;
}

static void count_member(struct decision *decision, struct text reward, int64_t change)
{
    struct person *person = &decision->subjects[0];
    struct text id = text_from(reward_counter(decision->arena, reward));
    struct member *member = person->member;

    for (size_t i = 0; change < 0 && i < person->group->member_count; i++) {
        struct member *other = &person->group->members[i];
        for (size_t p = 0; other->leader == person->leader->id && p < other->progress_count; p++)
            if (text_equal(other->progress[p].id, id) && other->progress[p].used >= -change)
                member = other;
    }
    struct progress *progress = member_progress(decision, member, id);
    progress->used = progress->used + change > 0 ? progress->used + change : 0;
    progress->changed = true;
}

static void finish(struct decision *decision, bool activity, int64_t at)
{
    if (activity)
        standing_touch(decision->subjects[0].group, decision->subjects[0].member, at);
    for (size_t i = 0; i < COMMAND_SUBJECTS_MAX; i++) {
        struct person *subject = &decision->subjects[i];
        for (size_t m = 0; subject->leader != NULL && m < subject->group->member_count; m++)
            if (subject->group->members[m].leader == subject->group->members[m].id)
                points_set_due(subject->group, &subject->group->members[m]);
    }
}

/* ---- with a partner ---- */

/* Whether the goods, or the code, are with the member. */
static bool is_given(const struct reward_order *order)
{
    return order->state == REWARD_SHIPPED || order->state == REWARD_HANDED_OVER;
}

/* What a co-branded reward does to the statement of its partner, by the reward as it was ordered. `sign` 1: given; -1: back. */
static void count_partner(struct decision *decision, const struct reward_order *order, int sign)
{
    const struct definition *definition = definition_at(decision->programmes, &reward_kind, order->reward, order->at);
    const struct reward *reward = definition != NULL ? definition->parsed : NULL;

    if (order->partner.size == 0 || sign == 0)
        return;
    int32_t day = zone_day(programme_at(decision->programmes, decision->now)->zone, decision->now);
    struct text place = text_from(arena_format(decision->arena, PARTNER_PLACE "%.*s/%.*s", (int)order->partner.size,
                                               order->partner.bytes, (int)order->reward.size, order->reward.bytes));
    measure_add(decision, id_bucket(order->id), day, REWARD_MEASURE_COUNT, place, sign * order->quantity);
    if (reward != NULL && reward->partner_owes != 0)
        measure_add(decision, id_bucket(order->id), day, REWARD_MEASURE_SHARE, place,
                    sign * order->quantity * reward->partner_owes);
}

/* ---- ordering ---- */

struct ordering {
    struct decision *decision;
    struct command *command;
    struct order_reward *body;
    struct person *person;
    const struct programme *programme;
    const struct wallet_policy *policy;
    const struct reward *reward;
    const struct reward_slot *slot;
    struct reward_order order;
    struct journal_row *row;
    struct ledger ledger;
};

static enum status find_reward(struct ordering *work, struct error *err)
{
    struct decision *decision = work->decision;
    const struct definition *definition =
        definition_at(decision->programmes, &reward_kind, work->body->reward, decision->now);

    if (definition == NULL)
        return error_set(err, STATUS_MISSING, "reward.unknown", "reward", "there is no such reward now");
    work->reward = definition->parsed;
    work->slot = work->body->slot_from != 0 ? reward_slot_at(work->reward, work->body->slot_from) : NULL;
    if (work->body->slot_from != 0 && work->slot == NULL)
        return error_set(err, STATUS_INVALID, "reward.slot_unknown", "slot", "the reward has no such time");
    if (work->reward->gift != REWARD_GOODS && work->body->quantity != 1)
        return error_set(err, STATUS_INVALID, "reward.quantity", "quantity",
                         "codes, gift cards, benefits and points are ordered one by one");
    work->policy = programme_wallet(work->programme, work->reward->wallet);
    if (work->policy == NULL)
        return error_set(err, STATUS_INVALID, "wallet.unknown", "wallet", "there is no points account '%.*s'",
                         (int)work->reward->wallet.size, work->reward->wallet.bytes);
    return STATUS_OK;
}

static enum status check_order(struct ordering *work, struct error *err)
{
    const struct decision *decision = work->decision;
    struct order_reward *body = work->body;
    const struct reward_question question = {
        .set = decision->programmes,
        .now = decision->now,
        .person = work->person,
        .known = &body->known,
        .quantity = body->quantity,
        .used = decision->counters[body->stock_counter]->used,
        .slot = work->slot,
        .slot_used = body->slot_counter >= 0 ? decision->counters[body->slot_counter]->used : 0,
        .store = body->context.store,
        .free = body->coupon.key.size > 0,
        .arena = decision->arena};

    return reward_check(work->reward, &question, &body->missing, err);
}

/* What is asked for is what the account wants of whoever spends: proof, limits, no freeze. */
static enum status check_spending(const struct ordering *work, struct error *err)
{
    const struct order_reward *body = work->body;
    const struct spending spending = {.decision = work->decision,
                                      .command = work->command,
                                      .person = work->person,
                                      .policy = work->policy,
                                      .points = work->order.points,
                                      .proof = &body->proof,
                                      .place = {body->context.store, body->context.till, body->context.employee}};
    enum status status = STATUS_OK;

    if (work->order.points > 0)
        status = spending_check(&spending, err);
    else
        status = freeze_check(work->decision, work->person, work->policy->code, body->context.employee, err);
    if (status == STATUS_OK)
        proof_use(work->decision, &body->proof);
    return status;
}

static int64_t kept_until(const struct ordering *work)
{
    const struct zone *zone = work->programme->zone;

    if (work->slot != NULL)
        return work->slot->until;
    return zone_day_start(zone, zone_day(zone, work->decision->now) + work->reward->kept_days + 1);
}

static void make_order(struct ordering *work)
{
    const struct order_reward *body = work->body;
    bool paid = body->coupon.key.size > 0;
    const struct reward_price price = reward_price_of(work->reward, work->person);

    work->order = (struct reward_order){.version = 1,
                                        .member = work->person->member->id,
                                        .reward = work->reward->code,
                                        .state = REWARD_ORDERED,
                                        .quantity = body->quantity,
                                        .wallet = work->reward->wallet,
                                        .points = paid ? 0 : price.points * body->quantity,
                                        .minor = paid ? 0 : price.minor * body->quantity,
                                        .slot_from = body->slot_from,
                                        .store = body->context.store,
                                        .channel = body->context.channel,
                                        .partner = work->reward->partner,
                                        .coupon = body->coupon.key,
                                        .at = work->decision->now,
                                        .until = kept_until(work)};
}

static void start_row(struct ordering *work)
{
    struct builder facts = {.arena = work->decision->arena};
    const struct reward_order *order = &work->order;

    fact_code(&facts, "reward", order->reward);
    fact_number(&facts, "quantity", order->quantity);
    fact_code(&facts, "wallet", order->points > 0 ? order->wallet : none);
    fact_number(&facts, "points", order->points);
    fact_code(&facts, "coupon", order->coupon);
    fact_code(&facts, "partner", order->partner);
    if (work->body->proof.kind != 0)
        fact_code(&facts, "proof", text_from(proof_name(work->body->proof.kind)));
    work->row = points_row(work->decision, work->person->member, "reward_order", work->decision->now,
                           &work->body->context, &facts);
    work->row->amount = order->minor;
    work->order.id = work->row->id;
}

/* A code of the series that the reward gives, with the order. */
static enum status give_code(struct ordering *work, struct error *err)
{
    struct decision *decision = work->decision;
    struct coupon_use *gift = &work->body->gift;
    bool current = false;
    const struct coupon_series *series =
        coupon_series_find(decision->programmes, work->reward->gives, decision->now, &current);

    if (series == NULL || !current || series->codes != COUPON_UNIQUE || gift->key.size == 0)
        return error_set(err, STATUS_CONFLICT, "reward.gift", "reward", "what the reward gives cannot be had now");
    int64_t until = coupon_valid_until(series, work->programme->zone, decision->now);
    const struct coupon_code code = {.key = gift->key,
                                     .series = series->code,
                                     .issued_at = decision->now,
                                     .valid_from = INT64_MIN,
                                     .valid_until = until,
                                     .owner = work->order.member};
    struct counter *counter = decision->counters[gift->counter];
    counter->maximum = code.owner;
    counter->changed = true;
    store_coupon_code(decision, &code);
    store_coupon_owner(decision, code.owner, &code, work->row->id);
    work->order.gift = gift->key;
    return STATUS_OK;
}

/* A gift card of what the reward is worth, with the order. */
static enum status give_card(struct ordering *work, struct error *err)
{
    struct decision *decision = work->decision;
    const struct order_reward *body = work->body;
    const struct reward_card card = {.decision = decision,
                                     .member = work->person->member,
                                     .row = work->row,
                                     .counter =
                                         body->card_counter >= 0 ? decision->counters[body->card_counter] : NULL};
    enum status status = reward_card_give(&card, &body->card, work->reward->gives_minor, err);

    if (status == STATUS_OK)
        work->order.gift = text_from(gift_counter(decision->arena, body->card.key));
    return status;
}

/* A benefit from the order on: the right has the id of the order. */
static enum status give_benefit(struct ordering *work, struct error *err)
{
    const struct grant_source source = {work->row->id, "reward"};
    enum status status = grant_give(work->decision, work->person, &work->reward->grants, source, err);

    if (status == STATUS_MISSING)
        status = error_set(err, STATUS_CONFLICT, "reward.gift", "reward", "what the reward gives cannot be had now");
    return status;
}

static enum status give_gift(struct ordering *work, struct error *err)
{
    switch (work->reward->gift) {
    case REWARD_GOODS:
        return STATUS_OK;
    case REWARD_COUPON:
        return give_code(work, err);
    case REWARD_CARD:
        return give_card(work, err);
    case REWARD_BENEFIT:
        return give_benefit(work, err);
    case REWARD_AWARD:
        return reward_points_give(work->decision, work->person, work->reward, work->row, err);
    }
    return STATUS_OK;
}

static enum status take_coupon(const struct ordering *work, struct error *err)
{
    const struct coupon_act act = {work->decision, work->command, work->person, work->row};
    const struct coupon_series *series = NULL;

    if (work->body->coupon.key.size == 0)
        return STATUS_OK;
    enum status status = coupon_redeem(&act, &work->body->coupon, &series, err);
    if (status == STATUS_OK && (series->gift != COUPON_REWARD || !text_equal(series->opens, work->reward->code)))
        status = error_set(err, STATUS_CONFLICT, "reward.coupon", "code", "the coupon is not for this reward");
    return status;
}

static enum status take_points(struct ordering *work, struct error *err)
{
    struct posting *posting = arena_alloc(work->decision->arena, sizeof *posting);
    struct reward_order *order = &work->order;
    bool at_once = work->reward->gift != REWARD_GOODS;
    struct hold *hold;
    enum status status = STATUS_OK;

    *posting = posting_start(work->decision, work->row);
    struct ledger ledger = {posting, work->person->group, work->person->member, work->programme, work->policy};
    if (order->points > 0)
        status = at_once ? ledger_draw(&ledger, order->points, ACCOUNT_REDEEMED, err)
                         : ledger_hold(&ledger, order->points, order->until, &hold, err);
    if (status != STATUS_OK || !at_once)
        return status;
    order->spent_by = order->points > 0 ? order->id : 0;
    order->state = REWARD_HANDED_OVER;
    order->ended_at = work->decision->now;
    return give_gift(work, err);
}

static enum status decide_order(struct decision *decision, struct command *command, struct error *err)
{
    struct ordering work = {.decision = decision,
                            .command = command,
                            .body = command->body,
                            .person = &decision->subjects[0],
                            .programme = programme_at(decision->programmes, decision->now)};
    enum status status = customer_require(decision, command, 0, err);

    work.body->missing = 0;
    if (status == STATUS_OK)
        status = find_reward(&work, err);
    if (status == STATUS_OK)
        status = check_order(&work, err);
    if (status != STATUS_OK)
        return status;
    make_order(&work);
    status = check_spending(&work, err);
    if (status != STATUS_OK)
        return status;
    start_row(&work);
    status = take_coupon(&work, err);
    if (status == STATUS_OK)
        status = take_points(&work, err);
    if (status != STATUS_OK)
        return status;
    count(decision, work.body->stock_counter, work.order.quantity);
    count(decision, work.body->slot_counter, work.order.quantity);
    count_member(decision, work.order.reward, work.order.quantity);
    count_partner(decision, &work.order, is_given(&work.order));
    store_reward_order(decision, &work.order);
    finish(decision, true, decision->now);
    reward_order_copy(command->arena, &work.order, &work.body->result);
    work.body->available = ledger_available(work.person->group, work.person->member, work.policy->code);
    return STATUS_OK;
}

const struct command_type order_reward_type = {
    .name = "order_reward", .loads = SPENDING_LOADS, .load = order_reward_load, .decide = decide_order};

/* ---- moving on ---- */

static const struct {
    const char *kind;
    enum reward_state to;
    unsigned from; /* bits of states */
} actions[] = {
    [REWARD_PREPARE] = {"reward_ready", REWARD_READY, 1U << REWARD_ORDERED},
    [REWARD_SHIP] = {"reward_shipped", REWARD_SHIPPED, 1U << REWARD_ORDERED | 1U << REWARD_READY},
    [REWARD_HAND_OVER] = {"reward_handed_over", REWARD_HANDED_OVER,
                          1U << REWARD_ORDERED | 1U << REWARD_READY | 1U << REWARD_SHIPPED},
    [REWARD_CANCEL] = {"reward_cancelled", REWARD_CANCELLED,
                       1U << REWARD_ORDERED | 1U << REWARD_READY | 1U << REWARD_SHIPPED | 1U << REWARD_HANDED_OVER},
    [REWARD_LAPSE] = {"reward_expired", REWARD_EXPIRED, 1U << REWARD_EXPIRED},
};

struct changing {
    struct decision *decision;
    struct change_reward_order *body;
    const struct programme *programme;
    struct reward_order *order;
    struct journal_row *row;
    struct ledger ledger;
};

static enum status check_change(const struct decision *decision, const struct change_reward_order *body, bool *done,
                                struct error *err)
{
    enum reward_state state = reward_state_at(&body->order, decision->now);

    *done = body->action == REWARD_LAPSE && (body->order.state > REWARD_READY || state != REWARD_EXPIRED);
    if (*done)
        return STATUS_OK;
    if (body->order.id == 0)
        return error_set(err, STATUS_MISSING, "reward.unknown_order", "order", "there is no such order of a reward");
    if ((actions[body->action].from & 1U << state) == 0)
        return error_set(err, STATUS_CONFLICT, "reward.state", "", "the order is %s", reward_states[state]);
    return STATUS_OK;
}

static struct hold *find_hold(const struct changing *work)
{
    struct group *group = work->decision->subjects[0].group;

    for (size_t i = 0; i < group->member_count; i++) {
        struct hold *hold = member_hold(&group->members[i], work->order->id);
        if (hold != NULL)
            return hold;
    }
    return NULL;
}

/* Handed over or sent: what was on hold is spent. */
static enum status spend(struct changing *work, struct error *err)
{
    struct reward_order *order = work->order;
    struct hold *hold = order->points > 0 && order->spent_by == 0 ? find_hold(work) : NULL;

    if (order->points == 0 || order->spent_by != 0)
        return STATUS_OK;
    if (hold == NULL)
        return error_set(err, STATUS_CONFLICT, "reward.hold", "", "the points of the order are no longer set aside");
    enum status status =
        freeze_check(work->decision, &work->decision->subjects[0], order->wallet, work->body->context.employee, err);
    if (status == STATUS_OK)
        status = ledger_capture(&work->ledger, hold, order->points, err);
    order->spent_by = work->row->id;
    return status;
}

static enum status end_benefit(const struct changing *work, struct error *err)
{
    const struct person *person = &work->decision->subjects[0];

    if (grant_take_back(work->decision, person, work->order->id, &work->body->entitled) != GRANT_USED)
        return STATUS_OK;
    return error_set(err, STATUS_CONFLICT, "reward.gift_used", "", "the benefit that it gave has been used");
}

/* The points of a void gift have been used: it is as if the goods were not brought back. */
static enum status void_gift(struct changing *work, struct error *err)
{
    struct coupon_use *gift = &work->body->gift;

    if (work->order->gift.size == 0) {
        enum status status = end_benefit(work, err);
        return status == STATUS_OK ? reward_points_take_back(work->decision, &work->decision->subjects[0],
                                                             work->decision->events[0], err)
                                   : status;
    }
    if (reward_card_key(work->order->gift).size > 0) {
        struct decision *decision = work->decision;
        int counter = work->body->card_counter;
        const struct reward_card card = {.decision = decision,
                                         .member = decision->subjects[0].member,
                                         .row = work->row,
                                         .counter = counter >= 0 ? decision->counters[counter] : NULL};
        return reward_card_take_back(&card, decision->events[0], work->order->gift, err);
    }
    struct counter *counter = work->decision->counters[gift->counter];
    if (counter->used > 0)
        return error_set(err, STATUS_CONFLICT, "reward.gift_used", "", "the code that it gave has been used");
    counter->maximum = -1;
    counter->changed = true;
    store_coupon_code(work->decision, &(struct coupon_code){.key = gift->key,
                                                            .series = gift->series,
                                                            .issued_at = gift->issued_at,
                                                            .valid_from = gift->valid_from,
                                                            .valid_until = gift->valid_until,
                                                            .owner = gift->owner,
                                                            .voided_at = work->decision->now});
    return STATUS_OK;
}

/* To the lots that they came from. */
static enum status give_back_points(struct changing *work, struct error *err)
{
    const struct reward_order *order = work->order;
    struct decision *decision = work->decision;
    struct hold *hold = order->spent_by == 0 ? find_hold(work) : NULL;

    if (order->points == 0)
        return STATUS_OK;
    if (hold != NULL)
        return hold->state == HOLD_OPEN ? ledger_release(&work->ledger, hold, HOLD_RELEASED, err) : STATUS_OK;
    const struct past_event *spent = order->spent_by == order->id ? decision->events[0] : decision->events[1];
    if (order->spent_by == 0 || spent == NULL)
        return STATUS_OK;
    work->row->cause = spent->row.id;
    return ledger_give_back(&work->ledger, spent, order->points, err);
}

static enum status give_back(struct changing *work, struct error *err)
{
    struct decision *decision = work->decision;
    const struct reward_order *order = work->order;
    enum status status = void_gift(work, err);

    if (status == STATUS_OK)
        status = give_back_points(work, err);
    if (status != STATUS_OK)
        return status;
    count(decision, work->body->stock_counter, -order->quantity);
    count(decision, work->body->slot_counter, -order->quantity);
    count_member(decision, order->reward, -order->quantity);
    if (order->coupon.size > 0) {
        const struct coupon_act act = {decision, NULL, &decision->subjects[0], work->row};
        coupon_release(&act, &work->body->coupon, order->id);
    }
    return STATUS_OK;
}

static enum status apply(struct changing *work, struct error *err)
{
    struct reward_order *order = work->order;
    int64_t now = work->decision->now;

    switch (work->body->action) {
    case REWARD_PREPARE:
        order->ready_at = now;
        return STATUS_OK;
    case REWARD_SHIP:
        order->shipped_at = now;
        return spend(work, err);
    case REWARD_HAND_OVER:
        order->ended_at = now;
        return spend(work, err);
    case REWARD_CANCEL:
        order->ended_at = now;
        return give_back(work, err);
    case REWARD_LAPSE:
        order->ended_at = order->until;
        return give_back(work, err);
    }
    return STATUS_OK;
}

static void start_change(struct changing *work)
{
    struct change_reward_order *body = work->body;
    struct builder facts = {.arena = work->decision->arena};
    struct posting *posting = arena_alloc(work->decision->arena, sizeof *posting);
    struct person *person = &work->decision->subjects[0];

    fact_code(&facts, "reward", work->order->reward);
    fact_number(&facts, "quantity", work->order->quantity);
    fact_code(&facts, "reason", body->reason);
    work->row = points_row(work->decision, person->member, actions[body->action].kind, work->decision->now,
                           &body->context, &facts);
    work->row->cause = work->order->id;
    *posting = posting_start(work->decision, work->row);
    work->ledger = (struct ledger){posting, person->group, person->member, work->programme,
                                   programme_wallet(work->programme, work->order->wallet)};
}

static enum status decide_change(struct decision *decision, struct command *command, struct error *err)
{
    struct change_reward_order *body = command->body;
    struct reward_order order = body->order; /* the loaded one stays: the batch may be repeated */
    struct changing work = {.decision = decision,
                            .body = body,
                            .programme = programme_at(decision->programmes, decision->now),
                            .order = &order};
    bool done;
    enum status status = check_change(decision, body, &done, err);

    if (status != STATUS_OK || done)
        return status;
    status = body->action == REWARD_LAPSE ? STATUS_OK : customer_require(decision, command, 0, err);
    if (status != STATUS_OK)
        return status;
    start_change(&work);
    if (order.points > 0 && work.ledger.policy == NULL)
        return error_set(err, STATUS_INVALID, "wallet.unknown", "wallet", "there is no points account '%.*s'",
                         (int)order.wallet.size, order.wallet.bytes);
    status = apply(&work, err);
    if (status != STATUS_OK)
        return status;
    order.state = actions[body->action].to;
    order.version++;
    count_partner(decision, &order, is_given(&order) - is_given(&body->order));
    store_reward_order(decision, &order);
    finish(decision, false, decision->now);
    reward_order_copy(command->arena, &order, &body->result);
    return STATUS_OK;
}

const struct command_type change_reward_order_type = {.name = "change_reward_order",
                                                      .loads = LOAD_LOTS | LOAD_PROGRESS | LOAD_FOLLOWERS | LOAD_ALONE,
                                                      .load = change_reward_order_load,
                                                      .decide = decide_change};
