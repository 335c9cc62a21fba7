#include "features/events/exchange_api.h"

#include <stddef.h>
#include <string.h>

#include "features/events/event_input_api.h"
#include "features/events/events_store.h"
#include "features/events/exchange.h"
#include "features/events/line_api.h"
#include "features/events/pay_with_api.h"
#include "features/events/purchase_api.h"
#include "features/events/return_input_api.h"
#include "features/events/unreceipted.h"
#include "features/redemption/proof_api.h"

/* ---- exchanges ---- */

struct exchange_input {
    struct event_input event;
    struct purchase_name purchase;
    struct json_list returned, lines, payments, with;
    struct proof_input *proof;
    struct stored_payment_input *stored;
    struct json_amount total;
    unsigned char total_given;
    struct text properties;
};

static const struct field exchange_input_fields[] = {
    EVENT_INPUT_TIME(struct exchange_input, event),
    EVENT_INPUT_PLACE(struct exchange_input, event),
    EVENT_INPUT_RECEIPT(struct exchange_input, event),
    PURCHASE_NAME_FIELDS(struct exchange_input, purchase),
    {.name = "returned",
     .type = FIELD_LIST,
     .offset = offsetof(struct exchange_input, returned),
     .maximum = PURCHASE_LINES_MAX,
     .element = FIELD_OBJECT,
     .shape = &return_line_shape,
     .about = "What comes back of the purchase; everything that is left when absent."},
    {.name = "lines",
     .type = FIELD_LIST,
     .offset = offsetof(struct exchange_input, lines),
     .maximum = PURCHASE_LINES_MAX,
     .element = FIELD_OBJECT,
     .shape = &line_input_shape,
     .about = "What is taken for it."},
    {.name = "total",
     .type = FIELD_AMOUNT,
     .offset = offsetof(struct exchange_input, total),
     .presence = offsetof(struct exchange_input, total_given),
     .about = "Of what is taken: the lines must sum to it."},
    {.name = "pay_points",
     .type = FIELD_LIST,
     .offset = offsetof(struct exchange_input, payments),
     .maximum = PURCHASE_POINTS_MAX,
     .element = FIELD_OBJECT,
     .shape = &payment_input_shape,
     .about = "The part of what is taken that points pay."},
    PROOF_FIELD(struct exchange_input, proof),
    {.name = "pay_stored_value",
     .type = FIELD_OBJECT,
     .offset = offsetof(struct exchange_input, stored),
     .shape = &stored_payment_input_shape,
     .about = "The part of what is taken that money paid in beforehand pays."},
    PAY_WITH_FIELD(struct exchange_input, with),
    {.name = "properties",
     .type = FIELD_JSON_MAP,
     .offset = offsetof(struct exchange_input, properties),
     .maximum = EVENT_PROPERTIES_MAX,
     .about = "The reason, and anything else worth keeping."},
};
const struct shape exchange_input_shape = {
    .name = "ExchangeInput",
    .about = "Goods that come back and others taken for them; receipt and event id are those of the new purchase.",
    .size = sizeof(struct exchange_input),
    SHAPE_FIELDS(exchange_input_fields)};

static struct text exchange_content(struct arena *arena, const struct exchange_input *input, int64_t purchase)
{
    struct builder content = {.arena = arena};

    content_text(&content, TEXT("exchange"));
    content_input(&content, &input->event);
    content_integer(&content, purchase);
    return_lines_content(&content, &input->returned);
    lines_content(&content, &input->lines);
    content_integer(&content, input->total.minor);
    payments_content(&content, &input->payments);
    stored_content(&content, input->stored);
    pay_with_content(&content, &input->with);
    content_text(&content, input->properties);
    return builder_done(&content);
}

static void take_event(const struct call *call, const struct event_input *input, struct purchase *body)
{
    body->at = event_input_at(call, input);
    body->day = event_input_day(call, input, body->at);
    body->store = input->store;
    body->channel = input->channel;
    body->till = input->till;
    body->employee = input->employee;
    body->event_id = input->event_id;
    body->priced = call->programmes->items_priced;
}

static enum status fill_exchange(struct call *call, const struct exchange_input *input, struct exchange *body,
                                 struct error *err)
{
    struct purchase *buy = &body->buy;

