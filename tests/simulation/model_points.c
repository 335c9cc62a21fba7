/* Lots, debt, holds, and what time does to them. */
#include <assert.h>
#include <stdlib.h>

#include "model.h"

/* ---- lots ---- */

int64_t model_active_at(const struct model *model, int wallet, int64_t at)
{
    int days = model->rules->wallets[wallet].pending_days;

    return days == 0 ? at : model_day_start(model_day(at) + days + 1);
}

int64_t model_expiry(const struct model *model, int wallet, int64_t earned_at, int64_t activity_at)
{
    const struct wallet_rules *rules = &model->rules->wallets[wallet];
    int32_t day = model_day(earned_at), last;
    int year, month, mday;

    switch (rules->expiry) {
    case EXPIRES_NEVER:
        return NEVER;
    case AFTER_DAYS:
        return model_day_start(day + rules->count + 1);
    case AFTER_MONTHS:
        return model_day_start(model_add_months(day, rules->count) + 1);
    case END_OF_MONTH:
    case END_OF_QUARTER:
    case END_OF_YEAR:
        model_date(model_add_months(day, rules->count), &year, &month, &mday);
        if (rules->expiry == END_OF_QUARTER)
            month = (month + 2) / 3 * 3;
        if (rules->expiry == END_OF_YEAR)
            month = 12;
        return model_day_start(month == 12 ? model_day_of(year + 1, 1, 1) : model_day_of(year, month + 1, 1));
    case FIXED_DAY:
        last = model_add_months(day, rules->count);
        model_date(last, &year, &month, &mday);
        while (model_day_of(year, rules->month, rules->day) < last)
            year++;
        return model_day_start(model_day_of(year, rules->month, rules->day) + 1);
    case ACTIVITY_DAYS:
        return model_day_start((activity_at > earned_at ? model_day(activity_at) : day) + rules->count + 1);
    }
    return NEVER;
}

/* The expiry with the activity of the person until now. */
static int64_t current_expiry(const struct model *model, const struct model_lot *lot)
{
    if (lot->over || model->rules->wallets[lot->wallet].expiry != ACTIVITY_DAYS)
        return lot->expires_at;
    int64_t extended =
        model_expiry(model, lot->wallet, lot->earned_at, model_person_facts(model, lot->member).last_event);
    return extended > lot->expires_at ? extended : lot->expires_at;
}

static void open_lot(struct model *model, int index)
{
    struct model_member *member = &model->members[model->lots[index].member];

    model_touched(model, model->lots[index].member);
    for (int i = 0; i < member->lot_count; i++)
        if (member->lots[i] == index)
            return;
    if (member->lot_count == member->lot_capacity) {
        member->lot_capacity = member->lot_capacity * 2 + 8;
        member->lots = realloc(member->lots, (size_t)member->lot_capacity * sizeof *member->lots);
    }
    member->lots[member->lot_count++] = index;
}

static void drop_empty_lots(struct model *model, int index)
{
    struct model_member *member = &model->members[index];
    int kept = 0;

    for (int i = 0; i < member->lot_count; i++)
        if (model->lots[member->lots[i]].remaining + model->lots[member->lots[i]].held > 0)
            member->lots[kept++] = member->lots[i];
    member->lot_count = kept;
}

static struct model_wallet *wallet_of(struct model *model, const struct model_lot *lot)
{
    return &model->members[lot->member].wallets[lot->wallet];
}

/* Points leave what is free of the lot. */
static void take_free(struct model *model, struct model_lot *lot, int64_t points)
{
    lot->remaining -= points;
    if (lot->pending)
        wallet_of(model, lot)->pending -= points;
    else
        wallet_of(model, lot)->active -= points;
    assert(lot->remaining >= 0);
    model_touched(model, lot->member);
}

static void expire_free(struct model *model, struct model_lot *lot)
{
    int64_t points = lot->remaining;

    take_free(model, lot, points);
    lot->expired += points;
    lot->pending = false;
    if (model->rules->wallets[lot->wallet].expiry == ACTIVITY_DAYS)
        lot->over = true;
}

