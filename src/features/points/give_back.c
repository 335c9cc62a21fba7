/* Undoing a draw: the points go back to the lots they came from, last drawn first. */
#include <assert.h>

#include "features/points/lots.h"

/* What a draw took of one lot, less what was given back since. */
struct drawn {
    int64_t member, lot, left;
    enum account sink;
};

/* In the order of drawing, whatever the expiry of the lots is now. */
struct drawn_list {
    struct drawn *items;
    size_t count, capacity;
};

static bool is_sink(enum account account)
{
    return account == ACCOUNT_REDEEMED || account == ACCOUNT_ADJUSTED || account == ACCOUNT_TRANSIT;
}

static bool is_drawn(const struct movement *movement)
{
    return movement->lot != 0 && is_sink(movement->credit) &&
           (movement->debit == ACCOUNT_ACTIVE || movement->debit == ACCOUNT_HELD);
}

/* Debt that was paid with what came back names the lot too. */
static bool is_given(const struct movement *movement)
{
    return movement->lot != 0 && is_sink(movement->debit) &&
           (movement->credit == ACCOUNT_ACTIVE || movement->credit == ACCOUNT_DEBT);
}

static void add_drawn(struct arena *arena, struct drawn_list *list, const struct movement *movement)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].lot == movement->lot) {
            list->items[i].left += movement->amount;
            return;
        }
    list->items = arena_grow(arena, list->items, &list->capacity, list->count + 1, sizeof(struct drawn));
    list->items[list->count++] = (struct drawn){movement->member, movement->lot, movement->amount, movement->credit};
}

static void collect_drawn(struct arena *arena, const struct past_event *original, struct text wallet,
                          struct drawn_list *list)
{
    size_t count;
    const struct movement **order = posting_order(arena, original, &count);

    for (size_t i = 0; i < count; i++)
        if (is_drawn(order[i]) && text_equal(order[i]->wallet, wallet))
            add_drawn(arena, list, order[i]);
}

static void subtract_given(const struct past_event *event, struct text wallet, struct drawn_list *list)
{
    for (size_t i = 0; i < event->row.movement_count; i++) {
        const struct movement *movement = &event->row.movements[i];
        if (!is_given(movement) || !text_equal(movement->wallet, wallet))
            continue;
        for (size_t j = 0; j < list->count; j++)
            if (list->items[j].lot == movement->lot)
                list->items[j].left -= movement->amount;
    }
    for (size_t i = 0; i < event->follower_count; i++)
        subtract_given(&event->followers[i], wallet, list);
}

static int64_t sum_points(const struct past_event *event, struct text wallet)
{
    int64_t sum = 0;

    for (size_t i = 0; i < event->row.movement_count; i++) {
        const struct movement *movement = &event->row.movements[i];
        if (!text_equal(movement->wallet, wallet))
            continue;
        if (is_drawn(movement))
            sum += movement->amount;
        else if (is_given(movement))
            sum -= movement->amount;
    }
    for (size_t i = 0; i < event->follower_count; i++)
        sum += sum_points(&event->followers[i], wallet);
    return sum;
}

int64_t ledger_given_left(const struct past_event *original, struct text wallet)
{
    return sum_points(original, wallet);
}

static enum status check_owners(const struct ledger *ledger, const struct drawn_list *list, struct error *err)
{
    for (size_t i = 0; i < list->count; i++) {
        struct member *member = ledger_member(ledger, list->items[i].member);
        if (member == NULL || member_lot(member, list->items[i].lot) == NULL)
            return error_set(err, STATUS_CONFLICT, "points.owner_apart", "",
                             "some of the points came from a member who is no longer in the group");
    }
    return STATUS_OK;
}

static void give(struct ledger *ledger, const struct drawn *drawn, int64_t points)
{
    struct decision *decision = ledger->posting->decision;
    struct member *member = ledger_member(ledger, drawn->member);
    struct lot *lot = member_lot(member, drawn->lot);
    int64_t expires_at = lot_expiry(decision, ledger_member(ledger, member->leader), lot);

    if (expires_at <= decision->now && ledger->policy->reversal_grace) {
        const struct zone *zone = ledger->programme->zone;
        expires_at = zone_day_start(zone, zone_day(zone, decision->now) + ledger->policy->grace_days + 1);
        lot->active_at = lot->earned_at; /* lives again */
    }
    lot->expires_at = expires_at;
    ledger_return(ledger, (struct owned_lot){member, lot}, drawn->sink, points, decision->now);
    struct member *leader = ledger_member(ledger, member->leader);
    if (lot->remaining > 0 && leader != NULL)
        standing_due(leader, lot->expires_at);
}

enum status ledger_give_back(struct ledger *ledger, const struct past_event *original, int64_t points,
                             struct error *err)
{
    struct drawn_list list = {0};
    int64_t left = ledger_given_left(original, ledger->policy->code);

    assert(points > 0);
    if (points > left)
        return error_set(err, STATUS_CONFLICT, "points.reversed", "points",
                         "%lld points are left to give back, not %lld", (long long)left, (long long)points);
    collect_drawn(ledger->posting->decision->arena, original, ledger->policy->code, &list);
    subtract_given(original, ledger->policy->code, &list);
    enum status status = check_owners(ledger, &list, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = list.count; i > 0 && points > 0; i--) {
        int64_t part = list.items[i - 1].left < points ? list.items[i - 1].left : points;
        if (part > 0)
            give(ledger, &list.items[i - 1], part);
        points -= part > 0 ? part : 0;
    }
    assert(points == 0);
    return STATUS_OK;
}
