/* Gift cards over HTTP. */
#include "features/gift_cards/gift_cards_api.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "api/page.h"
#include "features/gift_cards/gift_payment_api.h"
#include "features/points/context_api.h"

enum { MAKE_TRIES = 100, PIN_MODULUS = 1000000 };
#define PIN_LIMIT 4294000000U /* a multiple of it, so that all PINs are as likely */

static const char *currency_of(const struct call *call)
{
    return programme_at(call->programmes, call->now)->currency;
}

static enum status take_amount(const struct call *call, const struct json_amount *amount, int64_t *minor,
                               struct error *err)
{
    if (amount->currency[0] != '\0' && strcmp(amount->currency, currency_of(call)) != 0)
        return error_set(err, STATUS_INVALID, "gift_card.currency", "amount", "gift cards are in %s",
                         currency_of(call));
    *minor = amount->minor;
    return STATUS_OK;
}

/* ---- selling ---- */

struct sale_input {
    struct json_amount amount;
    bool inactive;
    int64_t expires_at;
    struct text paid_by;
    struct context_input context;
};
static const struct field sale_fields[] = {
    {.name = "amount", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .offset = offsetof(struct sale_input, amount)},
    {.name = "inactive",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct sale_input, inactive),
     .about = "It pays only after an activation."},
    {.name = "expires_at",
     .type = FIELD_INSTANT,
     .offset = offsetof(struct sale_input, expires_at),
     .about = "The first instant without it; never when absent."},
    {.name = "paid_by",
     .type = FIELD_TEXT,
     .offset = offsetof(struct sale_input, paid_by),
     .maximum = CODE_SIZE_MAX,
     .about = "cash, card ..., or why it was given."},
    CONTEXT_FIELDS(struct sale_input),
};
const struct shape gift_sale_shape = {
    .name = "GiftCardSale", .size = sizeof(struct sale_input), SHAPE_FIELDS(sale_fields)};
static const struct field sold_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "pin", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "Told once."},
    {.name = "state", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "balance", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
};
const struct shape gift_sold_shape = {.name = "GiftCardSold", SHAPE_FIELDS(sold_fields)};

static enum status make_key(struct call *call, struct gift_card *card, struct error *err)
{
    unsigned char random[CODE_RANDOM_BYTES];
    char key[CODE_KEY_MAX + 1];

    for (int try = 0; try < MAKE_TRIES; try++) {
        secret_random(random, sizeof random);
        if (!code_make(&gift_pattern, random, key))
            continue;
        card->key = text_copy(call->arena, text_from(key));
        return STATUS_OK;
    }
    return error_set(err, STATUS_DEFECT, "internal.defect", "", "there is no chance in the random numbers");
}

static enum status make_pin(struct call *call, struct gift_card *card, char **out, struct error *err)
{
    char *hash = arena_alloc(call->arena, PASSWORD_HASH_SIZE);
    uint32_t random;

    do
        secret_random(&random, sizeof random);
    while (random >= PIN_LIMIT);
    char *pin = arena_format(call->arena, "%06u", random % PIN_MODULUS);
    *out = pin;
    enum status status = password_hash(text_from(pin), hash, err);
    card->pin_hash = text_from(hash);
    return status;
}

enum status gift_card_make(struct call *call, struct gift_card *card, char **pin, struct error *err)
{
    enum status status = make_key(call, card, err);

    return status == STATUS_OK ? make_pin(call, card, pin, err) : status;
}

enum status gift_sell_handle(struct call *call, struct item *item, struct error *err)
{
    const struct sale_input *input = item->body;
    struct command *command = item_command(item, &sell_gift_card_type, sizeof(struct sell_gift_card));
    struct sell_gift_card *body = command->body;
    enum status status = take_amount(call, &input->amount, &body->card.minor, err);

    body->context = context_of(&input->context);
    body->active = !input->inactive;
    body->card.expires_at = input->expires_at != 0 ? input->expires_at : INSTANT_NEVER;
    body->card.paid_by = input->paid_by;
    char *pin = NULL;
    if (status == STATUS_OK)
        status = gift_card_make(call, &body->card, &pin, err);
    item->user = pin;
    if (status != STATUS_OK)
        return status;
    command->bucket = gift_bucket(body->card.key);
    command->counters[command->counter_count++] = gift_counter(call->arena, body->card.key);
    return STATUS_OK;
}

void gift_sell_finish(struct item *item, struct json_writer *writer)
{
    const struct sell_gift_card *body = item->command->body;

    writer_id(writer, "id", "evt", body->result.id);
    writer_text(writer, "code", code_shown(item->call->arena, &gift_pattern, body->card.key));
    writer_string(writer, "pin", item->user);
    writer_string(writer, "state", gift_states[body->result.state]);
    writer_amount(writer, "balance", body->result.balance, currency_of(item->call));
}

