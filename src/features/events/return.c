#include "features/events/return.h"

#include <string.h>

#include "features/customers/standing.h"
#include "features/events/return_internal.h"
#include "features/points/ledger.h"

const struct command_type return_command_type = {
    .name = "return",
    .loads = LOAD_LOTS | LOAD_PROGRESS | LOAD_FOLLOWERS,
    .decide = return_decide,
};

enum status return_counters(struct arena *arena, const struct past_event *purchase, struct command *command,
                            struct error *err)
{
    struct purchase_facts facts;
    enum status status = purchase_facts_read(arena, purchase->row.facts, &facts, err);

    for (size_t i = 0; status == STATUS_OK && i < facts.earned_count; i++) {
        for (size_t b = 0; b < facts.earned[i].bonus_count; b++) {
            struct text code = facts.earned[i].bonuses[b].multiplier;
            if (facts.earned[i].bonuses[b].budget && command->counter_count < COMMAND_COUNTERS_MAX)
                command->counters[command->counter_count++] =
                    arena_format(arena, "multiplier:%.*s", (int)code.size, code.bytes);
        }
    }
    return status;
}

/* ---- the decision ---- */

static enum status find_purchase(struct return_work *work, const struct purchase_return *body, struct error *err)
{
    const struct command *command = work->command;

    work->purchase = work->decision->events[0];
    if (work->purchase == NULL ||
        !(text_equals(work->purchase->row.kind, "purchase") || text_equals(work->purchase->row.kind, "claim")))
        return error_set(err, STATUS_MISSING, "purchase.unknown", "purchase", "there is no such purchase");
    if (body->attribution_claim >= 0 && text_equals(work->purchase->row.kind, "purchase") &&
        command->claims[body->attribution_claim].reference != 0)
        return error_set(err, STATUS_BUSY, "purchase.claimed_meanwhile", "purchase",
                         "the purchase was claimed by a member at this moment; send the return again");
    if (work->purchase->row.member != 0) {
        work->person = work->decision->subjects[0];
        work->person.member = group_find(work->person.group, work->purchase->row.member);
        work->person.leader = group_leader(work->person.group, work->person.member);
    }
    return STATUS_OK;
}

static enum status read_facts(struct return_work *work, struct error *err)
{
    const struct past_event *purchase = work->purchase;
    struct arena *arena = work->decision->arena;
    enum status status = purchase_facts_read(arena, purchase->row.facts, &work->bought, err);

    if (status == STATUS_OK)
        terms_attach(purchase->row.lines, purchase->row.line_count, work->bought.terms, work->bought.term_count);
    work->before = work->bought;
    for (size_t f = 0; f < purchase->follower_count && status == STATUS_OK; f++)
        if (text_equals(purchase->followers[f].row.kind, "return"))
            status = purchase_facts_read(arena, purchase->followers[f].row.facts, &work->before, err);
    return status;
}

/* A draft: what is given back comes before it in the journal, so that nothing is taken that is not there yet. */
static void start_row(struct return_work *work, const struct purchase_return *body)
{
    const struct journal_row *purchase = &work->purchase->row;

    work->row = arena_alloc(work->decision->arena, sizeof *work->row);
    work->row->at = body->at;
    work->row->cause = purchase->id;
    work->row->day = body->day;
    work->row->store = body->store.size > 0 ? body->store : purchase->store;
    work->row->channel = body->channel.size > 0 ? body->channel : purchase->channel;
    work->row->detail = body->detail;
}

static void add_row(struct return_work *work)
{
    const struct journal_row draft = *work->row;

    work->row = journal_add(work->decision, work->person.member, id_bucket(work->purchase->row.id), "return", draft.at);
    work->row->cause = draft.cause;
    work->row->day = draft.day;
    work->row->store = draft.store;
    work->row->channel = draft.channel;
    work->row->detail = draft.detail;
    work->row->lines = draft.lines;
    work->row->line_count = draft.line_count;
    work->row->amount = draft.amount;
}

static int64_t sum_of(const struct purchase_line *lines, size_t count)
{
    int64_t sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += lines[i].amount;
    return sum;
}

