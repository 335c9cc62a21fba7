#include "features/insight/churn_record.h"

#include "features/customers/customers.h"
#include "features/customers/standing.h"
#include "features/events/events.h"
#include "features/points/ledger.h"

static enum status churn_record_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct churn_record *body = command->body;
    struct person *person = &decision->subjects[0];
    enum status status = event_check_instant(body->at, decision->now, err);

    if (status == STATUS_OK)
        status = customer_require(decision, command, 0, err);
    if (status != STATUS_OK)
        return status;
    struct journal_row *row = journal_add(decision, person->member, 0, "churn_reason", body->at);

    row->day = body->day;
    row->detail = body->detail;
    store_churn_reason(decision, row, body->cause);
    points_set_due(person->group, person->leader);
    body->id = row->id;
    body->member = row->member;
    return STATUS_OK;
}

const struct command_type churn_record_type = {.name = "churn_reason", .decide = churn_record_decide};
