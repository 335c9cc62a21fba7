/* Points set aside, then captured, released or timed out; once. */
#include <assert.h>

#include "features/points/lots.h"

enum status ledger_hold(struct ledger *ledger, int64_t points, int64_t expires_at, struct hold **out, struct error *err)
{
    struct decision *decision = ledger->posting->decision;
    struct journal_row *row = ledger->posting->row;
    int64_t left = points;
    size_t count, used = 0;
    int64_t before = ledger_available(ledger->group, ledger->member, ledger->policy->code);

    assert(points > 0);
    struct owned_lot *lots = ledger_lots(ledger, REACH_POOL, false, &count);
    struct hold_part *parts = arena_array(decision->arena, count, sizeof *parts);
    for (size_t i = 0; i < count && left > 0 && points <= before; i++, used++) {
        int64_t part = lots[i].lot->remaining < left ? lots[i].lot->remaining : left;
        parts[i] = (struct hold_part){lots[i].member->id, lots[i].lot->id, part};
        left -= part;
    }
    enum status status = ledger_draw(ledger, points, ACCOUNT_HELD, err);
    if (status != STATUS_OK)
        return status;
    assert(left == 0);
    struct hold *hold = member_hold_add(decision, ledger->member);
    hold->id = row->id;
    hold->wallet = ledger->policy->code;
    hold->amount = points;
    hold->expires_at = expires_at;
    hold->state = HOLD_OPEN;
    hold->parts = parts;
    hold->part_count = used;
    standing_due(group_leader(ledger->group, ledger->member), expires_at);
    *out = hold;
    return STATUS_OK;
}

static enum status check_hold(struct ledger *ledger, const struct hold *hold, struct error *err)
{
    if (hold->state != HOLD_OPEN)
        return error_set(err, STATUS_CONFLICT, "hold.finished", "", "the hold has already been %s",
                         hold->state == HOLD_CAPTURED   ? "captured"
                         : hold->state == HOLD_RELEASED ? "released"
                                                        : "timed out");
    for (size_t i = 0; i < hold->part_count; i++) {
        struct member *member = ledger_member(ledger, hold->parts[i].member);
        if (member == NULL || member_lot(member, hold->parts[i].lot) == NULL)
            return error_set(err, STATUS_CONFLICT, "points.owner_apart", "",
                             "some of the points are of a member who is no longer in the group");
    }
    return STATUS_OK;
}

/* Under clamp the debt is at most what is held: what a capture leaves above that is given up. */
static void clamp_debt(struct ledger *ledger, struct member *member)
{
    const struct wallet *wallet = member_wallet(ledger->posting->decision, member, ledger->policy->code);

    if (ledger->policy->debt == DEBT_CLAMP && wallet->debt > wallet->held)
        ledger_step(ledger,
                    (struct step){member, NULL, ACCOUNT_WRITTEN_OFF, ACCOUNT_DEBT, wallet->debt - wallet->held});
}

enum status ledger_end_hold(struct ledger *ledger, struct hold *hold, enum hold_state state, int64_t captured,
                            int64_t at, struct error *err)
{
    enum status status = check_hold(ledger, hold, err);
    int64_t left = captured;

    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < hold->part_count; i++) {
        const struct hold_part *part = &hold->parts[i];
        struct member *member = ledger_member(ledger, part->member);
        struct lot *lot = member_lot(member, part->lot);
        int64_t spent = part->amount < left ? part->amount : left;
        if (spent > 0)
            ledger_step(ledger, (struct step){member, lot, ACCOUNT_HELD, ACCOUNT_REDEEMED, spent});
        left -= spent;
        if (part->amount > spent)
            ledger_return(ledger, (struct owned_lot){member, lot}, ACCOUNT_HELD, part->amount - spent, at);
        clamp_debt(ledger, member);
    }
    assert(left == 0);
    hold->state = state;
    hold->captured = captured;
    hold->changed = true;
    return STATUS_OK;
}

enum status ledger_capture(struct ledger *ledger, struct hold *hold, int64_t points, struct error *err)
{
    assert(points > 0);
    if (hold->state == HOLD_OPEN && points > hold->amount)
        return error_set(err, STATUS_CONFLICT, "hold.amount", "points", "the hold is of %lld points, not %lld",
                         (long long)hold->amount, (long long)points);
    return ledger_end_hold(ledger, hold, HOLD_CAPTURED, points, ledger->posting->decision->now, err);
}

enum status ledger_release(struct ledger *ledger, struct hold *hold, enum hold_state state, struct error *err)
{
    assert(state == HOLD_RELEASED || state == HOLD_EXPIRED);
    return ledger_end_hold(ledger, hold, state, 0, ledger->posting->decision->now, err);
}
