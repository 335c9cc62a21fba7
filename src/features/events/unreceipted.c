#include "features/events/unreceipted.h"

#include <string.h>

#include "features/customers/customers.h"
#include "features/customers/standing.h"
#include "features/points/ledger.h"

const struct command_type unreceipted_command_type = {
    .name = "unreceipted_return",
    .loads = LOAD_LOTS,
    .load = purchase_load,
    .decide = unreceipted_decide,
};

static enum status check_policy(const struct programme *programme, const struct unreceipted_return *body,
                                int64_t amount, struct error *err)
{
    switch (programme->unreceipted) {
    case UNRECEIPTED_REFUSED:
        return error_set(err, STATUS_CONFLICT, "return.receipt_required", "",
                         "the programme takes nothing back without a receipt");
    case UNRECEIPTED_APPROVAL:
        if (!body->approved)
            return error_set(err, STATUS_FORBIDDEN, "return.approval_required", "",
                             "goods without a receipt are taken back by who may approve it");
        break;
    case UNRECEIPTED_ALLOWED:
        if (amount > programme->unreceipted_up_to && !body->approved)
            return error_set(err, STATUS_FORBIDDEN, "return.approval_required", "lines",
                             "goods of that worth are taken back without a receipt by who may approve it");
        break;
    }
    return STATUS_OK;
}

/* A bonus within a budget or limit was perhaps never granted: it is not taken. */
static int64_t bonus_left(void *context, const struct earning_rule *rule, const struct multiplier *multiplier)
{
    (void)context;
    (void)rule;
    return multiplier->budget != INT64_MAX || multiplier->member_limit != INT64_MAX ? 0 : INT64_MAX;
}

/* What the goods would earn now, each rule rounded down, and no tier crossed by them. */
static enum status reckon(const struct decision *decision, const struct person *person, const struct journal_row *row,
                          struct earned **earned, size_t *count, struct error *err)
{
    struct programme programme = *programme_at(decision->programmes, decision->now);
    struct earning_rule *rules = arena_copy(decision->arena, programme.rules, programme.rule_count * sizeof *rules);
    const struct earning_input input = {.at = row->at,
                                        .store = row->store,
                                        .channel = row->channel,
                                        .lines = row->lines,
                                        .line_count = row->line_count,
                                        .total = row->amount,
                                        .tier = person->leader->standing.tier,
                                        .qualifying = person->leader->standing.qualifying,
                                        .bonus_left = bonus_left};

    for (size_t i = 0; i < programme.rule_count; i++)
        rules[i].rounding = ROUNDING_FLOOR;
    programme.rules = rules;
    programme.ladder.crossing = CROSSING_BEFORE;
    return programme_earn(&programme, &input, decision->arena, earned, count, err);
}

struct taking {
    struct decision *decision;
    struct person *person;
    struct journal_row *row;
    struct purchase_facts *facts;
    struct return_result *result;
};

/* Never below 0: nobody knows whether these goods ever counted. */
static enum status unqualify(const struct taking *taking, const struct wallet_points *clawed, size_t count,
                             struct error *err)
{
    struct tier_points *points = arena_array(taking->decision->arena, count + 1, sizeof *points);
    const struct tier_gain gain = {
        .spend = -taking->row->amount, .points = points, .point_count = count, .bounded = true};

    for (size_t i = 0; i < count; i++)
        points[i] = (struct tier_points){clawed[i].wallet, -clawed[i].points};
    return event_qualify(taking->decision, taking->person, &gain, taking->row->id, err);
}

static enum status take_points(const struct taking *taking, const struct command *command, struct error *err)
{
    const struct programme *programme = programme_at(taking->decision->programmes, taking->decision->now);
    struct posting posting = posting_start(taking->decision, taking->row);
    struct wallet_points *clawed = arena_array(command->arena, PROGRAMME_WALLETS_MAX, sizeof *clawed);
    struct earned *earned;
    size_t count, clawed_count = 0;
    enum status status = reckon(taking->decision, taking->person, taking->row, &earned, &count, err);

    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        struct ledger ledger = {&posting, taking->person->group, taking->person->member, programme,
                                programme_wallet(programme, earned[i].rule->wallet)};
        int64_t written_off = 0;
        if (earned[i].points <= 0 || ledger.policy == NULL || clawed_count == PROGRAMME_WALLETS_MAX)
            continue;
        status = ledger_claw_back(&ledger, NULL, earned[i].points, &written_off, err);
        taking->facts->written_off += written_off;
        clawed[clawed_count++] =
            (struct wallet_points){text_copy(command->arena, earned[i].rule->wallet), earned[i].points};
    }
    taking->result->clawed_back = clawed;
    taking->result->clawed_back_count = clawed_count;
    taking->result->written_off = taking->facts->written_off;
    return status == STATUS_OK ? unqualify(taking, clawed, clawed_count, err) : status;
}

