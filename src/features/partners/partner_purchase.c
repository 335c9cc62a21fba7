/* Purchases at a partner: recorded, claimed afterwards, and returned. */
#include "features/customers/customers.h"
#include "features/partners/partner_row.h"
#include "features/redemption/velocity.h"
#include "foundation/money.h"

#include <string.h>

struct text partner_receipt_key(struct arena *arena, struct text partner, struct text receipt)
{
    return text_from(
        arena_format(arena, "%.*s/%.*s", (int)partner.size, partner.bytes, (int)receipt.size, receipt.bytes));
}

static enum status known_already(const struct claim_key *claim, const char *code, const char *what, struct error *err)
{
    char id[ID_TEXT_SIZE];

    return error_set(err, STATUS_CONFLICT, code, "receipt", "%s is known already: %s", what,
                     id_format("evt", claim->reference, id));
}

static enum status check_store(const struct partner *partner, struct text store, struct error *err)
{
    if (partner_has_store(partner, store))
        return STATUS_OK;
    return error_set(err, STATUS_INVALID, "partner.store", "partner_store", "the partner has no store '%.*s'",
                     (int)store.size, store.bytes);
}

/* Counts what is earned against the limits of members and tills. */
static enum status take_velocity(const struct partner_work *work, const struct command *command,
                                 const struct partner_moment *moment, struct error *err)
{
    const struct velocity_use use = {.decision = work->decision,
                                     .command = command,
                                     .person = work->person,
                                     .action = VELOCITY_EARNING,
                                     .at = work->at,
                                     .points = work->facts.points,
                                     .place = {work->row->store, moment->till, {NULL, 0}}};

    return work->facts.points > 0 ? velocity_take(&use, err) : STATUS_OK;
}

static enum status reckon(struct partner_work *work, int64_t minor, struct error *err)
{
    work->facts.minor = minor;
    memcpy(work->facts.currency, work->partner->currency, CURRENCY_SIZE);
    work->facts.earning = work->partner->earn;
    if (minor >= 0 && minor <= PARTNER_MINOR_MAX && partner_earn(&work->partner->earn, minor, &work->facts.points))
        return STATUS_OK;
    return error_set(err, STATUS_INVALID, "partner.amount", "amount", "the amount is out of range");
}

/* ---- buying ---- */

static enum status find_member(struct partner_work *work, const struct command *command, bool named, struct error *err)
{
    if (!named)
        return STATUS_OK;
    enum status status = customer_check(work->decision, command, 0, err);
    /* Somebody who is not there, or no more: a purchase of nobody. */
    if (status == STATUS_MISSING)
        return STATUS_OK;
    work->person = &work->decision->subjects[0];
    return status;
}

static enum status decide_purchase(struct decision *decision, struct command *command, struct error *err)
{
    struct partner_purchase *body = command->body;
    const struct claim_key *receipt = &command->claims[body->receipt_claim];
    struct partner_work work;
    enum status status = partner_work_start(&work, decision, &body->moment, err);

    if (status == STATUS_OK && receipt->reference != 0)
        status = known_already(receipt, "partner.receipt_known", "the receipt", err);
    if (status == STATUS_OK)
        status = partner_open(decision, body->moment.partner, work.at, &work.partner, err);
    if (status == STATUS_OK)
        status = check_store(work.partner, body->moment.store, err);
    if (status == STATUS_OK)
        status = find_member(&work, command, body->named, err);
    if (status == STATUS_OK)
        status = reckon(&work, body->minor, err);
    if (status != STATUS_OK)
        return status;
    bool known = partner_work_known(&work);
    if (!known)
        work.facts.points = 0;
    partner_work_row(&work, "partner_purchase", command->bucket, 0);
    if (known)
        status = take_velocity(&work, command, &body->moment, err);
    if (status == STATUS_OK)
        status = partner_work_give(&work, work.at, err);
    if (status != STATUS_OK)
        return status;
    claim_take(decision, PARTNER_RECEIPT_CLAIM, receipt->key, work.row->id, work.row->member);
    partner_work_finish(&work, command, true, &body->result);
    return STATUS_OK;
}

