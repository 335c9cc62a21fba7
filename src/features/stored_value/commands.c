/* The decisions of the commands on stored value. */
#include "features/customers/customers.h"
#include "features/customers/standing.h"
#include "features/points/context.h"
#include "features/points/ledger.h"
#include "features/points/lots.h"
#include "features/redemption/freeze.h"
#include "features/stored_value/stored_value.h"

/* What a decision works on. */
struct work {
    struct decision *decision;
    struct person *person;
    const struct programme *programme;
    const struct stored_value *value;
    int64_t at;
    struct journal_row *row;
    struct posting posting;
};

static enum status start(struct work *work, struct decision *decision, const struct command *command,
                         const struct points_context *context, struct error *err)
{
    *work = (struct work){.decision = decision,
                          .person = &decision->subjects[0],
                          .programme = programme_at(decision->programmes, decision->now)};
    enum status status = customer_require(decision, command, 0, err);

    return status == STATUS_OK ? points_at(decision, context, &work->at, err) : status;
}

/* ---- the row ---- */

static void start_row(struct work *work, const char *kind, const struct points_context *context,
                      struct stored_split moved, struct text word, const char *word_name)
{
    struct builder facts = {.arena = work->decision->arena};

    fact_code(&facts, "stored_value", work->value->code);
    fact_number(&facts, "principal", moved.principal);
    fact_number(&facts, "bonus", moved.bonus);
    fact_code(&facts, word_name, word);
    work->row = points_row(work->decision, work->person->member, kind, work->at, context, &facts);
    work->row->amount = moved.principal;
    work->posting = posting_start(work->decision, work->row);
}

static struct ledger ledger_of(struct work *work, struct text wallet)
{
    return (struct ledger){&work->posting, work->person->group, work->person->member, work->programme,
                           programme_wallet(work->programme, wallet)};
}

static void finish(struct work *work, struct stored_split moved, struct stored_result *out)
{
    struct person *person = work->person;

    standing_touch(person->group, person->member, work->at);
    for (size_t i = 0; i < person->group->member_count; i++)
        if (person->group->members[i].leader == person->group->members[i].id)
            points_set_due(person->group, &person->group->members[i]);
    *out = (struct stored_result){.id = work->row->id,
                                  .member = person->member->id,
                                  .moved = moved,
                                  .available = stored_value_available(person, work->value)};
}

/* ---- topping up ---- */

static enum status check_top_up(const struct work *work, const struct command *command, const struct top_up *body,
                                int64_t bonus, struct error *err)
{
    const struct stored_value *value = work->value;
    int64_t has = ledger_balance(work->person->group, work->person->member, value->principal) +
                  ledger_balance(work->person->group, work->person->member, value->bonus);

    char least[MONEY_TEXT_SIZE], most[MONEY_TEXT_SIZE];
    int decimals = work->programme->exponent;

    if (body->minor < value->top_up_min || body->minor > value->top_up_max)
        return error_set(err, STATUS_INVALID, "stored_value.top_up_range", "amount", "a top-up is from %s to %s %s",
                         money_format(value->top_up_min, decimals, least),
                         money_format(value->top_up_max, decimals, most), work->programme->currency);
    if (body->minor > value->balance_max - has - bonus)
        return error_set(err, STATUS_CONFLICT, "stored_value.balance_max", "amount", "the balance would be above %s %s",
                         money_format(value->balance_max, decimals, most), work->programme->currency);
    if (body->claim >= 0 && command->claims[body->claim].reference != 0) {
        char id[ID_TEXT_SIZE];
        return error_set(err, STATUS_CONFLICT, "stored_value.known", "reference",
                         "the top-up with this reference is %s already",
                         id_format("evt", command->claims[body->claim].reference, id));
    }
    return STATUS_OK;
}

static enum status pay_in(struct work *work, struct text wallet, int64_t minor, enum account from, struct error *err)
{
    struct ledger ledger = ledger_of(work, wallet);
    int64_t activity_at = work->person->leader->standing.last_event_at;
    int64_t expires_at = wallet_expiry(ledger.policy, work->programme->zone, work->at, activity_at);

    return minor == 0
               ? STATUS_OK
               : ledger_accrue(&ledger, (struct accrual){minor, from, work->at, work->at, expires_at}, NULL, err);
}

static enum status decide_top_up(struct decision *decision, struct command *command, struct error *err)
{
    struct top_up *body = command->body;
    struct work work;
    struct stored_split moved = {.principal = body->minor};
    enum status status = start(&work, decision, command, &body->context, err);

    if (status == STATUS_OK)
        status = stored_value_find(work.programme, body->code, &work.value, err);
    if (status != STATUS_OK)
        return status;
    moved.bonus = stored_value_bonus(work.value, body->minor);
    status = check_top_up(&work, command, body, moved.bonus, err);
    if (status != STATUS_OK)
        return status;
    start_row(&work, "top_up", &body->context, moved, body->paid_by, "paid_by");
    status = pay_in(&work, work.value->principal, moved.principal, ACCOUNT_PAID_IN, err);
    if (status == STATUS_OK)
        status = pay_in(&work, work.value->bonus, moved.bonus, ACCOUNT_ISSUED, err);
    if (status != STATUS_OK)
        return status;
    if (body->claim >= 0)
        claim_take(decision, "top_up", command->claims[body->claim].key, work.row->id, work.person->member->id);
    finish(&work, moved, &body->result);
    return STATUS_OK;
}

const struct command_type top_up_command_type = {.name = "top_up", .decide = decide_top_up};

/* ---- voiding a top-up ---- */

