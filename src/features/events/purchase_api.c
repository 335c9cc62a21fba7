#include "features/events/purchase_api.h"

#include <stddef.h>
#include <string.h>

#include "features/events/attribution.h"
#include "features/events/event_input_api.h"
#include "features/events/events_store.h"
#include "features/events/honour_input_api.h"
#include "features/events/line_api.h"
#include "features/events/pay_with_api.h"
#include "features/events/quoted_api.h"
#include "features/events/return.h"
#include "features/events/return_input_api.h"
#include "features/organisations/organisations_store.h"
#include "features/redemption/proof_api.h"

/* ---- input ---- */

struct purchase_input {
    struct event_input event;
    struct json_amount total;
    unsigned char total_given;
    struct json_list lines, payments, with, honours;
    int64_t organisation, quote;
    struct proof_input *proof;
    struct stored_payment_input *stored;
    struct text properties;
};

static const struct field purchase_input_fields[] = {
    EVENT_INPUT_MEMBER(struct purchase_input, event, 0),
    EVENT_INPUT_TIME(struct purchase_input, event),
    EVENT_INPUT_PLACE(struct purchase_input, event),
    EVENT_INPUT_RECEIPT(struct purchase_input, event),
    {.name = "total",
     .type = FIELD_AMOUNT,
     .offset = offsetof(struct purchase_input, total),
     .presence = offsetof(struct purchase_input, total_given),
     .about = "The lines must sum to it."},
    {.name = "lines",
     .type = FIELD_LIST,
     .offset = offsetof(struct purchase_input, lines),
     .maximum = PURCHASE_LINES_MAX,
     .element = FIELD_OBJECT,
     .shape = &line_input_shape},
    {.name = "pay_points",
     .type = FIELD_LIST,
     .offset = offsetof(struct purchase_input, payments),
     .maximum = PURCHASE_POINTS_MAX,
     .element = FIELD_OBJECT,
     .shape = &payment_input_shape,
     .about = "The part that points pay."},
    {.name = "organisation",
     .type = FIELD_ID,
     .offset = offsetof(struct purchase_input, organisation),
     .prefix = "mbr",
     .about =
         "The member bought for it, as one of its contacts; by its terms the purchase is its own or the member's."},
    {.name = "quote",
     .type = FIELD_ID,
     .offset = offsetof(struct purchase_input, quote),
     .prefix = "quo",
     .about = "It settles the quote: lines and total are those of the quote, or left out."},
    HONOURS_FIELD(struct purchase_input, honours),
    PROOF_FIELD(struct purchase_input, proof),
    {.name = "pay_stored_value",
     .type = FIELD_OBJECT,
     .offset = offsetof(struct purchase_input, stored),
     .shape = &stored_payment_input_shape,
     .about = "The part that money paid in beforehand pays."},
    PAY_WITH_FIELD(struct purchase_input, with),
    {.name = "properties",
     .type = FIELD_JSON_MAP,
     .offset = offsetof(struct purchase_input, properties),
     .maximum = EVENT_PROPERTIES_MAX,
     .about = "Anything else worth keeping."},
};
const struct shape purchase_input_shape = {.name = "PurchaseInput",
                                           .about = "A purchase, once.",
                                           .size = sizeof(struct purchase_input),
                                           SHAPE_FIELDS(purchase_input_fields)};

static struct text purchase_content(struct arena *arena, const struct purchase_input *input)
{
    struct builder content = {.arena = arena};

    content_text(&content, TEXT("purchase"));
    content_input(&content, &input->event);
    content_integer(&content, input->total.minor);
    content_text(&content, text_from(input->total.currency));
    lines_content(&content, &input->lines);
    payments_content(&content, &input->payments);
    stored_content(&content, input->stored);
    pay_with_content(&content, &input->with);
    if (input->organisation != 0)
        content_integer(&content, input->organisation);
    if (input->quote != 0)
        content_integer(&content, input->quote);
    honours_content(&content, &input->honours);
    content_text(&content, input->properties);
    return builder_done(&content);
}

static enum status take_total(struct arena *arena, const struct purchase_input *input, struct purchase *body,
                              struct error *err)
{
    body->total_given = input->total_given == PRESENCE_GIVEN;
    body->total = input->total.minor;
    memcpy(body->currency, input->total.currency, CURRENCY_SIZE);
    return lines_take(arena, &input->lines, body, err);
}

/* Only of an employee who is known as a customer the database is asked. */
enum status seller_take(struct call *call, struct text employee, struct seller *out, struct error *err)
{
    const struct employee *who = employee.size > 0 ? employee_find(call->programmes, employee) : NULL;
    struct storage_session *session;

