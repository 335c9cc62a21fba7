/*
 * What time alone does to a group: points become active, expire, holds time out, tier periods end. Each change is dated
 * its due instant, whenever it is carried out, and they come in order of (instant, kind, member).
 */
#include <assert.h>

#include "features/points/lots.h"

/* In the order in which changes of one instant come. */
enum due_kind { DUE_ACTIVATION, DUE_EXPIRY, DUE_HOLD, DUE_TIER };

struct due {
    int64_t at;
    enum due_kind kind;
    struct member *member;
    struct lot *lot; /* the first of those that share the instant, kind and wallet */
    struct hold *hold;
};

/* Takes the candidate when it comes before what was found. Members are visited in ascending order. */
static void consider(struct due *found, struct due candidate)
{
    if (candidate.at < found->at || (candidate.at == found->at && candidate.kind < found->kind))
        *found = candidate;
}

static bool lot_is_pending(const struct lot *lot)
{
    return lot->pending && lot->active_at < lot->expires_at;
}

/* The instant at which the lot changes by itself. */
static int64_t lot_due(const struct lot *lot)
{
    if (lot->remaining == 0)
        return INSTANT_NEVER;
    return lot_is_pending(lot) ? lot->active_at : lot->expires_at;
}

/* A hold whose points are no longer all in the group waits until someone ends it, or they come together again. */
static bool hold_is_here(const struct group *group, const struct hold *hold)
{
    for (size_t i = 0; i < hold->part_count; i++) {
        struct member *member = group_find((struct group *)group, hold->parts[i].member);
        if (member == NULL || member_lot(member, hold->parts[i].lot) == NULL)
            return false;
    }
    return true;
}

static void find_in_member(struct group *group, struct member *member, struct due *found)
{
    if (member->leader == member->id)
        consider(found, (struct due){tier_due(&member->standing), DUE_TIER, member, NULL, NULL});
    for (size_t i = 0; i < member->lot_count; i++) {
        struct lot *lot = &member->lots[i];
        enum due_kind kind = lot_is_pending(lot) ? DUE_ACTIVATION : DUE_EXPIRY;
        consider(found, (struct due){lot_due(lot), kind, member, lot, NULL});
    }
    for (size_t i = 0; i < member->hold_count; i++) {
        struct hold *hold = &member->holds[i];
        if (hold->state == HOLD_OPEN && hold->expires_at <= found->at && hold_is_here(group, hold))
            consider(found, (struct due){hold->expires_at, DUE_HOLD, member, NULL, hold});
    }
}

static struct journal_row *due_row(struct decision *decision, const struct member *member, const char *kind, int64_t at)
{
    struct journal_row *row = journal_add(decision, member, 0, kind, at);

    row->day = zone_day(programme_at(decision->programmes, at)->zone, at);
    return row;
}

/* A policy that says only the code, for accounts that the programme no longer has. */
static const struct wallet_policy *policy_for(const struct decision *decision, struct text wallet, int64_t at)
{
    const struct wallet_policy *policy = ledger_policy(decision, wallet, at);

    if (policy != NULL)
        return policy;
    struct wallet_policy *plain = arena_alloc(decision->arena, sizeof *plain);
    plain->code = wallet;
    plain->debt = DEBT_ALLOW;
    return plain;
}

