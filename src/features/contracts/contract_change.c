/* Agreeing a contract; changing, renewing and ending it; what time does to it. */
#include "features/contracts/contract_command.h"
#include "features/customers/customers.h"
#include "foundation/id.h"
#include "foundation/instant.h"

static const struct text none = {NULL, 0};

static int32_t today_of(const struct decision *decision)
{
    return zone_day(programme_at(decision->programmes, decision->now)->zone, decision->now);
}

/* ---- agreeing ---- */

enum status contract_check(const struct contract *contract, struct error *err)
{
    bool counts = contract->metric != CONTRACT_TERM;
    bool pays = contract->shortfall == SHORTFALL_PAY ||
                (contract->shortfall == SHORTFALL_EXTEND && contract->after_extension == SHORTFALL_PAY);

    if (counts != (contract->commitment > 0))
        return error_set(err, STATUS_INVALID, "contract.commitment", "commitment",
                         counts ? "say how much is committed"
                                : "a contract for a term alone has no amount: say spend, purchases or nights");
    if (!counts && (contract->shortfall != SHORTFALL_NOTHING || contract->carry))
        return error_set(err, STATUS_INVALID, "contract.shortfall", "shortfall",
                         "nothing can be missing, and nothing be carried, where nothing is committed");
    if (contract->shortfall == SHORTFALL_EXTEND && contract->extend_months == 0)
        return error_set(err, STATUS_INVALID, "contract.extension", "shortfall.months",
                         "say by how many months it is extended");
    if (contract->after_extension == SHORTFALL_EXTEND)
        return error_set(err, STATUS_INVALID, "contract.extension", "shortfall.then",
                         "a period is extended once: then nothing, pay or lose");
    if (pays && contract->metric != CONTRACT_SPEND && contract->price == 0)
        return error_set(err, STATUS_INVALID, "contract.price", "shortfall.price",
                         "say what is paid for each purchase or night that is missing");
    return STATUS_OK;
}

static enum status check_agreed(const struct decision *decision, const struct command *command,
                                const struct agree_contract *body, struct error *err)
{
    const struct contract *contract = &body->contract;
    enum status status = contract_check(contract, err);

    if (status != STATUS_OK)
        return status;
    if (command->claims[0].reference != 0)
        return error_set(err, STATUS_CONFLICT, "contract.code", "code", "there is a contract '%.*s' already",
                         (int)contract->code.size, contract->code.bytes);
    if (day_add_months(contract->from_day, (int)contract->months) <= today_of(decision))
        return error_set(err, STATUS_INVALID, "contract.period", "from", "the period is over already");
    if (contract->remind_days > 0 && task_reason_find(decision->programmes, contract->reason) == NULL)
        return error_set(err, STATUS_INVALID, "task.reason", "reminder.reason", "there is no reason '%.*s'",
                         (int)contract->reason.size, contract->reason.bytes);
    return STATUS_OK;
}

static enum status agree_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct agree_contract *body = command->body;
    const struct contract_clock clock = contract_clock_of(decision);
    struct contract contract = body->contract;
    struct journal_row *row;
    enum status status = customer_require(decision, command, 0, err);

    if (status == STATUS_OK)
        status = check_agreed(decision, command, body, err);
    if (status != STATUS_OK)
        return status;
    contract.version = 1;
    contract.member = decision->subjects[0].member->id;
    contract.agreed_at = decision->now;
    contract.terms = arena_copy(decision->arena, body->contract.terms, sizeof *contract.terms);
    contract.term_capacity = 1;
    struct contract_change *change = contract_note(&clock, &contract, "agreed", decision->now);
    change->actor = body->by;
    change->reason = body->reason;
    change->day = contract.from_day;
    contract_begin(&clock, &contract);
    status = contract_keep(decision, &decision->subjects[0], &contract, &row, err);
    if (status != STATUS_OK)
        return status;
    claim_take(decision, CONTRACT_CLAIM, command->claims[0].key, contract.id, contract.member);
    audit_add(decision, command, "contract.agreed", contract.id, none, row->facts);
    body->at = decision->now;
    contract_copy(command->arena, &contract, &body->result);
    return STATUS_OK;
}

const struct command_type agree_contract_type = {.name = "agree_contract", .loads = LOAD_ALONE, .decide = agree_decide};

/* ---- amending ---- */

static enum status amend(struct decision *decision, const struct change_contract *body, struct contract *contract,
                         struct error *err)
{
    const struct contract_clock clock = contract_clock_of(decision);
    const struct contract_amendment *given = &body->amendment;

    if (given->reminder_given && given->remind_days > 0 &&
        task_reason_find(decision->programmes, given->reason) == NULL)
        return error_set(err, STATUS_INVALID, "task.reason", "reminder.reason", "there is no reason '%.*s'",
                         (int)given->reason.size, given->reason.bytes);
    if (given->name_given)
        contract->name = given->name;
    if (given->contacts_given)
        contract->contacts = given->contacts;
    if (given->automatic_given)
        contract->automatic = given->automatic;
    if (given->reminder_given) {
        contract->remind_days = given->remind_days;
        contract->reason = given->reason;
        contract->owner = given->owner;
    }
    contract_note(&clock, contract, "amended", decision->now);
    return STATUS_OK;
}

