/* Returns of purchases. */
#include <stddef.h>
#include <string.h>

#include "features/events/event_input_api.h"
#include "features/events/events_store.h"
#include "features/events/purchase_api.h"
#include "features/events/return.h"

struct return_line_input {
    int64_t line;
    int64_t quantity_milli;
    unsigned char quantity_given, amount_given;
    struct json_amount amount;
};

static const struct field return_line_fields[] = {
    {.name = "line",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct return_line_input, line),
     .minimum = 1,
     .maximum = PURCHASE_LINES_MAX,
     .about = "Number of the line in the purchase."},
    {.name = "quantity",
     .type = FIELD_DECIMAL,
     .offset = offsetof(struct return_line_input, quantity_milli),
     .presence = offsetof(struct return_line_input, quantity_given),
     .scale = 3,
     .minimum = 0,
     .maximum = INT64_C(1000000000000),
     .about = "A part of the line; all that is left when neither quantity nor amount is given."},
    {.name = "amount",
     .type = FIELD_AMOUNT,
     .offset = offsetof(struct return_line_input, amount),
     .presence = offsetof(struct return_line_input, amount_given),
     .about = "What of the line's amount goes back, in the programme's currency."},
};
static const struct shape return_line_shape = {
    .name = "ReturnLineInput", .size = sizeof(struct return_line_input), SHAPE_FIELDS(return_line_fields)};

/* The purchase is named by the path, by id, or by its receipt. */
struct return_input {
    struct event_input event; /* its receipt is the return's own */
    struct json_list lines;
    struct text properties;
    int64_t purchase;
    struct text purchase_channel, purchase_store, purchase_till, purchase_receipt;
    int32_t purchase_day;
};

#define RETURN_FIELDS                                                                                      \
    EVENT_INPUT_TIME(struct return_input, event), EVENT_INPUT_PLACE(struct return_input, event),           \
        EVENT_INPUT_RECEIPT(struct return_input, event),                                                   \
        {.name = "lines",                                                                                  \
         .type = FIELD_LIST,                                                                               \
         .offset = offsetof(struct return_input, lines),                                                   \
         .maximum = PURCHASE_LINES_MAX,                                                                    \
         .element = FIELD_OBJECT,                                                                          \
         .shape = &return_line_shape,                                                                      \
         .about = "Everything that is left when absent."},                                                 \
    {                                                                                                      \
        .name = "properties", .type = FIELD_JSON_MAP, .offset = offsetof(struct return_input, properties), \
        .maximum = EVENT_PROPERTIES_MAX, .about = "The reason, and anything else worth keeping."           \
    }

static const struct field return_input_fields[] = {RETURN_FIELDS};
const struct shape return_input_shape = {.name = "ReturnInput",
                                         .about = "Goods of the purchase that come back.",
                                         .size = sizeof(struct return_input),
                                         SHAPE_FIELDS(return_input_fields)};

static const struct field return_by_input_fields[] = {
    RETURN_FIELDS,
    {.name = "purchase", .type = FIELD_ID, .offset = offsetof(struct return_input, purchase), .prefix = "evt"},
    {.name = "purchase_receipt",
     .type = FIELD_TEXT,
     .offset = offsetof(struct return_input, purchase_receipt),
     .maximum = EVENT_KEY_PART_MAX,
     .about = "The receipt of the purchase, with its business day, channel, store and till."},
    {.name = "purchase_business_day", .type = FIELD_DAY, .offset = offsetof(struct return_input, purchase_day)},
    {.name = "purchase_channel",
     .type = FIELD_TEXT,
     .offset = offsetof(struct return_input, purchase_channel),
     .maximum = CODE_SIZE_MAX},
    {.name = "purchase_store",
     .type = FIELD_TEXT,
     .offset = offsetof(struct return_input, purchase_store),
     .maximum = CODE_SIZE_MAX},
    {.name = "purchase_till",
     .type = FIELD_TEXT,
     .offset = offsetof(struct return_input, purchase_till),
     .maximum = EVENT_KEY_PART_MAX},
};
const struct shape return_by_input_shape = {.name = "ReturnByReceiptInput",
                                            .about = "Goods that come back, of a purchase named by id or receipt.",
                                            .size = sizeof(struct return_input),
                                            SHAPE_FIELDS(return_by_input_fields)};

static struct text return_content(struct arena *arena, const struct return_input *input, int64_t purchase)
{
    struct builder content = {.arena = arena};
    const struct return_line_input *lines = input->lines.items;

    content_text(&content, TEXT("return"));
    content_input(&content, &input->event);
    content_integer(&content, purchase);
    for (size_t i = 0; i < input->lines.count; i++) {
        content_integer(&content, lines[i].line);
        content_integer(&content, lines[i].quantity_given == PRESENCE_GIVEN ? lines[i].quantity_milli : -1);
        content_integer(&content, lines[i].amount_given == PRESENCE_GIVEN ? lines[i].amount.minor : -1);
    }
    content_text(&content, input->properties);
    return builder_done(&content);
}

static enum status take_lines(struct call *call, const struct return_input *input, struct purchase_return *body,
                              struct error *err)
{
    const char *currency = programme_at(call->programmes, call->now)->currency;
    const struct return_line_input *from = input->lines.items;
    struct return_line *lines = arena_array(call->arena, input->lines.count + 1, sizeof *lines);

