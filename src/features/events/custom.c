#include "features/events/custom.h"

#include "features/customers/customers.h"
#include "features/customers/standing.h"
#include "features/events/facts.h"
#include "features/points/ledger.h"

const struct command_type *custom_type(bool limits_members)
{
    static const struct command_type types[] = {
        {.name = "event", .load = custom_load, .decide = custom_decide},
        {.name = "event", .loads = LOAD_PROGRESS, .load = custom_load, .decide = custom_decide},
    };

    return &types[limits_members ? 1 : 0];
}

static struct text detail_of(struct arena *arena, struct text properties)
{
    struct builder out = {.arena = arena};

    if (properties.size <= 2)
        return (struct text){NULL, 0};
    builder_string(&out, "{\"properties\":");
    builder_text(&out, properties);
    builder_char(&out, '}');
    return builder_done(&out);
}

static enum status record(struct decision *decision, const struct command *command, struct custom_event *body,
                          struct error *err)
{
    struct person *person = &decision->subjects[0];
    struct purchase_facts facts = {.event_id = body->event_id,
                                   .till = body->till,
                                   .employee = body->employee,
                                   .digest_given = body->identity.event_claim >= 0};
    struct journal_row *row =
        journal_add(decision, person->member, 0, text_string(decision->arena, body->kind), body->at);

    row->day = body->day;
    row->store = body->store;
    row->channel = body->channel;
    row->detail = detail_of(decision->arena, body->properties);
    for (size_t i = 0; i < SEAL_SIZE; i++)
        facts.digest[i] = body->identity.digest[i];
    const struct rules_event event = {.trigger = body->kind,
                                      .at = body->at,
                                      .store = body->store,
                                      .channel = body->channel,
                                      .till = body->till,
                                      .employee = body->employee,
                                      .properties = body->properties,
                                      .known = &body->known};
    enum status status = rules_earn(decision, command, &event, row, &facts, err);
    if (status != STATUS_OK)
        return status;
    body->result.earned = earned_copy(command->arena, &facts);
    body->result.earned_count = facts.earned_count;
    row->facts = purchase_facts_write(decision->arena, &facts);
    event_identity_take(decision, command, &body->identity, row->id, row->member);
    standing_touch(person->group, person->member, body->at);
    points_set_due(person->group, person->leader);
    body->result.id = row->id;
    return STATUS_OK;
}

enum status custom_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct custom_event *body = command->body;
    const struct event_kind *kind;
    int64_t known;
    enum status status = event_kind_find(decision->programmes, body->kind, &kind, err);

    body->result = (struct custom_result){0};
    if (status == STATUS_OK)
        status = event_kind_check(kind, body->properties, err);
    if (status == STATUS_OK)
        status = event_identity_check(decision, command, &body->identity, &known, err);
    if (status != STATUS_OK)
        return status;
    body->result = (struct custom_result){.id = known, .known = known != 0};
    if (known != 0)
        return STATUS_OK;
    status = event_check_instant(body->at, decision->now, err);
    if (status == STATUS_OK)
        status = customer_require(decision, command, 0, err);
    if (status != STATUS_OK)
        return status;

    if (kind->kept_days > 0)
        return error_set(err, STATUS_BUSY, "programme.changed", "kind",
                         "the kind changed while the event was on its way; send it again");
    status = record(decision, command, body, err);
    body->result.member = decision->subjects[0].member->id;
    return status;
}