/* ---- code and PIN ---- */

static enum status find_card(struct call *call, struct text code, struct gift_card *card, struct error *err)
{
    struct storage_session *session;
    struct text key;
    enum status status = code_key(call->arena, code, &key, err);

    if (status == STATUS_OK && code_looks_like(&gift_pattern, key) && !code_is_whole(&gift_pattern, key))
        return error_set(err, STATUS_INVALID, "gift_card.check_character", "code",
                         "a character of the code is wrong, or two changed places");
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = gift_card_read(session, call->arena, key, card, err);
    call_read_end(call, session);
    return status;
}

static enum status read_card(struct call *call, struct gift_card *card, struct error *err)
{
    return find_card(call, call->parameters[0], card, err);
}

/* `*rests`: it does now, so nothing was counted. */
static enum status count_try(struct call *call, struct text key, bool right, bool *rests, struct error *err)
{
    struct storage_session *session;
    bool counted = false;
    enum status status = call_write_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = right ? gift_pin_right(session, key, call->now, &counted, err)
                   : gift_pin_wrong(session, key, call->now, &counted, err);
    *rests = !counted;
    if (status == STATUS_OK)
        return call_write_commit(call, session, err);
    call_write_rollback(call, session);
    return status;
}

/*
 * Only wrong PINs count, so that many who know it never make the card rest. A right one is taken only while the card does not rest;
 * whoever guesses has no more than the allowed tries and those that are worked on at that moment, one for each worker.
 */
static enum status check_pin(struct call *call, const struct gift_card *card, struct text pin, bool *right,
                             struct error *err)
{
    bool rests = card->locked_until > call->now;
    int64_t until = rests ? card->locked_until : call->now + GIFT_REST;
    char text[INSTANT_TEXT_SIZE];
    enum status status = STATUS_OK;

    if (!rests)
        *right = password_matches(text_string(call->arena, card->pin_hash), pin);
    if (!rests && (!*right || card->tries > 0))
        status = count_try(call, card->key, *right, &rests, err);
    if (status == STATUS_OK && rests)
        return error_set(err, STATUS_LIMIT, "gift_card.locked", "pin",
                         "there were too many wrong PINs: try again from %s", instant_format(until, text));
    return status;
}

enum status gift_payment_take(struct call *call, const struct gift_asked *asked, struct gift_payment *out,
                              struct error *err)
{
    struct gift_card card;
    bool right = false;
    int64_t minor = 0;
    enum status status = take_amount(call, asked->amount, &minor, err);

    if (status == STATUS_OK)
        status = find_card(call, asked->code, &card, err);
    if (status == STATUS_OK)
        status = check_pin(call, &card, asked->pin, &right, err);
    if (status == STATUS_OK && !right)
        status = error_set(err, STATUS_FORBIDDEN, "gift_card.pin", "pin", "this is not the PIN of the gift card");
    if (status == STATUS_OK)
        *out = (struct gift_payment){.key = card.key,
                                     .card = card.id,
                                     .state = card.state,
                                     .expires_at = card.expires_at,
                                     .minor = minor,
                                     .partial = asked->partial};
    return status;
}

#define PIN_FIELD(owner)                                                                                          \
    {                                                                                                             \
        .name = "pin", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .offset = offsetof(owner, pin), .minimum = 1, \
        .maximum = 20                                                                                             \
    }

struct pin_input {
    struct text pin;
};
static const struct field pin_fields[] = {PIN_FIELD(struct pin_input)};
const struct shape gift_pin_shape = {.name = "GiftCardPin", .size = sizeof(struct pin_input), SHAPE_FIELDS(pin_fields)};
static const struct field event_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},
    {.name = "what",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .about = "sold, topped_up, charge, refund, void or expired."},
    {.name = "at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "amount", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "That the card gained; below 0: lost."},
    {.name = "store", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "receipt", .type = FIELD_TEXT, .about = "Of a charge that a till sent."},
    {.name = "paid_by", .type = FIELD_TEXT},
    {.name = "reason", .type = FIELD_TEXT},
};
static const struct shape event_shape = {
    .name = "GiftCardEvent", .about = "Something that moved money of a card.", SHAPE_FIELDS(event_fields)};
