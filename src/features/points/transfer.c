/* Points that go from one person to another, each with the expiry it had. */
#include <assert.h>

#include "features/customers/customers.h"
#include "features/customers/standing.h"
#include "features/points/ledger.h"
#include "features/points/lots.h"
#include "features/points/points.h"
#include "features/redemption/spending.h"

/* What was taken of one lot, with its dates. */
struct part {
    int64_t points, earned_at, expires_at;
};

static enum status check_transfer(const struct decision *decision, const struct transfer *body,
                                  const struct wallet_policy *policy, struct error *err)
{
    const struct person *from = &decision->subjects[0], *to = &decision->subjects[1];

    if (from->leader->id == to->leader->id)
        return error_set(err, STATUS_INVALID, "points.transfer_self", "to", "points cannot go to the same person");
    if (!policy->transferable)
        return error_set(err, STATUS_INVALID, "points.not_transferable", "wallet",
                         "points of '%.*s' cannot be transferred", (int)policy->code.size, policy->code.bytes);
    if (body->points <= 0)
        return error_set(err, STATUS_INVALID, "points.amount", "points", "points are more than 0");
    if (body->context.at_given && body->context.at > decision->now + POINTS_AHEAD_MAX)
        return error_set(err, STATUS_INVALID, "event.in_future", "at", "the time is more than 5 minutes ahead");
    return STATUS_OK;
}

static enum status take_parts(struct ledger *ledger, const struct person *from, int64_t points, struct part **out,
                              size_t *count, struct error *err)
{
    int64_t available = ledger_own_available(from, ledger->policy->code);
    size_t lot_count, used = 0;

    if (points > available)
        return error_set(err, STATUS_CONFLICT, "points.insufficient", "points", "%lld points are available, not %lld",
                         (long long)available, (long long)points);
    struct owned_lot *lots = ledger_lots(ledger, REACH_PERSON, false, &lot_count);
    struct part *parts = arena_array(ledger->posting->decision->arena, lot_count + 1, sizeof *parts);
    for (size_t i = 0; i < lot_count && points > 0; i++) {
        struct lot *lot = lots[i].lot;
        int64_t part = lot->remaining < points ? lot->remaining : points;
        parts[used++] = (struct part){part, lot->earned_at, lot->expires_at};
        ledger_step(ledger, (struct step){lots[i].member, lot, ACCOUNT_ACTIVE, ACCOUNT_TRANSIT, part});
        points -= part;
    }
    assert(points == 0);
    *out = parts;
    *count = used;
    return STATUS_OK;
}

static struct journal_row *transfer_row(struct decision *decision, const struct member *member, const char *kind,
                                        const struct transfer *body, int64_t at)
{
    struct journal_row *row = journal_add(decision, member, 0, kind, at);

    row->day = zone_day(programme_at(decision->programmes, decision->now)->zone, at);
    row->store = text_copy(decision->arena, body->context.store);
    row->channel = text_copy(decision->arena, body->context.channel);
    return row;
}

static struct text transfer_facts(struct arena *arena, const struct transfer *body, const struct member *other)
{
    struct builder facts = {.arena = arena};

    builder_format(&facts, "{\"wallet\":\"%.*s\",\"points\":%lld,\"member\":%lld", (int)body->wallet.size,
                   body->wallet.bytes, (long long)body->points, (long long)other->id);
    if (body->proof.kind != 0)
        builder_format(&facts, ",\"proof\":\"%s\"", proof_name(body->proof.kind));
    if (body->reason.size > 0)
        builder_format(&facts, ",\"reason\":\"%.*s\"", (int)body->reason.size, body->reason.bytes);
    builder_char(&facts, '}');
    return builder_done(&facts);
}

static struct points_result result_of(const struct command *command, const struct person *person, int64_t id,
                                      const struct transfer *body)
{
    return (struct points_result){.id = id,
                                  .member = person->member->id,
                                  .wallet = text_copy(command->arena, body->wallet),
                                  .points = body->points,
                                  .available = ledger_available(person->group, person->member, body->wallet),
                                  .balance = ledger_balance(person->group, person->member, body->wallet)};
}

static enum status check_giver(struct decision *decision, const struct command *command,
                               const struct wallet_policy *policy, struct error *err)
{
    const struct transfer *body = command->body;
    const struct points_context *context = &body->context;
    const struct spending spending = {.decision = decision,
                                      .command = command,
                                      .person = &decision->subjects[0],
                                      .policy = policy,
                                      .points = body->points,
                                      .proof = &body->proof,
                                      .place = {context->store, context->till, context->employee}};

    enum status status = spending_check(&spending, err);

    /* Nothing is carried to where it would be frozen too. */
    if (status == STATUS_OK)
        status = freeze_check(decision, &decision->subjects[1], policy->code, TEXT(""), err);
    if (status == STATUS_OK)
        proof_use(decision, &body->proof);
    return status;
}

static enum status decide_transfer(struct decision *decision, struct command *command, struct error *err)
{
    struct transfer *body = command->body;
    struct person *from = &decision->subjects[0], *to = &decision->subjects[1];
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    const struct wallet_policy *policy = NULL;
    int64_t at = body->context.at_given ? body->context.at : decision->now;
    struct part *parts = NULL;
    size_t count = 0;
    enum status status = customer_require(decision, command, 0, err);

    if (status == STATUS_OK)
        status = customer_require(decision, command, 1, err);
    if (status == STATUS_OK)
        status = points_policy(programme, body->wallet, &policy, err);
    if (status == STATUS_OK)
        status = check_transfer(decision, body, policy, err);
    if (status == STATUS_OK)
        status = check_giver(decision, command, policy, err);
    if (status != STATUS_OK)
        return status;
    struct journal_row *out = transfer_row(decision, from->member, "transfer_out", body, at);
    out->facts = transfer_facts(decision->arena, body, to->member);
    out->detail = points_note_detail(decision->arena, body->context.note);
    struct posting posting = posting_start(decision, out);
    struct ledger giver = {&posting, from->group, from->member, programme, policy};
    status = take_parts(&giver, from, body->points, &parts, &count, err);
    if (status != STATUS_OK)
        return status;
    struct journal_row *in = transfer_row(decision, to->member, "transfer_in", body, at);
    in->facts = transfer_facts(decision->arena, body, from->member);
    in->cause = out->id;
    struct posting receiving = posting_start(decision, in);
    struct ledger taker = {&receiving, to->group, to->member, programme, policy};
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = ledger_accrue(&taker,
                               (struct accrual){parts[i].points, ACCOUNT_TRANSIT, parts[i].earned_at,
                                                parts[i].earned_at, parts[i].expires_at},
                               NULL, err);
    if (status != STATUS_OK)
        return status;
    standing_touch(from->group, from->member, at);
    points_set_due(from->group, from->leader);
    points_set_due(to->group, to->leader);
    body->result = result_of(command, from, out->id, body);
    body->received = result_of(command, to, in->id, body);
    return STATUS_OK;
}

const struct command_type transfer_command_type = {.name = "transfer", .loads = LOAD_LOTS, .decide = decide_transfer};
const struct command_type transfer_proved_command_type = {
    .name = "transfer", .loads = SPENDING_LOADS, .load = spending_load, .decide = decide_transfer};