/* Activates or expires every lot of the member and wallet that is due at the same instant, in one row. */
static void apply_lots(struct decision *decision, struct group *group, const struct due *due)
{
    struct member *member = due->member;
    const struct wallet_policy *policy = policy_for(decision, due->lot->wallet, due->at);
    const struct programme *programme = programme_at(decision->programmes, due->at);
    const char *kind = due->kind == DUE_ACTIVATION ? "activation" : "expiry";
    struct posting posting = posting_start(decision, NULL);
    struct ledger ledger = {&posting, group, member, programme, policy};

    for (size_t i = 0; i < member->lot_count; i++) {
        struct lot *lot = &member->lots[i];
        bool activates = lot_is_pending(lot);
        if (lot_due(lot) != due->at || activates != (due->kind == DUE_ACTIVATION) ||
            !text_equal(lot->wallet, due->lot->wallet))
            continue;
        if (!activates) {
            int64_t expires_at = lot_expiry(decision, group_leader(group, member), lot);
            if (expires_at > lot->expires_at) {
                lot->expires_at = expires_at; /* the member was active meanwhile */
                lot->changed = true;
                continue;
            }
        }
        if (posting.row == NULL)
            posting.row = due_row(decision, member, kind, due->at);
        enum account from = lot->pending ? ACCOUNT_PENDING : ACCOUNT_ACTIVE;
        ledger_step(&ledger,
                    (struct step){member, lot, from, activates ? ACCOUNT_ACTIVE : ACCOUNT_EXPIRED, lot->remaining});
        lot->pending = false;
        if (!activates)
            lot_mark_expired(lot, policy);
    }
}

static enum status apply_hold(struct decision *decision, struct group *group, const struct due *due, struct error *err)
{
    struct journal_row *row = due_row(decision, due->member, "hold_timeout", due->at);
    struct posting posting = posting_start(decision, row);
    struct ledger ledger = {&posting, group, due->member, programme_at(decision->programmes, due->at),
                            policy_for(decision, due->hold->wallet, due->at)};

    row->cause = due->hold->id;
    return ledger_end_hold(&ledger, due->hold, HOLD_EXPIRED, 0, due->at, err);
}

static enum status apply(struct decision *decision, struct group *group, const struct due *due, struct error *err)
{
    switch (due->kind) {
    case DUE_ACTIVATION:
    case DUE_EXPIRY:
        apply_lots(decision, group, due);
        return STATUS_OK;
    case DUE_HOLD:
        return apply_hold(decision, group, due, err);
    case DUE_TIER:
        return tier_advance(decision, due->member, programme_at(decision->programmes, due->at), err);
    }
    assert(false); /* not a kind */
    return STATUS_DEFECT;
}

/* ---- the public functions ---- */

int64_t ledger_due(const struct group *group, const struct member *member)
{
    int64_t due = INSTANT_NEVER;

    for (size_t i = 0; i < member->lot_count; i++)
        if (lot_due(&member->lots[i]) < due)
            due = lot_due(&member->lots[i]);
    for (size_t i = 0; i < member->hold_count; i++) {
        const struct hold *hold = &member->holds[i];
        if (hold->state == HOLD_OPEN && hold->expires_at < due && hold_is_here(group, hold))
            due = hold->expires_at;
    }
    return due;
}

void points_set_due(struct group *group, struct member *leader)
{
    int64_t due = tier_due(&leader->standing);

    for (size_t i = 0; i < group->member_count; i++) {
        const struct member *member = &group->members[i];
        if (member->leader != leader->id)
            continue;
        int64_t own = member->lots_loaded ? ledger_due(group, member) : leader->standing.due_at;
        if (own < due)
            due = own;
    }
    if (due != leader->standing.due_at) {
        leader->standing.due_at = due;
        leader->standing_changed = true;
    }
}

enum status points_advance(struct decision *decision, struct group *group, struct error *err)
{
    bool due_now = false;

    for (size_t i = 0; i < group->member_count; i++)
        if (group->members[i].leader == group->members[i].id && group->members[i].standing.due_at <= decision->now)
            due_now = true;
    if (!due_now)
        return STATUS_OK;
    for (;;) {
        struct due due = {.at = INSTANT_NEVER};
        for (size_t i = 0; i < group->member_count; i++) {
            assert(group->members[i].lots_loaded);
            find_in_member(group, &group->members[i], &due);
        }
        if (due.at == INSTANT_NEVER || due.at > decision->now)
            break;
        enum status status = apply(decision, group, &due, err);
        if (status != STATUS_OK)
            return status;
    }
    for (size_t i = 0; i < group->member_count; i++)
        if (group->members[i].leader == group->members[i].id)
            points_set_due(group, &group->members[i]);
    return STATUS_OK;
}
