#include "features/promises/honour.h"

#include "features/customers/customers.h"
#include "features/events/events.h"
#include "features/events/facts.h"
#include "features/points/context.h"
#include "features/reactions/reaction.h"
#include "features/redemption/velocity.h"
#include "features/tasks/tasks.h"

const char *const honour_states[] = {"", "given", "waiting", "refused", NULL};

static const struct text none = {NULL, 0};

void honour_copy(struct arena *arena, const struct traceless *honour, struct traceless *out)
{
    *out = *honour;
    out->channel = text_copy(arena, honour->channel);
    out->advertised = text_copy(arena, honour->advertised);
    out->store = text_copy(arena, honour->store);
    out->reason = text_copy(arena, honour->reason);
    out->employee = text_copy(arena, honour->employee);
    out->by = text_copy(arena, honour->by);
    out->wallet = text_copy(arena, honour->wallet);
    out->good.wallet = text_copy(arena, honour->good.wallet);
    out->good.series = text_copy(arena, honour->good.series);
    out->good.key = text_copy(arena, honour->good.key);
    out->decided_by = text_copy(arena, honour->decided_by);
    out->outcome = text_copy(arena, honour->outcome);
    out->outcome_text = text_copy(arena, honour->outcome_text);
}

/* ---- the journal ---- */

static void add_text(struct builder *detail, const char *name, struct text text)
{
    if (text.size == 0)
        return;
    builder_format(detail, "%s\"%s\":", detail->size > 0 ? "," : "{", name);
    facts_string(detail, text);
}

static struct text finish(struct builder *out)
{
    if (out->size > 0)
        builder_char(out, '}');
    return builder_done(out);
}

static struct journal_row *honour_row(struct decision *decision, const struct traceless *honour, const char *kind)
{
    struct journal_row *row = journal_add(decision, decision->subjects[0].member, 0, kind, decision->now);
    struct builder facts = {.arena = decision->arena};

    row->day = honour->day;
    row->store = honour->store;
    row->channel = honour->channel;
    row->cause = honour->id != 0 ? honour->id : honour->purchase;
    fact_code(&facts, "reason", honour->reason);
    fact_code(&facts, "state", text_from(honour_states[honour->state]));
    fact_number(&facts, "value", honour->value);
    if (honour->points > 0)
        fact_number(&facts, "points", honour->points);
    if (honour->seen_at != 0)
        fact_number(&facts, "seen_at", honour->seen_at);
    fact_code(&facts, "employee", honour->employee);
    fact_code(&facts, "outcome", honour->outcome);
    row->facts = finish(&facts);
    return row;
}

/* ---- tasks ---- */

/* Without its reason there is no task: what was promised is given all the same. */
static int64_t open_task(struct decision *decision, const struct command *command, struct task_spec *spec)
{
    struct error ignored;
    struct task task;
    bool existed;

    spec->member = decision->subjects[0].member;
    spec->priority = -1;
    return task_open(decision, command, spec, &task, &existed, &ignored) == STATUS_OK ? task.id : 0;
}

static int64_t open_owner_task(struct decision *decision, const struct command *command,
                               const struct honour_policy *policy, const struct traceless *honour)
{
    const struct honour_owner *owner = honour_owner_of(policy, honour->channel);
    struct builder text = {.arena = decision->arena};
    struct task_spec spec = {.reason = TEXT("wrong_advertisement"), .opened_by = honour->by};

    builder_format(&text, "%.*s: ", (int)honour->channel.size, honour->channel.bytes);
    builder_text(&text, honour->advertised);
    spec.text = builder_done(&text);
    if (spec.text.size > TASK_TEXT_MAX)
        spec.text = honour->advertised;
    if (owner != NULL)
        spec.owner = (struct task_owner){owner->person, owner->place, owner->role};
    else
        spec.owner.role = TEXT("marketer");
    int64_t task = open_task(decision, command, &spec);
    if (task != 0 || owner == NULL)
        return task;
    spec.owner = (struct task_owner){.role = TEXT("marketer")}; /* a place that is no more */
    return open_task(decision, command, &spec);
}

static int64_t open_approval(struct decision *decision, const struct command *command, const struct traceless *honour)
{
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    char money[MONEY_TEXT_SIZE];
    struct task_spec spec = {.reason = TEXT("approval"), .opened_by = honour->by, .owner = {.role = TEXT("finance")}};

    spec.text = text_from(arena_format(
        decision->arena, "Honour %s %s, %.*s: %.*s", money_format(honour->value, programme->exponent, money),
        programme->currency, (int)honour->channel.size, honour->channel.bytes,
        honour->advertised.size < TASK_TEXT_MAX / 2 ? (int)honour->advertised.size : 0, honour->advertised.bytes));
    if (store_find(decision->programmes, honour->store) != NULL)
        spec.store = honour->store;
    return open_task(decision, command, &spec);
}