    buy->total_given = input->total_given == PRESENCE_GIVEN;
    buy->total = input->total.minor;
    memcpy(buy->currency, input->total.currency, CURRENCY_SIZE);
    enum status status = lines_take(call->arena, &input->lines, buy, err);
    if (status == STATUS_OK)
        status = return_lines_read(call, &input->returned, &body->back, err);
    if (status != STATUS_OK)
        return status;
    payments_take(&input->payments, buy);
    status = stored_take(programme_at(call->programmes, call->now), input->stored, buy, err);
    if (status == STATUS_OK)
        status = pay_with_take(call, &input->with, buy, err);
    if (status != STATUS_OK)
        return status;
    take_event(call, &input->event, buy);
    buy->limited = true;
    buy->detail = purchase_detail(call->arena, input->properties, buy);
    body->back.at = buy->at;
    body->back.day = buy->day;
    body->back.store = buy->store;
    body->back.channel = buy->channel;
    body->back.till = buy->till;
    body->back.employee = buy->employee;
    body->back.identity = EVENT_IDENTITY_NONE;
    return event_input_check(call, &input->event, buy->day, err);
}

/* What the member showed is checked against the person of the purchase. */
static enum status name_payer(struct call *call, const struct exchange_input *input, const struct command *command,
                              struct error *err)
{
    struct exchange *body = command->body;
    struct member_reference *member = arena_alloc(call->arena, sizeof *member);

    if (!body->buy.named)
        return STATUS_OK;
    member->id = command->subjects[0].id;
    return proof_take(call, member, input->proof, &body->buy.proof, err);
}

enum status exchange_handle(struct call *call, struct item *item, struct error *err)
{
    const struct exchange_input *input = item->body;
    const struct programme *programme = programme_at(call->programmes, call->now);
    struct storage_session *session;
    int64_t purchase;

    if (input->event.receipt.size == 0 && input->event.event_id.size == 0 && call_idempotency_key(call).size == 0)
        return error_set(err, STATUS_INVALID, "purchase.key_required", "receipt",
                         "an exchange needs a receipt, an event id or an Idempotency-Key, so that it counts once");
    enum status status = purchase_name_find(call, &input->purchase, &purchase, err);
    if (status != STATUS_OK)
        return status;
    struct command *command = item_command(item, &exchange_command_type, sizeof(struct exchange));
    struct exchange *body = command->body;
    status = fill_exchange(call, input, body, err);
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = exchange_prepare(session, call->programmes, command, purchase, call->arena, err);
    call_read_end(call, session);
    if (status == STATUS_OK)
        status = gift_payments_name(command, call->arena, body->buy.cards, body->buy.card_count, err);
    if (status == STATUS_OK)
        status = name_payer(call, input, command, err);
    if (status == STATUS_OK)
        status = seller_take(call, body->buy.employee, &body->buy.seller, err);
    if (status != STATUS_OK)
        return status;
    command->day = zone_day(programme->zone, body->buy.at);
    body->buy.receipt = event_input_identity(call, command, &input->event, body->buy.day,
                                             exchange_content(call->arena, input, purchase), &body->buy.identity);
    if (body->buy.named) {
        purchase_limits(programme, &body->buy, command, call->arena);
        purchase_counters(programme_at(call->programmes, body->buy.at), command, call->arena);
        purchase_rules(call->programmes, &body->buy);
        purchase_rule_counters(call->programmes, &body->buy, command, call->arena);
    }
    return STATUS_OK;
}

static const struct field exchange_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt", .about = "The new purchase."},
    {.name = "duplicate", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "member", .type = FIELD_ID, .flags = FIELD_NULLABLE, .prefix = "mbr"},
    {.name = "return", .type = FIELD_ID, .prefix = "evt", .about = "The goods that came back."},
    {.name = "returned", .type = FIELD_AMOUNT, .about = "What they had cost."},
    {.name = "amount", .type = FIELD_AMOUNT, .about = "What was taken costs."},
    {.name = "paid_with_points", .type = FIELD_AMOUNT},
    {.name = "gift_cards", .type = FIELD_LIST, .element = FIELD_OBJECT, .shape = &card_paid_shape},
    {.name = "to_gift_cards", .type = FIELD_AMOUNT, .about = "Goes back to the gift cards that had paid."},
    {.name = "to_pay", .type = FIELD_AMOUNT, .about = "Money, net; 0 when it is paid out."},
    {.name = "to_pay_out", .type = FIELD_AMOUNT, .about = "Money, net; 0 when it is to be paid."},
    {.name = "points",
     .type = FIELD_LIST,
     .element = FIELD_OBJECT,
     .shape = &wallet_points_shape,
     .about = "Earned less taken back."},
    {.name = "earned", .type = FIELD_LIST, .element = FIELD_OBJECT, .shape = &earned_shape},
    {.name = "points_given_back", .type = FIELD_LIST, .element = FIELD_OBJECT, .shape = &wallet_points_shape},
    {.name = "points_clawed_back", .type = FIELD_LIST, .element = FIELD_OBJECT, .shape = &wallet_points_shape},
    {.name = "written_off", .type = FIELD_INTEGER},
    {.name = "balances", .type = FIELD_LIST, .element = FIELD_OBJECT, .shape = &wallet_balance_shape},
};
const struct shape exchange_shape = {.name = "ExchangeRecorded", .size = 0, SHAPE_FIELDS(exchange_fields)};

