/* The decisions of the commands on points. */
#include "features/points/context.h"

#include <assert.h>

#include "features/customers/customers.h"
#include "features/customers/standing.h"
#include "features/points/ledger.h"
#include "features/points/lots.h"
#include "features/redemption/spending.h"

/* What a decision works on. */
struct work {
    struct decision *decision;
    struct person *person;
    const struct programme *programme;
    int64_t at;
    struct journal_row *row;
    struct posting posting;
    struct ledger ledger;
};

enum status points_policy(const struct programme *programme, struct text wallet, const struct wallet_policy **out,
                          struct error *err)
{
    *out = programme_wallet(programme, wallet);
    if (*out == NULL)
        return error_set(err, STATUS_INVALID, "wallet.unknown", "wallet", "there is no points account '%.*s'",
                         (int)wallet.size, wallet.bytes);
    return STATUS_OK;
}

static enum status check_points(int64_t points, struct error *err)
{
    if (points <= 0)
        return error_set(err, STATUS_INVALID, "points.amount", "points", "points are more than 0");
    return STATUS_OK;
}

/* The row of the command and its ledger. `facts` is finished here. */
static void start_row(struct work *work, const char *kind, const struct points_context *context, struct builder *facts)
{
    work->row = points_row(work->decision, work->person->member, kind, work->at, context, facts);
    work->posting = posting_start(work->decision, work->row);
    work->ledger.posting = &work->posting;
    work->ledger.group = work->person->group;
    work->ledger.member = work->person->member;
    work->ledger.programme = work->programme;
}

static struct points_result result_of(struct work *work, const struct command *command, int64_t points)
{
    const struct person *person = work->person;
    struct text wallet = work->ledger.policy->code;

    return (struct points_result){.id = work->row->id,
                                  .member = person->member->id,
                                  .wallet = text_copy(command->arena, wallet),
                                  .points = points,
                                  .available = ledger_available(person->group, person->member, wallet),
                                  .balance = ledger_balance(person->group, person->member, wallet)};
}

static enum status start(struct work *work, struct decision *decision, const struct command *command,
                         const struct points_context *context, struct error *err)
{
    *work = (struct work){.decision = decision,
                          .person = &decision->subjects[0],
                          .programme = programme_at(decision->programmes, decision->now)};
    enum status status = customer_require(decision, command, 0, err);
    return status == STATUS_OK ? points_at(decision, context, &work->at, err) : status;
}

/* The person acted: points that live by activity live longer. */
static void finish(struct work *work, bool activity)
{
    struct person *person = work->person;

    if (activity)
        standing_touch(person->group, person->member, work->row->at);
    for (size_t i = 0; i < COMMAND_SUBJECTS_MAX; i++) {
        struct person *subject = &work->decision->subjects[i];
        if (subject->leader != NULL)
            for (size_t m = 0; m < subject->group->member_count; m++)
                if (subject->group->members[m].leader == subject->group->members[m].id)
                    points_set_due(subject->group, &subject->group->members[m]);
    }
}

/* Whether the person may spend the points, and what proved that it is them. */
static enum status spend(struct work *work, const struct command *command, const struct points_context *context,
                         int64_t points, struct builder *facts, struct error *err)
{
    const struct proof *proof = command->body; /* whatever spends begins with it */
    const struct spending spending = {.decision = work->decision,
                                      .command = command,
                                      .person = work->person,
                                      .policy = work->ledger.policy,
                                      .points = points,
                                      .proof = proof,
                                      .place = {context->store, context->till, context->employee}};
    enum status status = spending_check(&spending, err);

    if (status != STATUS_OK)
        return status;
    proof_use(work->decision, proof);
    fact_code(facts, "proof", text_from(proof_name(proof->kind)));
    return STATUS_OK;
}

/* ---- redeem ---- */

static enum status decide_redeem(struct decision *decision, struct command *command, struct error *err)
{
    struct redemption *body = command->body;
    struct builder facts = {.arena = decision->arena};
    struct work work;
    enum status status = start(&work, decision, command, &body->context, err);

