/* Taking points: for a reward, by hand, or because they were earned with goods that came back. */
#include <assert.h>

#include "features/points/lots.h"

enum status ledger_draw(struct ledger *ledger, int64_t points, enum account to, struct error *err)
{
    struct text code = ledger->policy->code;
    int64_t available = ledger_available(ledger->group, ledger->member, code);
    size_t count;

    assert(points > 0);
    if (!ledger->policy->spendable)
        return error_set(err, STATUS_INVALID, "points.not_spendable", "wallet", "points of '%.*s' cannot be spent",
                         (int)code.size, code.bytes);
    if (points > available)
        return error_set(err, STATUS_CONFLICT, "points.insufficient", "points", "%lld points are available, not %lld",
                         (long long)available, (long long)points);
    struct owned_lot *lots = ledger_lots(ledger, REACH_POOL, false, &count);
    for (size_t i = 0; i < count && points > 0; i++) {
        int64_t part = lots[i].lot->remaining < points ? lots[i].lot->remaining : points;
        ledger_step(ledger, (struct step){lots[i].member, lots[i].lot, ACCOUNT_ACTIVE, to, part});
        points -= part;
    }
    assert(points == 0);
    return STATUS_OK;
}

int64_t ledger_take(struct ledger *ledger, int64_t points, enum account credit)
{
    size_t count;
    struct owned_lot *lots = ledger_lots(ledger, REACH_PERSON, true, &count);

    for (size_t i = 0; i < count && points > 0; i++) {
        int64_t part = lots[i].lot->remaining < points ? lots[i].lot->remaining : points;
        enum account from = lots[i].lot->pending ? ACCOUNT_PENDING : ACCOUNT_ACTIVE;
        ledger_step(ledger, (struct step){lots[i].member, lots[i].lot, from, credit, part});
        points -= part;
    }
    return points;
}

int64_t ledger_owe(struct ledger *ledger, int64_t points, enum account credit)
{
    const struct wallet *wallet = member_wallet(ledger->posting->decision, ledger->member, ledger->policy->code);
    int64_t owed = points;

    if (points == 0)
        return 0;
    if (ledger->policy->debt == DEBT_CLAMP) {
        int64_t room = wallet->held > wallet->debt ? wallet->held - wallet->debt : 0;
        owed = points < room ? points : room;
    }
    if (owed > 0)
        ledger_step(ledger, (struct step){ledger->member, NULL, ACCOUNT_DEBT, credit, owed});
    if (points > owed)
        ledger_step(ledger, (struct step){ledger->member, NULL, ACCOUNT_WRITTEN_OFF, credit, points - owed});
    return points - owed;
}

enum status ledger_adjust_down(struct ledger *ledger, int64_t points, struct error *err)
{
    (void)err;
    assert(points > 0);
    ledger_owe(ledger, ledger_take(ledger, points, ACCOUNT_ADJUSTED), ACCOUNT_ADJUSTED);
    return STATUS_OK;
}

void ledger_take_over_debt(struct ledger *ledger, int64_t points)
{
    assert(points > 0);
    int64_t owed = ledger_take(ledger, points, ACCOUNT_TAKEN_OVER);
    if (owed > 0)
        ledger_step(ledger, (struct step){ledger->member, NULL, ACCOUNT_DEBT, ACCOUNT_TAKEN_OVER, owed});
}

int64_t ledger_unissue(struct ledger *ledger, int64_t id)
{
    struct lot *lot = member_lot(ledger->member, id);

    if (lot == NULL || !lot->pending || lot->remaining == 0)
        return 0;
    int64_t points = lot->remaining;
    ledger_step(ledger, (struct step){ledger->member, lot, ACCOUNT_PENDING, ACCOUNT_ISSUED, points});
    return points;
}

/* ---- goods that came back ---- */

/* Takes up to `points` of what `row` earned: what is left of its lots, or what of them expired. */
static int64_t take_own(struct ledger *ledger, const struct journal_row *row, int64_t points, bool expired)
{
    for (size_t i = 0; i < row->movement_count && points > 0; i++) {
        const struct movement *movement = &row->movements[i];
        if (movement->debit != ACCOUNT_ISSUED || movement->lot == 0 ||
            !text_equal(movement->wallet, ledger->policy->code))
            continue;
        struct member *member = ledger_member(ledger, movement->member);
        struct lot *lot = member != NULL ? member_lot(member, movement->lot) : NULL;
        if (lot == NULL)
            continue;
        int64_t left = expired ? lot->expired : lot->remaining, part = left < points ? left : points;
        if (part == 0)
            continue;
        enum account from = expired ? ACCOUNT_EXPIRED : lot->pending ? ACCOUNT_PENDING : ACCOUNT_ACTIVE;
        ledger_step(ledger, (struct step){member, lot, from, ACCOUNT_CLAWED_BACK, part});
        points -= part;
    }
    return points;
}

enum status ledger_claw_back(struct ledger *ledger, const struct past_event *purchase, int64_t points,
                             int64_t *written_off, struct error *err)
{
    (void)err;
    assert(points > 0);
    if (purchase != NULL)
        points = take_own(ledger, &purchase->row, points, false);
    if (purchase != NULL)
        points = take_own(ledger, &purchase->row, points, true);
    if (points > 0)
        points = ledger_take(ledger, points, ACCOUNT_CLAWED_BACK);
    *written_off = ledger_owe(ledger, points, ACCOUNT_CLAWED_BACK);
    return STATUS_OK;
}