    if (who == NULL || who->member == 0)
        return STATUS_OK;
    enum status status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = seller_find(session, call->programmes, employee, out, err);
    call_read_end(call, session);
    return status;
}

/* Whose purchase it is when a member buys for an organisation. */
static enum status take_buyer(struct call *call, struct command *command, const struct event_input *input,
                              struct purchase *body, struct error *err)
{
    struct organisation_purchase purchase = {.organisation = body->organisation, .day = body->day};
    struct storage_session *session;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = member_reference_find(call, session, input->member, &purchase.contact, err);
    if (status == STATUS_OK)
        status = organisation_buyer(session, call->arena, &purchase, err);
    call_read_end(call, session);
    if (status == STATUS_OK)
        status = call_check_member(call, purchase.contact, "member", err);
    if (status != STATUS_OK)
        return status;
    body->contact = purchase.contact;
    body->terms = purchase.terms;
    body->contact_share = purchase.contact_share;
    command_subject_member(command, purchase.buyer);
    if (body->contact_share > 0)
        command_subject_member(command, purchase.contact);
    return STATUS_OK;
}

static enum status take_person(struct call *call, struct command *command, const struct event_input *input,
                               struct purchase *body, struct error *err)
{
    const struct programme *programme = programme_at(call->programmes, call->now);

    if (input->member == NULL)
        return STATUS_OK;
    body->named = true;
    command->day = zone_day(programme->zone, body->at);
    if (body->organisation != 0)
        return take_buyer(call, command, input, body, err);
    body->register_unknown = programme->register_unknown && input->member->id == 0;
    return member_reference_apply(call, command, input->member, "member", err);
}

enum status purchase_handle(struct call *call, struct item *item, struct error *err)
{
    const struct purchase_input *input = item->body;
    struct purchase read = {.at = event_input_at(call, &input->event)};
    const struct programme *programme = programme_at(call->programmes, read.at);
    struct text idempotency = call_idempotency_key(call);

    if (input->event.receipt.size == 0 && input->event.event_id.size == 0 && idempotency.size == 0)
        return error_set(err, STATUS_INVALID, "purchase.key_required", "receipt",
                         "a purchase needs a receipt, an event id or an Idempotency-Key, so that it counts once");
    enum status status = take_total(call->arena, input, &read, err);
    if (status != STATUS_OK)
        return status;
    if (input->quote != 0 && input->honours.count > 0)
        return error_set(err, STATUS_INVALID, "honour.in_quote", "honours", "what is honoured is in the quote");
    payments_take(&input->payments, &read);
    status = stored_take(programme, input->stored, &read, err);
    if (status == STATUS_OK)
        status = pay_with_take(call, &input->with, &read, err);
    read.organisation = input->organisation;
    if (status == STATUS_OK && input->quote != 0)
        status = quoted_take(call, input->quote, &read, err);
    if (status != STATUS_OK)
        return status;
    read.named = input->event.member != NULL;
    if (read.organisation != 0 && !read.named)
        return error_set(err, STATUS_INVALID, "organisation.buyer", "member", "name the member who buys for it");
    read.limited = true;
    read.load_progress = purchase_limits_members(programme_at(call->programmes, call->now), &read);
    read.honours = honours_input(call->arena, &input->honours, &read.honour_count);
    purchase_rules(call->programmes, &read);
    status = proof_take(call, input->event.member, input->proof, &read.proof, err);
    if (status != STATUS_OK)
        return status;
    struct command *command = item_command(item, purchase_type(programme, &read), sizeof read);
    struct purchase *body = command->body;
    *body = read;
    body->store = input->event.store;
    body->channel = input->event.channel;
    body->till = input->event.till;
    body->employee = input->event.employee;
    body->event_id = input->event.event_id;
    body->detail = purchase_detail(call->arena, input->properties, body);
    body->priced = call->programmes->items_priced;
    body->day = event_input_day(call, &input->event, body->at);
    status = event_input_check(call, &input->event, body->day, err);
    if (status == STATUS_OK)
        status = take_person(call, command, &input->event, body, err);
    if (status == STATUS_OK)
        status = seller_take(call, body->employee, &body->seller, err);
    if (status != STATUS_OK)
        return status;
    struct text content =
        input->event.event_id.size > 0 ? purchase_content(call->arena, input) : (struct text){NULL, 0};
    body->receipt = event_input_identity(call, command, &input->event, body->day, content, &body->identity);
    status = gift_payments_name(command, call->arena, body->cards, body->card_count, err);
    if (status != STATUS_OK)
        return status;
    quoted_name(body, command, call->arena);
    if (!body->named) {
        command->bucket = event_input_bucket(command, &body->identity, idempotency);
        return STATUS_OK;
    }
    purchase_limits(programme_at(call->programmes, call->now), body, command, call->arena);
    purchase_counters(programme, command, call->arena);
    purchase_rule_counters(call->programmes, body, command, call->arena);
    return STATUS_OK;
}

