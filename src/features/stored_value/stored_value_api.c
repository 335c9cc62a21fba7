#include "features/stored_value/stored_value_api.h"

#include <stddef.h>
#include <string.h>

#include "api/page.h"
#include "features/points/context_api.h"
#include "features/points/ledger.h"
#include "features/stored_value/stored_value_store.h"

enum { REFERENCE_BYTES_MAX = 100 };

/* ---- what the bodies share ---- */

#define STORED_VALUE_FIELD(owner)                                                                      \
    {                                                                                                  \
        .name = "code", .type = FIELD_TEXT, .offset = offsetof(owner, code), .maximum = CODE_SIZE_MAX, \
        .about = "Of the stored value; the programme's first by default."                              \
    }

static const struct programme *programme_now(const struct call *call)
{
    return programme_at(call->programmes, call->now);
}

static struct text code_of(const struct call *call, struct text given)
{
    const struct programme *programme = programme_now(call);

    return given.size > 0 || programme->stored_value_count == 0 ? given : programme->stored_values[0].code;
}

/* Stored value is money of the programme's currency. */
static enum status take_amount(const struct call *call, const struct json_amount *amount, int64_t *minor,
                               struct error *err)
{
    const struct programme *programme = programme_now(call);

    if (amount->currency[0] != '\0' && strcmp(amount->currency, programme->currency) != 0)
        return error_set(err, STATUS_INVALID, "stored_value.currency", "amount", "stored value is in %s",
                         programme->currency);
    *minor = amount->minor;
    return STATUS_OK;
}

/* ---- what the replies share ---- */

static const struct field moved_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},
    {.name = "principal", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "Paid in or out."},
    {.name = "bonus", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "Given or forfeited."},
    {.name = "available_principal", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "Afterwards."},
    {.name = "available_bonus", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
};
const struct shape stored_moved_shape = {.name = "StoredValueMoved", SHAPE_FIELDS(moved_fields)};

/* The currency is that of the programme, which the body's texts do not carry: it is kept with the item. */
static void write_moved(const struct item *item, struct json_writer *writer, const struct stored_result *result)
{
    const char *currency = item->user;

    writer_id(writer, "id", "evt", result->id);
    writer_id(writer, "member", "mbr", result->member);
    writer_amount(writer, "principal", result->moved.principal, currency);
    writer_amount(writer, "bonus", result->moved.bonus, currency);
    writer_amount(writer, "available_principal", result->available.principal, currency);
    writer_amount(writer, "available_bonus", result->available.bonus, currency);
}

static void keep_currency(const struct call *call, struct item *item)
{
    item->user = arena_copy(call->arena, programme_now(call)->currency, CURRENCY_SIZE);
}

/* ---- topping up ---- */

struct top_up_input {
    struct member_reference *member;
    struct text code, paid_by, reference;
    struct json_amount amount;
    struct context_input context;
};
static const struct field top_up_fields[] = {
    MEMBER_FIELD(struct top_up_input, "member", member),
    STORED_VALUE_FIELD(struct top_up_input),
    {.name = "amount",
     .type = FIELD_AMOUNT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct top_up_input, amount),
     .about = "What is paid in; the bonus comes on top."},
    CODE_FIELD(struct top_up_input, "paid_by", paid_by),
    {.name = "reference",
     .type = FIELD_TEXT,
     .offset = offsetof(struct top_up_input, reference),
     .maximum = REFERENCE_BYTES_MAX,
     .about = "Of the payment: the same one is taken once."},
    CONTEXT_FIELDS(struct top_up_input),
};
const struct shape top_up_input_shape = {
    .name = "TopUpInput", .size = sizeof(struct top_up_input), SHAPE_FIELDS(top_up_fields)};

static int claim_reference(struct call *call, struct command *command, struct text code, struct text reference)
{
    struct builder key = {.arena = call->arena};

    if (reference.size == 0)
        return -1;
    builder_text(&key, code);
    builder_char(&key, ':');
    builder_text(&key, reference);
    return command_claim(command, call->arena, "top_up", builder_done(&key));
}