const struct command_type partner_purchase_type = {
    .name = "partner_purchase", .loads = LOAD_PROGRESS, .decide = decide_purchase};

/* ---- what came back of it ---- */

static int64_t returned_of(struct arena *arena, const struct past_event *event)
{
    int64_t returned = 0;

    for (size_t i = 0; i < event->follower_count; i++) {
        struct partner_facts facts;
        if (!text_equals(event->followers[i].row.kind, "partner_return"))
            continue;
        partner_facts_read(arena, event->followers[i].row.facts, &facts);
        returned += facts.minor;
    }
    return returned;
}

static bool is_kind(const struct past_event *event, const char *kind)
{
    return event != NULL && text_equals(event->row.kind, kind);
}

/* ---- claiming ---- */

static enum status unknown_receipt(struct error *err)
{
    return error_set(err, STATUS_MISSING, "partner.receipt_unknown", "receipt", "the partner reported no such receipt");
}

static enum status check_claim(const struct partner_work *work, const struct command *command,
                               const struct past_event *event, struct error *err)
{
    const struct partner_claim *body = command->body;
    const struct zone *zone = work->programme->zone;
    char text[DAY_TEXT_SIZE];

    if (event->row.member != 0 || command->claims[body->claim_claim].reference != 0)
        return error_set(err, STATUS_CONFLICT, "partner.claimed", "receipt", "the receipt has its points already");
    int32_t last = zone_day(zone, event->row.at) + work->partner->claim_days;
    if (work->partner->claim_days == 0 || zone_day(zone, work->decision->now) > last)
        return error_set(err, STATUS_CONFLICT, "partner.claim_over", "receipt", "the receipt could be claimed until %s",
                         day_format(last, text));
    return STATUS_OK;
}

static enum status decide_claim(struct decision *decision, struct command *command, struct error *err)
{
    struct partner_claim *body = command->body;
    const struct past_event *event = decision->events[0];
    struct partner_facts bought;
    struct partner_work work;
    enum status status = partner_work_start(&work, decision, &body->moment, err);

    if (status != STATUS_OK)
        return status;
    if (!is_kind(event, "partner_purchase"))
        return unknown_receipt(err);
    partner_facts_read(decision->arena, event->row.facts, &bought);
    if (body->minor_given && body->minor != bought.minor)
        return unknown_receipt(err);
    status = partner_open(decision, body->moment.partner, event->row.at, &work.partner, err);
    if (status == STATUS_OK)
        status = check_claim(&work, command, event, err);
    if (status == STATUS_OK)
        status = customer_require(decision, command, 0, err);
    if (status != STATUS_OK)
        return status;
    work.person = &decision->subjects[0];
    work.facts = bought; /* it earns by the terms of its day */
    work.facts.minor = bought.minor - returned_of(decision->arena, event);
    if (work.facts.minor <= 0)
        return error_set(err, STATUS_CONFLICT, "partner.returned", "receipt", "all of it has been returned");
    partner_earn(&work.facts.earning, work.facts.minor, &work.facts.points);
    partner_work_row(&work, "partner_claim", command->bucket, event->row.id);
    status = take_velocity(&work, command, &body->moment, err);
    if (status == STATUS_OK)
        status = partner_work_give(&work, event->row.at, err);
    if (status != STATUS_OK)
        return status;
    claim_take(decision, PARTNER_CLAIM_CLAIM, command->claims[body->claim_claim].key, work.row->id, work.row->member);
    partner_work_finish(&work, command, true, &body->result);
    return STATUS_OK;
}

const struct command_type partner_claim_type = {
    .name = "partner_claim", .loads = LOAD_PROGRESS | LOAD_FOLLOWERS, .decide = decide_claim};

