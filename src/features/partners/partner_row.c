#include "features/partners/partner_row.h"

#include <string.h>

#include "features/customers/standing.h"
#include "features/events/events.h"
#include "features/finance/partner_place.h"
#include "features/points/context.h"
#include "features/redemption/freeze.h"

enum status partner_work_start(struct partner_work *work, struct decision *decision,
                               const struct partner_moment *moment, struct error *err)
{
    const struct points_context context = {.at_given = moment->at_given, .at = moment->at};

    *work = (struct partner_work){
        .decision = decision,
        .programme = programme_at(decision->programmes, decision->now),
        .facts = {
            .partner = moment->partner, .store = moment->store, .till = moment->till, .receipt = moment->receipt}};
    return points_at(decision, &context, &work->at, err);
}

bool partner_work_known(const struct partner_work *work)
{
    return work->person != NULL && work->person->member != NULL && work->person->member->status == MEMBER_ACTIVE;
}

void partner_work_row(struct partner_work *work, const char *kind, int bucket, int64_t cause)
{
    struct arena *arena = work->decision->arena;
    const struct member *member = partner_work_known(work) ? work->person->member : NULL;

    work->row = journal_add(work->decision, member, bucket, kind, work->at);
    work->row->day = zone_day(work->programme->zone, work->at);
    work->row->cause = cause;
    work->row->store = partner_place(arena, work->facts.partner);
    work->row->channel = TEXT("partner");
    work->row->facts = partner_facts_write(arena, &work->facts);
    work->posting = posting_start(work->decision, work->row);
}

enum status partner_work_ledger(struct partner_work *work, struct ledger *out, struct error *err)
{
    struct text wallet = work->facts.earning.wallet;

    *out = (struct ledger){&work->posting, work->person->group, work->person->member, work->programme,
                           programme_wallet(work->programme, wallet)};
    if (out->policy != NULL)
        return STATUS_OK;
    return error_set(err, STATUS_CONFLICT, "wallet.unknown", "wallet", "the points account '%.*s' no longer exists",
                     (int)wallet.size, wallet.bytes);
}

enum status partner_work_qualify(const struct partner_work *work, int64_t points, struct error *err)
{
    const struct tier_points moved = {work->facts.earning.wallet, points};
    const struct tier_gain gain = {.points = &moved, .point_count = 1};

    return points == 0 ? STATUS_OK : event_qualify(work->decision, work->person, &gain, work->row->id, err);
}

enum status partner_work_give(struct partner_work *work, int64_t earned_at, struct error *err)
{
    const struct decision *decision = work->decision;
    int64_t activity_at, active_at = earned_at;
    struct ledger ledger;

    if (work->facts.points == 0)
        return STATUS_OK;
    enum status status = partner_work_ledger(work, &ledger, err);
    if (status != STATUS_OK)
        return status;
    activity_at = work->person->leader->standing.last_event_at;
    if (freeze_find(decision->programmes, work->person, ledger.policy->code, (struct text){NULL, 0}) != NULL)
        active_at = lot_frozen(0);
    const struct accrual accrual = {.points = work->facts.points,
                                    .from = ACCOUNT_ISSUED,
                                    .earned_at = earned_at,
                                    .active_at = active_at,
                                    .expires_at =
                                        wallet_expiry(ledger.policy, work->programme->zone, earned_at, activity_at)};
    status = ledger_accrue(&ledger, accrual, NULL, err);
    return status == STATUS_OK ? partner_work_qualify(work, work->facts.points, err) : status;
}

void partner_work_finish(const struct partner_work *work, const struct command *command, bool activity,
                         struct partner_result *result)
{
    const struct partner_facts *facts = &work->facts;
    bool known = partner_work_known(work);

    if (known && activity)
        standing_touch(work->person->group, work->person->member, work->at);
    for (size_t i = 0; i < COMMAND_SUBJECTS_MAX; i++) {
        struct person *subject = &work->decision->subjects[i];
        for (size_t m = 0; subject->leader != NULL && m < subject->group->member_count; m++)
            if (subject->group->members[m].leader == subject->group->members[m].id)
                points_set_due(subject->group, &subject->group->members[m]);
    }
    *result = (struct partner_result){.id = work->row->id,
                                      .known = known,
                                      .points = facts->points,
                                      .minor = facts->minor,
                                      .wallet = text_copy(command->arena, facts->earning.wallet)};
    if (known && work->partner != NULL && !work->partner->suspended)
        result->usable = partner_usable(work->decision, work->partner, work->person, NULL);
    memcpy(result->currency, facts->currency, CURRENCY_SIZE);
}