enum status top_up_handle(struct call *call, struct item *item, struct error *err)
{
    const struct top_up_input *input = item->body;
    struct command *command = item_command(item, &top_up_command_type, sizeof(struct top_up));
    struct top_up *body = command->body;

    keep_currency(call, item);
    body->context = context_of(&input->context);
    body->code = code_of(call, input->code);
    body->paid_by = input->paid_by;
    enum status status = take_amount(call, &input->amount, &body->minor, err);
    if (status == STATUS_OK)
        status = member_reference_apply(call, command, input->member, "member", err);
    if (status == STATUS_OK)
        body->claim = claim_reference(call, command, body->code, input->reference);
    return status;
}

void top_up_finish(struct item *item, struct json_writer *writer)
{
    write_moved(item, writer, &((const struct top_up *)item->command->body)->result);
}

/* ---- voiding a top-up ---- */

struct top_up_void_input {
    struct text reason;
    struct context_input context;
};
static const struct field top_up_void_fields[] = {
    {.name = "reason",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct top_up_void_input, reason),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX},
    CONTEXT_FIELDS(struct top_up_void_input),
};
const struct shape top_up_void_input_shape = {
    .name = "TopUpVoidInput", .size = sizeof(struct top_up_void_input), SHAPE_FIELDS(top_up_void_fields)};

enum status top_up_void_handle(struct call *call, struct item *item, struct error *err)
{
    const struct top_up_void_input *input = item->body;
    struct command *command = item_command(item, &top_up_void_command_type, sizeof(struct top_up_void));
    struct top_up_void *body = command->body;
    struct storage_session *session;
    struct past_event *event;
    int64_t id = 0;
    enum status status = call_path_id(call, 0, "evt", &id, err);

    keep_currency(call, item);
    body->context = context_of(&input->context);
    body->reason = input->reason;
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = engine_event(session, id, 0, call->arena, &event, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    if (!text_equals(event->row.kind, "top_up"))
        return error_set(err, STATUS_MISSING, "stored_value.unknown_top_up", "top_up", "there is no such top-up");
    command->events[0] = (struct event_reference){.id = id, .claim = -1};
    command->event_count = 1;
    command_subject_member(command, event->row.member);
    return call_check_member(call, event->row.member, "top_up", err);
}

void top_up_void_finish(struct item *item, struct json_writer *writer)
{
    write_moved(item, writer, &((const struct top_up_void *)item->command->body)->result);
}

/* ---- refunding ---- */

struct stored_refund_input {
    struct member_reference *member;
    struct text code, reason;
    struct json_amount amount;
    struct context_input context;
};
static const struct field stored_refund_fields[] = {
    MEMBER_FIELD(struct stored_refund_input, "member", member),
    STORED_VALUE_FIELD(struct stored_refund_input),
    {.name = "amount",
     .type = FIELD_AMOUNT,
     .offset = offsetof(struct stored_refund_input, amount),
     .about = "Of the principal; all of it by default."},
    {.name = "reason",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct stored_refund_input, reason),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX},
    CONTEXT_FIELDS(struct stored_refund_input),
};
const struct shape stored_refund_input_shape = {
    .name = "StoredValueRefundInput", .size = sizeof(struct stored_refund_input), SHAPE_FIELDS(stored_refund_fields)};

enum status stored_refund_handle(struct call *call, struct item *item, struct error *err)
{
    const struct stored_refund_input *input = item->body;
    struct command *command = item_command(item, &stored_refund_command_type, sizeof(struct stored_refund));
    struct stored_refund *body = command->body;

    keep_currency(call, item);
    body->context = context_of(&input->context);
    body->code = code_of(call, input->code);
    body->reason = input->reason;
    enum status status = take_amount(call, &input->amount, &body->minor, err);
    return status == STATUS_OK ? member_reference_apply(call, command, input->member, "member", err) : status;
}

