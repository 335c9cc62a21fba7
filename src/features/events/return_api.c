/* Returns of purchases. */
#include <stddef.h>
#include <string.h>

#include "features/events/event_input_api.h"
#include "features/events/events_store.h"
#include "features/events/purchase_api.h"
#include "features/events/return.h"
#include "features/events/return_input_api.h"
#include "features/events/unreceipted.h"

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
const struct shape return_line_shape = {
    .name = "ReturnLineInput", .size = sizeof(struct return_line_input), SHAPE_FIELDS(return_line_fields)};

/* The purchase is named by the path, by id, or by its receipt. */
struct return_input {
    struct event_input event; /* its receipt is the return's own */
    struct json_list lines;
    int cards;
    struct text properties;
    struct purchase_name purchase;
};

static const char *const card_orders[] = {"first", "share", NULL};
enum { CARDS_SHARE = 1 };

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
        {.name = "gift_cards",                                                                             \
         .type = FIELD_CHOICE,                                                                             \
         .flags = FIELD_DEFAULT,                                                                           \
         .offset = offsetof(struct return_input, cards),                                                   \
         .choices = card_orders,                                                                           \
         .about = "What goes back to the gift cards that paid: first all they paid, or their share."},     \
    {                                                                                                      \
        .name = "properties", .type = FIELD_JSON_MAP, .offset = offsetof(struct return_input, properties), \
        .maximum = EVENT_PROPERTIES_MAX, .about = "The reason, and anything else worth keeping."           \
    }

static const struct field return_input_fields[] = {RETURN_FIELDS};
const struct shape return_input_shape = {.name = "ReturnInput",
                                         .about = "Goods of the purchase that come back.",
                                         .size = sizeof(struct return_input),
                                         SHAPE_FIELDS(return_input_fields)};

/* Who wants a purchase undone says no lines. */
#define VOID_FIELDS                                                                                        \
    EVENT_INPUT_TIME(struct return_input, event), EVENT_INPUT_PLACE(struct return_input, event),           \
    {                                                                                                      \
        .name = "properties", .type = FIELD_JSON_MAP, .offset = offsetof(struct return_input, properties), \
        .maximum = EVENT_PROPERTIES_MAX, .about = "The reason, and anything else worth keeping."           \
    }

static const struct field void_input_fields[] = {VOID_FIELDS};
const struct shape void_input_shape = {.name = "VoidInput",
                                       .about = "The purchase had not been.",
                                       .size = sizeof(struct return_input),
                                       SHAPE_FIELDS(void_input_fields)};

static const struct field return_by_input_fields[] = {
    RETURN_FIELDS,
    PURCHASE_NAME_FIELDS(struct return_input, purchase),
};
const struct shape return_by_input_shape = {.name = "ReturnByReceiptInput",
                                            .about = "Goods that come back, of a purchase named by id or receipt.",
                                            .size = sizeof(struct return_input),
                                            SHAPE_FIELDS(return_by_input_fields)};

static const struct field void_by_input_fields[] = {
    VOID_FIELDS,
    PURCHASE_NAME_FIELDS(struct return_input, purchase),
};
const struct shape void_by_input_shape = {.name = "VoidByReceiptInput",
                                          .about = "A purchase, named by id or receipt, that had not been.",
                                          .size = sizeof(struct return_input),
                                          SHAPE_FIELDS(void_by_input_fields)};

void return_lines_content(struct builder *content, const struct json_list *list)
{
    const struct return_line_input *lines = list->items;

    for (size_t i = 0; i < list->count; i++) {
        content_integer(content, lines[i].line);
        content_integer(content, lines[i].quantity_given == PRESENCE_GIVEN ? lines[i].quantity_milli : -1);
        content_integer(content, lines[i].amount_given == PRESENCE_GIVEN ? lines[i].amount.minor : -1);
    }
}

static struct text return_content(struct arena *arena, const struct return_input *input, int64_t purchase, bool voids)
{
    struct builder content = {.arena = arena};

