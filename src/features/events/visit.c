#include "features/events/visit.h"

#include "features/customers/customers.h"
#include "features/customers/standing.h"
#include "features/events/facts.h"
#include "features/points/ledger.h"

const struct command_type *visit_type(bool limits_members)
{
    static const struct command_type types[] = {
        {.name = "visit", .load = visit_load, .decide = visit_decide},
        {.name = "visit", .loads = LOAD_PROGRESS, .load = visit_load, .decide = visit_decide},
    };

    return &types[limits_members ? 1 : 0];
}

static enum status earn(struct decision *decision, const struct command *command, struct journal_row *row,
                        struct purchase_facts *facts, struct error *err)
{
    struct visit *body = command->body;
    const struct rules_event event = {.trigger = TEXT("visit"),
                                      .at = body->at,
                                      .store = body->store,
                                      .channel = body->channel,
                                      .till = body->till,
                                      .employee = body->employee,
                                      .known = &body->known};
    enum status status = rules_earn(decision, command, &event, row, facts, err);

    body->result.earned = earned_copy(command->arena, facts);
    body->result.earned_count = facts->earned_count;
    return status;
}

enum status visit_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct visit *body = command->body;
    struct person *person = &decision->subjects[0];
    struct purchase_facts facts = {.event_id = body->event_id,
                                   .till = body->till,
                                   .employee = body->employee,
                                   .digest_given = body->identity.event_claim >= 0};
    int64_t known;
    enum status status = event_identity_check(decision, command, &body->identity, &known, err);

    body->result = (struct visit_result){.id = known, .known = known != 0};
    if (status != STATUS_OK || known != 0)
        return status;
    status = event_check_instant(body->at, decision->now, err);
    if (status == STATUS_OK)
        status = customer_require(decision, command, 0, err);
    if (status != STATUS_OK)
        return status;

    struct journal_row *row = journal_add(decision, person->member, 0, "visit", body->at);
    row->day = body->day;
    row->store = body->store;
    row->channel = body->channel;
    row->detail = body->detail;
    for (size_t i = 0; i < SEAL_SIZE; i++)
        facts.digest[i] = body->identity.digest[i];
    event_identity_take(decision, command, &body->identity, row->id, row->member);
    status = earn(decision, command, row, &facts, err);
    if (status != STATUS_OK)
        return status;
    row->facts = purchase_facts_write(decision->arena, &facts);
    standing_add_visit(decision, person->group, person->member, body->at);
    measure_add(decision, id_bucket(row->id), row->day, "visits", row->store, 1);
    status = event_qualify(decision, person, &(struct tier_gain){.visits = 1}, row->id, err);
    points_set_due(person->group, person->leader);
    body->result.id = row->id;
    body->result.member = row->member;
    return status;
}