void stored_refund_finish(struct item *item, struct json_writer *writer)
{
    write_moved(item, writer, &((const struct stored_refund *)item->command->body)->result);
}

/* ---- reading ---- */

static const char *const orders[] = {"principal_first", "bonus_first", "proportional", NULL};
static const struct field stored_value_fields[] = {
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "principal", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "The account of what was paid in."},
    {.name = "bonus", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "The account of what came on top."},
    {.name = "order", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = orders},
    {.name = "refundable", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
};
const struct shape stored_value_shape = {
    .name = "StoredValue", .about = "Money paid in beforehand, with a bonus.", SHAPE_FIELDS(stored_value_fields)};

enum status stored_values_handle(struct call *call, struct item *item, struct error *err)
{
    const struct programme *programme = programme_now(call);

    (void)err;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < programme->stored_value_count; i++) {
        const struct stored_value *value = &programme->stored_values[i];

        writer_object(&item->writer, NULL);
        writer_text(&item->writer, "code", value->code);
        writer_text(&item->writer, "name", value->name);
        writer_text(&item->writer, "principal", value->principal);
        writer_text(&item->writer, "bonus", value->bonus);
        writer_text(&item->writer, "order", text_from(orders[value->order]));
        writer_boolean(&item->writer, "refundable", value->refundable);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, NULL, false);
    return STATUS_OK;
}

static const struct field stored_balance_fields[] = {
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "principal", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
    {.name = "bonus", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
    {.name = "available", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "What may be paid with now."},
};
const struct shape stored_balance_shape = {
    .name = "StoredValueBalance", .about = "What a person may pay with.", SHAPE_FIELDS(stored_balance_fields)};

enum status stored_balances_handle(struct call *call, struct item *item, struct error *err)
{
    const struct programme *programme = programme_now(call);
    struct storage_session *session;
    struct person person;
    int64_t member = 0;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = engine_view(call->engine, session, member, call->arena, &person, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < programme->stored_value_count; i++) {
        const struct stored_value *value = &programme->stored_values[i];
        struct stored_split has = stored_value_available(&person, value);

        writer_object(&item->writer, NULL);
        writer_text(&item->writer, "code", value->code);
        writer_text(&item->writer, "name", value->name);
        writer_amount(&item->writer, "principal", has.principal, programme->currency);
        writer_amount(&item->writer, "bonus", has.bonus, programme->currency);
        writer_amount(&item->writer, "available", has.principal + has.bonus, programme->currency);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, NULL, false);
    return STATUS_OK;
}

static const struct field store_balance_fields[] = {
    {.name = "store", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "Where it was paid in; empty: not told."},
    {.name = "principal", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
    {.name = "bonus", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
};
const struct shape store_balance_shape = {.name = "StoredValueOfStore",
                                          .about = "What is owed of the money that was paid in at a store.",
                                          SHAPE_FIELDS(store_balance_fields)};

enum status store_balances_handle(struct call *call, struct item *item, struct error *err)
{
    const struct programme *programme = programme_now(call);
    const struct stored_value *value = programme_stored_value(programme, call->parameters[0]);
    struct store_balance *balances;
    struct storage_session *session;
    size_t count;

    if (value == NULL)
        return error_set(err, STATUS_MISSING, "stored_value.none", "code", "there is no such stored value");
    enum status status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = store_balances_read(session, call->arena, value, &balances, &count, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < count; i++) {
        if (!call_sees_store(call, balances[i].store))
            continue;
        writer_object(&item->writer, NULL);
        writer_text(&item->writer, "store", balances[i].store);
        writer_amount(&item->writer, "principal", balances[i].outstanding.principal, programme->currency);
        writer_amount(&item->writer, "bonus", balances[i].outstanding.bonus, programme->currency);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, NULL, false);
    return STATUS_OK;
}