/* Lowers the programme day on which the goods were bought, as it was told apart when the purchase was recorded. */
static void count_return(struct return_work *work)
{
    const struct journal_row *purchase = &work->purchase->row;
    const struct zone *zone = programme_at(work->decision->programmes, purchase->recorded_at)->zone;
    int32_t day = zone_day(zone, purchase->at);

    standing_add_return(work->decision, work->person.group, work->person.member, day, work->row->amount);
    if (work->command->day == day) {
        struct member_day *entry = member_day_at(work->decision, work->person.member, day);
        entry->spend -= work->row->amount;
        entry->changed = true;
    }
}

static void report(const struct return_work *work, struct return_result *result)
{
    struct arena *arena = work->command->arena;
    struct wallet_points *clawed = arena_copy(arena, work->clawed_back, sizeof work->clawed_back);
    struct wallet_points *given = arena_copy(arena, work->given_back, sizeof work->given_back);

    for (size_t i = 0; i < work->clawed_back_count; i++)
        clawed[i].wallet = text_copy(arena, clawed[i].wallet);
    for (size_t i = 0; i < work->given_back_count; i++)
        given[i].wallet = text_copy(arena, given[i].wallet);
    result->clawed_back = clawed;
    result->clawed_back_count = work->clawed_back_count;
    result->given_back = given;
    result->given_back_count = work->given_back_count;
    result->written_off = work->after.written_off;
    result->member = work->person.member->id;
    result->balances = wallet_balances(arena, &work->person, &result->balance_count);
}

static enum status settle(struct return_work *work, struct purchase_return *body, struct error *err)
{
    enum status status = STATUS_OK;

    work->after.money = work->row->amount;
    if (work->person.member != NULL)
        status = return_give_back(work, err);
    if (status != STATUS_OK)
        return status;
    add_row(work);
    if (work->person.member != NULL) {
        status = return_claw_back(work, err);
        if (status != STATUS_OK)
            return status;
        count_return(work);
        points_set_due(work->person.group, work->person.leader);
        report(work, &body->result);
    }
    return STATUS_OK;
}

enum status return_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct purchase_return *body = command->body;
    struct return_work work = {.decision = decision, .command = command};
    struct purchase_line *left;
    int64_t known;
    enum status status = event_identity_check(decision, command, &body->identity, &known, err);

    body->result = (struct return_result){.id = known, .known = known != 0};
    if (status != STATUS_OK || known != 0)
        return status;
    status = event_check_instant(body->at, decision->now, err);
    if (status == STATUS_OK)
        status = find_purchase(&work, body, err);
    if (status == STATUS_OK)
        status = read_facts(&work, err);
    if (status != STATUS_OK)
        return status;

    left = return_lines_left(decision->arena, work.purchase);
    work.left = left;
    work.returned_before = work.purchase->row.amount - sum_of(left, work.purchase->row.line_count);
    start_row(&work, body);
    status = return_lines_take(decision->arena, body, work.purchase, left, work.row, err);
    work.returned = work.returned_before + work.row->amount;
    if (status == STATUS_OK)
        status = settle(&work, body, err);
    if (status != STATUS_OK)
        return status;

    work.after.event_id = body->event_id;
    work.after.till = body->till;
    work.after.employee = body->employee;
    work.after.digest_given = body->identity.event_claim >= 0;
    for (size_t i = 0; i < SEAL_SIZE; i++)
        work.after.digest[i] = body->identity.digest[i];
    work.after.terms = terms_of_lines(decision->arena, work.row->lines, work.row->line_count, &work.after.term_count);
    work.row->facts = purchase_facts_write(decision->arena, &work.after);
    event_identity_take(decision, command, &body->identity, work.row->id, work.row->member);
    measure_add(decision, id_bucket(work.row->id), work.row->day, "returned", work.row->store, work.row->amount);
    body->result.id = work.row->id;
    body->result.amount = work.row->amount;
    body->result.money = work.after.money;
    memcpy(body->result.currency, programme_at(decision->programmes, work.purchase->row.at)->currency, CURRENCY_SIZE);
    return STATUS_OK;
}