static void count_return(const struct taking *taking, const struct command *command)
{
    struct person *person = taking->person;
    int32_t day = zone_day(programme_at(taking->decision->programmes, taking->decision->now)->zone, taking->row->at);

    standing_add_return(taking->decision, person->group, person->member, day, taking->row->amount);
    if (command->day == day) {
        struct member_day *entry = member_day_at(taking->decision, person->member, day);
        entry->spend -= taking->row->amount;
        entry->changed = true;
    }
    points_set_due(person->group, person->leader);
    taking->result->member = person->member->id;
    taking->result->balances = wallet_balances(command->arena, person, &taking->result->balance_count);
}

static struct journal_row *start_row(struct decision *decision, const struct command *command, struct purchase *goods,
                                     struct purchase_facts *facts)
{
    struct member *member = goods->named ? decision->subjects[0].member : NULL;
    struct journal_row *row = journal_add(decision, member, command->bucket, "return", goods->at);
    struct purchase_line *lines = goods->loaded_lines != NULL ? goods->loaded_lines : goods->lines;

    row->day = goods->day;
    row->store = goods->store;
    row->channel = goods->channel;
    row->detail = goods->detail;
    row->amount = goods->total;
    row->lines = arena_copy(decision->arena, lines, goods->line_count * sizeof *lines);
    row->line_count = goods->line_count;
    facts->terms = terms_gather(decision->arena, decision->programmes, row->lines, row->line_count, &facts->term_count);
    return row;
}

static enum status check_goods(const struct programme *programme, struct purchase *goods, struct error *err)
{
    if (goods->currency[0] != '\0' && !text_equals(text_from(programme->currency), goods->currency))
        return error_set(err, STATUS_INVALID, "purchase.currencies", "lines",
                         "amounts of a return are in %s, the programme's currency", programme->currency);
    return purchase_check_lines(goods, err);
}

static enum status check(struct decision *decision, const struct command *command, struct unreceipted_return *body,
                         struct error *err)
{
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    enum status status = event_check_instant(body->goods.at, decision->now, err);

    if (status == STATUS_OK)
        status = check_goods(programme, &body->goods, err);
    if (status == STATUS_OK)
        status = check_policy(programme, body, body->goods.total, err);
    if (status == STATUS_OK && body->goods.named)
        status = customer_require(decision, command, 0, err);
    return status;
}

enum status unreceipted_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct unreceipted_return *body = command->body;
    struct purchase *goods = &body->goods;
    struct purchase_facts facts = {.event_id = goods->event_id,
                                   .till = goods->till,
                                   .employee = goods->employee,
                                   .digest_given = goods->identity.event_claim >= 0,
                                   .unreceipted = true};
    int64_t known;
    enum status status = event_identity_check(decision, command, &goods->identity, &known, err);

    body->result = (struct return_result){.id = known, .known = known != 0};
    if (status != STATUS_OK || known != 0)
        return status;
    status = check(decision, command, body, err);
    if (status != STATUS_OK)
        return status;
    struct journal_row *row = start_row(decision, command, goods, &facts);
    struct taking taking = {decision, &decision->subjects[0], row, &facts, &body->result};
    if (goods->named) {
        status = take_points(&taking, command, err);
        if (status != STATUS_OK)
            return status;
        count_return(&taking, command);
    }
    facts.money = row->amount;
    memcpy(facts.digest, goods->identity.digest, SEAL_SIZE);
    row->facts = purchase_facts_write(decision->arena, &facts);
    event_identity_take(decision, command, &goods->identity, row->id, row->member);
    measure_add(decision, id_bucket(row->id), row->day, "returned", row->store, row->amount);
    body->result.id = row->id;
    body->result.amount = body->result.money = row->amount;
    memcpy(body->result.currency, programme_at(decision->programmes, decision->now)->currency, CURRENCY_SIZE);
    return STATUS_OK;
}