/* ---- giving ---- */

static enum status give(struct decision *decision, const struct command *command, const struct good_keys *keys,
                        struct traceless *honour, struct error *err)
{
    const struct honour_policy *policy = programme_at(decision->programmes, decision->now)->honours;

    if (policy == NULL)
        return error_set(err, STATUS_CONFLICT, "honour.policy", "",
                         "the programme does not say how advertisements without a trace are honoured");
    const struct good_giving giving = {.decision = decision,
                                       .person = &decision->subjects[0],
                                       .means = &policy->means,
                                       .keys = keys,
                                       .row_kind = "honour_given",
                                       .cause = honour->id,
                                       .facts = none};
    enum status status = honour->wallet.size > 0        ? good_give_points(&giving, honour->wallet, honour->points,
                                                                           honour->value, &honour->good, err)
                         : honour->give == GOOD_VOUCHER ? good_give_voucher(&giving, honour->value, &honour->good, err)
                                                        : good_give_worth(&giving, honour->value, &honour->good, err);
    if (status != STATUS_OK)
        return status;
    honour->state = HONOUR_GIVEN;
    honour->task = open_owner_task(decision, command, policy, honour);
    return STATUS_OK;
}

/* ---- asking ---- */

static const char *const counter_prefix = "honours:";

bool honour_name(struct command *command, struct arena *arena)
{
    struct honour_promise *body = command->body;
    struct text who = body->asked.employee.size > 0 ? body->asked.employee : body->asked.by;

    if (command->counter_count == COMMAND_COUNTERS_MAX)
        return false;
    body->counter = (int)command->counter_count;
    command->counters[command->counter_count++] =
        arena_format(arena, "%s%.*s", counter_prefix, (int)who.size, who.bytes);
    return good_keys_name(&body->keys, command, arena);
}

/* What it costs; false: nobody knows. */
static enum status find_cost(const struct decision *decision, const struct honour_policy *policy,
                             struct traceless *honour, bool *known, struct error *err)
{
    const struct programme *programme = programme_at(decision->programmes, decision->now);

    *known = true;
    if (honour->wallet.size == 0) {
        const struct promise_voucher *voucher = promise_voucher_for(&policy->means, honour->value);
        int64_t points;
        if (honour->give == GOOD_VOUCHER)
            return voucher != NULL ? STATUS_OK
                                   : error_set(err, STATUS_CONFLICT, "promise.voucher", "give",
                                               "there is no voucher that is worth so much");
        return good_points_for(decision, &policy->means, honour->value, &points, err);
    }
    const struct wallet_policy *wallet = programme_wallet(programme, honour->wallet);
    if (wallet == NULL)
        return error_set(err, STATUS_CONFLICT, "promise.wallet", "wallet", "there is no points account '%.*s'",
                         (int)honour->wallet.size, honour->wallet.bytes);
    *known = wallet_points_value(wallet, honour->points, &honour->value);
    return STATUS_OK;
}

/* What it costs at the most: a voucher may be worth more than was asked for. */
static int64_t cost_of(const struct honour_policy *policy, const struct traceless *honour)
{
    const struct promise_voucher *voucher =
        honour->give == GOOD_VOUCHER ? promise_voucher_for(&policy->means, honour->value) : NULL;

    return voucher != NULL ? voucher->value : honour->value;
}

static enum status count_day(struct decision *decision, const struct honour_promise *body,
                             const struct honour_policy *policy, int64_t cost, struct error *err)
{
    struct counter *counter = decision->counters[body->counter];
    struct velocity_sum sum = velocity_unpack(counter->used);

    if (sum.period != body->asked.day)
        sum = (struct velocity_sum){.period = body->asked.day};
    bool often = sum.count + 1 > policy->daily_count;
    if (often || cost > policy->daily_value || sum.points > policy->daily_value - cost)
        return error_set(err, STATUS_LIMIT, "honour.velocity", often ? "employee" : "value",
                         "this is more than one employee honours in a day");
    sum.count++;
    sum.points += cost;
    counter->used = velocity_pack(sum);
    counter->changed = true;
    return STATUS_OK;
}

static enum status check_asked(const struct decision *decision, const struct command *command,
                               const struct honour_promise *body, const struct honour_policy *policy, struct error *err)
{
    char id[ID_TEXT_SIZE];

    (void)decision;
    if (policy == NULL)
        return error_set(err, STATUS_CONFLICT, "honour.policy", "",
                         "the programme does not say how advertisements without a trace are honoured");
    if (!honour_reason_is(policy, body->asked.reason))
        return error_set(err, STATUS_INVALID, "honour.reason", "reason", "'%.*s' is no reason of the programme",
                         (int)body->asked.reason.size, body->asked.reason.bytes);
    if (body->claim >= 0 && command->claims[body->claim].reference != 0)
        return error_set(err, STATUS_CONFLICT, "honour.known", "purchase", "of this purchase it was honoured as %s",
                         id_format("hnr", command->claims[body->claim].reference, id));
    return STATUS_OK;
}

