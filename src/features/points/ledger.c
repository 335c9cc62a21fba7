/* Single steps, balances and accruals. */
#include "features/points/ledger.h"

#include <assert.h>
#include <stdlib.h>

#include "features/points/lots.h"

enum { WALLET_MAX_SHIFT = 2 }; /* totals stay below INT64_MAX / 4, so that sums over a group cannot overflow */

/* ---- single steps ---- */

/* What a movement does to the totals: `sign` is -1 for the debit and +1 for the credit account. */
static void account_change(struct wallet *wallet, struct lot *lot, enum account account, int64_t amount)
{
    switch (account) {
    case ACCOUNT_ACTIVE:
        wallet->active += amount;
        lot->remaining += amount;
        break;
    case ACCOUNT_PENDING:
        wallet->pending += amount;
        lot->remaining += amount;
        break;
    case ACCOUNT_HELD:
        wallet->held += amount;
        lot->held += amount;
        break;
    case ACCOUNT_DEBT:
        wallet->debt -= amount;
        break;
    case ACCOUNT_EXPIRED:
        lot->expired += amount;
        break;
    case ACCOUNT_ISSUED:
    case ACCOUNT_REDEEMED:
    case ACCOUNT_CLAWED_BACK:
    case ACCOUNT_WRITTEN_OFF:
    case ACCOUNT_ADJUSTED:
    case ACCOUNT_TRANSIT:
    case ACCOUNT_PAID_IN:
    case ACCOUNT_PAID_OUT:
    case ACCOUNT_TAKEN_OVER:
        break;
    }
}

void ledger_step(struct ledger *ledger, struct step step)
{
    struct decision *decision = ledger->posting->decision;
    struct wallet *wallet = member_wallet(decision, step.member, ledger->policy->code);

    posting_add(ledger->posting, step.member,
                (struct movement){.member = step.member->id,
                                  .wallet = wallet->code,
                                  .debit = step.debit,
                                  .credit = step.credit,
                                  .amount = step.amount,
                                  .lot = step.lot != NULL ? step.lot->id : 0});
    account_change(wallet, step.lot, step.debit, -step.amount);
    account_change(wallet, step.lot, step.credit, step.amount);
    wallet->changed = true;
    assert(wallet->active >= 0);
    assert(wallet->pending >= 0);
    assert(wallet->held >= 0);
    assert(wallet->debt >= 0);
    if (step.lot != NULL) {
        step.lot->changed = true;
        assert(step.lot->remaining >= 0);
        assert(step.lot->held >= 0);
        assert(step.lot->expired >= 0);
    }
}

struct member *ledger_member(const struct ledger *ledger, int64_t id)
{
    const struct decision *decision = ledger->posting->decision;
    struct member *member = group_find(ledger->group, id);

    for (int i = 0; member == NULL && i < COMMAND_SUBJECTS_MAX; i++)
        if (decision->subjects[i].group != NULL)
            member = group_find(decision->subjects[i].group, id);
    return member;
}

const struct wallet_policy *ledger_policy(const struct decision *decision, struct text wallet, int64_t at)
{
    return programme_wallet(programme_at(decision->programmes, at), wallet);
}

void lot_mark_expired(struct lot *lot, const struct wallet_policy *policy)
{
    if (policy != NULL && policy->expiry == EXPIRY_ACTIVITY)
        lot->active_at = INSTANT_NEVER;
}

int64_t lot_expiry(const struct decision *decision, const struct member *leader, const struct lot *lot)
{
    if (lot->expires_at == INSTANT_NEVER || lot->active_at == INSTANT_NEVER || leader == NULL)
        return lot->expires_at;
    int64_t activity_at = leader->standing.last_event_at;
    const struct programme *programme = programme_at(decision->programmes, activity_at);
    const struct wallet_policy *policy = programme_wallet(programme, lot->wallet);
    if (policy == NULL || policy->expiry != EXPIRY_ACTIVITY)
        return lot->expires_at;
    int64_t extended = wallet_expiry(policy, programme->zone, lot->earned_at, activity_at);
    return extended > lot->expires_at ? extended : lot->expires_at;
}

void ledger_return(struct ledger *ledger, struct owned_lot owned, enum account from, int64_t amount, int64_t at)
{
    const struct wallet *wallet = member_wallet(ledger->posting->decision, owned.member, ledger->policy->code);
    int64_t paid = wallet->debt < amount ? wallet->debt : amount;

    if (paid > 0)
        ledger_step(ledger, (struct step){owned.member, owned.lot, from, ACCOUNT_DEBT, paid});
    amount -= paid;
    if (amount == 0)
        return;
    ledger_step(ledger, (struct step){owned.member, owned.lot, from, ACCOUNT_ACTIVE, amount});
    if (owned.lot->expires_at <= at) /* the member may have been active while the points were away */
        owned.lot->expires_at =
            lot_expiry(ledger->posting->decision, ledger_member(ledger, owned.member->leader), owned.lot);
    if (owned.lot->expires_at <= at) {
        ledger_step(ledger, (struct step){owned.member, owned.lot, ACCOUNT_ACTIVE, ACCOUNT_EXPIRED, amount});
        lot_mark_expired(owned.lot, ledger->policy);
    }
}

/* ---- balances ---- */

static bool within_reach(const struct group *group, const struct member *member, const struct member *other,
                         enum reach reach)
{
    return other->leader == member->leader || (reach == REACH_POOL && group->pooled);
}