void exchange_finish(struct item *item, struct json_writer *writer)
{
    const struct exchange *body = item->command->body;
    const struct purchase_result *bought = &body->buy.result;
    const struct return_result *back = &body->back.result;

    writer_id(writer, "id", "evt", bought->id);
    writer_boolean(writer, "duplicate", bought->known);
    if (bought->known) {
        item->status = 200;
        return;
    }
    writer_id(writer, "member", "mbr", bought->member);
    writer_id(writer, "return", "evt", back->id);
    writer_amount(writer, "returned", back->amount, back->currency);
    writer_amount(writer, "amount", bought->amount, bought->currency);
    writer_amount(writer, "paid_with_points", bought->paid_minor, bought->currency);
    write_cards_paid(writer, bought);
    if (back->to_cards > 0)
        writer_amount(writer, "to_gift_cards", back->to_cards, back->currency);
    writer_amount(writer, "to_pay", body->to_pay > 0 ? body->to_pay : 0, bought->currency);
    writer_amount(writer, "to_pay_out", body->to_pay < 0 ? -body->to_pay : 0, bought->currency);
    if (bought->member == 0)
        return;
    write_wallet_points(writer, "points", body->points, body->point_count);
    write_earned(writer, bought->earned, bought->earned_count);
    write_wallet_points(writer, "points_given_back", back->given_back, back->given_back_count);
    write_wallet_points(writer, "points_clawed_back", back->clawed_back, back->clawed_back_count);
    writer_integer(writer, "written_off", back->written_off);
    write_balances(writer, back->balances, back->balance_count);
}

/* ---- without a receipt ---- */

struct unreceipted_input {
    struct event_input event;
    struct json_list lines;
    struct text properties;
};

static const struct field unreceipted_fields[] = {
    EVENT_INPUT_MEMBER(struct unreceipted_input, event, 0),
    EVENT_INPUT_TIME(struct unreceipted_input, event),
    EVENT_INPUT_PLACE(struct unreceipted_input, event),
    EVENT_INPUT_RECEIPT(struct unreceipted_input, event),
    {.name = "lines",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct unreceipted_input, lines),
     .minimum = 1,
     .maximum = PURCHASE_LINES_MAX,
     .element = FIELD_OBJECT,
     .shape = &line_input_shape,
     .about = "The goods, and what goes back for them."},
    {.name = "properties",
     .type = FIELD_JSON_MAP,
     .offset = offsetof(struct unreceipted_input, properties),
     .maximum = EVENT_PROPERTIES_MAX,
     .about = "The reason, and anything else worth keeping."},
};
const struct shape unreceipted_input_shape = {.name = "UnreceiptedReturnInput",
                                              .about = "Goods that come back without a receipt.",
                                              .size = sizeof(struct unreceipted_input),
                                              SHAPE_FIELDS(unreceipted_fields)};

enum status unreceipted_handle(struct call *call, struct item *item, struct error *err)
{
    const struct unreceipted_input *input = item->body;
    struct command *command = item_command(item, &unreceipted_command_type, sizeof(struct unreceipted_return));
    struct unreceipted_return *body = command->body;
    struct text idempotency = call_idempotency_key(call);
    struct builder content = {.arena = call->arena};

    if (input->event.receipt.size == 0 && input->event.event_id.size == 0 && idempotency.size == 0)
        return error_set(err, STATUS_INVALID, "purchase.key_required", "receipt",
                         "a return without the receipt of its purchase needs one of its own, an event id or an "
                         "Idempotency-Key");
    enum status status = lines_take(call->arena, &input->lines, &body->goods, err);
    if (status != STATUS_OK)
        return status;
    body->approved = call_may(call, PERMISSION_RETURNS_APPROVE);
    take_event(call, &input->event, &body->goods);
    body->goods.detail = purchase_detail(call->arena, input->properties, &body->goods);
    status = event_input_check(call, &input->event, body->goods.day, err);
    if (status == STATUS_OK && input->event.member != NULL) {
        body->goods.named = true;
        command->day = zone_day(programme_at(call->programmes, call->now)->zone, body->goods.at);
        status = member_reference_apply(call, command, input->event.member, "member", err);
    }
    if (status != STATUS_OK)
        return status;
    content_text(&content, TEXT("unreceipted"));
    content_input(&content, &input->event);
    lines_content(&content, &input->lines);
    content_text(&content, input->properties);
    body->goods.receipt = event_input_identity(call, command, &input->event, body->goods.day, builder_done(&content),
                                               &body->goods.identity);
    if (!body->goods.named)
        command->bucket = event_input_bucket(command, &body->goods.identity, idempotency);
    return STATUS_OK;
}