static enum status promise_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct honour_promise *body = command->body;
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    const struct honour_policy *policy = programme->honours;
    struct traceless honour = body->asked;
    bool known = false;
    enum status status = customer_require(decision, command, 0, err);

    if (status == STATUS_OK)
        status = check_asked(decision, command, body, policy, err);
    if (status == STATUS_OK)
        status = find_cost(decision, policy, &honour, &known, err);
    if (status != STATUS_OK)
        return status;
    int64_t cost = cost_of(policy, &honour);
    honour.member = decision->subjects[0].member->id;
    honour.at = decision->now;
    honour.day = body->asked.day = zone_day(programme->zone, decision->now);
    bool alone = known && cost <= honour_limit_of(policy, body->roles);
    honour.state = alone ? HONOUR_GIVEN : HONOUR_WAITING;
    status = count_day(decision, body, policy, alone ? cost : 0, err);
    if (status != STATUS_OK)
        return status;
    struct journal_row *row = honour_row(decision, &honour, "honour");
    struct builder detail = {.arena = decision->arena};
    add_text(&detail, "advertised", honour.advertised);
    add_text(&detail, "note", body->note);
    row->detail = finish(&detail);
    honour.id = row->id;
    if (body->claim >= 0)
        claim_take(decision, HONOUR_CLAIM, command->claims[body->claim].key, row->id, honour.member);
    if (alone)
        status = give(decision, command, &body->keys, &honour, err);
    else
        honour.approval = open_approval(decision, command, &honour);
    if (status != STATUS_OK)
        return status;
    store_honour(decision, &honour);
    audit_add(decision, command, alone ? "honour.given" : "honour.asked", honour.id, none, row->facts);
    honour_copy(command->arena, &honour, &body->result);
    return STATUS_OK;
}

const struct command_type honour_promise_type = {
    .name = "honour_promise", .loads = LOAD_ALONE, .decide = promise_decide};

/* ---- deciding ---- */

static enum status decide_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct decide_honour *body = command->body;
    struct traceless honour = body->honour;
    enum status status = customer_require(decision, command, 0, err);

    if (status != STATUS_OK)
        return status;
    if (honour.id == 0)
        return error_set(err, STATUS_MISSING, "honour.unknown", "honour", "there is no such honour");
    if (honour.state != HONOUR_WAITING)
        return error_set(err, STATUS_CONFLICT, "honour.decided", "", "it is %s already", honour_states[honour.state]);
    if (text_equal(honour.by, body->by))
        return error_set(err, STATUS_CONFLICT, "honour.own", "", "somebody else decides what you asked for");
    honour.state = HONOUR_REFUSED;
    if (body->approve)
        status = give(decision, command, &body->keys, &honour, err);
    if (status != STATUS_OK)
        return status;
    honour.decided_at = decision->now;
    honour.decided_by = body->by;
    struct journal_row *row = honour_row(decision, &honour, "honour_decided");
    struct builder detail = {.arena = decision->arena};
    add_text(&detail, "note", body->reason);
    row->detail = finish(&detail);
    store_honour(decision, &honour);
    audit_add(decision, command, body->approve ? "honour.approved" : "honour.refused", honour.id, none, row->facts);
    honour_copy(command->arena, &honour, &body->result);
    return STATUS_OK;
}

const struct command_type decide_honour_type = {
    .name = "decide_honour", .loads = LOAD_ALONE, .load = decide_honour_load, .decide = decide_decide};

/* ---- telling ---- */

static enum status tell_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct tell_honour *body = command->body;
    struct traceless honour = body->honour;

    (void)err;
    if (reaction_done(command) || honour.id == 0 || honour.told_at != 0 || decision->subjects[0].member == NULL ||
        decision->subjects[0].member->status != MEMBER_ACTIVE)
        return STATUS_OK;
    honour.outcome = body->outcome;
    honour.outcome_text = body->outcome_text;
    honour.told_at = decision->now;
    struct journal_row *row = honour_row(decision, &honour, "honour_outcome");
    struct builder detail = {.arena = decision->arena};
    add_text(&detail, "outcome", body->outcome_text);
    row->detail = finish(&detail);
    store_honour(decision, &honour);
    reaction_keep(decision, command, row);
    return STATUS_OK;
}

const struct command_type tell_honour_type = {
    .name = "tell_honour", .loads = LOAD_ALONE, .load = tell_honour_load, .decide = tell_decide};