int64_t ledger_available(const struct group *group, const struct member *member, struct text wallet)
{
    int64_t available = 0;

    for (size_t i = 0; i < group->member_count; i++) {
        const struct wallet *found = member_wallet_find(&group->members[i], wallet);
        if (found != NULL && within_reach(group, member, &group->members[i], REACH_POOL))
            available += found->active - found->debt;
    }
    return available > 0 ? available : 0;
}

int64_t ledger_own_available(const struct person *person, struct text wallet)
{
    int64_t available = 0;

    for (size_t i = 0; i < person->group->member_count; i++) {
        const struct member *member = &person->group->members[i];
        const struct wallet *found = member_wallet_find(member, wallet);
        if (found != NULL && member->leader == person->leader->id)
            available += found->active - found->debt;
    }
    return available > 0 ? available : 0;
}

int64_t ledger_balance(const struct group *group, const struct member *member, struct text wallet)
{
    int64_t balance = 0;

    for (size_t i = 0; i < group->member_count; i++) {
        const struct wallet *found = member_wallet_find(&group->members[i], wallet);
        if (found != NULL && within_reach(group, member, &group->members[i], REACH_PERSON))
            balance += found->active + found->pending + found->held - found->debt;
    }
    return balance;
}

/* ---- drawing order ---- */

static int compare_lots(const struct lot *a, const struct lot *b)
{
    if (a->pending != b->pending)
        return a->pending ? 1 : -1;
    if (a->expires_at != b->expires_at)
        return a->expires_at < b->expires_at ? -1 : 1;
    if (a->earned_at != b->earned_at)
        return a->earned_at < b->earned_at ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

static int compare_owned(const void *a, const void *b)
{
    return compare_lots(((const struct owned_lot *)a)->lot, ((const struct owned_lot *)b)->lot);
}

struct owned_lot *ledger_lots(struct ledger *ledger, enum reach reach, bool pending, size_t *count)
{
    struct group *group = ledger->group;
    size_t found = 0, capacity = 0;

    for (size_t i = 0; i < group->member_count; i++)
        capacity += group->members[i].lot_count;
    struct owned_lot *lots = arena_array(ledger->posting->decision->arena, capacity, sizeof *lots);
    for (size_t i = 0; i < group->member_count; i++) {
        struct member *member = &group->members[i];
        if (!within_reach(group, ledger->member, member, reach))
            continue;
        assert(member->lots_loaded);
        for (size_t j = 0; j < member->lot_count; j++)
            if (member->lots[j].remaining > 0 && (pending || !member->lots[j].pending) &&
                text_equal(member->lots[j].wallet, ledger->policy->code))
                lots[found++] = (struct owned_lot){member, &member->lots[j]};
    }
    if (found > 1)
        qsort(lots, found, sizeof *lots, compare_owned);
    *count = found;
    return lots;
}

/* ---- accruals ---- */

static enum status check_range(const struct member *member, struct text code, int64_t points, struct error *err)
{
    const struct wallet *wallet = member_wallet_find(member, code);
    int64_t sum, limit = INT64_MAX >> WALLET_MAX_SHIFT >> 4; /* 16 members of a group may be added up */

    sum = wallet != NULL ? wallet->active + wallet->pending + wallet->held : 0;
    if (points > limit || sum > limit - points)
        return error_set(err, STATUS_LIMIT, "points.range", "points", "the balance would be out of range");
    return STATUS_OK;
}

static struct lot *new_lot(struct ledger *ledger, const struct accrual *accrual, int64_t amount)
{
    struct decision *decision = ledger->posting->decision;
    struct lot *lot = member_lot_add(decision, ledger->member);

    lot->id = decision_id(decision, id_bucket(ledger->member->id));
    lot->wallet = ledger->policy->code;
    lot->source = posting_row(ledger->posting, ledger->member)->id;
    lot->earned_at = accrual->earned_at;
    lot->active_at = accrual->active_at;
    lot->expires_at = accrual->expires_at;
    lot->amount = amount;
    lot->pending = accrual->active_at > decision->now && accrual->expires_at > decision->now;
    return lot;
}

enum status ledger_accrue(struct ledger *ledger, struct accrual accrual, struct lot **out, struct error *err)
{
    struct decision *decision = ledger->posting->decision;
    struct member *member = ledger->member, *leader = group_leader(ledger->group, member);

    assert(accrual.points > 0);
    enum status status = check_range(member, ledger->policy->code, accrual.points, err);
    if (status != STATUS_OK)
        return status;
    const struct wallet *wallet = member_wallet_find(member, ledger->policy->code);
    int64_t paid = wallet == NULL ? 0 : wallet->debt < accrual.points ? wallet->debt : accrual.points;
    if (paid > 0)
        ledger_step(ledger, (struct step){member, NULL, accrual.from, ACCOUNT_DEBT, paid});
    if (out != NULL)
        *out = NULL;
    int64_t rest = accrual.points - paid;
    if (rest == 0)
        return STATUS_OK;
    struct lot *lot = new_lot(ledger, &accrual, rest);
    enum account account = lot->pending ? ACCOUNT_PENDING : ACCOUNT_ACTIVE;
    ledger_step(ledger, (struct step){member, lot, accrual.from, account, rest});
    if (lot->expires_at <= decision->now) {
        ledger_step(ledger, (struct step){member, lot, ACCOUNT_ACTIVE, ACCOUNT_EXPIRED, rest});
        lot_mark_expired(lot, ledger->policy);
    } else {
        standing_due(leader, lot->pending && lot->active_at < lot->expires_at ? lot->active_at : lot->expires_at);
    }
    if (out != NULL)
        *out = lot;
    return STATUS_OK;
}