/* ---- replies ---- */

static const struct field wallet_points_fields[] = {
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
};
const struct shape wallet_points_shape = {.name = "WalletPoints", .size = 0, SHAPE_FIELDS(wallet_points_fields)};

static const struct field balance_fields[] = {
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "available", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "May be spent now."},
    {.name = "pending", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "balance", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Active, pending and held less debt."},
};
const struct shape wallet_balance_shape = {.name = "WalletBalance", .size = 0, SHAPE_FIELDS(balance_fields)};

static const struct field bonus_fields[] = {
    {.name = "multiplier", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
};
static const struct shape bonus_shape = {.name = "EarnedBonus", .size = 0, SHAPE_FIELDS(bonus_fields)};

static const struct field earned_fields[] = {
    {.name = "rule", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "version",
     .type = FIELD_INTEGER,
     .about = "Of an earning rule that is published by itself; without it, it is a rule of the programme."},
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Bonuses included."},
    {.name = "active_at", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE},
    {.name = "expires_at", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE},
    {.name = "bonuses", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &bonus_shape},
};
const struct shape earned_shape = {.name = "Earned", .size = 0, SHAPE_FIELDS(earned_fields)};

static const struct field tier_change_fields[] = {
    {.name = "before", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "after", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
};
static const struct shape tier_change_shape = {.name = "TierChange", .size = 0, SHAPE_FIELDS(tier_change_fields)};

static const char *const not_earned_reasons[] = {"own_sale", NULL};
static const struct field honoured_fields[] = {
    {.name = "offer", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "channel", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "shown_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "value", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "What it takes off these goods."},
};
static const struct shape honoured_shape = {.name = "Honoured", .size = 0, SHAPE_FIELDS(honoured_fields)};

static const struct field purchase_receipt_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},
    {.name = "duplicate",
     .type = FIELD_BOOLEAN,
     .flags = FIELD_REQUIRED,
     .about = "The same event was recorded before; nothing happened now, and only its id is told."},
    {.name = "member", .type = FIELD_ID, .flags = FIELD_NULLABLE, .prefix = "mbr"},
    {.name = "registered", .type = FIELD_BOOLEAN, .about = "The member was registered with this purchase."},
    {.name = "amount", .type = FIELD_AMOUNT, .about = "In the programme's currency."},
    {.name = "paid_with_points", .type = FIELD_AMOUNT, .about = "And with stored value."},
    {.name = "prepaid",
     .type = FIELD_AMOUNT,
     .about = "Of it money that was paid in beforehand; it earns as money does."},
    {.name = "gift_cards", .type = FIELD_LIST, .element = FIELD_OBJECT, .shape = &card_paid_shape},
    {.name = "earned", .type = FIELD_LIST, .element = FIELD_OBJECT, .shape = &earned_shape},
    {.name = "honoured",
     .type = FIELD_LIST,
     .element = FIELD_OBJECT,
     .shape = &honoured_shape,
     .about = "Offers that were over, and applied because the customer was shown them."},
    {.name = "not_earned",
     .type = FIELD_CHOICE,
     .choices = not_earned_reasons,
     .about = "Why it earned nothing: the employee is the member, or of the same household."},
    {.name = "tier", .type = FIELD_OBJECT, .shape = &tier_change_shape},
    {.name = "balances", .type = FIELD_LIST, .element = FIELD_OBJECT, .shape = &wallet_balance_shape},
};
const struct shape purchase_receipt_shape = {
    .name = "PurchaseRecorded", .size = 0, SHAPE_FIELDS(purchase_receipt_fields)};

void write_balances(struct json_writer *writer, const struct wallet_balance *balances, size_t count)
{
    writer_list(writer, "balances");
    for (size_t i = 0; i < count; i++) {
        writer_object(writer, NULL);
        writer_text(writer, "wallet", balances[i].wallet);
        writer_integer(writer, "available", balances[i].available);
        writer_integer(writer, "pending", balances[i].pending);
        writer_integer(writer, "balance", balances[i].balance);
        writer_end(writer);
    }
    writer_end(writer);
}

void write_earned(struct json_writer *writer, const struct earned_facts *list, size_t count)
{
    writer_list(writer, "earned");
    for (size_t i = 0; i < count; i++) {
        const struct earned_facts *earned = &list[i];
        writer_object(writer, NULL);
        writer_text(writer, "rule", earned->rule);
        if (earned->version > 0)
            writer_integer(writer, "version", earned->version);
        writer_text(writer, "wallet", earned->wallet);
        writer_integer(writer, "points", earned->points);
        writer_instant(writer, "active_at", lot_is_frozen(earned->active_at) ? INSTANT_NEVER : earned->active_at);
        writer_instant(writer, "expires_at", earned->expires_at);
        writer_list(writer, "bonuses");
        for (size_t b = 0; b < earned->bonus_count; b++) {
            writer_object(writer, NULL);
            writer_text(writer, "multiplier", earned->bonuses[b].multiplier);
            writer_integer(writer, "points", earned->bonuses[b].bonus);
            writer_end(writer);
        }
        writer_end(writer);
        writer_end(writer);
    }
    writer_end(writer);
}

static void write_honoured(struct json_writer *writer, const struct purchase_result *result)
{
    if (result->honoured_count == 0)
        return;
    writer_list(writer, "honoured");
    for (size_t i = 0; i < result->honoured_count; i++) {
        writer_object(writer, NULL);
        writer_text(writer, "offer", result->honoured[i].offer);
        writer_text(writer, "channel", result->honoured[i].channel);
        writer_instant(writer, "shown_at", result->honoured[i].shown_at);
        writer_amount(writer, "value", result->honoured[i].value, result->currency);
        writer_end(writer);
    }
    writer_end(writer);
}

static void write_result(struct item *item, struct json_writer *writer, const struct purchase_result *result)
{
    writer_id(writer, "id", "evt", result->id);
    writer_boolean(writer, "duplicate", result->known);
    if (result->known) {
        item->status = 200;
        return;
    }
    writer_id(writer, "member", "mbr", result->member);
    writer_boolean(writer, "registered", result->registered);
    writer_amount(writer, "amount", result->amount, result->currency);
    write_cards_paid(writer, result);
    write_honoured(writer, result);
    if (result->member == 0)
        return;
    writer_amount(writer, "paid_with_points", result->paid_minor, result->currency);
    if (result->prepaid > 0)
        writer_amount(writer, "prepaid", result->prepaid, result->currency);
    write_earned(writer, result->earned, result->earned_count);
    if (result->own_sale)
        writer_string(writer, "not_earned", not_earned_reasons[0]);
    writer_object(writer, "tier");
    writer_text(writer, "before", result->tier_before);
    writer_text(writer, "after", result->tier_after);
    writer_end(writer);
    write_balances(writer, result->balances, result->balance_count);
}

void purchase_finish(struct item *item, struct json_writer *writer)
{
    const struct purchase *body = item->command->body;

    write_result(item, writer, &body->result);
}

/* Who sends its day again is told the first one's id where the receipt alone names it. */
void purchase_explain(const struct item *item, struct json_writer *writer)
{
    const struct command *command = item->command;

    if (command == NULL || strcmp(command->error.code, "receipt.known") != 0)
        return;
    const struct purchase *body = command->body;
    if (body->identity.receipt_claim >= 0)
        writer_id(writer, "first", "evt", command->claims[body->identity.receipt_claim].reference);
}

/* ---- a late claim ---- */

struct attribution_input {
    struct member_reference *member;
};

static const struct field attribution_fields[] = {
    {.name = "member",
     .type = FIELD_OBJECT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct attribution_input, member),
     .shape = &member_reference_shape},
};
const struct shape attribution_input_shape = {
    .name = "PurchaseClaim", .size = sizeof(struct attribution_input), SHAPE_FIELDS(attribution_fields)};

