#include "features/events/pay_with_api.h"

#include <stddef.h>
#include <string.h>

#include "features/events/event_input_api.h"
#include "features/gift_cards/gift_payment_api.h"

enum pay_kind { PAY_GIFT_CARD, PAY_STORED_VALUE };
static const char *const kinds[] = {"gift_card", "stored_value", NULL};

struct pay_input {
    int kind;
    struct text code, pin;
    struct json_amount amount;
    bool partial;
};

static const struct field fields[] = {
    {.name = "kind",
     .type = FIELD_CHOICE,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct pay_input, kind),
     .choices = kinds},
    {.name = "code",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct pay_input, code),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX,
     .about = "Of the gift card, or of the stored value."},
    {.name = "pin",
     .type = FIELD_TEXT,
     .offset = offsetof(struct pay_input, pin),
     .minimum = 1,
     .maximum = 20,
     .about = "Of the gift card."},
    {.name = "amount", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .offset = offsetof(struct pay_input, amount)},
    {.name = "partial",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct pay_input, partial),
     .about = "Of a gift card: take what there is when it is less."},
};
const struct shape pay_with_shape = {.name = "Payment", .size = sizeof(struct pay_input), SHAPE_FIELDS(fields)};

void pay_with_content(struct builder *content, const struct json_list *payments)
{
    const struct pay_input *inputs = payments->items;

    for (size_t i = 0; i < payments->count; i++) {
        content_text(content, text_from(kinds[inputs[i].kind]));
        content_text(content, inputs[i].code);
        content_integer(content, inputs[i].amount.minor);
        content_integer(content, inputs[i].partial);
    }
}

static enum status take_stored(const struct pay_input *input, const char *currency, struct purchase *body,
                               struct error *err)
{
    for (size_t i = 0; i < body->payment_count; i++)
        if (body->payments[i].stored_value.size > 0)
            return error_set(err, STATUS_INVALID, "purchase.stored_value_twice", "kind",
                             "stored value pays once for a purchase");
    if (strcmp(input->amount.currency, currency) != 0)
        return error_set(err, STATUS_INVALID, "stored_value.currency", "amount", "stored value is in %s", currency);
    if (input->pin.size > 0 || input->partial)
        return error_set(err, STATUS_INVALID, "json.unknown_field", input->partial ? "partial" : "pin",
                         "only a gift card has this");
    body->payments[body->payment_count++] = (struct payment){.stored_value = input->code, .minor = input->amount.minor};
    return STATUS_OK;
}

static enum status take_one(struct call *call, const struct pay_input *input, struct purchase *body, struct error *err)
{
    const char *currency = programme_at(call->programmes, call->now)->currency;
    const struct gift_asked asked = {input->code, input->pin, &input->amount, input->partial};

    switch ((enum pay_kind)input->kind) {
    case PAY_STORED_VALUE:
        return take_stored(input, currency, body, err);
    case PAY_GIFT_CARD:
        break;
    }
    if (body->card_count == GIFT_PAYMENTS_MAX)
        return error_set(err, STATUS_INVALID, "json.count", "", "at most %d gift cards pay at once", GIFT_PAYMENTS_MAX);
    return gift_payment_take(call, &asked, &body->cards[body->card_count++], err);
}

enum status pay_with_take(struct call *call, const struct json_list *payments, struct purchase *body, struct error *err)
{
    const struct pay_input *inputs = payments->items;
    enum status status = STATUS_OK;

    for (size_t i = 0; i < payments->count && status == STATUS_OK; i++) {
        status = take_one(call, &inputs[i], body, err);
        if (status != STATUS_OK)
            error_prefix_field(err, "payments[%zu].", i);
    }
    return status;
}

static const struct field paid_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt", .about = "Of the charge."},
    {.name = "amount", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
    {.name = "balance", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "What the card has left."},
};
const struct shape card_paid_shape = {.name = "GiftCardPaid", SHAPE_FIELDS(paid_fields)};

void write_cards_paid(struct json_writer *writer, const struct purchase_result *result)
{
    if (result->card_count == 0)
        return;
    writer_list(writer, "gift_cards");
    for (size_t i = 0; i < result->card_count; i++) {
        writer_object(writer, NULL);
        writer_id(writer, "id", "evt", result->cards[i].charge);
        writer_amount(writer, "amount", result->cards[i].minor, result->currency);
        writer_amount(writer, "balance", result->cards[i].balance, result->currency);
        writer_end(writer);
    }
    writer_end(writer);
}