int model_accrue(struct model *model, const struct lot_of *of, int64_t points)
{
    struct model_wallet *wallet = &model->members[of->member].wallets[of->wallet];
    int64_t paid = wallet->debt < points ? wallet->debt : points;

    wallet->debt -= paid;
    points -= paid;
    if (points == 0)
        return -1;
    if (model->lot_count == model->lot_capacity) {
        model->lot_capacity = model->lot_capacity * 2 + 1024;
        model->lots = realloc(model->lots, (size_t)model->lot_capacity * sizeof *model->lots);
    }
    int index = model->lot_count++;
    struct model_lot *lot = &model->lots[index];
    *lot = (struct model_lot){.member = of->member,
                              .wallet = of->wallet,
                              .event = of->event,
                              .earned_at = of->earned_at,
                              .active_at = of->active_at,
                              .expires_at = of->expires_at,
                              .amount = points,
                              .remaining = points};
    lot->pending = of->active_at > model->now && of->expires_at > model->now;
    if (lot->pending)
        wallet->pending += points;
    else
        wallet->active += points;
    open_lot(model, index);
    if (lot->expires_at <= model->now)
        expire_free(model, lot);
    drop_empty_lots(model, of->member);
    return index;
}

/* Points come back to a lot, at a time at which it may be over; debt comes first. */
static void come_back(struct model *model, int index, int64_t points, int64_t at)
{
    struct model_lot *lot = &model->lots[index];
    struct model_wallet *wallet = wallet_of(model, lot);
    int64_t paid = wallet->debt < points ? wallet->debt : points;

    wallet->debt -= paid;
    points -= paid;
    model_touched(model, lot->member);
    if (points == 0)
        return;
    if (lot->expires_at <= at)
        lot->expires_at = current_expiry(model, lot);
    wallet->active += points;
    lot->remaining += points;
    open_lot(model, index);
    if (lot->expires_at <= at) {
        int64_t others = lot->remaining - points; /* only what comes back: the rest falls due by itself */
        lot->remaining = points;
        expire_free(model, lot);
        lot->remaining = others;
    }
}

/* ---- drawing ---- */

static const struct model *sorted; /* of qsort's comparison */

static int compare_lots(const void *a, const void *b)
{
    int first = *(const int *)a, second = *(const int *)b;
    const struct model_lot *x = &sorted->lots[first], *y = &sorted->lots[second];

    if (x->pending != y->pending)
        return x->pending ? 1 : -1;
    if (x->expires_at != y->expires_at)
        return x->expires_at < y->expires_at ? -1 : 1;
    if (x->earned_at != y->earned_at)
        return x->earned_at < y->earned_at ? -1 : 1;
    if (x->member != y->member && x->real != 0 && y->real != 0)
        return x->real < y->real ? -1 : 1;
    return first < second ? -1 : first > second;
}

/* The lots with free points, in drawing order; pending ones, at the end, on request. */
static int *free_lots(struct model *model, int member, int wallet, bool pool, bool pending, int *count)
{
    int list[GROUP_MAX], members = model_group(model, member, list), capacity = 0;

    for (int i = 0; i < members; i++)
        capacity += model->members[list[i]].lot_count;
    int *lots = malloc(((size_t)capacity + 1) * sizeof *lots);
    *count = 0;
    for (int i = 0; i < members; i++) {
        const struct model_member *m = &model->members[list[i]];
        if (!pool && !model_same_person(model, list[i], member))
            continue;
        for (int l = 0; l < m->lot_count; l++) {
            const struct model_lot *lot = &model->lots[m->lots[l]];
            if (lot->wallet == wallet && lot->remaining > 0 && (pending || !lot->pending))
                lots[(*count)++] = m->lots[l];
        }
    }
    sorted = model;
    qsort(lots, (size_t)*count, sizeof *lots, compare_lots);
    return lots;
}

void model_part_add(struct model_event *event, int lot, int64_t points)
{
    event->parts = realloc(event->parts, ((size_t)event->part_count + 1) * sizeof *event->parts);
    event->parts[event->part_count++] = (struct model_part){lot, points, 0};
}

static void tidy_group(struct model *model, int member)
{
    int list[GROUP_MAX], members = model_group(model, member, list);

    for (int i = 0; i < members; i++)
        drop_empty_lots(model, list[i]);
}

void model_draw(struct model *model, int member, int wallet, int64_t points, bool hold, struct model_event *event)
{
    int count, *lots = free_lots(model, member, wallet, true, false, &count);

    event->wallet = wallet;
    for (int i = 0; i < count && points > 0; i++) {
        struct model_lot *lot = &model->lots[lots[i]];
        int64_t part = lot->remaining < points ? lot->remaining : points;
        take_free(model, lot, part);
        if (hold) {
            lot->held += part;
            wallet_of(model, lot)->held += part;
        }
        model_part_add(event, lots[i], part);
        points -= part;
    }
    assert(points == 0);
    free(lots);
    tidy_group(model, member);
}

int64_t model_given_left(const struct model_event *event)
{
    int64_t left = 0;

    for (int i = 0; i < event->part_count; i++)
        left += event->parts[i].points - event->parts[i].given;
    return left;
}