/* The command that gives the purchase to the member. */
static enum status claim_for(struct call *call, struct item *item, int64_t id, const struct member_reference *member,
                             struct error *err)
{
    struct storage_session *session;
    struct past_event *purchase;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = engine_event(session, id, 0, call->arena, &purchase, err);
    call_read_end(call, session);
    if (status == STATUS_MISSING)
        return error_set(err, STATUS_MISSING, "purchase.unknown", "purchase", "there is no such purchase");
    if (status != STATUS_OK)
        return status;
    const struct programme *programme = programme_at(call->programmes, purchase->row.at);
    struct purchase asked = {.at = purchase->row.at,
                             .store = purchase->row.store,
                             .channel = purchase->row.channel,
                             .lines = purchase->row.lines,
                             .line_count = purchase->row.line_count};
    purchase_rules(call->programmes, &asked);
    const struct command_type *type =
        attribution_type(programme, programme_at(call->programmes, call->now), asked.load_progress);
    struct command *command = item_command(item, type, sizeof(struct attribution));
    struct attribution *body = command->body;
    struct purchase_facts facts;
    status = purchase_facts_read(call->arena, purchase->row.facts, &facts, err);
    if (status == STATUS_OK)
        status = seller_take(call, facts.employee, &body->seller, err);
    body->employee = facts.employee;
    if (status == STATUS_OK)
        status = member_reference_apply(call, command, member, "member", err);
    if (status != STATUS_OK)
        return status;
    body->claim = command_claim(command, call->arena, "attribution", attribution_key(call->arena, id));
    command->events[command->event_count++] = (struct event_reference){.id = id, .claim = -1};
    command->day = zone_day(programme_at(call->programmes, call->now)->zone, purchase->row.at);
    purchase_counters(programme, command, call->arena);
    purchase_rule_counters(call->programmes, &asked, command, call->arena);
    body->known.parts = asked.known.parts;
    return STATUS_OK;
}

