#include "features/events/visit.h"

#include "features/customers/customers.h"
#include "features/customers/standing.h"
#include "features/events/facts.h"
#include "features/points/ledger.h"

const struct command_type visit_command_type = {.name = "visit", .decide = visit_decide};

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
    row->facts = purchase_facts_write(decision->arena, &facts);
    event_identity_take(decision, command, &body->identity, row->id, row->member);
    standing_add_visit(decision, person->group, person->member, body->at);
    measure_add(decision, id_bucket(row->id), row->day, "visits", row->store, 1);
    status = event_qualify(decision, person, &(struct tier_gain){.visits = 1}, row->id, err);
    points_set_due(person->group, person->leader);
    body->result.id = row->id;
    body->result.member = row->member;
    return status;
}
