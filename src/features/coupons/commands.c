#include "features/coupons/commands.h"

#include <stdio.h>

#include "features/customers/customers.h"
#include "features/customers/standing.h"
#include "features/points/context.h"
#include "features/points/ledger.h"
#include "foundation/map.h"

const char *const coupon_use_states[] = {"", "reserved", "redeemed", "released", NULL};

static const struct text none = {NULL, 0};

int coupon_bucket(struct text key)
{
    char id[CODE_KEY_MAX + 8];
    int size = snprintf(id, sizeof id, "code:%.*s", (int)key.size, key.bytes);

    return (int)(hash_stable((struct text){id, (size_t)size}) % BUCKET_COUNT);
}

/* ---- rows ---- */

static struct journal_row *start_row(struct decision *decision, const struct command *command, const char *kind,
                                     const struct points_context *context, struct builder *facts)
{
    const struct member *member = command->subject_count > 0 ? decision->subjects[0].member : NULL;
    struct arena *arena = decision->arena;

    if (member != NULL)
        return points_row(decision, member, kind, decision->now, context, facts);
    struct journal_row *row = journal_add(decision, NULL, command->bucket, kind, decision->now);
    row->day = zone_day(programme_at(decision->programmes, decision->now)->zone, decision->now);
    row->store = text_copy(arena, context->store);
    row->channel = text_copy(arena, context->channel);
    fact_code(facts, "till", context->till);
    fact_code(facts, "employee", context->employee);
    builder_char(facts, '}');
    row->facts = builder_done(facts);
    return row;
}

static struct builder code_facts(struct decision *decision, const struct coupon_use *use, struct text series)
{
    struct builder facts = {.arena = decision->arena};

    fact_code(&facts, "code", use->key);
    fact_code(&facts, "series", series);
    return facts;
}

static void finish_person(struct decision *decision, const struct command *command)
{
    struct person *person = &decision->subjects[0];

    if (command->subject_count == 0 || person->member == NULL)
        return;
    standing_touch(person->group, person->member, decision->now);
    points_set_due(person->group, person->leader);
}

/* ---- giving ---- */

static enum status check_issue(const struct decision *decision, const struct issue_code *body,
                               const struct coupon_series **series, struct error *err)
{
    const struct counter *counter = decision->counters[body->use.counter];
    bool current = false;

    *series = coupon_series_find(decision->programmes, body->series, decision->now, &current);
    if (*series == NULL || !current)
        return error_set(err, STATUS_CONFLICT, "coupon.series", "series", "there is no such series now");
    if (decision->now >= (*series)->until)
        return error_set(err, STATUS_CONFLICT, "coupon.expired", "series", "codes of the series are no longer valid");
    if ((*series)->codes == COUPON_PUBLIC)
        return error_set(err, STATUS_CONFLICT, "coupon.public", "series", "a public code is not given to anybody");
    bool taken = counter->used > 0 || counter->maximum != INT64_MAX || body->use.owner != 0;
    if (body->fresh ? body->use.found : !body->use.found || taken)
        return error_set(err, STATUS_BUSY, "engine.again", "", "another was given this code: ask again");
    return STATUS_OK;
}

static enum status decide_issue(struct decision *decision, struct command *command, struct error *err)
{
    struct issue_code *body = command->body;
    const struct coupon_series *series;
    enum status status = customer_require(decision, command, 0, err);