    content_text(&content, voids ? TEXT("void") : TEXT("return"));
    content_input(&content, &input->event);
    content_integer(&content, purchase);
    return_lines_content(&content, &input->lines);
    if (input->cards == CARDS_SHARE)
        content_text(&content, text_from(card_orders[CARDS_SHARE]));
    content_text(&content, input->properties);
    return builder_done(&content);
}

enum status return_lines_read(struct call *call, const struct json_list *list, struct purchase_return *body,
                              struct error *err)
{
    const char *currency = programme_at(call->programmes, call->now)->currency;
    const struct return_line_input *from = list->items;
    struct return_line *lines = arena_array(call->arena, list->count + 1, sizeof *lines);

    for (size_t i = 0; i < list->count; i++) {
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
    body->line_count = list->count;
    return STATUS_OK;
}

/* The members of the person of a purchase that is voided: what their other events leave is loaded with the command. */
static enum status name_person(struct call *call, struct storage_session *session, const struct command *command,
                               struct purchase_return *body, struct error *err)
{
    int64_t *members = arena_array(call->arena, GROUP_MEMBERS_MAX, sizeof *members);
    struct person person;

    body->person_members = members;
    if (command->subject_count == 0)
        return STATUS_OK;
    enum status status = engine_view(call->engine, session, command->subjects[0].id, call->arena, &person, err);
    for (size_t i = 0; status == STATUS_OK && i < person.group->member_count; i++)
        if (person.group->members[i].leader == person.leader->id)
            members[body->person_member_count++] = person.group->members[i].id;
    return status;
}

static void take_event(const struct call *call, const struct return_input *input, struct purchase_return *body)
{
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
}

static enum status prepare(struct call *call, struct item *item, int64_t purchase, bool voids, struct error *err)
{
    const struct return_input *input = item->body;
    struct command *command =
        item_command(item, voids ? &void_command_type : &return_command_type, sizeof(struct purchase_return));
    struct purchase_return *body = command->body;
    struct storage_session *session;
    enum status status = return_lines_read(call, &input->lines, body, err);

    body->voids = voids;
    body->cards_share = !voids && input->cards == CARDS_SHARE;
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = return_prepare(session, call->programmes, command, purchase, call->arena, err);
    if (status == STATUS_OK && voids)
        status = name_person(call, session, command, body, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    take_event(call, input, body);
    event_input_identity(call, command, &input->event, body->day, return_content(call->arena, input, purchase, voids),
                         &body->identity);
    return event_input_check(call, &input->event, body->day, err);
}

enum status return_of_handle(struct call *call, struct item *item, struct error *err)
{
    int64_t purchase;
    enum status status = call_path_id(call, 0, "evt", &purchase, err);

    return status == STATUS_OK ? prepare(call, item, purchase, false, err) : status;
}

enum status void_of_handle(struct call *call, struct item *item, struct error *err)
{
    int64_t purchase;
    enum status status = call_path_id(call, 0, "evt", &purchase, err);

