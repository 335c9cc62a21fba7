/* Payments of statements. */
#include "features/finance/month.h"
#include "features/finance/partner_place.h"
#include "features/partners/partner_commands.h"
#include "features/points/context.h"
#include "foundation/id.h"

#include <assert.h>

void partner_payment_name(struct command *command)
{
    const struct partner_payment *body = command->body;
    struct arena *arena = command->arena;
    struct text key = partner_receipt_key(arena, body->partner, body->reference);
    char month[MONTH_TEXT_SIZE];

    assert(command->claim_count == 0 && command->counter_count == 0);
    command->claims = arena_array(arena, COMMAND_CLAIMS_MAX, sizeof *command->claims);
    command->claims[command->claim_count++] = (struct claim_key){.kind = PARTNER_PAYMENT_CLAIM, .key = key};
    command->counters[command->counter_count++] = arena_format(arena, "partner_paid:%.*s:%s", (int)body->partner.size,
                                                               body->partner.bytes, month_format(body->month, month));
    command->bucket = claim_bucket(PARTNER_PAYMENT_CLAIM, key);
}

/* What is paid goes from nothing to the net, on either side of zero. The counter holds how far, above zero. */
static enum status count_payment(struct decision *decision, const struct partner_payment *body, int64_t *paid,
                                 struct error *err)
{
    struct counter *counter = decision->counters[0];
    bool to_partner = body->net < 0;
    int64_t whole = to_partner ? -body->net : body->net, step = to_partner ? -body->minor : body->minor;
    char text[MONEY_TEXT_SIZE];

    if (step == 0 || step > whole - counter->used || step < -counter->used) {
        int64_t left = to_partner ? counter->used - whole : whole - counter->used;
        return error_set(err, STATUS_CONFLICT, "partner.overpaid", "amount", "%s %s of the statement are to be paid",
                         money_format(left, currency_exponent(text_from(body->currency)), text), body->currency);
    }
    counter->used += step;
    counter->changed = true;
    *paid = to_partner ? -counter->used : counter->used;
    return STATUS_OK;
}

static struct text facts_of(struct arena *arena, const struct partner_payment *body)
{
    struct builder facts = {.arena = arena};
    char month[MONTH_TEXT_SIZE];

    fact_code(&facts, "partner", body->partner);
    fact_code(&facts, "month", text_from(month_format(body->month, month)));
    fact_code(&facts, "currency", text_from(body->currency));
    fact_code(&facts, "reference", body->reference);
    builder_char(&facts, '}');
    return builder_done(&facts);
}

static enum status decide(struct decision *decision, struct command *command, struct error *err)
{
    static const struct text none = {NULL, 0};
    struct partner_payment *body = command->body;
    const struct claim_key *claim = &command->claims[0];
    const struct points_context context = {.at_given = body->at_given, .at = body->at};
    int64_t at, paid = 0;
    char id[ID_TEXT_SIZE];
    enum status status = points_at(decision, &context, &at, err);

    if (status == STATUS_OK && claim->reference != 0)
        status = error_set(err, STATUS_CONFLICT, "partner.payment_known", "reference",
                           "the payment is known already: %s", id_format("evt", claim->reference, id));
    if (status == STATUS_OK)
        status = count_payment(decision, body, &paid, err);
    if (status != STATUS_OK)
        return status;
    struct journal_row *row = journal_add(decision, NULL, command->bucket, "partner_payment", at);
    row->day = zone_day(programme_at(decision->programmes, decision->now)->zone, at);
    row->store = partner_place(decision->arena, body->partner);
    row->channel = TEXT("finance");
    row->amount = body->minor;
    row->facts = facts_of(decision->arena, body);
    claim_take(decision, PARTNER_PAYMENT_CLAIM, claim->key, row->id, 0);
    audit_add(decision, command, "partner.paid", row->id, none, row->facts);
    body->id = row->id;
    body->paid = paid;
    return STATUS_OK;
}

const struct command_type partner_payment_type = {.name = "partner_payment", .decide = decide};