    if (status == STATUS_OK)
        status = check_issue(decision, body, &series, err);
    if (status != STATUS_OK)
        return status;
    struct member *member = decision->subjects[0].member;
    struct counter *counter = decision->counters[body->use.counter];
    struct builder facts = code_facts(decision, &body->use, body->series);
    struct journal_row *row = start_row(decision, command, "coupon_issue", &body->context, &facts);
    row->cause = body->cause;
    int64_t until = coupon_valid_until(series, programme_at(decision->programmes, decision->now)->zone, decision->now);
    if (!body->fresh && body->use.valid_until < until)
        until = body->use.valid_until;
    const struct coupon_code code = {.key = body->use.key,
                                     .series = body->series,
                                     .issued_at = decision->now,
                                     .valid_from = body->fresh ? INT64_MIN : body->use.valid_from,
                                     .valid_until = until,
                                     .uses = body->use.uses,
                                     .owner = member->id};
    counter->maximum = member->id;
    counter->changed = true;
    store_coupon_code(decision, &code);
    store_coupon_owner(decision, member->id, &code, row->id);
    body->id = row->id;
    body->member = member->id;
    body->valid_until = until < series->until ? until : series->until;
    return STATUS_OK;
}

const struct command_type coupon_issue_type = {
    .name = "coupon_issue", .load = coupon_issue_load, .decide = decide_issue};

/* ---- using ---- */

static enum status give_points(struct decision *decision, const struct coupon_series *series, struct journal_row *row,
                               struct error *err)
{
    struct person *person = &decision->subjects[0];
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    const struct wallet_policy *policy = programme_wallet(programme, series->opens);

    if (person->member == NULL)
        return error_set(err, STATUS_CONFLICT, "coupon.member_needed", "member",
                         "the coupon gives points: say who gets them");
    if (policy == NULL)
        return error_set(err, STATUS_INVALID, "wallet.unknown", "wallet", "there is no points account '%.*s'",
                         (int)series->opens.size, series->opens.bytes);
    struct posting posting = posting_start(decision, row);
    struct ledger ledger = {&posting, person->group, person->member, programme, policy};
    int64_t expires_at = wallet_expiry(policy, programme->zone, decision->now, person->leader->standing.last_event_at);
    return ledger_accrue(&ledger,
                         (struct accrual){series->points, ACCOUNT_ISSUED, decision->now,
                                          wallet_active_at(policy, programme->zone, decision->now), expires_at},
                         NULL, err);
}

/* What is given at the redemption itself; `row` is that of the redemption. */
static enum status give_gift(struct decision *decision, const struct coupon_series *series, struct journal_row *row,
                             struct error *err)
{
    const struct person *person = &decision->subjects[0];
    const struct grant grant = {series->opens, series->grant_days};

    if (series->gift == COUPON_POINTS)
        return give_points(decision, series, row, err);
    if (series->gift != COUPON_ENTITLEMENT)
        return STATUS_OK;
    if (person->member == NULL)
        return error_set(err, STATUS_CONFLICT, "coupon.member_needed", "member",
                         "the coupon gives a benefit: say who gets it");
    return grant_give(decision, person, &grant, (struct grant_source){row->id, "coupon"}, err);
}

static void report(const struct decision *decision, const struct command *command, const struct coupon_use *use,
                   const struct coupon_series *series, struct use_code_result *result)
{
    const struct member *member = command->subject_count > 0 ? decision->subjects[0].member : NULL;
    int64_t most = use->uses > 0 ? use->uses : series != NULL ? series->uses : INT64_MAX;

    result->member = member != NULL ? member->id : 0;
    result->series = text_copy(command->arena, use->series);
    result->gift = series != NULL ? series->gift : COUPON_NOTHING;
    result->opens = series != NULL ? text_copy(command->arena, series->opens) : none;
    result->points = series != NULL ? series->points : 0;
    result->uses_left = most == INT64_MAX ? most : most - decision->counters[use->counter]->used;
}

static enum status check_gift(const struct coupon_series *series, bool reserve, struct error *err)
{
    if (reserve || series->gift != COUPON_REWARD)
        return STATUS_OK;
    return error_set(err, STATUS_CONFLICT, "coupon.elsewhere", "code", "this coupon opens the %s '%.*s': use it there",
                     coupon_gift_names[series->gift], (int)series->opens.size, series->opens.bytes);
}

static enum status decide_use(struct decision *decision, struct command *command, struct error *err)
{
    struct use_code *body = command->body;
    struct person *person = &decision->subjects[0];
    const struct coupon_series *series = NULL;
    enum status status = command->subject_count > 0 ? customer_require(decision, command, 0, err) : STATUS_OK;