static const struct field card_fields[] = {
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "state", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "sold (not active yet), active or void."},
    {.name = "balance", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
    {.name = "paid_in", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
    {.name = "expires_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "sold_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "history",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &event_shape,
     .about = "The newest first, at most a hundred."},
};
const struct shape gift_card_shape = {
    .name = "GiftCard", .about = "A card with a value in money.", SHAPE_FIELDS(card_fields)};

static void write_fact(struct json_writer *writer, const char *name, const struct gift_event *event, const char *fact)
{
    struct text text = gift_fact(event, fact);

    if (text.size > 0)
        writer_text(writer, name, text);
}

static enum status write_history(struct call *call, struct json_writer *writer, int64_t card, struct error *err)
{
    struct storage_session *session;
    struct gift_event *events;
    size_t count;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = gift_history_read(session, call->arena, card, &events, &count, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    writer_list(writer, "history");
    for (size_t i = 0; i < count; i++) {
        const struct gift_event *event = &events[i];
        const size_t begin = sizeof "gift_card_" - 1;
        writer_object(writer, NULL);
        writer_id(writer, "id", "evt", event->id);
        writer_text(writer, "what", (struct text){event->kind.bytes + begin, event->kind.size - begin});
        writer_instant(writer, "at", event->at);
        writer_amount(writer, "amount", event->minor, currency_of(call));
        writer_text(writer, "store", event->store);
        write_fact(writer, "receipt", event, "\"receipt\":\"");
        write_fact(writer, "paid_by", event, "\"paid_by\":\"");
        write_fact(writer, "reason", event, "\"reason\":\"");
        writer_end(writer);
    }
    writer_end(writer);
    return STATUS_OK;
}

enum status gift_balance_handle(struct call *call, struct item *item, struct error *err)
{
    const struct pin_input *input = item->body;
    struct gift_card card;
    bool right = false;
    enum status status = read_card(call, &card, err);

    if (status == STATUS_OK)
        status = check_pin(call, &card, input->pin, &right, err);
    if (status == STATUS_OK && !right)
        status = error_set(err, STATUS_FORBIDDEN, "gift_card.pin", "pin", "this is not the PIN of the gift card");
    if (status != STATUS_OK)
        return status;
    writer_text(&item->writer, "code", code_shown(call->arena, &gift_pattern, card.key));
    writer_string(&item->writer, "state", gift_states[card.state]);
    writer_amount(&item->writer, "balance", card.state == GIFT_VOID ? 0 : card.minor - card.spent, currency_of(call));
    writer_amount(&item->writer, "paid_in", card.minor, currency_of(call));
    writer_instant(&item->writer, "expires_at", card.expires_at);
    writer_instant(&item->writer, "sold_at", card.sold_at);
    return write_history(call, &item->writer, card.id, err);
}

/* ---- changing ---- */

static enum status start_change(struct call *call, struct item *item, const struct command_type *type,
                                enum gift_action action, struct gift_card *card, struct error *err)
{
    enum status status = read_card(call, card, err);

    if (status != STATUS_OK)
        return status;
    struct command *command = item_command(item, type, sizeof(struct change_gift_card));
    struct change_gift_card *body = command->body;
    body->action = action;
    body->key = card->key;
    command->bucket = gift_bucket(card->key);
    command->counters[command->counter_count++] = gift_counter(call->arena, card->key);
    return STATUS_OK;
}

struct charge_input {
    struct text pin, receipt;
    struct json_amount amount;
    bool partly;
    struct context_input context;
};
static const struct field charge_fields[] = {
    PIN_FIELD(struct charge_input),
    {.name = "amount", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .offset = offsetof(struct charge_input, amount)},
    {.name = "partly",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct charge_input, partly),
     .about = "Take what there is when it is less."},
    CODE_FIELD(struct charge_input, "receipt", receipt),
    CONTEXT_FIELDS(struct charge_input),
};
const struct shape gift_charge_shape = {
    .name = "GiftCardCharge", .size = sizeof(struct charge_input), SHAPE_FIELDS(charge_fields)};

enum status gift_charge_handle(struct call *call, struct item *item, struct error *err)
{
    const struct charge_input *input = item->body;
    struct gift_card card;
    enum status status = start_change(call, item, &change_gift_card_type, GIFT_CHARGE, &card, err);

    if (status != STATUS_OK)
        return status;
    struct change_gift_card *body = item->command->body;
    body->context = context_of(&input->context);
    body->partly = input->partly;
    body->receipt = input->receipt;
    status = take_amount(call, &input->amount, &body->minor, err);
    return status == STATUS_OK ? check_pin(call, &card, input->pin, &body->proved, err) : status;
}

struct top_up_input {
    struct json_amount amount;
    struct text paid_by, reason;
    struct context_input context;
};
static const struct field top_up_fields[] = {
    {.name = "amount", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .offset = offsetof(struct top_up_input, amount)},
    {.name = "paid_by",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct top_up_input, paid_by),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX,
     .about = "How it was paid: cash, card ..."},
    CODE_FIELD(struct top_up_input, "reason", reason),
    CONTEXT_FIELDS(struct top_up_input),
};
const struct shape gift_top_up_shape = {
    .name = "GiftCardTopUp", .size = sizeof(struct top_up_input), SHAPE_FIELDS(top_up_fields)};