/* ---- terms ---- */

static enum status change_terms(struct decision *decision, const struct change_contract *body,
                                struct contract *contract, struct error *err)
{
    const struct contract_clock clock = contract_clock_of(decision);
    const struct contract_terms *last = &contract->terms[contract->term_count - 1];
    struct contract_terms terms = *last;

    if (body->terms.from_day < today_of(decision) || body->terms.from_day <= last->from_day ||
        contract_terms_until(clock.zone, contract, contract->term_count - 1) <=
            zone_day_start(clock.zone, body->terms.from_day))
        return error_set(err, STATUS_CONFLICT, "contract.terms", "from",
                         "terms change today or later, after the last change and before the end");
    if (contract->term_count == CONTRACT_TERMS_MAX)
        return error_set(err, STATUS_LIMIT, "contract.many_terms", "",
                         "a contract has at most %d versions of its terms", CONTRACT_TERMS_MAX);
    terms.row = terms.until = 0;
    terms.changed = true;
    terms.from_day = body->terms.from_day;
    terms.discount = body->terms.discount >= 0 ? body->terms.discount : terms.discount;
    terms.factor = body->terms.factor >= 0 ? body->terms.factor : terms.factor;
    terms.payment = body->payment_given ? body->terms.payment : terms.payment;
    contract->terms = arena_grow(decision->arena, contract->terms, &contract->term_capacity, contract->term_count + 1,
                                 sizeof *contract->terms);
    contract->terms[contract->term_count++] = terms;
    contract_note(&clock, contract, "terms", decision->now)->day = terms.from_day;
    return STATUS_OK;
}

/* ---- renewing ---- */

static enum status renew(struct decision *decision, const struct change_contract *body, struct contract *contract,
                         struct error *err)
{
    const struct contract_clock clock = contract_clock_of(decision);

    if (contract->end_day != DAY_NONE)
        return error_set(err, STATUS_CONFLICT, "contract.notice", "", "notice was given: it ends");
    if (body->commitment >= 0 &&
        (contract->metric == CONTRACT_TERM || body->spend_given != (contract->metric == CONTRACT_SPEND)))
        return error_set(err, STATUS_INVALID, "contract.commitment", "amount",
                         "spend is an amount; purchases and nights are a count; a term has neither");
    contract->renews = true;
    contract->renew_months = body->months > 0 ? body->months : contract->months;
    contract->renew_commitment = body->commitment >= 0 ? body->commitment : contract->commitment;
    struct contract_change *change = contract_note(&clock, contract, "renewal", decision->now);
    change->period = contract_current(contract)->number + 1;
    change->day = contract_period_end(contract_current(contract));
    return STATUS_OK;
}

/* ---- ending ---- */

static enum status end(struct decision *decision, const struct change_contract *body, struct contract *contract,
                       struct error *err)
{
    const struct contract_clock clock = contract_clock_of(decision);
    int32_t today = today_of(decision);
    int32_t day = body->end_day != DAY_NONE ? body->end_day : contract_notice_day(contract, today);

    if (contract->end_day != DAY_NONE && !body->without_notice)
        return error_set(err, STATUS_CONFLICT, "contract.notice", "", "notice was given already");
    if (day < today || (!body->without_notice && body->end_day != DAY_NONE && day < today + contract->notice_days))
        return error_set(err, STATUS_CONFLICT, "contract.notice_days", "on",
                         "it takes %lld days of notice; without notice: from today on",
                         (long long)contract->notice_days);
    if (!contract->automatic && day > contract_period_end(contract_current(contract)))
        return error_set(err, STATUS_CONFLICT, "contract.notice_days", "on", "it ends before that day by itself");
    contract_give_notice(&clock, contract, day);
    contract->end_reason = body->reason;
    contract_advance(&clock, contract); /* it may end today */
    return STATUS_OK;
}

/* ---- collecting and waiving ---- */

static enum status settle_due(struct decision *decision, const struct change_contract *body, struct contract *contract,
                              struct error *err)
{
    const struct contract_clock clock = contract_clock_of(decision);

    for (size_t i = 0; i < contract->loaded_count; i++) {
        struct contract_change *due = &contract->changes[i];
        bool is_due = text_equals(due->what, CONTRACT_DUE) || text_equals(due->what, CONTRACT_CORRECTED);
        if (due->number != body->number || !is_due)
            continue;
        if (due->collected_at != 0)
            return error_set(err, STATUS_CONFLICT, "contract.collected", "due", "this was settled already");
        due->collected_at = decision->now;
        due->reference = body->reference;
        store_contract_change(decision, contract, due);
        int64_t period = due->period, amount = due->amount;
        struct contract_change *change =
            contract_note(&clock, contract, body->action == CONTRACT_WAIVE ? "waived" : "collected", decision->now);
        change->period = period;
        change->amount = amount;
        change->reference = body->reference;
        return STATUS_OK;
    }
    return error_set(err, STATUS_MISSING, "contract.no_due", "due", "there is no such amount to collect");
}