    if (status != STATUS_OK)
        return status;
    struct builder facts = code_facts(decision, &body->use, none);
    fact_code(&facts, "receipt", body->receipt);
    struct journal_row *row = start_row(decision, command, body->reserve ? "coupon_reservation" : "coupon_redemption",
                                        &body->context, &facts);
    const struct coupon_act act = {decision, command, person, row};
    bool current;
    const struct coupon_series *likely =
        coupon_series_find(decision->programmes, body->use.series, decision->now, &current);
    int64_t seconds = body->seconds > 0 ? body->seconds
                      : likely != NULL  ? likely->reserved_seconds
                                        : COUPON_RESERVED_SECONDS;
    int64_t until = decision->now + seconds * INSTANT_SECOND;
    status = body->reserve ? coupon_reserve(&act, &body->use, until, &series, err)
                           : coupon_redeem(&act, &body->use, &series, err);
    if (status == STATUS_OK)
        status = check_gift(series, body->reserve, err);
    if (status == STATUS_OK && !body->reserve)
        status = give_gift(decision, series, row, err);
    if (status != STATUS_OK)
        return status;
    finish_person(decision, command);
    report(decision, command, &body->use, series, &body->result);
    body->result.id = row->id;
    body->result.until = body->reserve ? until : 0;
    return STATUS_OK;
}

const struct command_type coupon_use_type = {
    .name = "coupon_use", .loads = LOAD_PROGRESS, .load = coupon_use_load, .decide = decide_use};

/* ---- ending ---- */

static enum status check_end(const struct decision *decision, const struct end_code *body, bool *done,
                             struct error *err)
{
    const struct coupon_row *row = &body->row;
    bool over = row->state == COUPON_RESERVED && row->until <= decision->now;

    *done = body->lapsed && !over;
    if (*done)
        return STATUS_OK;
    if (row->state == 0)
        return error_set(err, STATUS_MISSING, "coupon.unknown_use", "use", "there is no such use of the coupon");
    if (row->state == COUPON_RELEASED || (row->state == COUPON_REDEEMED && !body->release))
        return error_set(err, STATUS_CONFLICT, "coupon.ended", "use", "the use has been %s already",
                         coupon_use_states[row->state]);
    if (over && !body->release)
        return error_set(err, STATUS_CONFLICT, "coupon.reservation_over", "use",
                         "the reservation is over: reserve or redeem the code again");
    return STATUS_OK;
}

static enum status take_row(struct decision *decision, struct journal_row *row, const struct past_event *event,
                            struct error *err)
{
    struct person *person = &decision->subjects[0];
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < event->row.movement_count; i++) {
        const struct movement *movement = &event->row.movements[i];
        const struct wallet_policy *policy = programme_wallet(programme, movement->wallet);
        int64_t written_off;
        if (movement->debit != ACCOUNT_ISSUED || policy == NULL || person->member == NULL)
            continue;
        struct posting posting = posting_start(decision, row);
        struct ledger ledger = {&posting, person->group, person->member, programme, policy};
        status = ledger_claw_back(&ledger, event, movement->amount, &written_off, err);
    }
    return status;
}

/* The benefit that a redemption gave; who used it keeps it, and the code stays used. */
static enum status take_benefit(struct decision *decision, const struct end_code *body, int64_t redemption,
                                struct error *err)
{
    const struct person *person = &decision->subjects[0];

    if (person->member == NULL || grant_take_back(decision, person, redemption, &body->entitled) != GRANT_USED)
        return STATUS_OK;
    return error_set(err, STATUS_CONFLICT, "coupon.gift_used", "use", "the benefit that it gave has been used");
}

/* What the redemption gave goes back, as with a return: by the row of the use, or by the one that settled it. */
static enum status take_gift(struct decision *decision, const struct end_code *body, struct journal_row *row,
                             struct error *err)
{
    const struct past_event *event = decision->events[0];
    enum status status = take_row(decision, row, event, err);