    if (status == STATUS_OK)
        status = points_policy(work.programme, body->wallet, &work.ledger.policy, err);
    if (status == STATUS_OK)
        status = check_points(body->points, err);
    if (status != STATUS_OK)
        return status;
    fact_code(&facts, "wallet", work.ledger.policy->code);
    fact_number(&facts, "points", body->points);
    fact_code(&facts, "reward", body->reward);
    status = spend(&work, command, &body->context, body->points, &facts, err);
    if (status != STATUS_OK)
        return status;
    start_row(&work, "redemption", &body->context, &facts);
    status = ledger_draw(&work.ledger, body->points, ACCOUNT_REDEEMED, err);
    if (status != STATUS_OK)
        return status;
    finish(&work, true);
    body->result = result_of(&work, command, body->points);
    return STATUS_OK;
}

const struct command_type redeem_command_type = {.name = "redeem", .loads = LOAD_LOTS, .decide = decide_redeem};
const struct command_type redeem_proved_command_type = {
    .name = "redeem", .loads = SPENDING_LOADS, .load = spending_load, .decide = decide_redeem};

/* ---- holds ---- */

static enum status decide_hold(struct decision *decision, struct command *command, struct error *err)
{
    struct hold_request *body = command->body;
    struct builder facts = {.arena = decision->arena};
    struct work work;
    struct hold *hold;
    enum status status = start(&work, decision, command, &body->context, err);

    if (status == STATUS_OK)
        status = points_policy(work.programme, body->wallet, &work.ledger.policy, err);
    if (status == STATUS_OK)
        status = check_points(body->points, err);
    if (status != STATUS_OK)
        return status;
    int64_t seconds = body->seconds > 0 ? body->seconds : work.ledger.policy->hold_seconds;
    int64_t expires_at = decision->now + (seconds < HOLD_SECONDS_MAX ? seconds : HOLD_SECONDS_MAX) * INSTANT_SECOND;
    fact_code(&facts, "wallet", work.ledger.policy->code);
    fact_number(&facts, "points", body->points);
    fact_code(&facts, "reward", body->reward);
    fact_number(&facts, "expires_at", expires_at);
    status = spend(&work, command, &body->context, body->points, &facts, err);
    if (status != STATUS_OK)
        return status;
    start_row(&work, "hold", &body->context, &facts);
    status = ledger_hold(&work.ledger, body->points, expires_at, &hold, err);
    if (status != STATUS_OK)
        return status;
    finish(&work, true);
    body->expires_at = expires_at;
    body->result = result_of(&work, command, body->points);
    return STATUS_OK;
}

const struct command_type hold_command_type = {.name = "hold", .loads = LOAD_LOTS, .decide = decide_hold};
const struct command_type hold_proved_command_type = {
    .name = "hold", .loads = SPENDING_LOADS, .load = spending_load, .decide = decide_hold};

static enum status find_hold(const struct decision *decision, struct hold **out, struct member **owner,
                             struct error *err)
{
    const struct past_event *event = decision->events[0];
    struct group *group = decision->subjects[0].group;

    *out = NULL;
    if (event != NULL && text_equals(event->row.kind, "hold")) {
        *owner = group_find(group, event->row.member);
        *out = *owner != NULL ? member_hold(*owner, event->row.id) : NULL;
    }
    if (*out == NULL)
        return error_set(err, STATUS_MISSING, "hold.unknown", "hold", "there is no such hold");
    return STATUS_OK;
}

static enum status start_hold_end(struct work *work, struct decision *decision, const struct command *command,
                                  struct hold **hold, struct error *err)
{
    const struct hold_end *body = command->body;
    struct member *owner;
    enum status status = start(work, decision, command, &body->context, err);

    if (status == STATUS_OK)
        status = find_hold(decision, hold, &owner, err);
    if (status == STATUS_OK)
        status = points_policy(work->programme, (*hold)->wallet, &work->ledger.policy, err);
    return status;
}

static enum status decide_capture(struct decision *decision, struct command *command, struct error *err)
{
    struct hold_end *body = command->body;
    struct builder facts = {.arena = decision->arena};
    struct work work;
    struct hold *hold;
    enum status status = start_hold_end(&work, decision, command, &hold, err);