/* ---- returning ---- */

static enum status check_return(const struct command *command, const struct past_event *event, struct error *err)
{
    const struct partner_return *body = command->body;

    if (!is_kind(event, "partner_purchase") && !is_kind(event, "partner_claim"))
        return unknown_receipt(err);
    if (body->claim_claim >= 0 && command->claims[body->claim_claim].reference != 0)
        return error_set(err, STATUS_BUSY, "partner.changed", "receipt", "the receipt was claimed at this moment");
    if (body->return_claim >= 0 && command->claims[body->return_claim].reference != 0)
        return known_already(&command->claims[body->return_claim], "partner.return_known", "the return", err);
    return STATUS_OK;
}

/* What is left after the return, and what it takes back: earned until now less earned by what is left. */
static enum status reckon_return(struct partner_work *work, const struct past_event *event, int64_t minor,
                                 struct error *err)
{
    struct partner_facts bought;
    int64_t before = 0, after = 0;
    char text[MONEY_TEXT_SIZE];

    partner_facts_read(work->decision->arena, event->row.facts, &bought);
    int64_t left = bought.minor - returned_of(work->decision->arena, event);
    if (minor == 0)
        minor = left;
    if (minor > left || minor <= 0)
        return error_set(err, STATUS_CONFLICT, "partner.returned", "amount", "%s %s are left to be returned",
                         money_format(left, currency_exponent(text_from(bought.currency)), text), bought.currency);
    partner_earn(&bought.earning, left, &before);
    partner_earn(&bought.earning, left - minor, &after);
    bought.reference = work->facts.reference;
    bought.till = work->facts.till;
    bought.minor = minor;
    bought.points = event->row.member != 0 ? before - after : 0;
    work->facts = bought;
    return STATUS_OK;
}

static enum status take_back(struct partner_work *work, const struct past_event *event, struct error *err)
{
    struct ledger ledger;

    if (work->facts.points == 0 || !partner_work_known(work))
        return STATUS_OK;
    enum status status = partner_work_ledger(work, &ledger, err);
    if (status == STATUS_OK)
        status = ledger_claw_back(&ledger, event, work->facts.points, &work->facts.written_off, err);
    if (status == STATUS_OK && work->facts.written_off > 0)
        work->row->facts = partner_facts_write(work->decision->arena, &work->facts);
    return status == STATUS_OK ? partner_work_qualify(work, -work->facts.points, err) : status;
}

static enum status decide_return(struct decision *decision, struct command *command, struct error *err)
{
    struct partner_return *body = command->body;
    const struct past_event *event = decision->events[0];
    struct partner_work work;
    enum status status = partner_work_start(&work, decision, &body->moment, err);

    if (status == STATUS_OK)
        status = check_return(command, event, err);
    if (status != STATUS_OK)
        return status;
    work.partner = partner_at(decision->programmes, body->moment.partner, decision->now);
    work.facts.reference = body->reference;
    if (event->row.member != 0)
        work.person = &decision->subjects[0];
    status = reckon_return(&work, event, body->minor, err);
    if (status != STATUS_OK)
        return status;
    /* Whoever was erased has nothing left to give back. */
    if (event->row.member != 0 && !partner_work_known(&work))
        work.facts.points = 0;
    partner_work_row(&work, "partner_return", id_bucket(event->row.id), event->row.id);
    status = take_back(&work, event, err);
    if (status != STATUS_OK)
        return status;
    if (body->return_claim >= 0)
        claim_take(decision, PARTNER_RETURN_CLAIM, command->claims[body->return_claim].key, work.row->id,
                   work.row->member);
    partner_work_finish(&work, command, false, &body->result);
    return STATUS_OK;
}

const struct command_type partner_return_type = {
    .name = "partner_return", .loads = LOAD_LOTS | LOAD_PROGRESS | LOAD_FOLLOWERS, .decide = decide_return};