    if (status == STATUS_OK)
        status = take_benefit(decision, body, event->row.id, err);
    for (size_t i = 0; status == STATUS_OK && i < event->follower_count; i++) {
        const struct past_event *settled = &event->followers[i];
        if (!text_equals(settled->row.kind, "coupon_redemption"))
            continue;
        status = take_row(decision, row, settled, err);
        if (status == STATUS_OK)
            status = take_benefit(decision, body, settled->row.id, err);
    }
    return status;
}

static enum status settle(const struct coupon_act *act, struct end_code *body, struct journal_row *row,
                          const struct coupon_series *series, struct error *err)
{
    if (series == NULL)
        return error_set(err, STATUS_CONFLICT, "coupon.expired", "code", "coupons of this series are no longer taken");
    enum status status = check_gift(series, false, err);
    if (status == STATUS_OK)
        status = give_gift(act->decision, series, row, err);
    if (status == STATUS_OK)
        coupon_settle(act, &body->use, body->row.id);
    return status;
}

static enum status decide_end(struct decision *decision, struct command *command, struct error *err)
{
    struct end_code *body = command->body;
    struct person *person = &decision->subjects[0];
    bool done, current;
    enum status status = check_end(decision, body, &done, err);

    if (status != STATUS_OK || done)
        return status;
    body->use.series = body->row.series;
    const struct coupon_series *series =
        coupon_series_find(decision->programmes, body->use.series, decision->now, &current);
    struct builder facts = code_facts(decision, &body->use, body->use.series);
    fact_code(&facts, "receipt", body->receipt);
    struct journal_row *row =
        start_row(decision, command, body->release ? "coupon_release" : "coupon_redemption", &body->context, &facts);
    row->cause = body->row.id;
    const struct coupon_act act = {decision, command, person, row};
    if (body->release) {
        coupon_release(&act, &body->use, body->row.id);
        status = body->row.state == COUPON_REDEEMED ? take_gift(decision, body, row, err) : STATUS_OK;
    } else {
        status = settle(&act, body, row, series, err);
    }
    if (status != STATUS_OK)
        return status;
    finish_person(decision, command);
    report(decision, command, &body->use, series, &body->result);
    body->result.id = row->id;
    return STATUS_OK;
}

const struct command_type coupon_end_type = {.name = "coupon_end",
                                             .loads = LOAD_LOTS | LOAD_PROGRESS | LOAD_FOLLOWERS | LOAD_ALONE,
                                             .load = coupon_end_load,
                                             .decide = decide_end};

/* ---- making void ---- */

static enum status decide_void(struct decision *decision, struct command *command, struct error *err)
{
    struct void_code *body = command->body;
    struct counter *counter = decision->counters[body->use.counter];

    if (!body->use.found)
        return error_set(err, STATUS_MISSING, "coupon.unknown", "code", "there is no such coupon");
    if (body->use.voided || counter->maximum < 0)
        return error_set(err, STATUS_CONFLICT, "coupon.void", "code", "the coupon has been made void already");
    struct builder facts = code_facts(decision, &body->use, body->use.series);
    fact_code(&facts, "reason", body->reason);
    struct journal_row *row = start_row(decision, command, "coupon_void", &body->context, &facts);
    counter->maximum = -1;
    counter->changed = true;
    store_coupon_code(decision, &(struct coupon_code){.key = body->use.key,
                                                      .series = body->use.series,
                                                      .issued_at = body->use.issued_at,
                                                      .valid_from = body->use.valid_from,
                                                      .valid_until = body->use.valid_until,
                                                      .uses = body->use.uses,
                                                      .owner = body->use.owner,
                                                      .voided_at = decision->now});
    audit_add(decision, command, "coupon.voided", row->id, none, row->facts);
    body->id = row->id;
    return STATUS_OK;
}

const struct command_type coupon_void_type = {.name = "coupon_void", .load = coupon_void_load, .decide = decide_void};
