#include "features/reactions/award.h"

#include "features/events/events.h"
#include "features/points/ledger.h"
#include "features/redemption/freeze.h"

static const struct programme *programme_now(const struct decision *decision)
{
    return programme_at(decision->programmes, decision->now);
}

bool award_possible(const struct decision *decision, struct text wallet)
{
    return programme_wallet(programme_now(decision), wallet) != NULL;
}

static struct journal_row *award_row(struct decision *decision, const struct person *person, const struct award *award)
{
    struct journal_row *row = journal_add(decision, person->member, 0, award->kind, decision->now);

    row->day = zone_day(programme_now(decision)->zone, decision->now);
    row->cause = award->cause;
    row->facts = award->facts;
    return row;
}

/* Points of an account that qualifies move the ladders. */
static enum status qualify(struct decision *decision, const struct person *person, const struct award *award,
                           int64_t points, struct error *err)
{
    const struct tier_points moved = {award->wallet, points};
    const struct tier_gain gain = {.points = &moved, .point_count = 1};

    return event_qualify(decision, person, &gain, award->cause, err);
}

enum status award_give(struct decision *decision, const struct person *person, const struct award *award,
                       struct journal_row **row, struct error *err)
{
    const struct programme *programme = programme_now(decision);
    const struct wallet_policy *policy = award->points > 0 ? programme_wallet(programme, award->wallet) : NULL;
    int64_t active_at = award->pending_until > decision->now ? award->pending_until : decision->now;

    *row = award_row(decision, person, award);
    if (policy == NULL)
        return STATUS_OK;
    if (freeze_find(decision->programmes, person, policy->code, (struct text){NULL, 0}) != NULL)
        active_at = LOT_FROZEN_UNTIL;
    struct posting posting = posting_start(decision, *row);
    struct ledger ledger = {&posting, person->group, person->member, programme, policy};
    struct accrual accrual = {
        .points = award->points,
        .from = ACCOUNT_ISSUED,
        .earned_at = decision->now,
        .active_at = active_at,
        .expires_at = wallet_expiry(policy, programme->zone, decision->now, person->leader->standing.last_event_at)};
    enum status status = ledger_accrue(&ledger, accrual, NULL, err);
    if (status == STATUS_OK)
        status = qualify(decision, person, award, award->points, err);
    points_set_due(person->group, person->leader);
    return status;
}

enum status award_take_back(struct decision *decision, const struct person *person, const struct award *award,
                            const struct past_event *given, int64_t *taken, struct error *err)
{
    const struct programme *programme = programme_now(decision);
    const struct wallet_policy *policy = award->points > 0 ? programme_wallet(programme, award->wallet) : NULL;
    struct journal_row *row = award_row(decision, person, award);
    int64_t written_off = 0;

    *taken = 0;
    if (policy == NULL)
        return STATUS_OK;
    struct posting posting = posting_start(decision, row);
    struct ledger ledger = {&posting, person->group, person->member, programme, policy};
    enum status status = ledger_claw_back(&ledger, given, award->points, &written_off, err);
    if (status == STATUS_OK)
        status = qualify(decision, person, award, -award->points, err);
    points_set_due(person->group, person->leader);
    *taken = award->points - written_off;
    return status;
}