void model_give_back(struct model *model, struct model_event *event, int64_t points)
{
    int grace = model->rules->wallets[event->wallet].grace_days;

    for (int i = event->part_count - 1; i >= 0 && points > 0; i--) {
        struct model_part *part = &event->parts[i];
        struct model_lot *lot = &model->lots[part->lot];
        int64_t back = part->points - part->given < points ? part->points - part->given : points;
        if (back == 0)
            continue;
        part->given += back;
        points -= back;
        lot->expires_at = current_expiry(model, lot);
        if (lot->expires_at <= model->now && grace > 0) {
            lot->expires_at = model_day_start(model_day(model->now) + grace + 1);
            lot->over = false;
        }
        come_back(model, part->lot, back, model->now);
        drop_empty_lots(model, lot->member);
    }
    assert(points == 0);
}

/* ---- taking back ---- */

int64_t model_take(struct model *model, int member, int wallet, int64_t points)
{
    int count, *lots = free_lots(model, member, wallet, false, true, &count);

    for (int i = 0; i < count && points > 0; i++) {
        struct model_lot *lot = &model->lots[lots[i]];
        int64_t part = lot->remaining < points ? lot->remaining : points;
        take_free(model, lot, part);
        points -= part;
    }
    free(lots);
    tidy_group(model, member);
    return points;
}

int model_take_parts(struct model *model, int member, int wallet, int64_t points, int *lots, int64_t *taken, int room)
{
    int count, used = 0, *all = free_lots(model, member, wallet, false, false, &count);

    for (int i = 0; i < count && points > 0; i++) {
        struct model_lot *lot = &model->lots[all[i]];
        int64_t part = lot->remaining < points ? lot->remaining : points;
        assert(used < room);
        take_free(model, lot, part);
        lots[used] = all[i];
        taken[used++] = part;
        points -= part;
    }
    assert(points == 0);
    free(all);
    tidy_group(model, member);
    return used;
}

int64_t model_owe(struct model *model, int member, int wallet, int64_t points)
{
    struct model_wallet *w = &model->members[member].wallets[wallet];
    int64_t owed = points;

    /* The balance stops at 0: what is on hold still counts as balance. */
    if (!model->rules->wallets[wallet].debt_allowed && owed > w->held - w->debt)
        owed = w->held > w->debt ? w->held - w->debt : 0;
    w->debt += owed;
    return points - owed;
}

int64_t model_claw_back(struct model *model, int member, const int *lots, int lot_count, int wallet, int64_t points)
{
    for (int i = 0; i < lot_count; i++) {
        struct model_lot *own = &model->lots[lots[i]];
        int64_t part = own->remaining < points ? own->remaining : points;
        take_free(model, own, part);
        points -= part;
    }
    for (int i = 0; i < lot_count; i++) {
        struct model_lot *own = &model->lots[lots[i]];
        int64_t part = own->expired < points ? own->expired : points;
        own->expired -= part;
        points -= part;
    }
    for (int i = 0; i < lot_count; i++)
        drop_empty_lots(model, model->lots[lots[i]].member);
    return model_owe(model, member, wallet, model_take(model, member, wallet, points));
}

/* ---- holds ---- */

void model_hold_add(struct model_member *member, int event)
{
    if (member->hold_count == member->hold_capacity) {
        member->hold_capacity = member->hold_capacity * 2 + 4;
        member->holds = realloc(member->holds, (size_t)member->hold_capacity * sizeof *member->holds);
    }
    member->holds[member->hold_count++] = event;
    member->due = INT64_MIN;
}

void model_end_hold(struct model *model, struct model_event *hold, int64_t captured, int64_t at,
                    struct model_event *capture)
{
    bool clamp = !model->rules->wallets[hold->wallet].debt_allowed;

    hold->end = HOLD_IS_OVER;
    for (int i = 0; i < hold->part_count; i++) {
        struct model_part *part = &hold->parts[i];
        struct model_lot *lot = &model->lots[part->lot];
        struct model_wallet *wallet = wallet_of(model, lot);
        int64_t spent = part->points < captured ? part->points : captured;
        captured -= spent;
        lot->held -= part->points;
        wallet->held -= part->points;
        if (spent > 0)
            model_part_add(capture, part->lot, spent);
        if (part->points > spent)
            come_back(model, part->lot, part->points - spent, at);
        if (clamp && wallet->debt > wallet->held)
            wallet->debt = wallet->held;
        model_touched(model, lot->member);
        drop_empty_lots(model, lot->member);
    }
    assert(captured == 0);
    struct model_member *owner = &model->members[hold->member];
    int index = (int)(hold - model->events), kept = 0;
    for (int i = 0; i < owner->hold_count; i++)
        if (owner->holds[i] != index)
            owner->holds[kept++] = owner->holds[i];
    owner->hold_count = kept;
    model_touched(model, hold->member);
}