    return status == STATUS_OK ? prepare(call, item, purchase, true, err) : status;
}

enum status purchase_by_receipt(struct call *call, const struct purchase_receipt_input *input, const char *field,
                                int64_t *purchase, struct error *err)
{
    struct receipt receipt = {input->day, input->channel, input->store, input->till, input->number};
    struct storage_session *session;
    struct past_event *event;
    int64_t member;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = engine_claim_find(session, "receipt", receipt_key(call->arena, &receipt), purchase, &member, err);
    if (status == STATUS_OK && *purchase != 0)
        status = engine_event(session, *purchase, 0, call->arena, &event, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    if (*purchase == 0)
        return error_set(err, STATUS_MISSING, "purchase.unknown", field, "no purchase has this receipt");
    /* A void holds the receipt of what it undid. */
    if (text_equals(event->row.kind, "void"))
        *purchase = event->row.cause;
    return STATUS_OK;
}

enum status purchase_name_find(struct call *call, const struct purchase_name *name, int64_t *purchase,
                               struct error *err)
{
    bool numbered = name->receipt.number.size > 0, dated = name->receipt.day != FIELD_DAY_ABSENT;

    *purchase = name->id;
    if (name->id != 0)
        return STATUS_OK;
    if (!numbered || !dated)
        return error_set(err, STATUS_INVALID, "return.purchase_missing",
                         numbered ? "purchase_business_day"
                         : dated  ? "purchase_receipt"
                                  : "purchase",
                         "name the purchase, or the receipt and business day of it");
    return purchase_by_receipt(call, &name->receipt, "purchase_receipt", purchase, err);
}

enum status return_by_handle(struct call *call, struct item *item, struct error *err)
{
    const struct return_input *input = item->body;
    int64_t purchase;
    enum status status = purchase_name_find(call, &input->purchase, &purchase, err);

    return status == STATUS_OK ? prepare(call, item, purchase, false, err) : status;
}

enum status void_by_handle(struct call *call, struct item *item, struct error *err)
{
    const struct return_input *input = item->body;
    int64_t purchase;
    enum status status = purchase_name_find(call, &input->purchase, &purchase, err);

    return status == STATUS_OK ? prepare(call, item, purchase, true, err) : status;
}

/* ---- reply ---- */

static const struct field return_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},
    {.name = "duplicate", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "member", .type = FIELD_ID, .flags = FIELD_NULLABLE, .prefix = "mbr"},
    {.name = "amount", .type = FIELD_AMOUNT, .about = "What the returned goods cost."},
    {.name = "money",
     .type = FIELD_AMOUNT,
     .about = "Goes back as money; the rest goes back as points, and to gift cards."},
    {.name = "to_gift_cards", .type = FIELD_AMOUNT, .about = "Goes back to the gift cards that paid."},
    {.name = "points_given_back", .type = FIELD_LIST, .element = FIELD_OBJECT, .shape = &wallet_points_shape},
    {.name = "points_clawed_back", .type = FIELD_LIST, .element = FIELD_OBJECT, .shape = &wallet_points_shape},
    {.name = "written_off", .type = FIELD_INTEGER, .about = "Points that could no longer be taken back."},
    {.name = "balances", .type = FIELD_LIST, .element = FIELD_OBJECT, .shape = &wallet_balance_shape},
};
const struct shape return_shape = {.name = "ReturnRecorded", .size = 0, SHAPE_FIELDS(return_fields)};

void write_wallet_points(struct json_writer *writer, const char *name, const struct wallet_points *points, size_t count)
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

void write_return(struct json_writer *writer, const struct return_result *result)
{
    writer_id(writer, "member", "mbr", result->member);
    writer_amount(writer, "amount", result->amount, result->currency);
    writer_amount(writer, "money", result->money, result->currency);
    if (result->to_cards > 0)
        writer_amount(writer, "to_gift_cards", result->to_cards, result->currency);
    if (result->member == 0)
        return;
    write_wallet_points(writer, "points_given_back", result->given_back, result->given_back_count);
    write_wallet_points(writer, "points_clawed_back", result->clawed_back, result->clawed_back_count);
    writer_integer(writer, "written_off", result->written_off);
    write_balances(writer, result->balances, result->balance_count);
}

static void write_recorded(struct item *item, struct json_writer *writer, const struct return_result *result)
{
    writer_id(writer, "id", "evt", result->id);
    writer_boolean(writer, "duplicate", result->known);
    if (result->known)
        item->status = 200;
    else
        write_return(writer, result);
}

void return_finish(struct item *item, struct json_writer *writer)
{
    const struct purchase_return *body = item->command->body;

    write_recorded(item, writer, &body->result);
}

void unreceipted_finish(struct item *item, struct json_writer *writer)
{
    const struct unreceipted_return *body = item->command->body;

    write_recorded(item, writer, &body->result);
}
