/* follow.c: what becomes of a missed benefit: goods come back, it is given after all, somebody decides. */
#include "features/customers/customers.h"
#include "features/events/return.h"
#include "features/promises/missed_rows.h"
#include "features/reactions/award.h"
#include "features/reactions/reaction.h"

/* ---- limits of the offer ---- */

void missed_limits_name(const struct missed *missed, struct command *command, struct arena *arena)
{
    const struct offer offer = {.code = text_copy(arena, missed->code)};

    if ((missed->limits & MISSED_LIMIT_USES) != 0 && command->counter_count < COMMAND_COUNTERS_MAX)
        command->counters[command->counter_count++] = offer_counter_uses(arena, &offer);
    if ((missed->limits & MISSED_LIMIT_BUDGET) != 0 && command->counter_count < COMMAND_COUNTERS_MAX)
        command->counters[command->counter_count++] = offer_counter_budget(arena, &offer);
}

static void free_limits(struct decision *decision, const struct command *command, const struct missed *missed)
{
    const struct quote_back back = {.person = &decision->subjects[0],
                                    .offer = missed->code,
                                    .uses = (missed->limits & MISSED_LIMIT_USES) != 0,
                                    .budget = (missed->limits & MISSED_LIMIT_BUDGET) != 0,
                                    .member = (missed->limits & MISSED_LIMIT_MEMBER) != 0,
                                    .member_day = (missed->limits & MISSED_LIMIT_DAY) != 0,
                                    .day = missed->limit_day,
                                    .amount = missed->value,
                                    .use = true};

    if (missed->limits != 0)
        quote_uncount(decision, command, &back);
}

/* The period of a benefit is open again: a later purchase may miss it. */
static void free_period(struct decision *decision, const struct missed *missed)
{
    struct person *person = &decision->subjects[0];
    struct text id = missed_progress(decision->arena, missed);

    for (size_t i = 0; i < person->group->member_count; i++) {
        struct member *member = &person->group->members[i];
        for (size_t p = 0; member->leader == person->leader->id && p < member->progress_count; p++)
            if (text_equal(member->progress[p].id, id)) {
                member->progress[p].used = 0;
                member->progress[p].changed = true;
            }
    }
}

/* ---- goods come back ---- */

static bool is_back(const struct purchase_line *left, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (left[i].amount != 0 || left[i].quantity_milli != 0)
            return false;
    return true;
}

static enum status take_back(struct decision *decision, struct follow_missed *body, struct missed *missed,
                             int64_t cause, struct error *err)
{
    int64_t keep = missed_points_left(missed, missed->left), back = missed->good.points - missed->taken - keep, taken;
    const struct past_event *given = decision->events[1];

    if (missed->good.kind == GOOD_VOUCHER && missed->left == 0 && body->voucher.key.size > 0)
        missed->taken = good_void_voucher(decision, &body->voucher);
    if (missed->good.kind != GOOD_POINTS || back <= 0)
        return STATUS_OK;
    const struct award award = {
        .kind = "missed_benefit_back", .wallet = missed->good.wallet, .points = back, .cause = cause};
    missed->taken += back;
    return award_take_back(decision, &decision->subjects[0], &award, given, &taken, err);
}

static enum status follow_return(struct decision *decision, struct command *command, struct error *err)
{
    struct follow_missed *body = command->body;
    const struct past_event *purchase = decision->events[0];
    struct missed missed = body->missed;

    if (purchase == NULL)
        return STATUS_OK;
    const struct purchase_line *lines = return_lines_left(decision->arena, purchase);
    size_t count = purchase->row.line_count;
    bool back = is_back(lines, count);
    int64_t left = missed_value_left(&missed, lines, count, back);
    if (left >= missed.left && !back)
        return STATUS_OK;
    missed.left = left;
    const bool over = left == 0 || back;
    const bool refused = missed.state == MISSED_REFUSED;
    if (over)
        missed.state = MISSED_WITHDRAWN;
    const struct member *member = decision->subjects[0].member;
    struct journal_row *row =
        missed_row(decision, member, &missed, over ? "missed_benefit_withdrawn" : "missed_benefit_less");
    enum status status = take_back(decision, body, &missed, row->id, err);
    if (status != STATUS_OK)
        return status;
    if (over && !refused)
        free_limits(decision, command, &missed);
    if (over && (missed.kind == MISSED_BENEFIT || missed.kind == MISSED_COUPON))
        free_period(decision, &missed);
    store_missed(decision, &missed);
    reaction_keep(decision, command, row);
    return STATUS_OK;
}