/* ---- time ---- */

static int64_t lot_due(const struct model_lot *lot)
{
    if (lot->remaining == 0)
        return NEVER;
    return lot->pending && lot->active_at < lot->expires_at ? lot->active_at : lot->expires_at;
}

/* A hold whose points have left the group waits for someone to end it. */
bool model_hold_is_whole(const struct model *model, const struct model_event *hold)
{
    int list[GROUP_MAX], members = model_group(model, hold->member, list);

    for (int i = 0; i < hold->part_count; i++) {
        bool here = false;
        for (int m = 0; m < members; m++)
            here |= list[m] == model->lots[hold->parts[i].lot].member;
        if (!here)
            return false;
    }
    return true;
}

/* Kinds of one instant come in this order. */
enum due_kind { DUE_ACTIVATION, DUE_EXPIRY, DUE_HOLD, DUE_TIER };
struct due {
    int64_t at;
    enum due_kind kind;
    int index;
};

static void consider(struct due *due, int64_t at, enum due_kind kind, int index)
{
    if (at < due->at || (at == due->at && kind < due->kind))
        *due = (struct due){at, kind, index};
}

static struct due next_due(const struct model *model, int member)
{
    const struct model_member *m = &model->members[member];
    struct due due = {NEVER, DUE_TIER, -1};

    for (int i = 0; i < m->lot_count; i++) {
        const struct model_lot *lot = &model->lots[m->lots[i]];
        consider(&due, lot_due(lot), lot->pending && lot->active_at < lot->expires_at ? DUE_ACTIVATION : DUE_EXPIRY,
                 m->lots[i]);
    }
    for (int i = 0; i < m->hold_count; i++) {
        const struct model_event *hold = &model->events[m->holds[i]];
        if (hold->expires_at <= due.at && model_hold_is_whole(model, hold))
            consider(&due, hold->expires_at, DUE_HOLD, m->holds[i]);
    }
    if (m->leader == member && m->tier.level >= 0)
        consider(&due, m->tier.until, DUE_TIER, member);
    return due;
}

static void activate(struct model *model, struct model_lot *lot)
{
    wallet_of(model, lot)->pending -= lot->remaining;
    wallet_of(model, lot)->active += lot->remaining;
    lot->pending = false;
    model_touched(model, lot->member);
}

static void expire(struct model *model, struct model_lot *lot)
{
    model_touched(model, lot->member);
    if (current_expiry(model, lot) > lot->expires_at) {
        lot->expires_at = current_expiry(model, lot);
        return;
    }
    expire_free(model, lot);
    drop_empty_lots(model, lot->member);
}

/* What the index numbers depends on the kind: a lot, an event, a member. */
static void carry_out(struct model *model, struct due due)
{
    struct model_member *member;

    switch (due.kind) {
    case DUE_ACTIVATION:
        activate(model, &model->lots[due.index]);
        break;
    case DUE_EXPIRY:
        expire(model, &model->lots[due.index]);
        break;
    case DUE_HOLD:
        model_end_hold(model, &model->events[due.index], 0, due.at, NULL);
        break;
    case DUE_TIER:
        member = &model->members[due.index];
        tier_period_over(&model->rules->ladder, &member->tier, member->registered_at);
        model_touched(model, due.index);
        break;
    }
}

void model_settle(struct model *model, int member)
{
    int list[GROUP_MAX], members = model_group(model, member, list);

    for (;;) {
        struct due first = {NEVER, DUE_TIER, -1};
        for (int i = 0; i < members; i++) {
            struct model_member *m = &model->members[list[i]];
            if (m->due != INT64_MIN && m->due > model->now)
                continue;
            struct due due = next_due(model, list[i]);
            m->due = due.at;
            consider(&first, due.at, due.kind, due.index);
        }
        if (first.at == NEVER || first.at > model->now)
            return;
        carry_out(model, first);
    }
}

void model_settle_owners(struct model *model, int event)
{
    int owners[GROUP_MAX], count = model_owners(model, event, owners);

    for (int i = 0; i < count; i++)
        model_settle(model, owners[i]);
}

void model_time(struct model *model, int64_t now)
{
    model->now = now;
    for (int m = 0; m < model->member_count; m++)
        if (model->members[m].due == INT64_MIN || model->members[m].due <= now)
            model_settle(model, m);
}
