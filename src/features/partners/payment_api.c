/* Payments of statements over HTTP, and what they have to know of the statement. */
#include <stddef.h>
#include <string.h>

#include "features/finance/finance_api.h"
#include "features/partners/partners_api.h"
#include "features/partners/statement_view_api.h"

enum { REFERENCE_MAX = 100 };

struct payment_input {
    struct text partner, month, reference;
    struct json_amount amount;
    unsigned char amount_given;
    int64_t at;
};
static const struct field payment_fields[] = {
    {.name = "partner",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct payment_input, partner),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX},
    {.name = "month",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct payment_input, month),
     .minimum = 7,
     .maximum = 7,
     .about = "Of the statement, such as 2026-09; finance has closed it."},
    {.name = "reference",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NOT_BLANK,
     .offset = offsetof(struct payment_input, reference),
     .minimum = 1,
     .maximum = REFERENCE_MAX,
     .about = "Of the transfer; each counts once for a partner."},
    {.name = "amount",
     .type = FIELD_AMOUNT,
     .offset = offsetof(struct payment_input, amount),
     .presence = offsetof(struct payment_input, amount_given),
     .about = "In the partner's currency; below zero: to the partner. All that is outstanding when absent; the "
              "opposite of what "
              "was paid by mistake takes that back."},
    {.name = "at",
     .type = FIELD_INSTANT,
     .offset = offsetof(struct payment_input, at),
     .about = "When it was paid; now by default."},
};
const struct shape partner_payment_shape = {
    .name = "PartnerPaymentInput", .size = sizeof(struct payment_input), SHAPE_FIELDS(payment_fields)};

static const struct field reply_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},
    {.name = "partner", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "month", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "Of the statement."},
    {.name = "reference", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "amount", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "Below zero: to the partner."},
    {.name = "paid", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "Of the statement, with this."},
    {.name = "outstanding", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
};
const struct shape partner_payment_reply_shape = {
    .name = "PartnerPayment", .about = "A payment of a partner's statement.", SHAPE_FIELDS(reply_fields)};

enum status partner_payment_read(struct statement_view *view, bool given, struct partner_payment *body,
                                 struct error *err)
{
    struct partner_statements statements;
    char month[MONTH_TEXT_SIZE];

    view->partner = body->partner;
    view->range = (struct finance_range){body->month, body->month};
    enum status status = partner_statements_read(view, &statements, err);
    if (status != STATUS_OK)
        return status;
    const struct partner_statement *statement = &statements.items[0];
    if (statements.count == 0 || statement->partner == NULL)
        return error_set(err, STATUS_MISSING, "partner.unknown", "partner", "there is no such partner");
    if (!finance_view_is_closed(&view->finance, body->month))
        return error_set(err, STATUS_CONFLICT, "partner.statement_open", "month",
                         "the statement of %s may still change: finance has not closed the month",
                         month_format(body->month, month));
    if (!given && statement->net == statement->paid)
        return error_set(err, STATUS_CONFLICT, "partner.settled", "month", "nothing of the statement is outstanding");
    if (!given)
        body->minor = statement->net - statement->paid;
    body->net = statement->net;
    memcpy(body->currency, statement->partner->currency, CURRENCY_SIZE);
    return STATUS_OK;
}

enum status partner_payment_handle(struct call *call, struct item *item, struct error *err)
{
    const struct payment_input *input = item->body;
    struct command *command = item_command(item, &partner_payment_type, sizeof(struct partner_payment));
    struct partner_payment *body = command->body;
    struct statement_view view = {.partner = {NULL, 0}};
    bool given = input->amount_given == PRESENCE_GIVEN;

    *body = (struct partner_payment){.partner = input->partner,
                                     .reference = input->reference,
                                     .minor = input->amount.minor,
                                     .at_given = input->at != 0,
                                     .at = input->at};
    enum status status = finance_month_read(input->month, 0, "month", &body->month, err);
    if (status == STATUS_OK)
        status = finance_call_view(call, &view.finance, err);
    if (status != STATUS_OK)
        return status;
    status = partner_payment_read(&view, given, body, err);
    call_read_end(call, view.finance.session);
    if (status == STATUS_OK && given && strcmp(input->amount.currency, body->currency) != 0)
        status = error_set(err, STATUS_INVALID, "partner.currency", "amount", "amounts of this partner are in %s",
                           body->currency);
    if (status == STATUS_OK)
        partner_payment_name(command);
    return status;
}

void partner_payment_finish(struct item *item, struct json_writer *writer)
{
    const struct partner_payment *body = item->command->body;
    char month[MONTH_TEXT_SIZE];

    writer_id(writer, "id", "evt", body->id);
    writer_text(writer, "partner", body->partner);
    writer_string(writer, "month", month_format(body->month, month));
    writer_text(writer, "reference", body->reference);
    writer_amount(writer, "amount", body->minor, body->currency);
    writer_amount(writer, "paid", body->paid, body->currency);
    writer_amount(writer, "outstanding", body->net - body->paid, body->currency);
}