    if (status != STATUS_OK)
        return status;
    int64_t points = body->points != 0 ? body->points : hold->amount;
    status = check_points(points, err);
    if (status == STATUS_OK)
        status = freeze_check(decision, work.person, work.ledger.policy->code, body->context.employee, err);
    if (status != STATUS_OK)
        return status;
    fact_code(&facts, "wallet", work.ledger.policy->code);
    fact_number(&facts, "points", points);
    fact_code(&facts, "reward", body->reward);
    start_row(&work, "capture", &body->context, &facts);
    work.row->cause = hold->id;
    status = ledger_capture(&work.ledger, hold, points, err);
    if (status != STATUS_OK)
        return status;
    finish(&work, true);
    body->result = result_of(&work, command, points);
    return STATUS_OK;
}

const struct command_type capture_command_type = {
    .name = "capture", .loads = LOAD_LOTS | LOAD_FOLLOWERS, .decide = decide_capture};

static enum status decide_release(struct decision *decision, struct command *command, struct error *err)
{
    struct hold_end *body = command->body;
    struct builder facts = {.arena = decision->arena};
    struct work work;
    struct hold *hold;
    enum status status = start_hold_end(&work, decision, command, &hold, err);

    if (status != STATUS_OK)
        return status;
    start_row(&work, "release", &body->context, &facts);
    work.row->cause = hold->id;
    status = ledger_release(&work.ledger, hold, HOLD_RELEASED, err);
    if (status != STATUS_OK)
        return status;
    finish(&work, false);
    body->result = result_of(&work, command, hold->amount);
    return STATUS_OK;
}

const struct command_type release_command_type = {
    .name = "release", .loads = LOAD_LOTS | LOAD_FOLLOWERS, .decide = decide_release};

/* ---- undoing ---- */

/* The wallet of a redemption or capture; empty for any other event. */
static struct text drawn_wallet(const struct past_event *event)
{
    bool drawn =
        event != NULL && (text_equals(event->row.kind, "redemption") || text_equals(event->row.kind, "capture"));

    if (drawn)
        for (size_t i = 0; i < event->row.movement_count; i++)
            if (event->row.movements[i].credit == ACCOUNT_REDEEMED)
                return event->row.movements[i].wallet;
    if (drawn)
        for (size_t i = 0; i < event->follower_count; i++)
            if (event->followers[i].row.movement_count > 0)
                return event->followers[i].row.movements[0].wallet;
    return (struct text){NULL, 0};
}

static enum status check_reversible(const struct past_event *event, struct text *wallet, struct error *err)
{
    if (event == NULL)
        return error_set(err, STATUS_MISSING, "event.unknown", "redemption", "there is no such redemption");
    *wallet = drawn_wallet(event);
    if (wallet->size == 0)
        return error_set(err, STATUS_CONFLICT, "points.not_reversible", "redemption",
                         "only a redemption or a captured hold can be undone");
    if (text_equals(event->row.kind, "redemption") && event->row.cause != 0)
        return error_set(err, STATUS_CONFLICT, "points.paid_purchase", "redemption",
                         "these points paid for a purchase; they come back when it is returned");
    return STATUS_OK;
}

static enum status decide_reverse(struct decision *decision, struct command *command, struct error *err)
{
    struct undoing *body = command->body;
    struct builder facts = {.arena = decision->arena};
    struct text wallet;
    struct work work;
    enum status status = check_reversible(decision->events[0], &wallet, err);

    if (status == STATUS_OK)
        status = start(&work, decision, command, &body->context, err);
    if (status == STATUS_OK)
        status = points_policy(work.programme, wallet, &work.ledger.policy, err);
    if (status != STATUS_OK)
        return status;
    int64_t left = ledger_given_left(decision->events[0], wallet), points = body->points != 0 ? body->points : left;
    if (left == 0)
        return error_set(err, STATUS_CONFLICT, "points.reversed", "redemption", "it has already been undone");
    status = check_points(points, err);
    if (status != STATUS_OK)
        return status;
    fact_code(&facts, "wallet", work.ledger.policy->code);
    fact_number(&facts, "points", points);
    fact_code(&facts, "reason", body->reason);
    start_row(&work, "reversal", &body->context, &facts);
    work.row->cause = decision->events[0]->row.id;
    status = ledger_give_back(&work.ledger, decision->events[0], points, err);
    if (status != STATUS_OK)
        return status;
    finish(&work, false);
    body->result = result_of(&work, command, points);
    return STATUS_OK;
}