enum status attribution_handle(struct call *call, struct item *item, struct error *err)
{
    const struct attribution_input *input = item->body;
    int64_t id;
    enum status status = call_path_id(call, 0, "evt", &id, err);

    return status == STATUS_OK ? claim_for(call, item, id, input->member, err) : status;
}

/* ---- the same by receipt ---- */

struct purchase_claim_input {
    struct member_reference *member;
    struct purchase_receipt_input receipt;
    struct json_amount total;
    unsigned char total_given;
};

static const struct field purchase_claim_fields[] = {
    {.name = "member",
     .type = FIELD_OBJECT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct purchase_claim_input, member),
     .shape = &member_reference_shape},
    {.name = "receipt",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct purchase_claim_input, receipt.number),
     .minimum = 1,
     .maximum = EVENT_KEY_PART_MAX,
     .about = "The number on the receipt, with its business day, channel, store and till."},
    {.name = "business_day",
     .type = FIELD_DAY,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct purchase_claim_input, receipt.day)},
    {.name = "channel",
     .type = FIELD_TEXT,
     .offset = offsetof(struct purchase_claim_input, receipt.channel),
     .maximum = CODE_SIZE_MAX},
    {.name = "store",
     .type = FIELD_TEXT,
     .flags = FIELD_STORE,
     .offset = offsetof(struct purchase_claim_input, receipt.store),
     .maximum = CODE_SIZE_MAX},
    {.name = "till",
     .type = FIELD_TEXT,
     .offset = offsetof(struct purchase_claim_input, receipt.till),
     .maximum = EVENT_KEY_PART_MAX},
    {.name = "total",
     .type = FIELD_AMOUNT,
     .offset = offsetof(struct purchase_claim_input, total),
     .presence = offsetof(struct purchase_claim_input, total_given),
     .about = "What the receipt says, so that nobody claims by guessing numbers."},
};
const struct shape purchase_claim_input_shape = {
    .name = "PurchaseClaimByReceipt", .size = sizeof(struct purchase_claim_input), SHAPE_FIELDS(purchase_claim_fields)};

static enum status check_total(struct call *call, const struct purchase_claim_input *input, int64_t id,
                               struct error *err)
{
    struct storage_session *session;
    struct past_event *purchase;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = engine_event(session, id, 0, call->arena, &purchase, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    const char *currency = programme_at(call->programmes, purchase->row.at)->currency;
    bool same = purchase->row.amount == input->total.minor && strcmp(input->total.currency, currency) == 0;
    /* A guess learns nothing of what the receipt says. */
    return same ? STATUS_OK
                : error_set(err, STATUS_MISSING, "purchase.unknown", "receipt", "no purchase has this receipt");
}

enum status purchase_claim_handle(struct call *call, struct item *item, struct error *err)
{
    const struct purchase_claim_input *input = item->body;
    int64_t id;
    enum status status = purchase_by_receipt(call, &input->receipt, "receipt", &id, err);

    if (status == STATUS_OK && input->total_given == PRESENCE_GIVEN)
        status = check_total(call, input, id, err);
    return status == STATUS_OK ? claim_for(call, item, id, input->member, err) : status;
}

void attribution_finish(struct item *item, struct json_writer *writer)
{
    const struct attribution *body = item->command->body;

    write_result(item, writer, &body->result);
}
