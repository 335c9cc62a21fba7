/* paid.c: buying, renewing, cancelling and refunding a membership. */
#include <string.h>

#include "features/customers/customers.h"
#include "features/entitlements/entitled.h"

int64_t entitled_saved(const struct entitled *entitled, int64_t membership, int64_t from)
{
    int64_t saved = 0;

    for (size_t i = 0; i < entitled->saving_count; i++)
        if (entitled->savings[i].membership == membership && entitled->savings[i].at >= from)
            saved += entitled->savings[i].minor;
    return saved;
}

struct membership *entitled_membership(struct entitled *entitled, int64_t id)
{
    for (size_t i = 0; i < entitled->membership_count; i++)
        if (entitled->memberships[i].id == id)
            return &entitled->memberships[i];
    return NULL;
}

static enum status find_plan(const struct decision *decision, struct text code, const struct membership_plan **out,
                             struct error *err)
{
    const struct definition *definition = definition_at(decision->programmes, &membership_kind, code, decision->now);

    if (definition == NULL)
        return error_set(err, STATUS_MISSING, "membership.unknown_plan", "code", "no membership '%.*s' is on sale",
                         (int)code.size, code.bytes);
    *out = definition->parsed;
    return STATUS_OK;
}

static struct journal_row *membership_row(struct decision *decision, const struct change_membership *body,
                                          const char *kind, int64_t amount)
{
    struct builder facts = {.arena = decision->arena};

    fact_code(&facts, "membership", body->membership.code);
    fact_code(&facts, "reference", body->reference);
    if (body->membership.paid_until != 0)
        fact_number(&facts, "paid_until", body->membership.paid_until);
    struct journal_row *row =
        points_row(decision, decision->subjects[0].member, kind, decision->now, &body->context, &facts);
    row->amount = amount;
    return row;
}

/* The fee is what the plan says; who tells what was paid tells the fee. */
static enum status check_payment(const struct change_membership *body, const struct membership_plan *plan,
                                 struct error *err)
{
    if (body->paid_given && body->paid != plan->fee)
        return error_set(err, STATUS_CONFLICT, "membership.fee", "paid", "the fee is %lld minor units",
                         (long long)plan->fee);
    if (plan->fee > 0 && body->reference.size == 0)
        return error_set(err, STATUS_INVALID, "membership.reference", "reference",
                         "a fee is paid with the reference of the payment");
    return STATUS_OK;
}

static void pay(struct decision *decision, const struct membership_plan *plan, struct change_membership *body)
{
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    struct membership *membership = &body->membership;

    membership->terms++;
    membership->paid_until = membership_term_end(programme, plan, membership->bought_at, membership->terms);
    membership->grace_until = membership->paid_until;
    if (plan->renewal != RENEWAL_NONE)
        membership->grace_until =
            zone_day_start(programme->zone, zone_day(programme->zone, membership->paid_until) + plan->grace_days);
    membership->fee = plan->fee;
    membership->paid += plan->fee;
    membership->reference = body->reference;
}

static enum status buy(struct decision *decision, const struct command *command, struct change_membership *body,
                       struct error *err)
{
    const struct person *person = &decision->subjects[0];
    const struct membership_plan *plan = NULL;
    enum status status = find_plan(decision, body->code, &plan, err);

    if (status == STATUS_OK)
        status = check_payment(body, plan, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < body->entitled.membership_count; i++)
        if (text_equal(body->entitled.memberships[i].code, body->code) &&
            membership_runs(&body->entitled.memberships[i], decision->now))
            return error_set(err, STATUS_CONFLICT, "membership.running", "code",
                             "the member has this membership: renew it");
    if (body->entitled.membership_count >= MEMBERSHIPS_OF_MEMBER_MAX)
        return error_set(err, STATUS_LIMIT, "membership.many", "", "a member has at most %d memberships",
                         MEMBERSHIPS_OF_MEMBER_MAX);
    body->membership = (struct membership){
        .member = person->member->id, .code = body->code, .bought_at = decision->now, .term_from = decision->now};
    pay(decision, plan, body);
    const struct journal_row *row = membership_row(decision, body, "membership_bought", plan->fee);
    body->membership.id = body->row = row->id;
    audit_add(decision, command, "membership.bought", row->member, (struct text){NULL, 0}, row->facts);
    const struct right right = {.kind = RIGHT_MEMBERSHIP,
                                .id = row->id,
                                .code = body->code,
                                .from = decision->now,
                                .until = body->membership.grace_until,
                                .ladder = plan->ladder,
                                .tier = plan->tier};
    return right_give(decision, person, &right, err);
}