const struct command_type reverse_command_type = {
    .name = "reverse", .loads = LOAD_LOTS | LOAD_FOLLOWERS, .decide = decide_reverse};

/* ---- adjusting ---- */

static enum status check_adjustment(const struct adjustment *body, const struct wallet_policy *policy,
                                    const struct decision *decision, struct error *err)
{
    int64_t size = body->points < 0 ? -body->points : body->points;

    if (body->points == 0 || body->points == INT64_MIN)
        return error_set(err, STATUS_INVALID, "points.amount", "points", "points are given above 0 or taken below 0");
    if (body->reason.size == 0)
        return error_set(err, STATUS_INVALID, "points.reason", "reason", "an adjustment needs a reason");
    if (size > policy->approval_limit && !body->may_approve)
        return error_set(err, STATUS_FORBIDDEN, "points.approval", "points",
                         "adjustments above %lld points need someone who may approve them",
                         (long long)policy->approval_limit);
    if (body->expires_given && (body->points < 0 || body->expires_at <= decision->now))
        return error_set(err, STATUS_INVALID, "points.expires_at", "expires_at",
                         "an expiry lies ahead, and belongs to points that are given");
    return STATUS_OK;
}

static enum status decide_adjust(struct decision *decision, struct command *command, struct error *err)
{
    struct adjustment *body = command->body;
    struct builder facts = {.arena = decision->arena};
    struct work work;
    enum status status = start(&work, decision, command, &body->context, err);

    if (status == STATUS_OK)
        status = points_policy(work.programme, body->wallet, &work.ledger.policy, err);
    if (status == STATUS_OK)
        status = check_adjustment(body, work.ledger.policy, decision, err);
    if (status != STATUS_OK)
        return status;
    fact_code(&facts, "wallet", work.ledger.policy->code);
    fact_number(&facts, "points", body->points);
    fact_code(&facts, "reason", body->reason);
    if (body->points > work.ledger.policy->approval_limit || -body->points > work.ledger.policy->approval_limit)
        fact_code(&facts, "approved_by", command->actor);
    start_row(&work, "adjustment", &body->context, &facts);
    if (body->points > 0) {
        int64_t activity_at = work.person->leader->standing.last_event_at;
        int64_t expires_at = body->expires_given
                                 ? body->expires_at
                                 : wallet_expiry(work.ledger.policy, work.programme->zone, work.at, activity_at);
        status = ledger_accrue(
            &work.ledger, (struct accrual){body->points, ACCOUNT_ADJUSTED, work.at, work.at, expires_at}, NULL, err);
    } else {
        status = ledger_adjust_down(&work.ledger, -body->points, err);
    }
    if (status != STATUS_OK)
        return status;
    finish(&work, false);
    body->result = result_of(&work, command, body->points);
    for (size_t i = 0; i < work.row->movement_count; i++)
        if (work.row->movements[i].debit == ACCOUNT_WRITTEN_OFF)
            body->result.written_off += work.row->movements[i].amount;
    return STATUS_OK;
}

const struct command_type adjust_command_type = {.name = "adjust", .loads = LOAD_LOTS, .decide = decide_adjust};

/* ---- who is concerned ---- */

static enum status name_owner(struct command *command, int64_t member, struct error *err)
{
    for (size_t i = 0; i < command->subject_count; i++)
        if (command->subjects[i].id == member)
            return STATUS_OK;
    if (command->subject_count == COMMAND_SUBJECTS_MAX)
        return error_set(err, STATUS_LIMIT, "points.too_many_owners", "", "the points came from more than %d members",
                         COMMAND_SUBJECTS_MAX);
    command->subjects[command->subject_count++] = (struct subject){.by = SUBJECT_MEMBER, .id = member};
    return STATUS_OK;
}

enum status points_name_owners(struct command *command, const struct past_event *event, struct error *err)
{
    enum status status = event->row.member != 0 ? name_owner(command, event->row.member, err) : STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < event->row.movement_count; i++)
        status = name_owner(command, event->row.movements[i].member, err);
    for (size_t i = 0; status == STATUS_OK && i < event->follower_count; i++)
        for (size_t m = 0; status == STATUS_OK && m < event->followers[i].row.movement_count; m++)
            status = name_owner(command, event->followers[i].row.movements[m].member, err);
    return status;
}
