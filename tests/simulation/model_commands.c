/* The commands on points. */
#include "model.h"

enum { PARTS_MAX = 4096 };

static void activity(struct model *model, int member, int64_t at)
{
    if (at > model->members[member].facts.last_event)
        model->members[member].facts.last_event = at;
}

static void report(const struct model *model, int member, int wallet, struct outcome *outcome)
{
    outcome->available = model_available(model, member, wallet);
    outcome->balance = model_balance(model, member, wallet);
}

static bool erased(const struct model *model, int member)
{
    return member >= 0 && model->members[member].erased;
}

static const char *check_draw(const struct model *model, int member, int wallet, int64_t points)
{
    if (!model->rules->wallets[wallet].spendable)
        return "points.not_spendable";
    return points > model_available(model, member, wallet) ? "points.insufficient" : NULL;
}

static void redeem_or_hold(struct model *model, const struct action *action, struct outcome *outcome)
{
    bool hold = action->kind == ACT_HOLD;

    outcome->code = check_draw(model, action->member, action->wallet, action->points);
    if (outcome->code != NULL)
        return;
    struct model_event *event = model_event_new(model, hold ? EVENT_HOLD : EVENT_DRAW, action->member, action->at);
    outcome->event = (int)(event - model->events);
    model_draw(model, action->member, action->wallet, action->points, hold, event);
    if (hold) {
        struct model_member *member = &model->members[action->member];
        event->amount = action->points;
        event->expires_at = model->now + action->seconds * SECOND;
        model_hold_add(member, outcome->event);
    }
    activity(model, action->member, action->at);
    report(model, action->member, action->wallet, outcome);
}

static void reverse(struct model *model, const struct action *action, struct outcome *outcome)
{
    struct model_event *event = &model->events[action->event];
    int64_t left = model_given_left(event), points = action->points != 0 ? action->points : left;

    if (event->kind == EVENT_PAYMENT)
        outcome->code = "points.paid_purchase";
    else if (points > left || left == 0)
        outcome->code = "points.reversed";
    if (outcome->code != NULL)
        return;
    model_give_back(model, event, points);
    report(model, event->member, event->wallet, outcome);
}

static void capture_or_release(struct model *model, const struct action *action, struct outcome *outcome)
{
    struct model_event *hold = &model->events[action->event], *capture = NULL;
    int64_t points = action->kind == ACT_RELEASE ? 0 : action->points != 0 ? action->points : hold->amount;

    if (hold->end != HOLD_IS_OPEN)
        outcome->code = "hold.finished";
    else if (points > hold->amount)
        outcome->code = "hold.amount";
    if (outcome->code != NULL)
        return;
    if (action->kind == ACT_CAPTURE) {
        capture = model_event_new(model, EVENT_DRAW, hold->member, action->at);
        hold = &model->events[action->event];
        capture->wallet = hold->wallet;
        outcome->event = (int)(capture - model->events);
    }
    model_end_hold(model, hold, points, model->now, capture);
    if (action->kind == ACT_CAPTURE)
        activity(model, hold->member, action->at);
    report(model, hold->member, hold->wallet, outcome);
}

static void adjust(struct model *model, const struct action *action, struct outcome *outcome)
{
    struct model_event *event = model_event_new(model, EVENT_OTHER, action->member, action->at);

    outcome->event = (int)(event - model->events);
    if (action->points > 0) {
        int64_t activity_at = model_person_facts(model, action->member).last_event;
        model_accrue(model,
                     &(struct lot_of){action->member, outcome->event, action->wallet, action->at, action->at,
                                      model_expiry(model, action->wallet, action->at, activity_at)},
                     action->points);
    } else {
        int64_t missing = model_take(model, action->member, action->wallet, -action->points);
        outcome->written_off = model_owe(model, action->member, action->wallet, missing);
    }
    report(model, action->member, action->wallet, outcome);
}

static int64_t own_available(const struct model *model, int member, int wallet)
{
    int64_t sum = 0;

    for (int i = 0; i < model->member_count; i++)
        if (model_same_person(model, i, member))
            sum += model->members[i].wallets[wallet].active - model->members[i].wallets[wallet].debt;
    return sum > 0 ? sum : 0;
}

static void transfer(struct model *model, const struct action *action, struct outcome *outcome)
{
    struct model_event *in;
    int parts[PARTS_MAX], count;
    int64_t points[PARTS_MAX];

    if (model_same_person(model, action->member, action->other))
        outcome->code = "points.transfer_self";
    else if (!model->rules->wallets[action->wallet].transferable)
        outcome->code = "points.not_transferable";
    else if (action->points > own_available(model, action->member, action->wallet))
        outcome->code = "points.insufficient";
    if (outcome->code != NULL)
        return;
    outcome->payment = (int)(model_event_new(model, EVENT_OTHER, action->member, action->at) - model->events);
    in = model_event_new(model, EVENT_OTHER, action->other, action->at);
    outcome->event = (int)(in - model->events);
    count = model_take_parts(model, action->member, action->wallet, action->points, parts, points, PARTS_MAX);
    for (int i = 0; i < count; i++)
        model_part_add(in, parts[i], points[i]); /* the driver asks for the ids of these lots */
    for (int i = 0; i < count; i++) {
        struct model_lot lot = model->lots[parts[i]];
        model_accrue(model,
                     &(struct lot_of){action->other, outcome->event, action->wallet, lot.earned_at, lot.earned_at,
                                      lot.expires_at},
                     points[i]);
    }
    activity(model, action->member, action->at);
    report(model, action->member, action->wallet, outcome);
}

void model_apply_points(struct model *model, const struct action *action, struct outcome *outcome)
{
    if (action->member >= 0)
        model_settle(model, action->member);
    else
        model_settle_owners(model, action->event);
    if (action->other >= 0)
        model_settle(model, action->other);
    if (erased(model, action->member >= 0 ? action->member : model->events[action->event].member) ||
        erased(model, action->other))
        outcome->code = "member.erased";
    else if (action->kind == ACT_REDEEM || action->kind == ACT_HOLD)
        redeem_or_hold(model, action, outcome);
    else if (action->kind == ACT_REVERSE)
        reverse(model, action, outcome);
    else if (action->kind == ACT_CAPTURE || action->kind == ACT_RELEASE)
        capture_or_release(model, action, outcome);
    else if (action->kind == ACT_ADJUST)
        adjust(model, action, outcome);
    else
        transfer(model, action, outcome);
}