/* ---- time ---- */

void contract_name_reminder(struct command *command, const struct contract *contract)
{
    char id[ID_TEXT_SIZE], day[DAY_TEXT_SIZE];

    command->claims = arena_array(command->arena, COMMAND_CLAIMS_MAX, sizeof *command->claims);
    command->claims[command->claim_count++] = (struct claim_key){
        .kind = TASK_CLAIM,
        .key = text_from(arena_format(command->arena, "contract:%s:%s", id_format("ctr", contract->id, id),
                                      day_format(contract_period_end(contract_current(contract)), day)))};
}

/* The owner gets a task, once for each end. Without its reason nobody can be reminded. */
static enum status remind(struct decision *decision, const struct command *command, struct contract *contract,
                          struct error *err)
{
    const struct contract_clock clock = contract_clock_of(decision);
    int32_t day = contract_period_end(contract_current(contract));
    char text[DAY_TEXT_SIZE];
    const struct task_spec spec = {
        .member = group_find(decision->subjects[0].group, contract->member),
        .reason = contract->reason,
        .text = text_from(arena_format(decision->arena, "%.*s (%.*s): %s %s", (int)contract->name.size,
                                       contract->name.bytes, (int)contract->code.size, contract->code.bytes,
                                       contract->automatic ? "renews on" : "ends on", day_format(day, text))),
        .owner = contract->owner,
        .priority = -1,
        .due_at = zone_day_start(clock.zone, day),
        .claim = command->claim_count > 0 ? &command->claims[0] : NULL};
    struct task task;
    bool existed;

    if (!contract_reminds(&clock, contract) || spec.claim == NULL)
        return STATUS_OK;
    contract->reminded_day = day;
    if (task_reason_find(decision->programmes, contract->reason) == NULL) {
        contract_note(&clock, contract, "not_reminded", decision->now)->day = day;
        return STATUS_OK;
    }
    contract_note(&clock, contract, "reminded", decision->now)->day = day;
    return task_open(decision, command, &spec, &task, &existed, err);
}

static enum status act(struct decision *decision, const struct command *command, struct change_contract *body,
                       struct contract *contract, struct error *err)
{
    switch (body->action) {
    case CONTRACT_AMEND:
        return amend(decision, body, contract, err);
    case CONTRACT_CHANGE_TERMS:
        return change_terms(decision, body, contract, err);
    case CONTRACT_RENEW:
        return renew(decision, body, contract, err);
    case CONTRACT_END:
        return end(decision, body, contract, err);
    case CONTRACT_COLLECT:
    case CONTRACT_WAIVE:
        return settle_due(decision, body, contract, err);
    case CONTRACT_FOLLOW:
        return contract->ended_at == 0 ? remind(decision, command, contract, err) : STATUS_OK;
    }
    return STATUS_OK;
}

/* Who and why, of what people did: the first that `act` noted. */
static void sign(const struct change_contract *body, struct contract *contract, size_t before)
{
    if (body->action == CONTRACT_FOLLOW || before >= contract->loaded_count)
        return;
    contract->changes[before].actor = body->by;
    contract->changes[before].reason = body->reason;
}

static enum status change_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct change_contract *body = command->body;
    const struct contract_clock clock = contract_clock_of(decision);
    struct contract contract;
    struct journal_row *row;
    enum status status = customer_require(decision, command, 0, err);

    if (status != STATUS_OK)
        return status;
    if (body->load.contract.id == 0)
        return error_set(err, STATUS_MISSING, "contract.unknown", "contract", "there is no such contract");
    if (body->version != 0 && body->version != body->load.contract.version)
        return error_set(err, STATUS_STALE, "contract.version", "", "the contract was changed meanwhile");
    contract_copy(decision->arena, &body->load.contract, &contract);
    contract.loaded_capacity = contract.loaded_count;
    contract.period_capacity = contract.period_count;
    contract.term_capacity = contract.term_count;
    size_t first = contract.loaded_count;
    contract_advance(&clock, &contract);
    bool settles = body->action == CONTRACT_COLLECT || body->action == CONTRACT_WAIVE;
    if (contract.ended_at != 0 && !settles && body->action != CONTRACT_FOLLOW)
        return error_set(err, STATUS_CONFLICT, "contract.ended", "contract", "the contract is over");
    size_t before = contract.loaded_count;
    status = act(decision, command, body, &contract, err);
    if (status != STATUS_OK)
        return status;
    sign(body, &contract, before);
    if (contract.loaded_count > first) {
        contract.version++;
        status = contract_keep(decision, &decision->subjects[0], &contract, &row, err);
        if (status != STATUS_OK)
            return status;
        if (body->action != CONTRACT_FOLLOW)
            audit_add(decision, command, "contract.changed", contract.id, none, row->facts);
    }
    body->at = decision->now;
    contract_copy(command->arena, &contract, &body->result);
    return STATUS_OK;
}

const struct command_type change_contract_type = {
    .name = "change_contract", .loads = LOAD_ALONE, .load = contracts_load, .decide = change_decide};
