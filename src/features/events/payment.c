#include <jansson.h>

#include "features/events/purchase.h"
#include "features/points/ledger.h"
#include "features/stored_value/stored_value.h"

static struct text payment_facts(struct arena *arena, struct text wallet, int64_t points, const struct proof *proof)
{
    struct builder out = {.arena = arena};

    builder_string(&out, "{\"wallet\":");
    facts_string(&out, wallet);
    builder_format(&out, ",\"points\":%lld", (long long)points);
    if (proof->kind != 0)
        builder_format(&out, ",\"proof\":\"%s\"", proof_name(proof->kind));
    builder_char(&out, '}');
    return builder_done(&out);
}

bool payment_read(const struct journal_row *row, struct arena *arena, struct text *wallet, int64_t *points)
{
    if (!text_equals(row->kind, "redemption") || row->facts.size == 0)
        return false;
    json_t *facts = json_loadb(row->facts.bytes, row->facts.size, 0, NULL);
    *wallet = text_copy(arena, text_from(json_string_value(json_object_get(facts, "wallet"))));
    *points = json_integer_value(json_object_get(facts, "points"));
    json_decref(facts);
    return wallet->size > 0 && *points > 0;
}

static enum status find_policy(const struct programme *programme, struct text wallet, const struct wallet_policy **out,
                               struct error *err)
{
    *out = programme_wallet(programme, wallet);
    if (*out == NULL)
        return error_set(err, STATUS_INVALID, "wallet.unknown", "wallet", "there is no points account '%.*s'",
                         (int)wallet.size, wallet.bytes);
    if (!(*out)->spendable || (*out)->value_points == 0)
        return error_set(err, STATUS_INVALID, "purchase.wallet_not_payable", "wallet",
                         "points of '%.*s' cannot pay for a purchase", (int)wallet.size, wallet.bytes);
    return STATUS_OK;
}

static struct hold *find_hold(struct group *group, int64_t id)
{
    for (size_t i = 0; i < group->member_count; i++) {
        struct hold *hold = member_hold(&group->members[i], id);
        if (hold != NULL)
            return hold;
    }
    return NULL;
}

/* A row of its own, so that a return can give back to the lots it drew from. */
static struct journal_row *payment_row(struct decision *decision, const struct member *member,
                                       const struct journal_row *purchase)
{
    struct journal_row *row = journal_add(decision, member, 0, "redemption", purchase->at);

    row->day = purchase->day;
    row->cause = purchase->id;
    row->store = purchase->store;
    row->channel = purchase->channel;
    return row;
}

struct paying {
    struct decision *decision;
    struct person *person;
    const struct journal_row *purchase;
    const struct purchase *body;
};

static enum status pay_one(const struct paying *paying, const struct payment *payment, int64_t *minor,
                           struct error *err)
{
    struct decision *decision = paying->decision;
    struct person *person = paying->person;
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    const struct wallet_policy *policy;
    struct hold *hold = payment->hold != 0 ? find_hold(person->group, payment->hold) : NULL;
    int64_t points = hold != NULL && payment->points == 0 ? hold->amount : payment->points;
    enum status status;

    if (payment->hold != 0 && hold == NULL)
        return error_set(err, STATUS_MISSING, "hold.unknown", "hold", "the member has no such hold");
    status = find_policy(programme, hold != NULL ? hold->wallet : payment->wallet, &policy, err);
    if (status == STATUS_OK)
        status = freeze_check(decision, person, policy->code, paying->body->employee, err);
    if (status != STATUS_OK)
        return status;
    if (points <= 0)
        return error_set(err, STATUS_INVALID, "points.amount", "points", "points are more than 0");
    if (!wallet_points_value(policy, points, minor))
        return error_set(err, STATUS_INVALID, "points.range", "points", "these are too many points");

    struct journal_row *row = payment_row(decision, person->member, paying->purchase);
    struct posting posting = posting_start(decision, row);
    struct ledger ledger = {&posting, person->group, person->member, programme, policy};
    row->amount = *minor;
    row->facts = payment_facts(decision->arena, policy->code, points, &paying->body->proof);
    return hold != NULL ? ledger_capture(&ledger, hold, points, err)
                        : ledger_draw(&ledger, points, ACCOUNT_REDEEMED, err);
}

/* What is drawn: a payment with stored value is one of principal and one of bonus, so that each gets back what it gave. */
struct draw {
    struct payment payment;
    size_t given; /* place in the body */
    bool stored, prepaid;
};

struct draws {
    struct draw items[PURCHASE_PAYMENTS_MAX + 1];
    size_t count;
};

