#include "features/insight/churn_record.h"

#include "features/customers/customers.h"
#include "features/customers/standing.h"
#include "features/events/events.h"
#include "features/events/facts.h"
#include "features/points/ledger.h"

struct text churn_record_detail(struct arena *arena, enum churn_cause cause, const struct churn_words *words)
{
    struct builder out = {.arena = arena};
    const struct {
        const char *name;
        struct text text;
    } properties[] = {
        {"reason", words->reason}, {"note", words->note}, {"source", words->source}, {"author", words->author}};

    builder_format(&out, "{\"properties\":{\"cause\":\"%s\"", churn_cause_codes[cause]);
    for (size_t i = 0; i < sizeof properties / sizeof properties[0]; i++) {
        if (properties[i].text.size == 0)
            continue;
        builder_format(&out, ",\"%s\":", properties[i].name);
        facts_string(&out, properties[i].text);
    }
    builder_string(&out, "}}");
    return builder_done(&out);
}

static enum status churn_record_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct churn_record *body = command->body;
    struct person *person = &decision->subjects[0];
    const struct claim_key *from = body->from_row ? &command->claims[command->claim_count - 1] : NULL;

    body->known = from != NULL && from->reference != 0;
    body->id = body->known ? from->reference : 0;
    if (body->known)
        return STATUS_OK;
    enum status status = event_check_instant(body->at, decision->now, err);

    if (status == STATUS_OK)
        status = customer_require(decision, command, 0, err);
    if (status != STATUS_OK)
        return status;
    struct journal_row *row = journal_add(decision, person->member, 0, "churn_reason", body->at);

    row->day = body->day;
    row->detail = body->detail;
    if (from != NULL)
        claim_take(decision, from->kind, from->key, row->id, row->member);
    store_churn_reason(decision, row, body->cause);
    points_set_due(person->group, person->leader);
    body->id = row->id;
    body->member = row->member;
    return STATUS_OK;
}

const struct command_type churn_record_type = {.name = "churn_reason", .decide = churn_record_decide};