/* What a benefit gives was had after all. */
static void follow_use(struct decision *decision, const struct command *command, const struct follow_missed *body)
{
    struct missed missed = body->missed;

    if (missed.state != MISSED_LISTED)
        return;
    missed.state = MISSED_WITHDRAWN;
    missed.left = 0;
    struct journal_row *row = missed_row(decision, decision->subjects[0].member, &missed, "missed_benefit_withdrawn");
    store_missed(decision, &missed);
    reaction_keep(decision, command, row);
}

static enum status follow_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct follow_missed *body = command->body;

    if (reaction_done(command) || body->missed.id == 0 || body->missed.state == MISSED_WITHDRAWN ||
        decision->subjects[0].member == NULL || decision->subjects[0].member->status != MEMBER_ACTIVE)
        return STATUS_OK;
    if (!body->given)
        return follow_return(decision, command, err);
    follow_use(decision, command, body);
    return STATUS_OK;
}

const struct command_type follow_missed_type = {.name = "follow_missed",
                                                .loads = LOAD_LOTS | LOAD_PROGRESS | LOAD_FOLLOWERS | LOAD_ALONE,
                                                .load = follow_missed_load,
                                                .decide = follow_decide};

/* ---- somebody decides ---- */

static enum good_kind kind_of(const struct decide_missed *body, const struct missed_policy *policy)
{
    if (body->give != GOOD_NONE)
        return (enum good_kind)body->give;
    if (policy->action != MISSED_LIST)
        return policy->action == MISSED_VOUCHER ? GOOD_VOUCHER : GOOD_POINTS;
    return policy->means.wallet.size > 0 ? GOOD_POINTS : GOOD_VOUCHER;
}

static enum status approve(struct decision *decision, const struct decide_missed *body, struct missed *missed,
                           struct error *err)
{
    const struct missed_policy *policy = programme_at(decision->programmes, decision->now)->missed;

    if (policy == NULL)
        return error_set(err, STATUS_CONFLICT, "missed.policy", "",
                         "the programme no longer says how missed benefits are made good");
    if (missed->left <= 0)
        return error_set(err, STATUS_CONFLICT, "missed.worth", "", "the benefit has no value that could be given");
    const struct missed_giving giving = {decision, &decision->subjects[0], &policy->means, &body->keys,
                                         kind_of(body, policy)};
    return missed_give(&giving, missed, err);
}

static enum status decide_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct decide_missed *body = command->body;
    struct missed missed = body->missed;
    enum status status = customer_require(decision, command, 0, err);

    if (status != STATUS_OK)
        return status;
    if (missed.id == 0)
        return error_set(err, STATUS_MISSING, "missed.unknown", "missed", "there is no such missed benefit");
    if (missed.state != MISSED_LISTED && missed.state != MISSED_WAITING)
        return error_set(err, STATUS_CONFLICT, "missed.decided", "", "it is %s already", missed_states[missed.state]);
    if (missed.kind == MISSED_COUPON)
        return error_set(err, STATUS_CONFLICT, "missed.coupon", "", "the coupon can still be used");
    status = body->approve ? approve(decision, body, &missed, err) : STATUS_OK;
    if (status != STATUS_OK)
        return status;
    if (!body->approve) {
        missed.state = MISSED_REFUSED;
        free_limits(decision, command, &missed);
    }
    missed.decided_at = decision->now;
    missed.decided_by = body->by;
    struct journal_row *row = missed_row(decision, decision->subjects[0].member, &missed, "missed_benefit_decided");
    store_missed(decision, &missed);
    audit_add(decision, command, body->approve ? "missed_benefit.approved" : "missed_benefit.refused", missed.id,
              (struct text){NULL, 0}, row->facts);
    missed_copy(command->arena, &missed, &body->result);
    return STATUS_OK;
}

const struct command_type decide_missed_type = {
    .name = "decide_missed", .loads = LOAD_PROGRESS | LOAD_ALONE, .load = decide_missed_load, .decide = decide_decide};