enum status gift_top_up_handle(struct call *call, struct item *item, struct error *err)
{
    const struct top_up_input *input = item->body;
    struct gift_card card;
    enum status status = start_change(call, item, &top_up_gift_card_type, GIFT_TOP_UP, &card, err);

    if (status != STATUS_OK)
        return status;
    struct change_gift_card *body = item->command->body;
    body->context = context_of(&input->context);
    body->paid_by = input->paid_by;
    body->reason = input->reason;
    item->command->events[0] = (struct event_reference){.id = card.id, .claim = -1};
    item->command->event_count = 1;
    return take_amount(call, &input->amount, &body->minor, err);
}

struct refund_input {
    int64_t charge;
    struct json_amount amount;
    struct text reason;
    struct context_input context;
};
static const struct field refund_fields[] = {
    {.name = "charge",
     .type = FIELD_ID,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct refund_input, charge),
     .prefix = "evt"},
    {.name = "amount",
     .type = FIELD_AMOUNT,
     .offset = offsetof(struct refund_input, amount),
     .about = "All that is left of the charge when absent."},
    CODE_FIELD(struct refund_input, "reason", reason),
    CONTEXT_FIELDS(struct refund_input),
};
const struct shape gift_refund_shape = {
    .name = "GiftCardRefund", .size = sizeof(struct refund_input), SHAPE_FIELDS(refund_fields)};

enum status gift_refund_handle(struct call *call, struct item *item, struct error *err)
{
    const struct refund_input *input = item->body;
    struct gift_card card;
    enum status status = start_change(call, item, &refund_gift_card_type, GIFT_REFUND, &card, err);

    if (status != STATUS_OK)
        return status;
    struct change_gift_card *body = item->command->body;
    body->context = context_of(&input->context);
    body->reason = input->reason;
    /* Its rows lie in the bucket of the card: a charge of another card is not taken for one of this. */
    if (id_bucket(input->charge) != gift_bucket(card.key))
        return error_set(err, STATUS_MISSING, "gift_card.unknown_charge", "charge", "there is no such charge");
    item->command->events[0] = (struct event_reference){.id = input->charge, .claim = -1};
    item->command->event_count = 1;
    return take_amount(call, &input->amount, &body->minor, err);
}

struct change_input {
    struct text reason;
    struct context_input context;
};
static const struct field change_fields[] = {
    CODE_FIELD(struct change_input, "reason", reason),
    CONTEXT_FIELDS(struct change_input),
};
const struct shape gift_change_shape = {
    .name = "GiftCardChange", .size = sizeof(struct change_input), SHAPE_FIELDS(change_fields)};

static enum status change(struct call *call, struct item *item, enum gift_action action, struct error *err)
{
    const struct change_input *input = item->body;
    struct gift_card card;
    enum status status = start_change(call, item, &change_gift_card_type, action, &card, err);

    if (status != STATUS_OK)
        return status;
    struct change_gift_card *body = item->command->body;
    body->context = context_of(&input->context);
    body->reason = input->reason;
    return STATUS_OK;
}

enum status gift_activate_handle(struct call *call, struct item *item, struct error *err)
{
    return change(call, item, GIFT_ACTIVATE, err);
}

enum status gift_void_handle(struct call *call, struct item *item, struct error *err)
{
    return change(call, item, GIFT_MAKE_VOID, err);
}

static const struct field moved_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},
    {.name = "state", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "amount", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "What moved."},
    {.name = "balance", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
};
const struct shape gift_moved_shape = {.name = "GiftCardMoved", SHAPE_FIELDS(moved_fields)};

void gift_change_finish(struct item *item, struct json_writer *writer)
{
    const struct change_gift_card *body = item->command->body;

    writer_id(writer, "id", "evt", body->result.id);
    writer_string(writer, "state", gift_states[body->result.state]);
    writer_amount(writer, "amount", body->result.moved, currency_of(item->call));
    writer_amount(writer, "balance", body->result.balance, currency_of(item->call));
}

/* ---- what is owed ---- */

static const struct field owed_fields[] = {
    {.name = "store", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "That sold; empty: none was told."},
    {.name = "cards", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "owed", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
};
const struct shape gift_owed_shape = {.name = "GiftCardsOwed", SHAPE_FIELDS(owed_fields)};

enum status gift_owed_handle(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    struct gift_owed *owed = NULL;
    size_t count = 0;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = gift_owed_read(session, call->arena, &owed, &count, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < count; i++) {
        if (!call_sees_store(call, owed[i].store))
            continue;
        writer_object(&item->writer, NULL);
        writer_text(&item->writer, "store", owed[i].store);
        writer_integer(&item->writer, "cards", owed[i].cards);
        writer_amount(&item->writer, "owed", owed[i].minor, currency_of(call));
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, NULL, false);
    return STATUS_OK;
}