static enum status add_stored(const struct decision *decision, const struct person *person,
                              const struct payment *payment, struct draws *draws, struct error *err)
{
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    const struct stored_value *value;
    struct stored_split split = {0};
    enum status status = stored_value_find(programme, payment->stored_value, &value, err);

    if (status == STATUS_OK)
        status = stored_value_take(programme, person, value, payment->minor, &split, err);
    if (status != STATUS_OK) {
        error_prefix_field(err, "pay_stored_value.");
        return status;
    }
    const struct draw parts[] = {
        {.payment = {.wallet = value->principal, .points = split.principal}, .stored = true, .prepaid = true},
        {.payment = {.wallet = value->bonus, .points = split.bonus}, .stored = true}};
    for (size_t i = 0; i < 2; i++)
        if (parts[i].payment.points > 0)
            draws->items[draws->count++] = parts[i];
    return STATUS_OK;
}

static enum status list_draws(const struct decision *decision, const struct person *person, const struct purchase *body,
                              struct draws *draws, struct error *err)
{
    enum status status = STATUS_OK;

    draws->count = 0;
    for (size_t i = 0; i < body->payment_count && status == STATUS_OK; i++) {
        if (body->payments[i].stored_value.size > 0)
            status = add_stored(decision, person, &body->payments[i], draws, err);
        else
            draws->items[draws->count++] = (struct draw){.payment = body->payments[i], .given = i};
    }
    return status;
}

/* Whether the member may spend what is drawn, all of an account together. A hold was asked when it was made. */
static enum status check_spending(const struct paying *paying, const struct command *command, const struct draws *draws,
                                  struct error *err)
{
    struct decision *decision = paying->decision;
    const struct programme *programme = programme_at(decision->programmes, decision->now);
    const struct purchase *body = paying->body;
    enum status status = STATUS_OK;

    for (size_t i = 0; i < draws->count && status == STATUS_OK; i++) {
        const struct payment *payment = &draws->items[i].payment;
        struct spending spending = {.decision = decision,
                                    .command = command,
                                    .person = paying->person,
                                    .policy = programme_wallet(programme, payment->wallet),
                                    .proof = &body->proof,
                                    .place = {body->store, body->till, body->employee}};
        bool asked = false;
        for (size_t j = 0; j < draws->count; j++) {
            const struct payment *other = &draws->items[j].payment;
            if (other->hold != 0 || !text_equal(other->wallet, payment->wallet))
                continue;
            asked = asked || j < i;
            if (!checked_add(spending.points, other->points, &spending.points))
                return error_set(err, STATUS_INVALID, "points.range", "pay_points", "these are too many points");
        }
        if (payment->hold == 0 && !asked && spending.policy != NULL && spending.points > 0)
            status = spending_check(&spending, err);
    }
    return status;
}

static enum status pay_all(const struct paying *paying, const struct draws *draws, struct purchase_paid *paid,
                           struct error *err)
{
    for (size_t i = 0; i < draws->count; i++) {
        const struct draw *draw = &draws->items[i];
        int64_t minor = 0;
        enum status status = pay_one(paying, &draw->payment, &minor, err);

        if (status != STATUS_OK && draw->stored)
            error_prefix_field(err, "pay_stored_value.");
        else if (status != STATUS_OK)
            error_prefix_field(err, "pay_points[%zu].", draw->given);
        if (status != STATUS_OK)
            return status;
        if (!checked_add(paid->minor, minor, &paid->minor) || paid->minor > paying->purchase->amount)
            return error_set(err, STATUS_INVALID, "purchase.overpaid", draw->stored ? "pay_stored_value" : "pay_points",
                             draw->stored ? "more is paid than the purchase costs"
                                          : "the points are worth more than the purchase");
        paid->prepaid += draw->prepaid ? minor : 0;
        paid->rows++;
    }
    return STATUS_OK;
}

enum status purchase_pay(struct decision *decision, const struct command *command, const struct purchase *body,
                         const struct journal_row *purchase, struct purchase_paid *paid, struct error *err)
{
    struct person *person = &decision->subjects[0];
    const struct paying paying = {decision, person, purchase, body};
    struct draws draws;

    *paid = (struct purchase_paid){0};
    enum status status = list_draws(decision, person, body, &draws, err);
    if (status == STATUS_OK)
        status = check_spending(&paying, command, &draws, err);
    if (status != STATUS_OK)
        return status;
    proof_use(decision, &body->proof);
    return pay_all(&paying, &draws, paid, err);
}

enum status purchase_pay_cards(struct decision *decision, const struct command *command, struct purchase *body,
                               const struct journal_row *purchase, struct purchase_facts *facts, struct error *err)
{
    const struct gift_charging charging = {.decision = decision,
                                           .command = command,
                                           .member = body->named ? decision->subjects[0].member : NULL,
                                           .purchase = purchase,
                                           .most = purchase->amount - body->result.paid_minor};
    struct gift_paid *paid = arena_array(command->arena, body->card_count + 1, sizeof *paid);

    body->result.cards = paid;
    body->result.card_count = 0;
    enum status status = gift_pay(&charging, body->cards, body->card_count, paid, err);
    if (status != STATUS_OK)
        return status;
    body->result.card_count = facts->card_count = body->card_count;
    facts->cards = paid;
    return STATUS_OK;
}
