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

const struct command_type void_command_type = {
    .name = "void",
    .loads = LOAD_LOTS | LOAD_PROGRESS | LOAD_FOLLOWERS,
    .load = void_load,
    .decide = return_decide,
};

enum status return_counters(struct arena *arena, const struct past_event *purchase, struct command *command,
                            struct error *err)
{
    struct purchase_facts facts;
    enum status status = purchase_facts_read(arena, purchase->row.facts, &facts, err);

    for (size_t i = 0; status == STATUS_OK && i < facts.offer_count; i++)
        return_offer_counters(arena, &facts.offers[i], command);
    for (size_t i = 0; status == STATUS_OK && i < facts.earned_count; i++) {
        if (facts.earned[i].version > 0 && facts.earned[i].budget)
            accrual_counters_of(facts.earned[i].rule, command, arena);
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

    work->row = journal_add(work->decision, work->person.member, id_bucket(work->purchase->row.id),
                            work->body->voids ? "void" : "return", draft.at);
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

static bool has_day(const struct command *command, int32_t day)
{
    return command->day == day || (command->second_day_given && command->second_day == day);
}

/* Purchases of the person on that day. */
static int64_t purchases_on(const struct person *person, int32_t day)
{
    int64_t count = 0;

    for (size_t m = 0; m < person->group->member_count; m++) {
        const struct member *member = &person->group->members[m];
        for (size_t d = 0; member->leader == person->leader->id && d < member->day_count; d++)
            if (member->days[d].day == day)
                count += member->days[d].count;
    }
    return count;
}

static void count_void(struct return_work *work, int32_t day)
{
    struct member_day *entry = member_day_at(work->decision, work->person.member, day);
    const struct standing_void gone = {.at = work->purchase->row.at,
                                       .day = day,
                                       .amount = work->row->amount,
                                       .last_of_day = purchases_on(&work->person, day) == 1,
                                       .last_of_own_day = entry->count == 1,
                                       .person = work->body->others,
                                       .own = work->body->own_others};

    standing_drop_purchase(work->decision, work->person.group, work->person.member, &gone);
    entry->count--;
    entry->spend -= work->row->amount;
    entry->changed = true;
}

/* Lowers the programme day on which the goods were bought, as it was told apart when the purchase was recorded. */
static void count_return(struct return_work *work)
{
    const struct journal_row *purchase = &work->purchase->row;
    const struct zone *zone = programme_at(work->decision->programmes, purchase->recorded_at)->zone;
    int32_t day = zone_day(zone, purchase->at);

    if (work->body->voids) {
        count_void(work, day);
        return;
    }
    standing_add_return(work->decision, work->person.group, work->person.member, day, work->row->amount);
    if (has_day(work->command, day)) {
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

/* A void is of the same business day and store, and of a purchase that nothing has followed yet. */
static enum status check_void(const struct return_work *work, const struct purchase_return *body, struct error *err)
{
    const struct past_event *purchase = work->purchase;
    char id[ID_TEXT_SIZE];

    for (size_t f = 0; f < purchase->follower_count; f++) {
        const struct journal_row *row = &purchase->followers[f].row;
        if (text_equals(row->kind, "void"))
            return error_set(err, STATUS_CONFLICT, "void.known", "purchase", "the purchase was voided by %s",
                             id_format("evt", row->id, id));
        if (text_equals(row->kind, "return"))
            return error_set(err, STATUS_CONFLICT, "void.returned", "purchase",
                             "goods of it came back by %s: return the others", id_format("evt", row->id, id));
    }
    if (text_equals(purchase->row.kind, "claim"))
        return error_set(err, STATUS_CONFLICT, "void.claimed", "purchase",
                         "a member has claimed the purchase: return the goods");
    if (body->day != purchase->row.day)
        return error_set(err, STATUS_CONFLICT, "void.day", "purchase",
                         "a purchase is voided on its own business day: return the goods");
    if (body->store.size > 0 && !text_equal(body->store, purchase->row.store))
        return error_set(err, STATUS_CONFLICT, "void.store", "store",
                         "a purchase is voided where it was made: return the goods");
    return STATUS_OK;
}

enum status return_open(struct return_work *work, struct purchase_return *body, struct error *err)
{
    struct decision *decision = work->decision;

    work->body = body;
    enum status status = event_check_instant(body->at, decision->now, err);
    if (status == STATUS_OK)
        status = find_purchase(work, body, err);
    if (status == STATUS_OK)
        status = read_facts(work, err);
    if (status == STATUS_OK && body->voids && !body->cancels)
        status = check_void(work, body, err);
    if (status != STATUS_OK)
        return status;

    struct purchase_line *left = return_lines_left(decision->arena, work->purchase);
    work->left = left;
    work->returned_before = work->purchase->row.amount - sum_of(left, work->purchase->row.line_count);
    start_row(work, body);
    status = return_lines_take(decision->arena, body, work->purchase, left, work->row, err);
    work->returned = work->returned_before + work->row->amount;
    work->after.money = work->row->amount;
    if (status == STATUS_OK && work->person.member != NULL)
        status = return_give_back(work, err);
    if (status == STATUS_OK)
        return_cards(work);
    return status;
}

enum status return_reckon(struct return_work *work, struct error *err)
{
    return_offers(work);
    if (work->person.member == NULL)
        return STATUS_OK;
    enum status status = return_reckon_points(work, err);
    if (status == STATUS_OK)
        count_return(work);
    return status;
}

static void add_measures(const struct return_work *work)
{
    const struct journal_row *row = work->row, *purchase = &work->purchase->row;
    int bucket = id_bucket(row->id);

    if (!work->body->voids) {
        measure_add(work->decision, bucket, row->day, "returned", row->store, row->amount);
        return;
    }
    measure_add(work->decision, bucket, purchase->day, "purchases", purchase->store, -1);
    measure_add(work->decision, bucket, purchase->day, "sales", purchase->store, -row->amount);
    if (row->member != 0)
        return;
    measure_add(work->decision, bucket, purchase->day, "anonymous_purchases", purchase->store, -1);
    measure_add(work->decision, bucket, purchase->day, "anonymous_sales", purchase->store, -row->amount);
}

/* The void holds the receipt from now on: what happens later may have it, an old sending again may not. */
static void hand_on_receipt(const struct return_work *work)
{
    if (!work->body->voids || work->body->receipt_claim < 0)
        return;
    const struct claim_key *claim = &work->command->claims[work->body->receipt_claim];
    if (claim->reference != work->purchase->row.id)
        return;
    claim_drop(work->decision, claim->kind, claim->key);
    claim_take(work->decision, claim->kind, claim->key, work->row->id, work->row->member);
}

static void fill_facts(struct return_work *work, const struct purchase_return *body)
{
    work->after.event_id = body->event_id;
    work->after.till = body->till;
    work->after.employee = body->employee;
    work->after.digest_given = body->identity.event_claim >= 0;
    memcpy(work->after.digest, body->identity.digest, SEAL_SIZE);
    work->after.terms =
        terms_of_lines(work->decision->arena, work->row->lines, work->row->line_count, &work->after.term_count);
    work->row->facts = purchase_facts_write(work->decision->arena, &work->after);
}

enum status return_close(struct return_work *work, struct purchase_return *body, struct error *err)
{
    const struct programme *programme = programme_at(work->decision->programmes, work->purchase->row.at);
    enum status status = STATUS_OK;

    add_row(work);
    return_offers_close(work);
    if (work->person.member != NULL) {
        status = return_claw_back(work, err);
        if (status != STATUS_OK)
            return status;
        points_set_due(work->person.group, work->person.leader);
        report(work, &body->result);
    }
    fill_facts(work, body);
    hand_on_receipt(work);
    add_measures(work);
    body->result.id = work->row->id;
    body->result.amount = work->row->amount;
    body->result.money = work->after.money;
    body->result.to_cards = work->to_cards;
    memcpy(body->result.currency, programme->currency, CURRENCY_SIZE);
    return STATUS_OK;
}

enum status return_record(struct decision *decision, const struct command *command, struct purchase_return *body,
                          struct error *err)
{
    struct return_work work = {.decision = decision, .command = command};

    body->result = (struct return_result){0};
    enum status status = return_open(&work, body, err);
    if (status == STATUS_OK)
        status = return_reckon(&work, err);
    return status == STATUS_OK ? return_close(&work, body, err) : status;
}

enum status return_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct purchase_return *body = command->body;
    struct return_work work = {.decision = decision, .command = command};
    int64_t known;
    enum status status = event_identity_check(decision, command, &body->identity, &known, err);

    body->result = (struct return_result){.id = known, .known = known != 0};
    if (status != STATUS_OK || known != 0)
        return status;
    status = return_open(&work, body, err);
    if (status == STATUS_OK)
        status = return_reckon(&work, err);
    if (status == STATUS_OK)
        status = return_close(&work, body, err);
    if (status == STATUS_OK)
        event_identity_take(decision, command, &body->identity, work.row->id, work.row->member);
    return status;
}