static enum status renew(struct decision *decision, struct change_membership *body, const struct membership_plan *plan,
                         struct error *err)
{
    struct membership *membership = &body->membership;
    enum status status = check_payment(body, plan, err);

    if (status != STATUS_OK)
        return status;
    if (plan->renewal == RENEWAL_NONE || membership->cancelled_at != 0)
        return error_set(err, STATUS_CONFLICT, "membership.not_renewable", "membership",
                         "this membership is not renewed: buy another when it is over");
    if (decision->now < membership->term_from)
        return error_set(err, STATUS_CONFLICT, "membership.ahead", "membership", "the next term is paid already");
    membership->earlier_from = membership->term_from;
    membership->earlier_fee = membership->fee;
    membership->term_from = membership->paid_until;
    pay(decision, plan, body);
    body->row = membership_row(decision, body, "membership_renewed", plan->fee)->id;
    return STATUS_OK;
}

/* It goes on until what is paid is over. */
static void cancel(struct decision *decision, struct change_membership *body)
{
    struct membership *membership = &body->membership;

    if (membership->cancelled_at == 0)
        membership->cancelled_at = decision->now;
    membership->grace_until = membership->paid_until > decision->now ? membership->paid_until : decision->now;
    body->row = membership_row(decision, body, "membership_cancelled", 0)->id;
}

static enum status refund(struct decision *decision, struct change_membership *body, const struct membership_plan *plan,
                          struct error *err)
{
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    struct membership *membership = &body->membership;
    bool early = membership->earlier_fee > 0 && decision->now < membership->term_from;

    if (plan->refund == REFUND_NONE)
        return error_set(err, STATUS_CONFLICT, "membership.no_refund", "membership",
                         "nothing of this membership goes back: cancel it");
    body->saved =
        entitled_saved(&body->entitled, membership->id, early ? membership->earlier_from : membership->term_from);
    body->refund = membership_refund_at(programme, plan, membership, body->saved, decision->now);
    membership->refunded += body->refund;
    membership->ended_at = decision->now;
    body->row = membership_row(decision, body, "membership_refunded", body->refund)->id;
    return STATUS_OK;
}

static enum status change(struct decision *decision, const struct command *command, struct change_membership *body,
                          struct error *err)
{
    const struct membership *loaded = entitled_membership(&body->entitled, body->id);
    const struct membership_plan *plan = NULL;
    enum status status = STATUS_OK;

    if (loaded == NULL)
        return error_set(err, STATUS_MISSING, "membership.unknown", "membership", "the member has no such membership");
    if (!membership_runs(loaded, decision->now))
        return error_set(err, STATUS_CONFLICT, "membership.ended", "membership", "the membership is over");
    body->membership = *loaded;
    if (body->action == MEMBERSHIP_CANCEL) {
        cancel(decision, body);
    } else {
        status = find_plan(decision, loaded->code, &plan, err);
        if (status == STATUS_OK)
            status =
                body->action == MEMBERSHIP_RENEW ? renew(decision, body, plan, err) : refund(decision, body, plan, err);
    }
    if (status != STATUS_OK)
        return status;
    audit_add(decision, command, "membership.changed", loaded->member, (struct text){NULL, 0}, (struct text){NULL, 0});
    right_end(decision, &decision->subjects[0], loaded->id,
              body->membership.ended_at != 0 ? decision->now : body->membership.grace_until);
    return STATUS_OK;
}

static enum status change_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct change_membership *body = command->body;
    enum status status = customer_require(decision, command, 0, err);

    body->refund = body->saved = 0;
    body->existed = body->claim >= 0 && command->claims[body->claim].reference != 0;
    if (status != STATUS_OK)
        return status;
    if (body->existed) {
        const struct membership *known = entitled_membership(&body->entitled, command->claims[body->claim].reference);
        if (known == NULL)
            return error_set(err, STATUS_CONFLICT, "membership.reference_used", "reference",
                             "this payment was for something else");
        body->membership = *known;
    } else {
        status =
            body->action == MEMBERSHIP_BUY ? buy(decision, command, body, err) : change(decision, command, body, err);
        if (status != STATUS_OK)
            return status;
        if (body->claim >= 0)
            claim_take(decision, "membership_payment", command->claims[body->claim].key, body->membership.id,
                       body->membership.member);
        store_membership(decision, &body->membership);
    }
    body->state = membership_state(&body->membership, decision->now);
    body->membership.code = text_copy(command->arena, body->membership.code);
    body->membership.reference = text_copy(command->arena, body->membership.reference);
    return STATUS_OK;
}

const struct command_type change_membership_type = {
    .name = "change_membership", .loads = LOAD_ALONE, .load = entitled_load, .decide = change_decide};