    for (size_t i = 0; i < input->lines.count; i++) {
        lines[i] = (struct return_line){.of_line = (int32_t)from[i].line,
                                        .quantity_given = from[i].quantity_given == PRESENCE_GIVEN,
                                        .amount_given = from[i].amount_given == PRESENCE_GIVEN,
                                        .quantity_milli = from[i].quantity_milli,
                                        .amount = from[i].amount.minor};
        if (lines[i].amount_given && strcmp(from[i].amount.currency, currency) != 0)
            return error_set(err, STATUS_INVALID, "purchase.currencies", "lines",
                             "amounts of a return are in %s, the programme's currency", currency);
    }
    body->lines = lines;
    body->line_count = input->lines.count;
    return STATUS_OK;
}

static enum status prepare(struct call *call, struct item *item, const struct return_input *input, int64_t purchase,
                           struct error *err)
{
    struct command *command = item_command(item, &return_command_type, sizeof(struct purchase_return));
    struct purchase_return *body = command->body;
    struct storage_session *session;
    enum status status = take_lines(call, input, body, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = return_prepare(session, call->programmes, command, purchase, call->arena, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    body->at = event_input_at(call, &input->event);
    body->day = event_input_day(call, &input->event, body->at);
    body->store = input->event.store;
    body->channel = input->event.channel;
    body->till = input->event.till;
    body->employee = input->event.employee;
    body->event_id = input->event.event_id;
    if (input->properties.size > 2)
        body->detail = text_from(
            arena_format(call->arena, "{\"properties\":%.*s}", (int)input->properties.size, input->properties.bytes));
    event_input_identity(call, command, &input->event, body->day, return_content(call->arena, input, purchase),
                         &body->identity);
    return event_input_check(call, &input->event, body->day, err);
}

enum status return_of_handle(struct call *call, struct item *item, struct error *err)
{
    int64_t purchase;
    enum status status = call_path_id(call, 0, "evt", &purchase, err);

    return status == STATUS_OK ? prepare(call, item, item->body, purchase, err) : status;
}

static enum status find_by_receipt(struct call *call, const struct return_input *input, int64_t *purchase,
                                   struct error *err)
{
    struct receipt receipt = {.day = input->purchase_day,
                              .channel = input->purchase_channel,
                              .store = input->purchase_store,
                              .till = input->purchase_till,
                              .number = input->purchase_receipt};
    struct storage_session *session;
    int64_t member;

    bool numbered = receipt.number.size > 0, dated = receipt.day != FIELD_DAY_ABSENT;
    if (!numbered || !dated)
        return error_set(err, STATUS_INVALID, "return.purchase_missing",
                         numbered ? "purchase_business_day"
                         : dated  ? "purchase_receipt"
                                  : "purchase",
                         "a return names its purchase, or the receipt and business day of it");
    enum status status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = engine_claim_find(session, "receipt", receipt_key(call->arena, &receipt), purchase, &member, err);
    call_read_end(call, session);
    if (status == STATUS_OK && *purchase == 0)
        return error_set(err, STATUS_MISSING, "purchase.unknown", "purchase_receipt", "no purchase has this receipt");
    return status;
}

enum status return_by_handle(struct call *call, struct item *item, struct error *err)
{
    const struct return_input *input = item->body;
    int64_t purchase = input->purchase;
    enum status status = purchase != 0 ? STATUS_OK : find_by_receipt(call, input, &purchase, err);

    return status == STATUS_OK ? prepare(call, item, input, purchase, err) : status;
}

/* ---- reply ---- */

static const struct field return_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},
    {.name = "duplicate", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "member", .type = FIELD_ID, .flags = FIELD_NULLABLE, .prefix = "mbr"},
    {.name = "amount", .type = FIELD_AMOUNT, .about = "What the returned goods cost."},
    {.name = "money", .type = FIELD_AMOUNT, .about = "Goes back as money; the rest goes back as points."},
    {.name = "points_given_back", .type = FIELD_LIST, .element = FIELD_OBJECT, .shape = &wallet_points_shape},
    {.name = "points_clawed_back", .type = FIELD_LIST, .element = FIELD_OBJECT, .shape = &wallet_points_shape},
    {.name = "written_off", .type = FIELD_INTEGER, .about = "Points that could no longer be taken back."},
    {.name = "balances", .type = FIELD_LIST, .element = FIELD_OBJECT, .shape = &wallet_balance_shape},
};
const struct shape return_shape = {.name = "ReturnRecorded", .size = 0, SHAPE_FIELDS(return_fields)};

static void write_points(struct json_writer *writer, const char *name, const struct wallet_points *points, size_t count)
{
    writer_list(writer, name);
    for (size_t i = 0; i < count; i++) {
        writer_object(writer, NULL);
        writer_text(writer, "wallet", points[i].wallet);
        writer_integer(writer, "points", points[i].points);
        writer_end(writer);
    }
    writer_end(writer);
}

void return_finish(struct item *item, struct json_writer *writer)
{
    const struct purchase_return *body = item->command->body;
    const struct return_result *result = &body->result;

    writer_id(writer, "id", "evt", result->id);
    writer_boolean(writer, "duplicate", result->known);
    if (result->known) {
        item->status = 200;
        return;
    }
    writer_id(writer, "member", "mbr", result->member);
    writer_amount(writer, "amount", result->amount, result->currency);
    writer_amount(writer, "money", result->money, result->currency);
    if (result->member == 0)
        return;
    write_points(writer, "points_given_back", result->given_back, result->given_back_count);
    write_points(writer, "points_clawed_back", result->clawed_back, result->clawed_back_count);
    writer_integer(writer, "written_off", result->written_off);
    write_balances(writer, result->balances, result->balance_count);
}