/* The stored value of a top-up: that of the account into which it was paid. */
static const struct stored_value *value_of(const struct programme *programme, const struct journal_row *row)
{
    for (size_t m = 0; m < row->movement_count; m++)
        for (size_t i = 0; i < programme->stored_value_count; i++)
            if (text_equal(programme->stored_values[i].principal, row->movements[m].wallet))
                return &programme->stored_values[i];
    return NULL;
}

static enum status check_void(const struct work *work, const struct past_event *event, struct error *err)
{
    for (size_t i = 0; i < event->follower_count; i++)
        if (text_equals(event->followers[i].row.kind, "top_up_void"))
            return error_set(err, STATUS_CONFLICT, "stored_value.voided", "", "the top-up has been voided already");
    for (size_t i = 0; i < event->row.movement_count; i++) {
        const struct movement *movement = &event->row.movements[i];
        struct member *member = group_find(work->person->group, movement->member);
        const struct lot *lot = member != NULL && movement->lot != 0 ? member_lot(member, movement->lot) : NULL;
        if (lot == NULL || lot->remaining != lot->amount)
            return error_set(err, STATUS_CONFLICT, "stored_value.spent", "",
                             "a part of the top-up is no longer there: refund what is left");
    }
    return STATUS_OK;
}

static enum status decide_void(struct decision *decision, struct command *command, struct error *err)
{
    struct top_up_void *body = command->body;
    const struct past_event *event = decision->events[0];
    struct stored_split moved = {0};
    struct work work;

    if (event == NULL || !text_equals(event->row.kind, "top_up"))
        return error_set(err, STATUS_MISSING, "stored_value.unknown_top_up", "top_up", "there is no such top-up");
    enum status status = start(&work, decision, command, &body->context, err);
    if (status != STATUS_OK)
        return status;
    if (body->reason.size == 0)
        return error_set(err, STATUS_INVALID, "stored_value.reason", "reason", "a void needs a reason");
    work.value = value_of(work.programme, &event->row);
    if (work.value == NULL)
        return error_set(err, STATUS_CONFLICT, "stored_value.gone", "", "the programme no longer has the stored value");
    status = check_void(&work, event, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < event->row.movement_count; i++)
        *(text_equal(event->row.movements[i].wallet, work.value->principal) ? &moved.principal : &moved.bonus) +=
            event->row.movements[i].amount;
    start_row(&work, "top_up_void", &body->context, moved, body->reason, "reason");
    work.row->cause = event->row.id;
    for (size_t i = 0; i < event->row.movement_count; i++) {
        const struct movement *movement = &event->row.movements[i];
        struct member *member = group_find(work.person->group, movement->member);
        struct ledger ledger = ledger_of(&work, movement->wallet);
        ledger_step(&ledger, (struct step){member, member_lot(member, movement->lot), ACCOUNT_ACTIVE,
                                           movement->debit == ACCOUNT_PAID_IN ? ACCOUNT_PAID_OUT : ACCOUNT_CLAWED_BACK,
                                           movement->amount});
    }
    finish(&work, moved, &body->result);
    return STATUS_OK;
}

const struct command_type top_up_void_command_type = {
    .name = "top_up_void", .loads = LOAD_LOTS | LOAD_FOLLOWERS, .decide = decide_void};

/* ---- refunding ---- */

static enum status check_refund(const struct work *work, const struct stored_refund *body, struct stored_split have,
                                int64_t minor, struct error *err)
{
    char principal[MONEY_TEXT_SIZE];

    if (!work->value->refundable)
        return error_set(err, STATUS_CONFLICT, "stored_value.not_refundable", "code", "'%.*s' is not refunded",
                         (int)work->value->code.size, work->value->code.bytes);
    if (body->reason.size == 0)
        return error_set(err, STATUS_INVALID, "stored_value.reason", "reason", "a refund needs a reason");
    if (minor <= 0 || minor > have.principal)
        return error_set(err, STATUS_CONFLICT, "stored_value.insufficient", "amount", "the principal is %s %s",
                         money_format(have.principal, work->programme->exponent, principal), work->programme->currency);
    return STATUS_OK;
}

static void take_out(struct work *work, struct text wallet, int64_t minor, enum account to)
{
    struct ledger ledger = ledger_of(work, wallet);

    if (minor > 0)
        ledger_take(&ledger, minor, to);
}

static enum status decide_refund(struct decision *decision, struct command *command, struct error *err)
{
    struct stored_refund *body = command->body;
    struct work work;
    enum status status = start(&work, decision, command, &body->context, err);

    if (status == STATUS_OK)
        status = stored_value_find(work.programme, body->code, &work.value, err);
    if (status == STATUS_OK)
        status = freeze_check(decision, work.person, work.value->principal, body->context.employee, err);
    if (status != STATUS_OK)
        return status;
    struct stored_split have = {ledger_own_available(work.person, work.value->principal),
                                ledger_own_available(work.person, work.value->bonus)};
    struct stored_split moved = {.principal = body->minor != 0 ? body->minor : have.principal};
    status = check_refund(&work, body, have, moved.principal, err);
    if (status != STATUS_OK)
        return status;
    moved.bonus = stored_value_forfeit(work.value, have, moved.principal);
    start_row(&work, "stored_value_refund", &body->context, moved, body->reason, "reason");
    take_out(&work, work.value->principal, moved.principal, ACCOUNT_PAID_OUT);
    take_out(&work, work.value->bonus, moved.bonus, ACCOUNT_CLAWED_BACK);
    finish(&work, moved, &body->result);
    return STATUS_OK;
}

const struct command_type stored_refund_command_type = {
    .name = "stored_value_refund", .loads = LOAD_LOTS, .decide = decide_refund};
